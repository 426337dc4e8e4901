"""Before Karpenter's controller goes: the nodes that it made.

Asked of EC2 and not of the cluster, for two reasons. A hook gets the release's own inputs and outputs, where no
kubeconfig is: that is the provider's. And a NodeClaim can be gone while its instance is not, or the cluster while the
instances run on; what costs money and holds up the subnets is the instance.
"""

from collections.abc import Mapping
from typing import Any

from components.charts import KARPENTER
from components.game.sessions import DRAIN
from components.karpenter.component import INSTANCE_END_SECONDS
from stacks.delete_hooks.releases import is_release_of, values_of
from stacks.delete_hooks.waits import Doomed, Place, Session, Wait

# Karpenter puts both on every instance: karpenter.sh/v1.14/concepts/nodeclasses, spec.tags
NODEPOOL_TAG, OWNED_TAG = "karpenter.sh/nodepool", "kubernetes.io/cluster/"
_LIVING = ("pending", "running", "shutting-down", "stopping", "stopped")


def _guards(type_: str, inputs: Mapping[str, Any]) -> bool:
    return is_release_of(KARPENTER, type_, inputs)


def _place(doomed: Doomed) -> Place | None:
    variables = values_of(doomed).get("controller", {}).get("env", [])
    region = next((each["value"] for each in variables if each["name"] == "AWS_REGION"), None)
    return Place(str(region)) if region else None


def _cluster(doomed: Doomed) -> str:
    return str(values_of(doomed)["settings"]["clusterName"])


def _standing(session: Session, doomed: Doomed) -> list[str]:
    cluster = _cluster(doomed)
    pages = (
        session.client("ec2")
        .get_paginator("describe_instances")
        .paginate(
            Filters=[
                {"Name": "tag-key", "Values": [NODEPOOL_TAG]},
                {"Name": f"tag:{OWNED_TAG}{cluster}", "Values": ["owned"]},
                {"Name": "instance-state-name", "Values": list(_LIVING)},
            ]
        )
    )
    found = [each for page in pages for reservation in page["Reservations"] for each in reservation["Instances"]]
    return [f"{each['InstanceId']} ({each['State']['Name']})" for each in found]


KARPENTER_NODES = Wait(
    hook="game-regions-karpenter-nodes-gone",
    what="nodes of its cluster that Karpenter made",
    remedy="delete the NodeClaims, or, where the cluster is gone, terminate the instances",
    # As long as the deletion of a NodePool may take: players leave, then the instance ends.
    seconds=DRAIN.node_grace_seconds + INSTANCE_END_SECONDS,
    guards=_guards,
    place=_place,
    standing=_standing,
    cluster=_cluster,
)
