"""Tags of everything in EKS that has them."""

from __future__ import annotations

from collections.abc import Iterator

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.models.eks_state import EksCluster, Facts, eks
from embedded.aws.protocol import Call


def tagged(cluster: EksCluster) -> Iterator[tuple[str, Facts]]:
    """(ARN, facts with their `tags`) of a cluster and all in it."""
    yield cluster.facts["arn"], cluster.facts
    for key, things in (
        ("nodegroupArn", cluster.nodegroups.values()),
        ("addonArn", cluster.addons.values()),
        ("accessEntryArn", [entry.facts for entry in cluster.access.values()]),
        ("associationArn", cluster.pod_identities.values()),
    ):
        for facts in things:
            yield facts[key], facts


def _facts(account: Account, call: Call) -> Facts:
    arn = call.parameters["resourceArn"]
    for cluster in eks(account, call).clusters.values():
        for at, facts in tagged(cluster):
            if at == arn:
                return facts
    raise AwsError("NotFoundException", f"Resource was not found: {arn}", 404)


def tag_resource(account: Account, call: Call) -> Facts:
    """TagResource."""
    facts = _facts(account, call)
    facts["tags"] = facts["tags"] | call.parameters["tags"]
    return {}


def untag_resource(account: Account, call: Call) -> Facts:
    """UntagResource."""
    facts = _facts(account, call)
    facts["tags"] = {key: value for key, value in facts["tags"].items() if key not in call.parameters["tagKeys"]}
    return {}


def list_tags_for_resource(account: Account, call: Call) -> Facts:
    """ListTagsForResource."""
    return {"tags": _facts(account, call)["tags"]}
