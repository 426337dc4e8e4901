"""Pure: the pod of one member of the group, and where it may stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s

from components.data.backup.archiver import Archiver
from components.data.mysql.containers import Server, exporter, init, mysql
from components.data.mysql.shape import WORKLOAD
from components.kube.placement import ZONE, node_selector, one_per_host, tolerations
from components.kube.security_context import pod_security

MYSQL_USER = 999  # user and group `mysql` of the official image
# The hand-over may take 100 s; the rest is a clean end of InnoDB, which saves a crash recovery.
GRACE_SECONDS = 300
# A pod of a node that is gone is started elsewhere after a minute and not after the usual five.
GONE_SECONDS = 60
# No autoscaler takes a member's node from under it to save money.
LEFT_ALONE = {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false", "karpenter.sh/do-not-disrupt": "true"}
_OF_OTHERS = 0o440  # files of Secrets: readable for the pod's group


@dataclass(frozen=True, kw_only=True)
class PodParts:
    """What the pods of a group and that of a copy differ in; names are those of objects in the pod's namespace.

    `scripts` maps keys of the ConfigMap to paths below its mount.
    """

    labels: Mapping[str, str]
    selector: Mapping[str, str]
    config_map: pulumi.Input[str]
    scripts: Mapping[str, str]
    checksum: str
    users: pulumi.Input[str]
    exporter_login: pulumi.Input[str]
    certificate: pulumi.Input[str]
    account: pulumi.Input[str]
    priority_class: pulumi.Input[str]


def member_template(
    parts: PodParts,
    server: Server,
    agent: k8s.core.v1.ContainerArgs,
    exporter_image: pulumi.Input[str],
    members: int,
    archiver: Archiver | None = None,
) -> k8s.core.v1.PodTemplateSpecArgs:
    """A member of a group of `members`: alone on its node and alone in its zone."""
    return template(
        parts,
        init_containers=[init(server)],
        containers=[mysql(server), agent, exporter(exporter_image), *([archiver.container] if archiver else [])],
        placement={
            "affinity": one_per_host(parts.selector),
            "topology_spread_constraints": [one_per_zone(parts.selector, members)],
        },
        volumes=[_token(), *(archiver.volumes if archiver else [])],
        annotations={"game-regions/archiver": archiver.access.scripts} if archiver else {},
    )


def template(
    parts: PodParts,
    *,
    init_containers: list[k8s.core.v1.ContainerArgs],
    containers: list[k8s.core.v1.ContainerArgs],
    placement: Mapping[str, object],
    volumes: list[k8s.core.v1.VolumeArgs],
    annotations: Mapping[str, str] = MappingProxyType({}),
) -> k8s.core.v1.PodTemplateSpecArgs:
    """A pod on a database node, outside the mesh, ended in peace."""
    return k8s.core.v1.PodTemplateSpecArgs(
        metadata=k8s.meta.v1.ObjectMetaArgs(
            # Members speak TLS of their own, and a proxy does not know the protocol, in which the server speaks first.
            labels={**parts.labels, "sidecar.istio.io/inject": "false"},
            annotations={**LEFT_ALONE, "checksum/config": parts.checksum, **annotations},
        ),
        spec=k8s.core.v1.PodSpecArgs(
            service_account_name=parts.account,
            automount_service_account_token=False,
            enable_service_links=False,
            priority_class_name=parts.priority_class,
            security_context=pod_security(MYSQL_USER),
            node_selector=node_selector(WORKLOAD),
            tolerations=[*tolerations(WORKLOAD), *_leaves_lost_nodes()],
            termination_grace_period_seconds=GRACE_SECONDS,
            init_containers=init_containers,
            containers=containers,
            volumes=[*_volumes(parts), *volumes],
            **placement,
        ),
    )


def one_per_zone(selector: Mapping[str, str], members: int) -> k8s.core.v1.TopologySpreadConstraintArgs:
    """No two members in a zone: as long as fewer zones than members have nodes, an empty one counts as there."""
    return k8s.core.v1.TopologySpreadConstraintArgs(
        max_skew=1,
        min_domains=members,
        topology_key=ZONE,
        when_unsatisfiable="DoNotSchedule",
        label_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=selector),
    )


def _leaves_lost_nodes() -> list[k8s.core.v1.TolerationArgs]:
    return [
        k8s.core.v1.TolerationArgs(
            key=f"node.kubernetes.io/{state}",
            operator="Exists",
            effect="NoExecute",
            toleration_seconds=GONE_SECONDS,
        )
        for state in ("not-ready", "unreachable")
    ]


def _volumes(parts: PodParts) -> list[k8s.core.v1.VolumeArgs]:
    return [
        k8s.core.v1.VolumeArgs(
            name="scripts",
            config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(
                name=parts.config_map,
                items=[k8s.core.v1.KeyToPathArgs(key=key, path=path) for key, path in sorted(parts.scripts.items())],
            ),
        ),
        *(
            k8s.core.v1.VolumeArgs(
                name=name,
                secret=k8s.core.v1.SecretVolumeSourceArgs(secret_name=secret, default_mode=_OF_OTHERS),
            )
            for name, secret in (
                ("users", parts.users),
                ("exporter", parts.exporter_login),
                ("tls", parts.certificate),
            )
        ),
        _empty("rendered", "1Mi"),
        _empty("run", "16Mi"),
        # Sorts that do not fit in memory, and indexes that are built.
        _empty("temporary", "4Gi"),
    ]


def _empty(name: str, limit: str) -> k8s.core.v1.VolumeArgs:
    return k8s.core.v1.VolumeArgs(name=name, empty_dir=k8s.core.v1.EmptyDirVolumeSourceArgs(size_limit=limit))


def _token() -> k8s.core.v1.VolumeArgs:
    """The account's token as the API server usually mounts it, here for two of the containers only."""
    namespace = k8s.core.v1.DownwardAPIVolumeFileArgs(
        path="namespace", field_ref=k8s.core.v1.ObjectFieldSelectorArgs(field_path="metadata.namespace")
    )
    sources = [
        k8s.core.v1.VolumeProjectionArgs(
            service_account_token=k8s.core.v1.ServiceAccountTokenProjectionArgs(path="token", expiration_seconds=3600)
        ),
        k8s.core.v1.VolumeProjectionArgs(
            config_map=k8s.core.v1.ConfigMapProjectionArgs(
                name="kube-root-ca.crt", items=[k8s.core.v1.KeyToPathArgs(key="ca.crt", path="ca.crt")]
            )
        ),
        k8s.core.v1.VolumeProjectionArgs(downward_api=k8s.core.v1.DownwardAPIProjectionArgs(items=[namespace])),
    ]
    return k8s.core.v1.VolumeArgs(name="token", projected=k8s.core.v1.ProjectedVolumeSourceArgs(sources=sources))
