"""The stack file, typed and checked; the only reader of Pulumi's configuration. No secret ever enters."""

import json
from collections.abc import Mapping
from typing import Annotated, Literal

import pulumi
import pulumi.runtime.config
from pydantic import Field, Strict, ValidationError

from stacks.check_capacity import check_capacity
from stacks.check_names import check_names
from stacks.check_places import check_places
from stacks.cluster_settings import ClusterSettings, NodePoolSettings
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
from stacks.network_settings import AwsSettings, EdgeSettings, NetworkSettings
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
    edge: EdgeSettings | None = Field(default=None, description="what stands above the regions, where there is any")


_FIELDS = tuple(StackSettings.model_fields)
_TEXTS = ("cloud", "game")  # the engine hands these over as they are, everything else as JSON


def parse_settings(raw: Mapping[str, object]) -> StackSettings:
    """Settings from plain values, every rule checked. SettingsError holds a sentence for each problem."""
    try:
        settings = StackSettings.model_validate(dict(raw))
    except ValidationError as error:
        raise SettingsError(*sorted(sentences(error, StackSettings))) from None
    problems = [*check_names(settings), *check_places(settings), *check_capacity(settings)]
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
