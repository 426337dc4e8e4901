"""RedisRights: under which accounts the pods and the Jobs run, and what these may read of the cluster."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.redis.names import BOOTSTRAP, SELECTOR, STATEFUL_SET


@dataclass(frozen=True, kw_only=True)
class RedisRightsArgs:
    """`ground` is where the region's data systems stand."""

    ground: DataGround


class RedisRights(pulumi.ComponentResource):
    """Accounts `pods` and `jobs`: both must know which zone each pod stands in, and may look at nothing else.

    A pod names its node, and the node its zone. `ready` is there before any pod asks.
    """

    pods: pulumi.Output[str]
    jobs: pulumi.Output[str]
    ready: tuple[pulumi.Resource, ...]

    def __init__(self, name: str, args: RedisRightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisRights", name, None, opts)
        self._name, self._ground = name, args.ground
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(args.ground.after))
        servers = self._account(f"{name}-redis-servers", STATEFUL_SET)
        jobs = self._account(f"{name}-redis-jobs", BOOTSTRAP)
        self.pods, self.jobs = servers.metadata.name, jobs.metadata.name
        subjects = [
            k8s.rbac.v1.SubjectArgs(kind="ServiceAccount", name=account.metadata.name, namespace=args.ground.namespace)
            for account in (servers, jobs)
        ]
        self.ready = (self._may_list_pods(subjects), self._may_read_nodes(subjects))
        self.register_outputs({"pods": self.pods, "jobs": self.jobs})

    def _account(self, logical_name: str, object_name: str) -> k8s.core.v1.ServiceAccount:
        return k8s.core.v1.ServiceAccount(
            logical_name,
            metadata=self._metadata(object_name),
            # Pods that use it mount it where they need it.
            automount_service_account_token=False,
            opts=self._child,
        )

    def _may_list_pods(self, subjects: list[k8s.rbac.v1.SubjectArgs]) -> k8s.rbac.v1.RoleBinding:
        role = k8s.rbac.v1.Role(
            f"{self._name}-redis-pods",
            metadata=self._metadata(STATEFUL_SET),
            rules=[k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["pods"], verbs=["list"])],
            opts=self._child,
        )
        return k8s.rbac.v1.RoleBinding(
            f"{self._name}-redis-pods",
            metadata=self._metadata(STATEFUL_SET),
            role_ref=_reference("Role", role.metadata.name),
            subjects=subjects,
            opts=self._child,
        )

    def _may_read_nodes(self, subjects: list[k8s.rbac.v1.SubjectArgs]) -> k8s.rbac.v1.ClusterRoleBinding:
        # Nodes are of no namespace; the name says whose rights they are.
        object_name = f"{self._ground.game}-redis-zones"
        role = k8s.rbac.v1.ClusterRole(
            f"{self._name}-redis-zones",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, labels=self._ground.labels(SELECTOR)),
            rules=[k8s.rbac.v1.PolicyRuleArgs(api_groups=[""], resources=["nodes"], verbs=["get"])],
            opts=self._child,
        )
        return k8s.rbac.v1.ClusterRoleBinding(
            f"{self._name}-redis-zones",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, labels=self._ground.labels(SELECTOR)),
            role_ref=_reference("ClusterRole", role.metadata.name),
            subjects=subjects,
            opts=self._child,
        )

    def _metadata(self, object_name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
        )


def _reference(kind: str, name: pulumi.Input[str]) -> k8s.rbac.v1.RoleRefArgs:
    return k8s.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=name)
