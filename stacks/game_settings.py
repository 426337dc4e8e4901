"""Settings of a region's game namespace and its worlds; defaults are the game's own published figures."""

from typing import Annotated

from pydantic import Field

from stacks.quantities import Cpu, Memory
from stacks.setting_types import Image, Name, Settings, Whole

Count = Annotated[Whole, Field(ge=0, le=100_000)]


class Resources(Settings):
    """Processor time and memory."""

    cpu: Cpu = Field(description='cores or millicores, such as 2 or "500m"')
    memory: Memory = Field(description='memory with a binary suffix, such as "2Gi"')


class QuotaSettings(Settings):
    """ResourceQuota of the game namespace; it must hold every world of `worlds.max_count`."""

    requests: Resources = Field(default=Resources(cpu="50", memory="100Gi"), description="sum of all requests")
    limits: Resources = Field(default=Resources(cpu="100", memory="200Gi"), description="sum of all limits")
    storage: Memory = Field(default="1Ti", description="sum of all volume claims")
    claims: Count = Field(default=20, description="volume claims")
    pods: Count = Field(default=200, description="pods")
    services: Count = Field(default=50, description="Services")
    secrets: Count = Field(default=100, description="Secrets")
    config_maps: Count = Field(default=100, description="ConfigMaps")
    load_balancers: Count = Field(default=10, description="Services of type LoadBalancer")
    node_ports: Count = Field(default=20, description="node ports")


class ContainerLimits(Settings):
    """LimitRange of a container: what it gets when it says nothing, and its bounds."""

    default_request: Resources = Field(default=Resources(cpu="100m", memory="256Mi"), description="request if unsaid")
    default: Resources = Field(default=Resources(cpu="500m", memory="1Gi"), description="limit if unsaid")
    min: Resources = Field(default=Resources(cpu="50m", memory="128Mi"), description="least request")
    max: Resources = Field(default=Resources(cpu="4", memory="8Gi"), description="greatest limit")


class PodLimits(Settings):
    """LimitRange of a whole pod."""

    min: Resources = Field(default=Resources(cpu="100m", memory="256Mi"), description="least sum of requests")
    max: Resources = Field(default=Resources(cpu="8", memory="16Gi"), description="greatest sum of limits")


class ClaimLimits(Settings):
    """LimitRange of a volume claim."""

    min: Memory = Field(default="1Gi", description="least storage")
    max: Memory = Field(default="100Gi", description="greatest storage")


class LimitSettings(Settings):
    """LimitRange of the game namespace."""

    container: ContainerLimits = Field(default=ContainerLimits(), description="bounds and defaults of a container")
    pod: PodLimits = Field(default=PodLimits(), description="bounds of a pod")
    claim: ClaimLimits = Field(default=ClaimLimits(), description="bounds of a volume claim")


class NamespaceSettings(Settings):
    """The one game namespace of a region."""

    name: Name = Field(description="name of the namespace, a DNS label")
    quota: QuotaSettings = Field(default=QuotaSettings(), description="what the namespace may use in all")
    limits: LimitSettings = Field(default=LimitSettings(), description="what one container, pod or claim may use")


class WorldSettings(Settings):
    """The game worlds of a region: one pod, one volume and one node each."""

    count: Annotated[Whole, Field(ge=0, le=1000)] = Field(
        description="worlds that run; 0 keeps the region ready but closed to players"
    )
    max_count: Annotated[Whole, Field(ge=1, le=1000)] = Field(
        description="worlds that quota, node pools and volumes must be able to hold"
    )
    players_per_world: Annotated[Whole, Field(ge=1, le=2000)] = Field(
        description="players that one world takes; its server is made for at most 2000"
    )
    image: Image = Field(description="game server image, by full version or digest")
    loader_image: Image = Field(description="image that prepares a world's data before it starts")
    storage_gib: Annotated[Whole, Field(ge=1, le=16384)] = Field(description="size of a world's gp3 volume in GiB")
    requests: Resources = Field(default=Resources(cpu="1", memory="2Gi"), description="what a world is promised")
    limits: Resources = Field(default=Resources(cpu="2", memory="4Gi"), description="what a world may use at most")

    @property
    def player_capacity(self) -> int:
        """Players that the running worlds take together."""
        return self.count * self.players_per_world
