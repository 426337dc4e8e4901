"""Pure: a region's Redis settings as the figures that the component wants."""

from collections.abc import Callable

import pulumi

from components.data.ground import DataGround
from components.data.redis.component import RedisClusterArgs
from components.data.redis.config import RedisConfig
from components.data.redis.pod import RedisImages
from stacks import data_images
from stacks.quantities import kibibytes
from stacks.redis_settings import RedisSettings
from stacks.region_args import compute

_KIB = 1024  # in bytes


def redis_args(ground: DataGround, redis: RedisSettings, image: Callable[[str], pulumi.Input[str]]) -> RedisClusterArgs:
    """`image` says where the region fetches an upstream image from."""
    return RedisClusterArgs(
        ground=ground,
        images=RedisImages(
            server=image(data_images.REDIS),
            python=image(data_images.PYTHON),
            exporter=image(data_images.REDIS_EXPORTER),
        ),
        masters=redis.masters,
        storage_gib=redis.storage_gib,
        requests=compute(redis.requests),
        limits=compute(redis.limits),
        config=RedisConfig(memory_limit_bytes=kibibytes(redis.limits.memory) * _KIB, extra=redis.settings),
        rotation=redis.rotation,
        scale_in_to=redis.scale_in_to,
    )
