"""What MySQL stands on in tests, and the recordings of it."""

import dataclasses
from typing import Any

from components.data.ground import DataGround
from components.data.mysql.component import Mysql, MysqlArgs
from components.data.mysql.replica import MysqlReplica, MysqlReplicaArgs
from components.data.mysql.users import ACCOUNTS
from components.kube.compute import Compute
from plan.recorder import Recording
from tests.engine import build

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
GROUND = DataGround(
    game="mmorpg",
    prefix="mmorpg-us-east",
    namespace="mmorpg-game",
    zones=("us-east-1a", "us-east-1b", "us-east-1c"),
    storage_class="fast-ssd",
    priority_class="game-databases",
    issuer="data-issuer",
    protect=True,
)
ARGS = MysqlArgs(
    ground=GROUND,
    image="mysql:8.4.11",
    exporter_image="prom/mysqld-exporter:v0.20.0",
    storage_gib=50,
    database="game",
    requests=Compute(cpu="1", memory="4Gi"),
    limits=Compute(cpu="2", memory="4Gi"),
    api_server=("10.20.0.0/16", "172.20.0.0/16"),
)
REPLICA_ARGS = MysqlReplicaArgs(
    ground=GROUND,
    image="mysql:8.4.11",
    exporter_image="prom/mysqld-exporter:v0.20.0",
    storage_gib=50,
    requests=Compute(cpu="1", memory="4Gi"),
    limits=Compute(cpu="2", memory="4Gi"),
    source_host="mysql.eu-west.internal",
    source_blocks=("10.40.0.0/16",),
    passwords=dict.fromkeys(ACCOUNTS, "of-the-source"),
)


def mysql(**changes: Any) -> Recording:
    return build(lambda: Mysql("us-east", dataclasses.replace(ARGS, **changes)))


def replica(**changes: Any) -> Recording:
    return build(lambda: MysqlReplica("us-east", dataclasses.replace(REPLICA_ARGS, **changes)))


def container(pod: dict[str, Any], name: str) -> dict[str, Any]:
    """A container of a pod's spec, init containers too."""
    (found,) = [item for item in [*pod["containers"], *pod["initContainers"]] if item["name"] == name]
    wanted: dict[str, Any] = found
    return wanted
