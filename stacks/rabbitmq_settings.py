"""Settings of a region's RabbitMQ; defaults are made for a database node of 4 processors beside MySQL and Redis."""

from typing import Annotated

from pydantic import Field

from stacks.quantities import Cpu
from stacks.setting_types import Settings, Whole


class RabbitmqSettings(Settings):
    """Three nodes of RabbitMQ, one in each of three zones, with quorum queues."""

    cpu: Cpu = Field(default="250m", description="processor time that a node is promised")
    cpu_limit: Cpu = Field(default="2", description="processor time that a node may use")
    # Quorum queues keep up to 512 MiB of log in memory each time they write a segment: rabbitmq.com/docs/quorum-queues
    memory_gib: Annotated[Whole, Field(ge=1, le=128)] = Field(
        default=2, description="memory of a node in GiB, promised and greatest alike"
    )
    storage_gib: Annotated[Whole, Field(ge=2, le=16384)] = Field(
        default=20, description="size of each node's volume in GiB; it can only grow"
    )
    password_rotation: Annotated[Whole, Field(ge=0, le=100000)] = Field(
        default=0, description="another number gives every user another password, and restarts the nodes one by one"
    )
