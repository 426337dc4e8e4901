"""Pure: the pod of one Redis server: the server, its healer and its exporter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.data.claims import CLAIM
from components.data.redis.names import (
    BUS_PORT,
    BUS_PORT_NAME,
    HEADLESS,
    METRICS_PORT,
    METRICS_PORT_NAME,
    PORT,
    PORT_NAME,
    SELECTOR,
    TLS,
)
from components.data.redis.server_files import FILES_PATH, files_volume
from components.data.redis.shape import (
    EXPORTER_LIMITS,
    EXPORTER_REQUESTS,
    HEALER_LIMITS,
    HEALER_REQUESTS,
    WORKLOAD,
)
from components.data.redis.users import EXPORTER, EXPORTER_ADDRESS
from components.kube.compute import Compute
from components.kube.placement import HOST, ZONE, node_selector, tolerations
from components.kube.resources import resources
from components.kube.security_context import container_security, pod_security

REDIS_USER = 999  # user and group of the image, hub.docker.com/r/valkey/valkey
# preStop hands the master's role over within 20 s, then Redis writes what is left within its shutdown-timeout of 20 s.
GRACE_SECONDS = 90
# From a node's silence to the end of its pods; Kubernetes' own 300 s would leave a master without a replica as long.
LOST_NODE_SECONDS = 60
USERS_PATH, TLS_PATH, DATA_PATH, SCRATCH_PATH = "/etc/redis-users", "/etc/redis/tls", "/data", "/tmp"
_FILES, _USERS, _TLS, _SCRATCH = "files", "users", "tls", "scratch"


@dataclass(frozen=True, kw_only=True)
class RedisImages:
    """`server` is Redis or Valkey, `python` runs healer and Job, `exporter` answers Prometheus."""

    server: pulumi.Input[str]
    python: pulumi.Input[str]
    exporter: pulumi.Input[str]


@dataclass(frozen=True, kw_only=True)
class RedisPod:
    """What differs from region to region; names are those of objects in the pod's own namespace.

    `files` are by path, as of `config.pod_files`; `checksum` changes with whatever needs a restart to be seen.
    """

    labels: Mapping[str, str]
    files: Mapping[str, str]
    checksum: str
    config_map: pulumi.Input[str]
    users: pulumi.Input[str]
    service_account: pulumi.Input[str]
    priority_class: pulumi.Input[str]
    images: RedisImages
    zones: int
    servers: int
    requests: Compute
    limits: Compute


def pod_template(pod: RedisPod) -> k8s.core.v1.PodTemplateSpecArgs:
    """One server on a node for databases, as evenly over the zones as there are servers."""
    return k8s.core.v1.PodTemplateSpecArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(
            labels=without_sidecar(pod.labels),
            # Karpenter leaves its node alone; a drain that somebody asks for keeps the disruption budget.
            annotations={"karpenter.sh/do-not-disrupt": "true", "checksum/config": pod.checksum},
        ),
        spec=k8s.core.v1.PodSpecArgs(
            service_account_name=pod.service_account,
            automount_service_account_token=True,  # the healer asks which zone its peers stand in
            enable_service_links=False,
            priority_class_name=pod.priority_class,
            security_context=pod_security(REDIS_USER),
            node_selector=node_selector(WORKLOAD),
            tolerations=[*tolerations(WORKLOAD), *_lost_node()],
            affinity=_hosts_apart(),
            topology_spread_constraints=[_zones_even(pod.zones)],
            termination_grace_period_seconds=GRACE_SECONDS,
            containers=[_server(pod), _healer(pod), _exporter(pod)],
            volumes=volumes(pod.config_map, pod.users, pod.files),
        ),
    )


def without_sidecar(labels: Mapping[str, str]) -> dict[str, str]:
    """Labels of a pod that stays out of the mesh: Redis encrypts by itself, and names its peers by their addresses."""
    return {**labels, "sidecar.istio.io/inject": "false"}


def environment(servers: int) -> list[k8s.core.v1.EnvVarArgs]:
    """What every script of Redis reads about where it runs, and how many `servers` there are."""
    fields = {"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace", "POD_IP": "status.podIP"}
    return [
        *(_from_field(variable, path) for variable, path in fields.items()),
        k8s.core.v1.EnvVarArgs(name="REDIS_SERVICE", value=HEADLESS),
        k8s.core.v1.EnvVarArgs(name="REDIS_REPLICAS", value=str(servers)),
    ]


def volumes(
    config_map: pulumi.Input[str], users: pulumi.Input[str], files: Mapping[str, str]
) -> list[k8s.core.v1.VolumeArgs]:
    """Files, passwords and certificates, and a scratch folder in memory, since passwords may pass through it."""
    return [
        files_volume(_FILES, config_map, files),
        k8s.core.v1.VolumeArgs(
            name=_USERS, secret=k8s.core.v1.SecretVolumeSourceArgs(secret_name=users, default_mode=0o440)
        ),
        k8s.core.v1.VolumeArgs(
            name=_TLS, secret=k8s.core.v1.SecretVolumeSourceArgs(secret_name=TLS, default_mode=0o440)
        ),
        k8s.core.v1.VolumeArgs(
            name=_SCRATCH, empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(medium="Memory", size_limit="16Mi")
        ),
    ]


def script_mounts() -> list[k8s.core.v1.VolumeMountArgs]:
    """Where a container that runs scripts of Redis finds all of them and what they read."""
    return [
        _mount(_FILES, FILES_PATH),
        _mount(_USERS, USERS_PATH),
        _mount(_TLS, TLS_PATH),
        k8s.core.v1.VolumeMountArgs(name=_SCRATCH, mount_path=SCRATCH_PATH),
    ]


def fixed(requests: tuple[str, str], limits: tuple[str, str]) -> k8s.core.v1.ResourceRequirementsArgs:
    """Processor time and memory of a container that no setting sizes."""
    return resources(Compute(cpu=requests[0], memory=requests[1]), Compute(cpu=limits[0], memory=limits[1]))


def python_environment() -> list[k8s.core.v1.EnvVarArgs]:
    """Output line by line, and no compiled files beside sources that can't be written to."""
    return [
        k8s.core.v1.EnvVarArgs(name="PYTHONUNBUFFERED", value="1"),
        k8s.core.v1.EnvVarArgs(name="PYTHONDONTWRITEBYTECODE", value="1"),
    ]


def _server(pod: RedisPod) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name="redis",
        image=pod.images.server,
        command=["sh", f"{FILES_PATH}/entrypoint.sh"],
        ports=[_port(PORT_NAME, PORT), _port(BUS_PORT_NAME, BUS_PORT)],
        env=environment(pod.servers),
        resources=resources(pod.requests, pod.limits),
        security_context=container_security(),
        # Ten minutes to read a volume's log of writes; then the other two begin to count.
        startup_probe=_probe("startup", period=5, failures=120),
        liveness_probe=_probe("liveness", period=10, failures=6),
        readiness_probe=_probe("readiness", period=5, failures=2),
        lifecycle=k8s.core.v1.LifecycleArgs(
            pre_stop=k8s.core.v1.LifecycleHandlerArgs(
                exec_=k8s.core.v1.ExecActionArgs(command=["sh", f"{FILES_PATH}/prestop.sh"])
            )
        ),
        volume_mounts=[*script_mounts(), k8s.core.v1.VolumeMountArgs(name=CLAIM, mount_path=DATA_PATH)],
    )


def _healer(pod: RedisPod) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name="healer",
        image=pod.images.python,
        command=["python", "-m", "runtime.healer"],
        working_dir=FILES_PATH,
        env=[*environment(pod.servers), *python_environment()],
        resources=fixed(HEALER_REQUESTS, HEALER_LIMITS),
        security_context=container_security(),
        volume_mounts=script_mounts(),
    )


def _exporter(pod: RedisPod) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name="exporter",
        image=pod.images.exporter,
        ports=[_port(METRICS_PORT_NAME, METRICS_PORT)],
        env=[
            k8s.core.v1.EnvVarArgs(name="REDIS_ADDR", value=EXPORTER_ADDRESS),
            k8s.core.v1.EnvVarArgs(name="REDIS_USER", value=EXPORTER),
            k8s.core.v1.EnvVarArgs(name="REDIS_PASSWORD_FILE", value=f"{USERS_PATH}/exporter.json"),
            k8s.core.v1.EnvVarArgs(name="REDIS_EXPORTER_TLS_CA_CERT_FILE", value=f"{TLS_PATH}/ca.crt"),
        ],
        resources=fixed(EXPORTER_REQUESTS, EXPORTER_LIMITS),
        security_context=container_security(),
        # Never readiness: a server whose figures can't be read still serves.
        liveness_probe=k8s.core.v1.ProbeArgs(
            http_get=k8s.core.v1.HTTPGetActionArgs(path="/health", port=METRICS_PORT_NAME),
            period_seconds=10,
            timeout_seconds=5,
            failure_threshold=6,
        ),
        volume_mounts=[_mount(_USERS, USERS_PATH), _mount(_TLS, TLS_PATH)],
    )


def _probe(what: str, *, period: int, failures: int) -> k8s.core.v1.ProbeArgs:
    return k8s.core.v1.ProbeArgs(
        exec_=k8s.core.v1.ExecActionArgs(command=["sh", f"{FILES_PATH}/probe.sh", what]),
        period_seconds=period,
        timeout_seconds=5,
        failure_threshold=failures,
    )


def _zones_even(zones: int) -> k8s.core.v1.TopologySpreadConstraintArgs:
    """A rule and not a wish: a master and its replica find two zones only if the servers stand in all of them."""
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        min_domains=zones,
        topology_key=ZONE,
        when_unsatisfiable="DoNotSchedule",
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
    )


def _hosts_apart() -> k8s.core.v1.AffinityArgs:
    """A wish and not a rule: a zone has one node for databases and two servers."""
    term = k8s.core.v1.PodAffinityTermArgs(
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR), topology_key=HOST
    )
    preferred = k8s.core.v1.WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=term)
    return k8s.core.v1.AffinityArgs(
        pod_anti_affinity=k8s.core.v1.PodAntiAffinityArgs(
            preferred_during_scheduling_ignored_during_execution=[preferred]
        )
    )


def _lost_node() -> Sequence[k8s.core.v1.TolerationArgs]:
    return [
        k8s.core.v1.TolerationArgs(
            key=f"node.kubernetes.io/{condition}",
            operator="Exists",
            effect="NoExecute",
            toleration_seconds=LOST_NODE_SECONDS,
        )
        for condition in ("not-ready", "unreachable")
    ]


def _from_field(variable: str, path: str) -> k8s.core.v1.EnvVarArgs:
    source = k8s.core.v1.ObjectFieldSelectorArgs(api_version="v1", field_path=path)
    return k8s.core.v1.EnvVarArgs(name=variable, value_from=k8s.core.v1.EnvVarSourceArgs(field_ref=source))


def _port(name: str, number: int) -> k8s.core.v1.ContainerPortArgs:
    return k8s.core.v1.ContainerPortArgs(name=name, container_port=number, protocol="TCP")


def _mount(name: str, path: str) -> k8s.core.v1.VolumeMountArgs:
    return k8s.core.v1.VolumeMountArgs(name=name, mount_path=path, read_only=True)
