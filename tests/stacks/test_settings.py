"""Each setting by itself: what is taken, and the sentence with which the rest is refused."""

import json
from pathlib import Path
from typing import Any

import pulumi.runtime
import pytest

from stacks.settings import SettingsError, load_settings, parse_settings, read_stack_file
from tests.stacks.sample import GONE, problems, refusal, region, stack

PROJECT = Path(__file__).parents[2]


def shipped(name: str) -> Any:
    return parse_settings(read_stack_file(PROJECT / f"Pulumi.{name}.yaml"))


def test_local_is_one_tiny_region_on_the_embedded_cloud():
    local = shipped("local")
    assert local.cloud == "embedded"
    assert list(local.regions) == ["local"]
    assert local.regions["local"].worlds.player_capacity == 4000


def test_dev_is_one_region_that_holds_the_promised_5000_players():
    dev = shipped("dev")
    assert (dev.cloud, list(dev.regions), dev.edge) == ("aws", ["us-east"], None)
    assert dev.regions["us-east"].worlds.player_capacity >= 5000


def test_prod_has_the_capacities_of_the_region_table_and_the_edge():
    prod = shipped("prod")
    assert {name: settings.worlds.player_capacity for name, settings in prod.regions.items()} == {
        "us-east": 8000,
        "us-west": 10_000,
        "eu-west": 12_000,
        "asia-pacific": 0,  # in maintenance: ready, but closed
    }
    assert {name: settings.aws.region for name, settings in prod.regions.items()} == {
        "us-east": "us-east-1",
        "us-west": "us-west-2",
        "eu-west": "eu-west-1",
        "asia-pacific": "ap-northeast-2",
    }
    assert {len(settings.network.zones) for settings in prod.regions.values()} == {3}
    assert {settings.network.nat for settings in prod.regions.values()} == {"per-zone"}
    assert prod.edge.domain == "mmorpg-game.com"


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_shipped_stacks_disable_default_providers(name: str):
    text = (PROJECT / f"Pulumi.{name}.yaml").read_text()
    assert 'pulumi:disable-default-providers: ["*"]' in text


def test_a_misspelt_key_is_refused_with_its_path_and_the_nearest_known_one():
    found = refusal({"node_pools.game.min_size": GONE, "node_pools.game.min_sise": 3})
    assert found == 'regions.us-east.node_pools.game.min_sise is not a known setting; did you mean "min_size"?'


def test_a_misspelt_key_at_the_top_is_refused_too():
    assert problems({**stack(), "egde": {}}) == ['egde is not a known setting; did you mean "edge"?']


def test_an_unknown_key_without_a_neighbour_is_refused_with_all_known_ones():
    found = refusal({"network.qqq": 1})
    assert found == (
        "regions.us-east.network.qqq is not a known setting; known: cidr, zones, nat, pods, own_subnets, "
        "interface_endpoints, flow_logs, existing"
    )


def test_a_missing_setting_is_named_with_its_purpose():
    assert refusal({"network.cidr": GONE}) == (
        "regions.us-east.network.cidr is missing; add it (IPv4 block of the VPC, /16 to /20, no other region's)"
    )


def test_all_mistakes_of_a_file_come_together_one_sentence_each():
    found = problems(
        stack(**{"us-east": region({"network.nat": "two", "worlds.image": "mmorpg/game-server:latest"}), "b": region()})
        | {"cloud": "moon"}
    )
    assert [line.split(":")[0] for line in found] == [
        "cloud",
        "regions.us-east.network.nat",
        "regions.us-east.worlds.image",
    ]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("aws", "us-east-1", '"us-east-1" is not a mapping; give its settings below it, one key each'),
        ("node_pools", [], "a list is not a mapping; give one key for each name"),
        ("node_pools", {}, "a mapping of 0 is too short; give at least 1 entries"),
        ("network.zones", "us-east-1a", '"us-east-1a" is not a list; write it as [first, second]'),
        ("network.zones", ["us-east-1a"], "a list of 1 is too short; give at least 2 entries"),
        ("network.zones", ["us-east-1a", "us-east-1a"], "a list names us-east-1a more than once; name each once"),
        ("network.zones", ["\x1f", "\x1f"], "a list names ? more than once; name each once"),
        ("network.zones", ["a" * 900] * 2, f"a list names {'a' * 77}... more than once; name each once"),
        ("network.nat", "two", "\"two\" is not allowed; choose 'none', 'one' or 'per-zone'"),
        ("network.nat", True, "true is not allowed; choose 'none', 'one' or 'per-zone'"),
        ("cluster.version", 1.35, "1.35 is not text; write the value in quotes"),
        ("cluster.admins", [], "a list of 0 is too short; give at least 1 entries"),
        (
            "cluster.public_access_cidrs",
            [f"203.0.{n}.0/24" for n in range(41)],
            "a list of 41 is too long; give at most 40 entries",
        ),
        ("worlds.count", 2.5, "2.5 is not a whole number; write digits without quotes or fraction"),
        ("worlds.count", "3", '"3" is not a whole number; write digits without quotes or fraction'),
        ("worlds.count", True, "true is not a whole number; write digits without quotes or fraction"),
        ("worlds.count", None, "nothing is not a whole number; write digits without quotes or fraction"),
        ("worlds.count", -1, "-1 is below 0; give at least 0"),
        ("worlds.players_per_world", 2001, "2001 is above 2000; give at most 2000"),
        ("node_pools.game.disk_gib", 19, "19 is below 20; give at least 20"),
        ("node_pools.system.max_size", 451, "451 is above 450; give at most 450"),
        ("cluster.version", "1" * 2000, f'"{"1" * 76}... is longer than 1000 characters; shorten it'),
    ],
)
def test_a_value_of_the_wrong_kind_or_size_is_refused_with_its_bound(path: str, value: Any, sentence: str):
    assert refusal({path: value}) == f"regions.us-east.{path}: {sentence}"


def test_a_number_of_5000_digits_is_refused_without_being_printed():
    assert len(refusal({"worlds.count": 10**5000})) < 200


@pytest.mark.parametrize("days", [2, 31, "30", 30.5])
def test_only_the_retention_days_that_cloudwatch_knows_are_taken(days: Any):
    assert "is not allowed; choose 1, 3, 5, 7" in refusal({"cluster.log_retention_days": days})


@pytest.mark.parametrize("block", ["10.10.0.0", "10.10.0.1/16", "10.10.0.0/33", "::/0", 10, None, ["10.0.0.0/16"]])
def test_what_is_no_ipv4_block_is_refused(block: Any):
    found = refusal({"network.cidr": block})
    assert found.startswith("regions.us-east.network.cidr: ")
    assert found.endswith("write it as address/prefix, such as 10.10.0.0/16")


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        ("mmorpg/game-server:latest", 'has the tag "latest", which changes under running pods'),
        ("mmorpg/game-server", "has neither a version nor a digest"),
        ("registry:5000/game-server", "has neither a version nor a digest"),
        ("mmorpg/game-server:2.1", "has a tag that is no full version"),
        ("mmorpg/game-server:stable", "has a tag that is no full version"),
        ("mmorpg/game-server@sha256:abc", "has a malformed digest"),
        ("game server:v1.0.0", "is no image"),
        ("", "is no image"),
    ],
)
def test_an_image_that_is_not_pinned_is_refused(image: str, sentence: str):
    for field in ("image", "loader_image"):
        assert sentence in refusal({f"worlds.{field}": image})


@pytest.mark.parametrize(
    "image",
    [
        "mmorpg/game-server:v2.1.0",
        "registry:5000/mmorpg/game-server:1.3.0-beta",
        f"game@sha256:{'0' * 64}",
        f"mmorpg/game:latest@sha256:{'0' * 64}",  # the digest decides, the tag is a comment
    ],
)
def test_an_image_by_full_version_or_digest_is_taken(image: str):
    assert (
        parse_settings(stack(**{"us-east": region({"worlds.image": image})})).regions["us-east"].worlds.image == image
    )


@pytest.mark.parametrize("principal", ["arn:aws:iam::123:role/x", "arn:aws:sts::123456789012:assumed-role/x/y", "me"])
def test_an_admin_is_an_iam_role_or_user(principal: str):
    assert "is no IAM role or user" in refusal({"cluster.admins": [principal]})


@pytest.mark.parametrize("name", ["Upper", "1st", "a--b", "end-", "", "a_b", "x" * 64])
def test_names_are_dns_labels(name: str):
    assert "is no name" in problems(stack(**{name: region()}))[0]
    assert "is no name" in refusal({"namespace.name": name})


def test_a_region_named_by_a_number_is_refused():
    assert problems({**stack(), "regions": {1: region()}}) == ["regions[1]: the name 1 is not text; write it in quotes"]


@pytest.mark.parametrize("domain", ["mmorpg", "MMORPG.com", "a..com", "-a.com", "x" * 64 + ".com", "a." * 120 + "com"])
def test_a_domain_is_a_dns_name(domain: str):
    edge = {"aws": {"region": "us-east-1"}, "domain": domain}
    assert "is no domain" in problems({**stack(), "edge": edge})[0]


def test_whole_figures_may_be_written_as_floats_and_quantities_as_plain_numbers():
    settings = parse_settings(
        stack(**{"us-east": region({"worlds.count": 3.0, "worlds.limits": {"cpu": 2, "memory": "4Gi"}})})
    )
    assert settings.regions["us-east"].worlds.count == 3
    assert settings.regions["us-east"].worlds.limits.cpu == "2"


@pytest.mark.parametrize(("given", "kept"), [("1000m", "1"), ("1500m", "1500m"), ("2", "2")])
def test_cpu_is_kept_in_the_form_of_the_api(given: str, kept: str):
    requests = {"cpu": given, "memory": "2Gi"}
    settings = parse_settings(stack(**{"us-east": region({"worlds.requests": requests})}))
    assert settings.regions["us-east"].worlds.requests.cpu == kept


def test_memory_is_kept_in_the_form_of_the_api():
    requests = {"cpu": "1", "memory": "2048Mi"}
    settings = parse_settings(stack(**{"us-east": region({"worlds.requests": requests})}))
    assert settings.regions["us-east"].worlds.requests.memory == "2Gi"


@pytest.mark.parametrize("cpu", ["0.5", "1,5", "m", "-1", "", 1.5, True, None, "0m"])
def test_odd_cpu_is_refused(cpu: Any):
    assert "worlds.requests.cpu: " in refusal({"worlds.requests": {"cpu": cpu, "memory": "2Gi"}})


@pytest.mark.parametrize("memory", ["2G", "2", 2048, "1.5Gi", "Gi", None, "0Gi"])
def test_odd_memory_is_refused(memory: Any):
    assert "worlds.requests.memory: " in refusal({"worlds.requests": {"cpu": "1", "memory": memory}})


def test_settings_never_change_once_read():
    settings = parse_settings(stack())
    with pytest.raises(ValueError, match="frozen"):
        settings.regions["us-east"].worlds.count = 4


def test_settings_from_the_engine_are_those_of_the_file():
    pulumi.runtime.set_all_config(engine_config(PROJECT / "Pulumi.prod.yaml"), [])
    assert load_settings() == shipped("prod")


def test_a_misspelt_top_key_is_seen_in_the_engines_configuration_too():
    pulumi.runtime.set_all_config({**engine_config(PROJECT / "Pulumi.dev.yaml"), "game-regions:egde": '{"a":1}'}, [])
    with pytest.raises(SettingsError, match=r'^egde is not a known setting; did you mean "edge"'):
        load_settings()


def test_a_word_where_the_engine_should_hold_a_mapping_is_refused():
    pulumi.runtime.set_all_config(
        {"game-regions:cloud": "aws", "game-regions:game": "m", "game-regions:regions": "x"}, []
    )
    with pytest.raises(SettingsError, match=r'^regions: "x" is not a mapping; give one key for each name$'):
        load_settings()


def test_an_encrypted_setting_is_refused_without_its_value():
    config = {**engine_config(PROJECT / "Pulumi.dev.yaml"), "game-regions:game": "hunter2"}
    pulumi.runtime.set_all_config(config, ["game-regions:game"])
    with pytest.raises(SettingsError, match=r"^game: is encrypted, but settings are shown") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


def engine_config(path: Path) -> dict[str, str]:
    """A stack file as the engine hands it to the program: mappings as JSON, their keys sorted."""
    raw = read_stack_file(path)
    return {
        f"game-regions:{key}": value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for key, value in raw.items()
    }
