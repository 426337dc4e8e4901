"""Settings of buckets, cached images, budget and registry: what they may say, and what the rest forbids."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from stacks.check_operations import check_operations, replicas
from stacks.operations_settings import BucketSettings, BudgetSettings, ImageCacheSettings, RegistrySettings

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:ecr-pullthroughcache/hub-AbCdEf"
REGISTRY = {"aws": {"region": "us-east-1"}, "repositories": ["game-server", "world-data-loader"]}
ACCOUNT, OTHER = "123456789012", "210987654321"


def region(
    aws_region: str = "us-east-1", image: str = "mmorpg/game-server:v2.1.0", accounts: tuple[str, ...] = (), **more: Any
) -> Any:
    worlds = SimpleNamespace(image=image, loader_image="mmorpg/world-data-loader:v1.2.0")
    place = SimpleNamespace(region=aws_region, account_ids=accounts)
    return SimpleNamespace(**{"aws": place, "worlds": worlds, "buckets": None, "image_cache": None} | more)


def stack(registry: dict[str, Any] | None = None, game: str = "mmorpg", **regions: Any) -> Any:
    """What the checks look at, of a stack with these regions or with one, us-east."""
    held = None if registry is None else RegistrySettings.model_validate(registry)
    return SimpleNamespace(
        game=game,
        registry=held,
        regions={name.replace("_", "-"): it for name, it in regions.items()} or {"us-east": region()},
    )


def test_without_a_figure_backups_and_logs_stay_thirty_days_and_traces_a_week():
    assert BucketSettings.model_validate({}) == BucketSettings(backup_lock_days=30, log_days=30, trace_days=7)


@pytest.mark.parametrize("figures", [{"backup_lock_days": 31}, {"backup_lock_days": 0}, {"log_days": 3651}])
def test_locks_that_outlive_their_key_and_days_out_of_bounds_are_refused(figures: dict[str, int]):
    with pytest.raises(ValidationError, match="than or equal to"):
        BucketSettings.model_validate(figures)


@pytest.mark.parametrize(
    "budget",
    [
        {"monthly_usd": 0, "emails": ["ops@mmorpg-game.com"]},
        {"monthly_usd": 6000, "emails": []},
        {"monthly_usd": 6000, "emails": [f"ops{number}@mmorpg-game.com" for number in range(11)]},
        {"monthly_usd": 6000, "emails": ["ops@mmorpg-game.com", "ops@mmorpg-game.com"]},
        {"monthly_usd": 6000, "emails": ["ops"]},
    ],
)
def test_a_budget_of_nothing_for_nobody_or_for_too_many_is_refused(budget: dict[str, Any]):
    with pytest.raises(ValidationError):
        BudgetSettings.model_validate(budget)
    assert BudgetSettings.model_validate({"monthly_usd": 6000, "emails": ["ops@mmorpg-game.com"]}).monthly_usd == 6000


@pytest.mark.parametrize(
    "arn",
    [
        "ecr-pullthroughcache/hub",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:hub-AbCdEf",
        "arn:aws:iam::123456789012:role/hub",
    ],
)
def test_a_secret_that_ecr_does_not_read_is_refused(arn: str):
    with pytest.raises(ValidationError, match="is no secret that ECR reads"):
        ImageCacheSettings.model_validate({"credentials": {"hub": arn}})


def test_a_credential_for_an_open_registry_is_refused():
    with pytest.raises(ValidationError, match="quay"):
        ImageCacheSettings.model_validate({"credentials": {"quay": SECRET}})


def test_a_secret_of_another_region_is_refused():
    cache = ImageCacheSettings.model_validate({"credentials": {"hub": SECRET}})
    assert check_operations(stack(us_east=region(image_cache=cache))) == []
    (found,) = check_operations(stack(eu_west=region("eu-west-1", image_cache=cache)))
    assert found == (
        "regions.eu-west.image_cache.credentials.hub: the secret is in us-east-1, and ECR in eu-west-1 "
        "reads only its own region's; replicate the secret there and give that ARN"
    )


def test_names_that_s3_keeps_for_itself_are_refused():
    (found,) = check_operations(stack(game="sthree", us_east=region(buckets=BucketSettings())))
    assert found == (
        'regions.us-east.buckets: their names would begin with "sthree-us-east", and S3 keeps names that begin with '
        "sthree- or amzn-s3-demo- for itself; give the game another name"
    )


def test_images_go_to_each_aws_region_of_the_stack_once_and_never_home():
    places = {"a": region("us-east-1"), "b": region("us-west-2"), "c": region("eu-west-1"), "d": region("us-west-2")}
    assert replicas(stack(REGISTRY, **places)) == ("eu-west-1", "us-west-2")


@pytest.mark.parametrize("host", ["", "123456789012.dkr.ecr.us-east-1.amazonaws.com/"])
def test_an_image_of_the_game_that_no_repository_holds_is_refused(host: str):
    image = f"{host}mmorpg/world:v2.1.0"
    (found,) = check_operations(stack(REGISTRY, us_east=region(image=image)))
    assert found == (
        f'regions.us-east.worlds.image: "{image}" is in no repository of the registry; add "world" to '
        f"registry.repositories"
    )


def test_images_of_the_game_by_tag_or_digest_and_images_of_others_pass():
    digest = f"mmorpg/game-server:v2.1.0@sha256:{'0a' * 32}"
    regions = {"a": region(image=digest), "b": region(image="redis:7.2.5"), "c": region(image="other/world:v1.0.0")}
    assert check_operations(stack(REGISTRY, **regions)) == []


def test_a_home_that_is_no_aws_region_is_refused():
    (found,) = check_operations(stack(REGISTRY | {"aws": {"region": "us-esat-1"}}))
    assert found == ('registry.aws.region: "us-esat-1" is not a known AWS region; did you mean "us-east-1"?')


def test_more_aws_regions_than_ecr_replicates_to_are_refused():
    regions = {f"r{number}": region(f"place-{number}") for number in range(26)}
    (found,) = check_operations(stack(REGISTRY, **regions))
    assert found == (
        "registry: the regions stand in 26 AWS regions besides us-east-1, above the 25 that ECR replicates to; split "
        "the stack"
    )


def test_a_region_of_another_account_than_the_registrys_is_refused():
    held = {**REGISTRY, "aws": {"region": "us-east-1", "account_ids": [ACCOUNT]}}
    assert check_operations(stack(held, us_east=region(accounts=(ACCOUNT,)))) == []
    (found,) = check_operations(stack(held, us_east=region(accounts=(OTHER,))))
    assert found == (
        f"regions.us-east.aws.account_ids: none of them is the registry's ({ACCOUNT}), and images are replicated "
        f"within one account; give the region a stack of its own"
    )
