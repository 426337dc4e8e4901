"""The stack file, typed and checked; the only reader of Pulumi's configuration. No secret ever enters."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Literal

import pulumi
import pulumi.runtime.config
from pydantic import Field, Strict, ValidationError

from stacks.aws_settings import AwsSettings
from stacks.check_accounts import check_accounts
from stacks.check_addresses import check_addresses
from stacks.check_capacity import check_capacity
from stacks.check_cluster import check_cluster
from stacks.check_data import check_data
from stacks.check_karpenter import check_karpenter
from stacks.check_names import check_names
from stacks.check_networks import check_networks
from stacks.check_operations import check_operations
from stacks.check_places import check_places
from stacks.check_platform import check_platform
from stacks.check_players import check_players
from stacks.check_quota import check_quota
from stacks.cluster_settings import ClusterSettings, NodePoolSettings
from stacks.data_settings import DataSettings
from stacks.entrance_settings import EntranceSettings
from stacks.game_settings import (
    ClaimLimits,
    ContainerLimits,
    LimitSettings,
    NamespaceSettings,
    PodLimits,
    QuotaSettings,
    Resources,
    WorldSettings,
)
from stacks.karpenter_settings import KarpenterSettings
from stacks.mesh_settings import MeshSettings, ScalingSettings
from stacks.monitoring_settings import MonitoringSettings
from stacks.network_settings import EdgeSettings, NetworkSettings
from stacks.operations_settings import BucketSettings, BudgetSettings, ImageCacheSettings, RegistrySettings
from stacks.platform_settings import PlatformSettings
from stacks.setting_types import Name, Settings
from stacks.settings_errors import SettingsError, sentences
from stacks.stack_file import PROJECT, read_stack_file, secret_problem

__all__ = [
    "AwsSettings",
    "ClaimLimits",
    "ClusterSettings",
    "ContainerLimits",
    "EdgeSettings",
    "LimitSettings",
    "NamespaceSettings",
    "NetworkSettings",
    "NodePoolSettings",
    "PodLimits",
    "QuotaSettings",
    "RegionSettings",
    "Resources",
    "SettingsError",
    "StackSettings",
    "WorldSettings",
    "load_settings",
    "parse_settings",
    "read_stack_file",
]


class RegionSettings(Settings):
    """One game-server region: everything it takes to build it."""

    aws: AwsSettings = Field(description="place on AWS")
    network: NetworkSettings = Field(description="VPC and subnets")
    cluster: ClusterSettings = Field(description="EKS control plane")
    node_pools: Annotated[dict[Name, NodePoolSettings], Field(min_length=1)] = Field(
        description="managed node groups, by name"
    )
    namespace: NamespaceSettings = Field(description="the game's namespace")
    worlds: WorldSettings = Field(description="the game's worlds")
    karpenter: KarpenterSettings | None = Field(
        default=None, description="nodes made as pods need them, beside the managed pools"
    )
    platform: PlatformSettings | None = Field(
        default=None, description="controllers for load balancers, DNS, certificates, secrets and snapshots"
    )
    entrance: EntranceSettings | None = Field(default=None, description="load balancer that players come in by")
    mesh: MeshSettings | None = Field(default=None, description="Istio's control plane and ingress gateway")
    monitoring: MonitoringSettings | None = Field(default=None, description="Prometheus, Alertmanager and Grafana")
    scaling: ScalingSettings | None = Field(default=None, description="KEDA")
    buckets: BucketSettings | None = Field(default=None, description="buckets for backups, logs and traces")
    image_cache: ImageCacheSettings | None = Field(default=None, description="ECR's cache of upstream images")
    data: DataSettings | None = Field(default=None, description="databases, caches and brokers")
    budget: BudgetSettings | None = Field(default=None, description="monthly costs that somebody is told about")


class StackSettings(Settings):
    """All that a stack file says."""

    cloud: Literal["embedded", "aws"] = Field(description="embedded (a rehearsal on this machine) or aws")
    protect: Annotated[bool, Strict()] = Field(
        default=True,
        description="refuse to delete or replace what cannot be made again (VPC, cluster with its key, worlds) until "
        "each is named; in rehearsals too",
    )
    game: Name = Field(description="name of the game, first part of every physical name")
    regions: Annotated[dict[Name, RegionSettings], Field(min_length=1)] = Field(
        description="the stack's regions, by name"
    )
    peering: Annotated[bool, Strict()] = Field(
        default=False, description="private ways between the networks of all regions, for databases, mesh and metrics"
    )
    registry: RegistrySettings | None = Field(
        default=None, description="repositories of the game's own images, copied to every region"
    )
    edge: EdgeSettings | None = Field(default=None, description="what stands above the regions, where there is any")


_FIELDS = tuple(StackSettings.model_fields)
_TEXTS = ("cloud", "game")  # the engine hands these over as they are, everything else as JSON

_CHECKS: tuple[Callable[[StackSettings], Iterable[str]], ...] = (
    check_names,
    check_places,
    check_networks,
    check_cluster,
    check_capacity,
    check_addresses,
    check_karpenter,
    check_platform,
    check_players,
    check_operations,
    check_data,
    check_quota,
    check_accounts,
)


def parse_settings(raw: Mapping[str, object]) -> StackSettings:
    """Settings from plain values, every rule checked. SettingsError holds a sentence for each problem."""
    try:
        settings = StackSettings.model_validate(dict(raw))
    except ValidationError as error:
        raise SettingsError(*sorted(sentences(error, StackSettings))) from None
    problems = [problem for check in _CHECKS for problem in check(settings)]
    if problems:
        # Sorted: the engine hands mappings over in another order than the file, and must say the same.
        raise SettingsError(*sorted(problems))
    return settings


def load_settings() -> StackSettings:
    """Settings of the running stack, from Pulumi's configuration. Raises SettingsError."""
    config, raw = pulumi.Config(PROJECT), dict[str, object]()
    for key in _configured_keys():
        if pulumi.runtime.config.is_config_secret(f"{PROJECT}:{key}"):
            raise SettingsError(secret_problem(key))
        text = config.get(key)
        raw[key] = text if text is None or key in _TEXTS else _decoded(text)
    return parse_settings(raw)


def _configured_keys() -> list[str]:
    """Keys of this project that the engine was given, misspelt ones too; `Config` only answers for names."""
    given = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    keys = {name.removeprefix(f"{PROJECT}:") for name in given if name.startswith(f"{PROJECT}:")}
    known = {key for key in _FIELDS if pulumi.Config(PROJECT).get(key) is not None}
    return sorted(keys | known)


def _decoded(text: str) -> object:
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text  # a plain word where a mapping belongs; the refusal shows it with its setting
    return value
