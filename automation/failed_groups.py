"""Node groups whose create has failed for good: CREATE_FAILED, which no update mends.

The engine keeps such a group with what went wrong and wants to update it, and the AWS provider's update of a group that
has no change does nothing. So the group is deleted before the next `up`, which makes it anew, as Terraform does with
what it calls tainted: terraform-provider-aws eks/node_group.go, resourceNodeGroupCreate; pulumi/pulumi issue 17881.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from pulumi.automation.errors import CommandError

from automation.aws_sessions import AwsSessions
from automation.errors import Refused
from automation.operations import Session, hooks_only, last_line
from automation.state_values import plain, provider_inputs

_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"


@dataclass(frozen=True)
class UnwellGroup:
    """A node group that the engine keeps with what went wrong in its create or update."""

    urn: str
    cluster: str
    name: str
    provider: Mapping[str, Any]

    @property
    def logical_name(self) -> str:
        """Its name in the program."""
        return self.urn.rsplit("::", 1)[-1]


def unwell_groups(deployment: Mapping[str, Any]) -> list[UnwellGroup]:
    """Those of a state as the engine exports it."""
    found = []
    for resource in deployment.get("resources") or []:
        if resource["type"] == _NODE_GROUP and resource.get("initErrors") and not resource.get("delete"):
            inputs = plain(resource.get("inputs") or {})
            provider = provider_inputs(deployment, resource)
            found.append(UnwellGroup(resource["urn"], inputs["clusterName"], inputs["nodeGroupName"], provider))
    return found


def delete_failed(session: Session, unwell: Sequence[UnwellGroup]) -> list[str]:
    """Delete those of which AWS says CREATE_FAILED; their URNs. Refused if the engine cannot delete one."""
    if not unwell:
        return []
    aws = AwsSessions(session.cloud, session.stack.workspace.env_vars)
    failed = [group.urn for group in unwell if _status(aws, group) == "CREATE_FAILED"]
    if failed:
        try:
            with hooks_only(session):
                session.stack.destroy(target=failed, run_program=True)
        except CommandError as error:
            raise Refused(
                f"{failed[0]}: its create has failed, and it cannot be deleted to be made anew: {last_line(str(error))}"
            ) from error
    return failed


def _status(aws: AwsSessions, group: UnwellGroup) -> str:
    """EKS's own, "" for a group that is gone."""
    eks = aws.of(group.provider).client("eks")
    try:
        answer = eks.describe_nodegroup(clusterName=group.cluster, nodegroupName=group.name)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return ""
        raise
    return str(answer["nodegroup"]["status"])
