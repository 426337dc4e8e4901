"""Pure: the pod of one game world, and the claim of its volume."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s

from components.data.clients import (
    DataClient,
    client_environment,
    client_labels,
    client_mounts,
    client_volumes,
)
from components.game.sessions import DRAIN, SESSION_LABEL, UNKNOWN
from components.kube.checksum import checksum
from components.kube.compute import Compute
from components.kube.placement import node_selector, one_per_host, spread_over_zones, tolerations
from components.kube.ports import HEALTH_PORT, HEALTH_PORT_NAME, METRICS_PORT, SERVED
from components.kube.probes import liveness, readiness, startup
from components.kube.resources import resources
from components.kube.security_context import container_security, pod_security

WORKLOAD = "game-server"
WORLD_DATA, WORLD_DATA_PATH = "world-data", "/data/world"
CONFIG_PATH = "/app/config"
LOGS_PATH, LOGS_LIMIT = "/app/logs", "1Gi"
# No autoscaler takes a world's node from under it to save money, whichever the region has; for a new image Karpenter
# does, within its pool's budget (components/karpenter/specs.py). Born so, as with the session label: whoever knows that
# a world is empty takes both away.
# karpenter.sh/docs/concepts/disruption, kubernetes/autoscaler: cluster-autoscaler/FAQ.md
LEFT_ALONE: Mapping[str, str] = MappingProxyType(
    {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false", "karpenter.sh/do-not-disrupt": "true"}
)
# The ordinal, kept as a label by the StatefulSet controller: loader and server read the same value.
POD_INDEX_FIELD = "metadata.labels['apps.kubernetes.io/pod-index']"


@dataclass(frozen=True, kw_only=True)
class WorldPod:
    """What differs from game to game and region to region; names are those of objects in the pod's own namespace."""

    labels: Mapping[str, str]
    selector: Mapping[str, str]
    config: Mapping[str, str]
    config_map: pulumi.Input[str]
    secret: pulumi.Input[str]
    service_account: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    image: pulumi.Input[str]
    loader_image: pulumi.Input[str]
    players: int
    requests: Compute
    limits: Compute
    clients: tuple[DataClient, ...] = ()


def pod_template(pod: WorldPod) -> k8s.core.v1.PodTemplateSpecArgs:
    """One world: loader first, then the server, alone on its node among worlds."""
    return k8s.core.v1.PodTemplateSpecArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(
            labels={**pod.labels, **client_labels(pod.clients), SESSION_LABEL: UNKNOWN},
            annotations={
                **LEFT_ALONE,
                # Shows which worlds still run on an older config; OnDelete lets them finish.
                "checksum/config": checksum(pod.config),
                "prometheus.io/scrape": "true",
                "prometheus.io/port": str(METRICS_PORT),
                "prometheus.io/path": "/metrics",
            },
        ),
        spec=k8s.core.v1.PodSpecArgs(
            service_account_name=pod.service_account,
            automount_service_account_token=False,
            enable_service_links=False,  # a variable per Service of the namespace, none of them ever read
            priority_class_name=pod.priority_class,
            security_context=pod_security(),
            node_selector=node_selector(WORKLOAD),
            tolerations=tolerations(WORKLOAD),
            affinity=one_per_host(pod.selector),
            topology_spread_constraints=[spread_over_zones(pod.selector)],
            termination_grace_period_seconds=DRAIN.pod_grace_seconds,
            init_containers=[_loader(pod)],
            containers=[_server(pod)],
            volumes=[
                k8s.core.v1.VolumeArgs(
                    name="config", config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(name=pod.config_map)
                ),
                k8s.core.v1.VolumeArgs(
                    name="logs", empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit=LOGS_LIMIT)
                ),
                *client_volumes(pod.clients),
            ],
        ),
    )


def world_data_claim(
    labels: Mapping[str, str], storage_class: pulumi.Input[str], storage_gib: int
) -> k8s.core.v1.PersistentVolumeClaimArgs:
    """The claim of a world's volume, `storage_gib` GiB."""
    return k8s.core.v1.PersistentVolumeClaimArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(name=WORLD_DATA, labels=labels),
        spec=k8s.core.v1.PersistentVolumeClaimSpecArgs(
            access_modes=["ReadWriteOnce"],
            storage_class_name=storage_class,
            resources=k8s.core.v1.VolumeResourceRequirementsArgs(requests={"storage": f"{storage_gib}Gi"}),
        ),
    )


def _loader(pod: WorldPod) -> k8s.core.v1.ContainerArgs:
    # Runs at every start, also after a crash: the image must keep whatever a world saved before.
    return k8s.core.v1.ContainerArgs(
        name="world-data-loader",
        image=pod.loader_image,
        env=[_world_id(), k8s.core.v1.EnvVarArgs(name="WORLD_DATA_PATH", value=WORLD_DATA_PATH)],
        # The server's own share, which costs nothing more: the loader has ended before the server starts.
        resources=resources(pod.requests, pod.limits),
        security_context=container_security(),
        volume_mounts=[k8s.core.v1.VolumeMountArgs(name=WORLD_DATA, mount_path=WORLD_DATA_PATH)],
    )


def _server(pod: WorldPod) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name="game-server",
        image=pod.image,
        ports=[
            k8s.core.v1.ContainerPortArgs(name=name, container_port=port, protocol=protocol)
            for name, port, protocol in (*SERVED, (HEALTH_PORT_NAME, HEALTH_PORT, "TCP"))
        ],
        env=[
            _world_id(),
            k8s.core.v1.EnvVarArgs(name="LOG_LEVEL", value="INFO"),
            k8s.core.v1.EnvVarArgs(name="MAX_PLAYERS_PER_WORLD", value=str(pod.players)),
            *client_environment(pod.clients),
        ],
        env_from=[
            k8s.core.v1.EnvFromSourceArgs(config_map_ref=k8s.core.v1.ConfigMapEnvSourceArgs(name=pod.config_map)),
            k8s.core.v1.EnvFromSourceArgs(secret_ref=k8s.core.v1.SecretEnvSourceArgs(name=pod.secret)),
        ],
        resources=resources(pod.requests, pod.limits),
        security_context=container_security(),
        liveness_probe=liveness(),
        readiness_probe=readiness(),
        startup_probe=startup(),
        # Kubernetes sleeps itself: the image needs no shell. The server still takes players that arrive meanwhile.
        lifecycle=k8s.core.v1.LifecycleArgs(
            pre_stop=k8s.core.v1.LifecycleHandlerArgs(sleep=k8s.core.v1.SleepActionArgs(seconds=DRAIN.pre_stop_seconds))
        ),
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name=WORLD_DATA, mount_path=WORLD_DATA_PATH),
            k8s.core.v1.VolumeMountArgs(name="config", mount_path=CONFIG_PATH, read_only=True),
            k8s.core.v1.VolumeMountArgs(name="logs", mount_path=LOGS_PATH),
            *client_mounts(pod.clients),
        ],
    )


def _world_id() -> k8s.core.v1.EnvVarArgs:
    return k8s.core.v1.EnvVarArgs(
        name="WORLD_ID",
        value_from=k8s.core.v1.EnvVarSourceArgs(
            field_ref=k8s.core.v1.ObjectFieldSelectorArgs(api_version="v1", field_path=POD_INDEX_FIELD)
        ),
    )
