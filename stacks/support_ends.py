"""Whose Kubernetes minor EKS soon stops supporting, and then replaces by itself, at night as well as by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from stacks.settings_errors import shown
from stacks.versions import KUBERNETES_VERSIONS, SUPPORT_ENDS

if TYPE_CHECKING:
    from stacks.settings import ClusterSettings, StackSettings

# EKS itself announces an end at least so long before.
# docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html#version-faqs
NOTICE = timedelta(days=60)


def support_warnings(settings: "StackSettings", today: date) -> list[str]:
    """A sentence for each region on AWS whose support ends within 60 days of `today` (UTC), or has ended."""
    if settings.cloud != "aws":
        return []
    return [
        sentence
        for name, region in settings.regions.items()
        for sentence in _cluster(f"regions.{name}.cluster.version", region.cluster, today)
    ]


def _cluster(path: str, cluster: "ClusterSettings", today: date) -> Iterator[str]:
    ends = SUPPORT_ENDS[cluster.version]
    end = ends.standard if cluster.support == "standard" else ends.extended
    subject = f"{path}: {cluster.support} support of {shown(cluster.version)}"
    remedy = _remedy(cluster.version)
    if today >= end:
        yield (
            f"{subject} ended on {end}, and EKS may upgrade the control plane at any hour, without its add-ons and "
            f"nodes; {remedy}"
        )
    elif end - today <= NOTICE:
        # A cluster can go over to extended support only while it is in standard support.
        stay = ", or support: extended at six times the price" if cluster.support == "standard" else ""
        yield (
            f"{subject} ends on {end}, {(end - today).days} days from now, and EKS then upgrades the control plane at "
            f"an hour of its own, without its add-ons and nodes; before that {remedy}{stay}"
        )


def _remedy(version: str) -> str:
    newer = KUBERNETES_VERSIONS[KUBERNETES_VERSIONS.index(version) + 1 :]
    return f"give {shown(newer[0])}" if newer else "pin the next minor in stacks/versions.py and give that"
