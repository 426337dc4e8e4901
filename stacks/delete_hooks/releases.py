"""What the state says of a Helm release."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from components.charts import RELEASE_TYPE, Chart
from stacks.delete_hooks.waits import Doomed, Session, Unreachable, is_gone


def is_release_of(chart: Chart, type_: str, inputs: Mapping[str, Any]) -> bool:
    """Whether a resource installs this chart, of whatever version."""
    return type_ == RELEASE_TYPE and inputs.get("chart") == chart.name


def values_of(release: Doomed) -> Mapping[str, Any]:
    """The values that the release was last installed with."""
    values: Mapping[str, Any] = release.inputs.get("values") or {}
    return values


def refuse_without(cluster: str, session: Session) -> None:
    """Unreachable where the session's account has no such cluster: finding nothing there proves nothing.

    A release tells its region and no account, and one of a region that is no longer in the stack file is looked at as
    the environment says. While it is deleted its cluster still stands.
    """
    try:
        session.client("eks").describe_cluster(name=cluster)
    except ClientError as error:
        if is_gone(error):
            raise Unreachable(f"there is no cluster {cluster} where the credentials at hand lead") from error
        raise
