"""GameWorlds: a region's worlds, one pod each, and what they need to run and to keep their players."""

from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.data.clients import DataClient
from components.game.sessions import PROTECTED_SESSIONS, SESSION_LABEL
from components.game.world_pod import (
    WorldPod,
    pod_template,
    world_data_claim,
)
from components.kube.compute import Compute
from components.kube.labels import object_labels, selector_labels
from components.kube.ports import GAME_PORT, HEALTH_PORT, METRICS_PORT, SERVED

# Addresses: a world is game-world-servers-<n>.game-world-service.<namespace>.svc; gateways read the same config and
# the same secret.
STATEFUL_SET = "game-world-servers"
SERVICE = "game-world-service"
CONFIG_MAP = "game-server-config"
SECRET = "game-server-secrets"
SIGNING_KEY_LENGTH = 48  # letters and digits: about 285 bits

# The same for every game: a constant, since Kubernetes never lets a StatefulSet's selector change.
SELECTOR = selector_labels("game-world-server", "world-service")


@dataclass(frozen=True, kw_only=True)
class GameWorldsArgs:
    """`game` is the game's name, `count` the worlds that run; `storage_gib` sizes a world's volume at its birth only.

    `clients` are the data systems that worlds ask. `after` is what the worlds need and must outlive them: their nodes,
    cluster DNS and the volume driver.
    """

    game: str
    namespace: pulumi.Input[str]
    count: int
    players_per_world: int
    image: pulumi.Input[str]
    loader_image: pulumi.Input[str]
    requests: Compute
    limits: Compute
    storage_gib: int
    storage_class: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    protect: bool
    clients: tuple[DataClient, ...] = ()
    after: tuple[pulumi.Resource, ...] = ()


class GameWorlds(pulumi.ComponentResource):
    """One StatefulSet of worlds, addressed one by one through the headless Service `service`."""

    service: pulumi.Output[str]

    def __init__(self, name: str, args: GameWorldsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:game:GameWorlds", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        self._labels = object_labels(SELECTOR, args.game)
        config = server_config()

        pod = WorldPod(
            labels=self._labels,
            selector=SELECTOR,
            config=config,
            config_map=self._config_map(name, args, config).metadata.name,
            secret=self._secret(name, args).metadata.name,
            service_account=self._service_account(name, args).metadata.name,
            priority_class=args.priority_class,
            image=args.image,
            loader_image=args.loader_image,
            players=args.players_per_world,
            requests=args.requests,
            limits=args.limits,
            clients=args.clients,
        )
        self.service = self._headless_service(name, args).metadata.name
        guards = (self._disruption_budget(name, args), self._network_policy(name, args))
        found = (ready for client in args.clients for ready in client.ready)
        self._stateful_set(name, args, pod, (*guards, *found, *args.after))
        self.register_outputs({"service": self.service})

    def _config_map(self, name: str, args: GameWorldsArgs, config: dict[str, str]) -> k8s.core.v1.ConfigMap:
        return k8s.core.v1.ConfigMap(
            f"{name}-worlds-config",
            metadata=self._metadata(CONFIG_MAP, args),
            data=config,
            opts=self._child,
        )

    def _secret(self, name: str, args: GameWorldsArgs) -> k8s.core.v1.Secret:
        # Protected: with another key every player's session ticket turns invalid at once.
        key = random.RandomPassword(
            f"{name}-worlds-signing-key",
            length=SIGNING_KEY_LENGTH,
            special=False,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        return k8s.core.v1.Secret(
            f"{name}-worlds-secrets",
            metadata=self._metadata(SECRET, args),
            type="Opaque",
            string_data={"SESSION_SIGNING_KEY": key.result},
            opts=self._child,
        )

    def _service_account(self, name: str, args: GameWorldsArgs) -> k8s.core.v1.ServiceAccount:
        return k8s.core.v1.ServiceAccount(
            f"{name}-worlds",
            metadata=self._metadata(STATEFUL_SET, args),
            automount_service_account_token=False,
            opts=self._child,
        )

    def _headless_service(self, name: str, args: GameWorldsArgs) -> k8s.core.v1.Service:
        return k8s.core.v1.Service(
            f"{name}-worlds",
            metadata=self._metadata(SERVICE, args),
            spec=k8s.core.v1.ServiceSpecArgs(
                cluster_ip="None",
                selector=SELECTOR,
                ports=[
                    k8s.core.v1.ServicePortArgs(name=port_name, port=port, target_port=port_name, protocol=protocol)
                    for port_name, port, protocol in SERVED
                ],
            ),
            opts=self._child,
        )

    def _disruption_budget(self, name: str, args: GameWorldsArgs) -> k8s.policy.v1.PodDisruptionBudget:
        # The only budget of the namespace, for worlds and gateways alike: a pod that two budgets match can't be evicted
        # at all. It selects by session and not by app, so an idle pod is free to go and a busy one never is.
        sessions = k8s.meta.v1.LabelSelectorRequirementArgs(
            key=SESSION_LABEL, operator="In", values=list(PROTECTED_SESSIONS)
        )
        return k8s.policy.v1.PodDisruptionBudget(
            f"{name}-sessions",
            metadata=self._metadata("players-in-session", args),
            spec=k8s.policy.v1.PodDisruptionBudgetSpecArgs(
                max_unavailable=0, selector=k8s.meta.v1.LabelSelectorArgs(match_expressions=[sessions])
            ),
            opts=self._child,
        )

    def _network_policy(self, name: str, args: GameWorldsArgs) -> k8s.networking.v1.NetworkPolicy:
        # Between worlds only; who else may come in is added with the gateway and the monitoring. Kubelet's probes pass
        # every policy, since they come from the pod's own node.
        worlds = k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR)
        peers = [k8s.networking.v1.NetworkPolicyPeerArgs(pod_selector=worlds)]
        ports = [
            k8s.networking.v1.NetworkPolicyPortArgs(protocol="TCP", port=port) for port in (GAME_PORT, METRICS_PORT)
        ]
        return k8s.networking.v1.NetworkPolicy(
            f"{name}-worlds",
            metadata=self._metadata(STATEFUL_SET, args),
            spec=k8s.networking.v1.NetworkPolicySpecArgs(
                pod_selector=worlds,
                policy_types=["Ingress", "Egress"],
                ingress=[k8s.networking.v1.NetworkPolicyIngressRuleArgs(from_=peers, ports=ports)],
                egress=[k8s.networking.v1.NetworkPolicyEgressRuleArgs(to=peers, ports=ports)],
            ),
            opts=self._child,
        )

    def _stateful_set(self, name: str, args: GameWorldsArgs, pod: WorldPod, after: tuple[pulumi.Resource, ...]) -> None:
        k8s.apps.v1.StatefulSet(
            f"{name}-worlds",
            # Orphan: should the StatefulSet ever be replaced, its pods play on and the new one adopts them.
            metadata=self._metadata(STATEFUL_SET, args, {"pulumi.com/deletionPropagationPolicy": "orphan"}),
            spec=k8s.apps.v1.StatefulSetSpecArgs(
                replicas=args.count,
                service_name=self.service,
                selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
                # Worlds know nothing of each other: one that does not start must not keep the later ones down.
                pod_management_policy="Parallel",
                # A new release waits until somebody has emptied the world and deletes its pod.
                update_strategy=k8s.apps.v1.StatefulSetUpdateStrategyArgs(type="OnDelete"),
                # The volume is the world: neither fewer worlds nor none may take it away.
                persistent_volume_claim_retention_policy=(
                    k8s.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicyArgs(
                        when_deleted="Retain", when_scaled="Retain"
                    )
                ),
                template=pod_template(pod),
                volume_claim_templates=[world_data_claim(SELECTOR, args.storage_class, args.storage_gib)],
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(after),
                protect=args.protect,
                # A change would replace the StatefulSet and leave each volume as it is; volumes grow by their claims.
                ignore_changes=["spec.volumeClaimTemplates"],
                # New nodes, volumes and two minutes of start-up take longer than the default ten.
                custom_timeouts=pulumi.CustomTimeouts(create="30m", update="30m"),
            ),
        )

    def _metadata(
        self, object_name: str, args: GameWorldsArgs, annotations: dict[str, str] | None = None
    ) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=args.namespace, labels=self._labels, annotations=annotations
        )


def server_config() -> dict[str, str]:
    """What every server of the game reads, as environment and as files: where to listen."""
    return {
        "SERVER_PORT": str(GAME_PORT),
        "METRICS_PORT": str(METRICS_PORT),
        "HEALTH_PORT": str(HEALTH_PORT),
    }
