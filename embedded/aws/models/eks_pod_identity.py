"""EKS pod identity associations: which role the pods of a service account act as."""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from embedded.aws.account import Account
from embedded.aws.models.eks_state import EksCluster, Facts, arn, cluster_of, in_use, not_found, now, page
from embedded.aws.protocol import Call

_OPTIONAL = ("targetRoleArn", "policy", "ownerArn")
_SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId", "ownerArn")


def associate(cluster: EksCluster, call: Call, namespace: str, service_account: str, **given: Any) -> Facts:
    """Make an association; `given`: roleArn, and what else CreatePodIdentityAssociation takes, and ownerArn."""
    if any((it["namespace"], it["serviceAccount"]) == (namespace, service_account) for it in _all(cluster)):
        raise in_use(f"Association already exists: {service_account} in namespace {namespace} of {cluster.name}.")
    ident = "a-" + "".join(mock_random.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(17))
    facts: Facts = {
        "clusterName": cluster.name,
        "namespace": namespace,
        "serviceAccount": service_account,
        "roleArn": given["roleArn"],
        "associationArn": arn(call, "podidentityassociation", cluster.name, ident),
        "associationId": ident,
        "tags": given.get("tags", {}),
        "createdAt": now(),
        "modifiedAt": now(),
        "disableSessionTags": given.get("disableSessionTags", False),
    }
    cluster.pod_identities[ident] = facts | {key: given[key] for key in _OPTIONAL if given.get(key)}
    return cluster.pod_identities[ident]


def _all(cluster: EksCluster) -> list[Facts]:
    return [cluster.pod_identities[ident] for ident in sorted(cluster.pod_identities)]


def _one(cluster: EksCluster, call: Call) -> Facts:
    ident = call.parameters["associationId"]
    if ident not in cluster.pod_identities:
        raise not_found(f"No association found for id: {ident}.")
    return cluster.pod_identities[ident]


def create_pod_identity_association(account: Account, call: Call) -> Facts:
    """CreatePodIdentityAssociation."""
    given = {key: value for key, value in call.parameters.items() if key not in ("namespace", "serviceAccount")}
    cluster = cluster_of(account, call)
    return {
        "association": associate(
            cluster, call, call.parameters["namespace"], call.parameters["serviceAccount"], **given
        )
    }


def describe_pod_identity_association(account: Account, call: Call) -> Facts:
    """DescribePodIdentityAssociation."""
    return {"association": _one(cluster_of(account, call), call)}


def list_pod_identity_associations(account: Account, call: Call) -> Facts:
    """ListPodIdentityAssociations, of all, a namespace, or a service account."""
    wanted = {key: call.parameters[key] for key in ("namespace", "serviceAccount") if key in call.parameters}
    found = [it for it in _all(cluster_of(account, call)) if all(it[key] == value for key, value in wanted.items())]
    return page(call, "associations", [{key: it[key] for key in _SUMMARY if key in it} for it in found])


def update_pod_identity_association(account: Account, call: Call) -> Facts:
    """UpdatePodIdentityAssociation: the role and how it is assumed; never whose it is."""
    facts = _one(cluster_of(account, call), call)
    keys = ("roleArn", "targetRoleArn", "disableSessionTags", "policy")
    facts |= {key: call.parameters[key] for key in keys if key in call.parameters} | {"modifiedAt": now()}
    return {"association": facts}


def delete_pod_identity_association(account: Account, call: Call) -> Facts:
    """DeletePodIdentityAssociation."""
    cluster = cluster_of(account, call)
    facts = _one(cluster, call)
    del cluster.pod_identities[facts["associationId"]]
    return {"association": facts}
