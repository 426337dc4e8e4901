"""RabbitmqOperator: the cluster operator, object by object, since its project publishes a manifest and no chart."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.kube.chart_values import CLUSTER_CRITICAL
from components.kube.compute import Compute
from components.kube.resources import resources
from components.kube.security_context import container_security, pod_security
from components.platform.namespaces import platform_namespace

NAMESPACE = "rabbitmq-system"
NAME = "rabbitmq-cluster-operator"
LABELS = {"app.kubernetes.io/name": NAME}
REPLICAS = 1  # as published; brokers run on without it
DEFINITION = Path(__file__).parents[2] / "files" / "rabbitmq" / "rabbitmqclusters.json"
METRICS_PORT, PROBE_PORT = 8080, 8081

_READ = ["get", "list", "watch"]
_KEEP = [*_READ, "create", "update"]
# (group, resources, verbs), from the marks of both controllers in internal/controller of v2.22.
RULES: tuple[tuple[str, tuple[str, ...], list[str]], ...] = (
    ("", ("pods/exec",), ["create"]),
    ("", ("pods",), [*_READ, "update"]),
    ("", ("services", "configmaps", "secrets", "serviceaccounts", "persistentvolumeclaims"), _KEEP),
    ("", ("endpoints",), _READ),
    ("", ("events",), ["get", "create", "patch"]),
    ("apps", ("statefulsets",), [*_KEEP, "delete"]),
    ("discovery.k8s.io", ("endpointslices",), _READ),
    ("rabbitmq.com", ("rabbitmqclusters",), _KEEP),
    ("rabbitmq.com", ("rabbitmqclusters/status",), ["get", "update", "patch"]),
    ("rabbitmq.com", ("rabbitmqclusters/finalizers",), ["update"]),
    ("rbac.authorization.k8s.io", ("roles", "rolebindings"), [*_KEEP, "delete"]),
)
# config/rbac/leader_election_role.yaml
LEADER_RULES: tuple[tuple[str, tuple[str, ...], list[str]], ...] = (
    ("coordination.k8s.io", ("leases",), [*_KEEP, "patch", "delete"]),
    ("", ("events",), ["create"]),
)


@dataclass(frozen=True, kw_only=True)
class RabbitmqOperatorArgs:
    """`watched` is the only namespace whose clusters it runs. `protect` keeps the definition, and all clusters with it.

    `after` holds nodes, cluster DNS and the watched namespace.
    """

    image: pulumi.Input[str]
    watched: pulumi.Input[str]
    protect: bool
    after: tuple[pulumi.Resource, ...] = ()


class RabbitmqOperator(pulumi.ComponentResource):
    """The operator with its definition. `ready` is what a RabbitmqCluster must come after."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: RabbitmqOperatorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RabbitmqOperator", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self, depends_on=list(args.after))

        definition = self._definition()
        namespace = platform_namespace(f"{name}-{NAMESPACE}", NAMESPACE, "restricted", self, after=args.after)
        self._namespace = namespace.metadata.name
        account = self._account()
        rights = self._rights(account)
        self.ready = self._deployment(account, (definition, *rights))
        self.register_outputs({})

    def _definition(self) -> k8s.apiextensions.v1.CustomResourceDefinition:
        published = json.loads(DEFINITION.read_text())
        return k8s.apiextensions.v1.CustomResourceDefinition(
            f"{self._name}-rabbitmq-definition",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=published["metadata"]["name"]),
            spec=published["spec"],
            opts=pulumi.ResourceOptions(parent=self, protect=self._args.protect),
        )

    def _account(self) -> k8s.core.v1.ServiceAccount:
        return k8s.core.v1.ServiceAccount(
            f"{self._name}-rabbitmq-operator",
            metadata=self._metadata(self._namespace),
            automount_service_account_token=False,  # the pod asks for it by itself
            opts=self._child,
        )

    def _rights(self, account: k8s.core.v1.ServiceAccount) -> tuple[pulumi.Resource, ...]:
        cluster_role = k8s.rbac.v1.ClusterRole(
            f"{self._name}-rabbitmq-operator",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=f"{NAME}-role", labels=LABELS),
            rules=_rules(RULES),
            opts=self._child,
        )
        leader_role = k8s.rbac.v1.Role(
            f"{self._name}-rabbitmq-operator-leader",
            metadata=self._metadata(self._namespace),
            rules=_rules(LEADER_RULES),
            opts=self._child,
        )
        # Bound in the watched namespace, and not in the whole cluster as published: nobody else's Secrets are read.
        return (
            self._binding("", self._args.watched, "ClusterRole", cluster_role.metadata.name, account),
            self._binding("-leader", self._namespace, "Role", leader_role.metadata.name, account),
        )

    def _binding(
        self,
        suffix: str,
        place: pulumi.Input[str],
        kind: str,
        role: pulumi.Output[str],
        account: k8s.core.v1.ServiceAccount,
    ) -> pulumi.Resource:
        binding: pulumi.Resource = k8s.rbac.v1.RoleBinding(
            f"{self._name}-rabbitmq-operator{suffix}",
            metadata=self._metadata(place),
            role_ref=k8s.rbac.v1.RoleRefArgs(api_group="rbac.authorization.k8s.io", kind=kind, name=role),
            subjects=[
                k8s.rbac.v1.SubjectArgs(kind="ServiceAccount", name=account.metadata.name, namespace=self._namespace)
            ],
            opts=self._child,
        )
        return binding

    def _deployment(
        self, account: k8s.core.v1.ServiceAccount, after: tuple[pulumi.Resource, ...]
    ) -> k8s.apps.v1.Deployment:
        return k8s.apps.v1.Deployment(
            f"{self._name}-rabbitmq-operator",
            metadata=self._metadata(self._namespace),
            spec=k8s.apps.v1.DeploymentSpecArgs(
                replicas=REPLICAS,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=LABELS),
                template=k8s.core.v1.PodTemplateSpecArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(labels=LABELS),
                    spec=k8s.core.v1.PodSpecArgs(
                        service_account_name=account.metadata.name,
                        automount_service_account_token=True,
                        priority_class_name=CLUSTER_CRITICAL,
                        security_context=pod_security(),
                        containers=[self._container()],
                    ),
                ),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*after, *self._args.after]),
        )

    def _container(self) -> k8s.core.v1.ContainerArgs:
        own = k8s.core.v1.EnvVarSourceArgs(
            field_ref=k8s.core.v1.ObjectFieldSelectorArgs(field_path="metadata.namespace")
        )
        return k8s.core.v1.ContainerArgs(
            name="operator",
            image=self._args.image,
            command=["/manager"],
            env=[
                k8s.core.v1.EnvVarArgs(name="OPERATOR_NAMESPACE", value_from=own),
                k8s.core.v1.EnvVarArgs(name="OPERATOR_SCOPE_NAMESPACE", value=self._args.watched),
                # They fill in what the RabbitmqCluster here says in full, and would need certificates of their own.
                k8s.core.v1.EnvVarArgs(name="ENABLE_WEBHOOKS", value="false"),
            ],
            ports=[k8s.core.v1.ContainerPortArgs(name="metrics", container_port=METRICS_PORT)],
            liveness_probe=_probe("/healthz"),
            readiness_probe=_probe("/readyz"),
            resources=resources(Compute(cpu="100m", memory="256Mi"), Compute(cpu="500m", memory="500Mi")),
            security_context=container_security(),
        )

    def _metadata(self, namespace: pulumi.Input[str]) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(name=NAME, namespace=namespace, labels=LABELS)


def _rules(table: tuple[tuple[str, tuple[str, ...], list[str]], ...]) -> list[Any]:
    return [
        k8s.rbac.v1.PolicyRuleArgs(api_groups=[group], resources=list(names), verbs=verbs)
        for group, names, verbs in table
    ]


def _probe(path: str) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=path, port=PROBE_PORT),
        initial_delay_seconds=5,
        period_seconds=10,
        timeout_seconds=5,
        failure_threshold=6,
    )
