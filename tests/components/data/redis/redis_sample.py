"""One Redis Cluster for tests, and shorthand to look at what it registered."""

import dataclasses
from functools import cache
from typing import Any

from components.data.ground import DataGround
from components.data.redis.component import RedisCluster, RedisClusterArgs
from components.data.redis.config import RedisConfig
from components.data.redis.pod import RedisImages
from components.kube.compute import Compute
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.engine import build, only

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
ARGS = RedisClusterArgs(
    ground=GROUND,
    images=RedisImages(server="valkey/valkey:8.1.11", python="python:3.13.15-slim", exporter="exporter:v1.94.0"),
    masters=3,
    storage_gib=5,
    requests=Compute(cpu="250m", memory="512Mi"),
    limits=Compute(cpu="500m", memory="1Gi"),
    config=RedisConfig(),
)
OWN = {"app": "redis-cluster", "component": "database"}


@cache
def usual() -> Recording:
    return build(lambda: RedisCluster("us-east", ARGS))


def cluster(**changes: Any) -> Recording:
    return build(lambda: RedisCluster("us-east", dataclasses.replace(ARGS, **changes))) if changes else usual()


def stateful_set(**changes: Any) -> RecordedResource:
    return only(cluster(**changes), STATEFUL_SET)


def pod(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = stateful_set(**changes).resolved["spec"]["template"]["spec"]
    return found


def container(name: str, **changes: Any) -> dict[str, Any]:
    return next(found for found in pod(**changes)["containers"] if found["name"] == name)


def variables(found: dict[str, Any]) -> dict[str, str]:
    return {variable["name"]: variable.get("value", "") for variable in found["env"]}
