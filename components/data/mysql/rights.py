"""MysqlRights: what the agents in the pods may ask the API server for, and nothing else."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.mysql.names import LEASE, SELECTOR, STATE, STATEFUL_SET


@dataclass(frozen=True, kw_only=True)
class MysqlRightsArgs:
    """The ground says the namespace, and only there the rights hold; `members` is how many pods there are."""

    ground: DataGround
    members: int


class MysqlRights(pulumi.ComponentResource):
    """A ServiceAccount of its own, bound to a Role with named objects. `account` is its name."""

    account: pulumi.Output[str]

    def __init__(self, name: str, args: MysqlRightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlRights", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        metadata = k8s.meta.v1.ObjectMetaArgs(
            name=STATEFUL_SET, namespace=args.ground.namespace, labels=args.ground.labels(SELECTOR)
        )
        account = k8s.core.v1.ServiceAccount(
            f"{name}-mysql", metadata=metadata, automount_service_account_token=False, opts=child
        )
        rules = [k8s.rbac.v1.PolicyRuleArgs(**rule) for rule in role_rules(args.members)]
        role = k8s.rbac.v1.Role(f"{name}-mysql", metadata=metadata, rules=rules, opts=child)
        k8s.rbac.v1.RoleBinding(
            f"{name}-mysql",
            metadata=metadata,
            role_ref=k8s.rbac.v1.RoleRefArgs(
                api_group="rbac.authorization.k8s.io", kind="Role", name=role.metadata.name
            ),
            subjects=[
                k8s.rbac.v1.SubjectArgs(
                    kind="ServiceAccount", name=account.metadata.name, namespace=args.ground.namespace
                )
            ],
            opts=child,
        )
        self.account = account.metadata.name
        self.register_outputs({"account": self.account})


def role_rules(members: int) -> list[dict[str, Any]]:
    """Rules of the Role, as arguments of PolicyRuleArgs. A name cannot be asked for where an object is created."""
    config_maps, leases = ("", "configmaps"), ("coordination.k8s.io", "leases")
    return [
        _rule("", "pods", ["get", "patch"], *(f"{STATEFUL_SET}-{ordinal}" for ordinal in range(members))),
        _rule(*config_maps, ["get", "patch"], STATE),
        _rule(*config_maps, ["create"]),
        _rule(*leases, ["get", "update"], LEASE),
        _rule(*leases, ["create"]),
    ]


def _rule(group: str, resource: str, verbs: list[str], *names: str) -> dict[str, Any]:
    return {
        "api_groups": [group],
        "resources": [resource],
        "verbs": verbs,
        "resource_names": list(names) or None,
    }
