"""Settings of what a region needs to be run (buckets, cached images, a budget) and of the stack's image registry."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Strict

from components.policies import DELETION_WINDOW_DAYS
from stacks.aws_settings import AwsSettings
from stacks.platform_settings import Email
from stacks.setting_types import Name, Settings, Unique, Whole

# docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html: ECR takes no other name.
_SECRET = re.compile(
    r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:ecr-pullthroughcache/[A-Za-z0-9/_+=.@-]{1,512}", re.ASCII
)
# docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html has no bound; ten years is what any law asks.
_LONGEST_DAYS = 3650
# docs.aws.amazon.com/cost-management/latest/userguide/management-limits.html: addresses per notification.
_EMAILS = 10

Days = Annotated[Whole, Field(ge=1, le=_LONGEST_DAYS)]


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(value):
        raise ValueError(
            "is no secret that ECR reads; give an ARN such as "
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
        )
    return value


class BucketSettings(Settings):
    """S3 buckets of a region: backup, logs, traces; `{}` for the usual days."""

    backup_lock_days: Annotated[Whole, Field(ge=1, le=DELETION_WINDOW_DAYS)] = Field(
        default=30,
        description="days that nobody deletes a backup, or what one replaced; at most those that the key outlives its "
        "own deletion",
    )
    log_days: Days = Field(default=30, description="days that logs are kept")
    trace_days: Days = Field(default=7, description="days that traces are kept")


class ImageCacheSettings(Settings):
    """Images of other registries, cached in the region's own; `{}` for those that give without a credential."""

    credentials: dict[Literal["hub", "ghcr"], Annotated[str, Strict(), AfterValidator(_secret)]] = Field(
        default={},
        description="ARN of the secret with user and token, in the region itself, for hub (Docker Hub) and ghcr "
        "(GitHub); images of one without are fetched past the cache",
    )


class BudgetSettings(Settings):
    """What a month of a region may cost; mail at 80 and 100 % spent, and when 100 % is to be expected."""

    monthly_usd: Annotated[Whole, Field(ge=1, le=10_000_000)] = Field(description="limit of a month, in US dollars")
    emails: Annotated[tuple[Email, ...], Field(min_length=1, max_length=_EMAILS), Unique] = Field(
        description="who gets the mail"
    )


class RegistrySettings(Settings):
    """The game's own images: repositories of the stack in ECR, replicated to the AWS region of each of its regions."""

    aws: AwsSettings = Field(description="home of the registry, where images are pushed to")
    repositories: Annotated[tuple[Name, ...], Field(min_length=1), Unique] = Field(
        description="names after the game's own, such as game-server for mmorpg/game-server"
    )
