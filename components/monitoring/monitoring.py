"""Monitoring: Prometheus, Alertmanager and Grafana of a region, what they read, and when they call."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.charts import PROMETHEUS_CRDS, PROMETHEUS_STACK, install
from components.monitoring.alerts import rule_groups
from components.monitoring.monitors import JOB_LABEL, Target, monitor, worlds
from components.monitoring.values import ADMIN_PASSWORD_KEY, ADMIN_SECRET, ADMIN_USER_KEY, Store, stack_values
from components.monitoring.watched import DASHBOARD_LABEL, Watched
from components.platform.namespaces import platform_namespace

NAMESPACE = "monitoring"
# The exporter of a node's own figures looks at the host itself, which Pod Security allows in no namespace but its own.
NODE_NAMESPACE = "monitoring-nodes"
API_VERSION = "monitoring.coreos.com/v1"
PASSWORD_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class Game:
    """The game's namespace, and its worlds: their labels, their metrics port by name and number, players each."""

    namespace: str
    selector: Mapping[str, str]
    port_name: str
    port: int
    players_per_world: int


@dataclass(frozen=True, kw_only=True)
class MonitoringArgs:
    """`cluster` is the region's `<game>-<region>`, `region` its name; `targets` are read beside the worlds of `game`.

    `systems` are read as well, and bring their alerts and a dashboard each.

    `after` must be there first: nodes, cluster DNS, the volume driver and the game's namespace.
    """

    cluster: str
    region: str
    game: Game
    store: Store
    targets: tuple[Target, ...] = ()
    systems: tuple[Watched, ...] = ()
    after: tuple[pulumi.Resource, ...] = ()


class Monitoring(pulumi.ComponentResource):
    """One stack per region: a region that is cut off still watches itself.

    `crds` is what every other chart with a ServiceMonitor must come after; `grafana_secret` names the Secret, in
    `monitoring`, that holds the administrator's user name and password.
    """

    crds: pulumi.Resource
    grafana_secret: pulumi.Output[str]

    def __init__(self, name: str, args: MonitoringArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:monitoring:Monitoring", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        namespace = platform_namespace(f"{name}-{NAMESPACE}", NAMESPACE, "restricted", self, after=args.after)
        nodes = platform_namespace(f"{name}-{NODE_NAMESPACE}", NODE_NAMESPACE, "privileged", self, after=args.after)
        self._namespace = namespace.metadata.name

        self.crds = self._crds(name)
        secret = self._grafana_secret(name)
        stack = self._stack(name, args, nodes.metadata.name, (self.crds, secret, *args.after))
        own = [target for system in args.systems for target in system.targets]
        for target in (worlds(args.game.namespace, args.game.selector, args.game.port_name), *args.targets, *own):
            self._object(f"{name}-monitor-{target.name}", target.kind, target.name, monitor(target), stack)
        job = args.game.selector[JOB_LABEL]
        groups = rule_groups(args.game.namespace, job, args.game.players_per_world)
        self._object(f"{name}-alerts", "PrometheusRule", "game-server-alerts", {"groups": groups}, stack)
        for system in args.systems:
            self._system(name, system, stack)
        self._way_to_the_worlds(name, args)

        self.grafana_secret = secret.metadata.name
        self.register_outputs({"grafana_secret": self.grafana_secret})

    def _crds(self, name: str) -> k8s.helm.v3.Release:
        # After nothing: they are words for the API server, no pod runs for them. So not in a namespace that waits.
        return install(
            f"{name}-prometheus-crds",
            PROMETHEUS_CRDS,
            name="prometheus-operator-crds",
            namespace="kube-system",
            values={},
            parent=self,
        )

    def _grafana_secret(self, name: str) -> k8s.core.v1.Secret:
        password = random.RandomPassword(
            f"{name}-grafana-admin", length=PASSWORD_LENGTH, special=False, opts=self._child
        )
        return k8s.core.v1.Secret(
            f"{name}-grafana-admin",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=ADMIN_SECRET, namespace=self._namespace),
            type="Opaque",
            string_data={ADMIN_USER_KEY: "admin", ADMIN_PASSWORD_KEY: password.result},
            opts=self._child,
        )

    def _stack(
        self, name: str, args: MonitoringArgs, nodes: pulumi.Output[str], after: tuple[pulumi.Resource, ...]
    ) -> k8s.helm.v3.Release:
        return install(
            f"{name}-monitoring",
            PROMETHEUS_STACK,
            name="monitoring",
            namespace=self._namespace,
            values=stack_values(args.cluster, args.region, args.store, nodes),
            parent=self,
            after=after,
            skip_crds=True,
        )

    def _object(
        self, logical_name: str, kind: str, object_name: str, spec: dict[str, Any], stack: pulumi.Resource
    ) -> None:
        # After the stack, whose webhook checks each rule.
        k8s.apiextensions.CustomResource(
            logical_name,
            api_version=API_VERSION,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=self._namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[stack]),
        )

    def _system(self, name: str, system: Watched, stack: pulumi.Resource) -> None:
        groups = {"groups": [dict(group) for group in system.groups]}
        self._object(f"{name}-alerts-{system.name}", "PrometheusRule", f"{system.name}-alerts", groups, stack)
        k8s.core.v1.ConfigMap(
            f"{name}-dashboard-{system.name}",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=f"{system.name}-dashboard", namespace=self._namespace, labels=dict(DASHBOARD_LABEL)
            ),
            data=system.dashboard,
            opts=self._child,
        )

    def _way_to_the_worlds(self, name: str, args: MonitoringArgs) -> None:
        # The game's namespace is closed; its worlds' metrics are the only thing that monitoring may ask for.
        monitoring = k8s.networking.v1.NetworkPolicyPeerArgs(
            namespace_selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"kubernetes.io/metadata.name": NAMESPACE})
        )
        port = k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=args.game.port)
        k8s.networking.v1.NetworkPolicy(
            f"{name}-monitoring-worlds",
            metadata=k8s.meta.v1.ObjectMetaArgs(name="monitoring", namespace=args.game.namespace),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=args.game.selector),
                policy_types=["Ingress"],
                ingress=[k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=[monitoring], ports=[port])],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
