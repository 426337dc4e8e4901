"""Networks as a stack file asks for them: pods' blocks, own subnets, a VPC that exists, zones and addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS
from moto.ec2.models.instance_types import INSTANCE_TYPES as AWS_INSTANCE_TYPES
from pydantic import ValidationError

from stacks.aws_regions import ZONES
from stacks.check_addresses import check_addresses, karpenter_pools, managed_pools, subnets_of
from stacks.check_networks import check_networks
from stacks.instance_networks import MISSING, interfaces, offered
from stacks.instance_types import INSTANCE_TYPES
from stacks.karpenter_settings import KarpenterSettings
from stacks.settings import StackSettings
from stacks.settings_errors import sentences
from tests.shipped import settings_of
from tests.stacks.sample import existing, region, stack
from tests.stacks.test_settings_any_input import QUICK, anything, places, replaced


def checked(*changes: dict[str, Any]) -> list[str]:
    """Sentences about regions that are the valid one with changes, in us-east, us-east-b and so on."""
    names = ["us-east", "other", "third"]
    raw = stack(**{name: region(change) for name, change in zip(names, changes, strict=False)})
    settings = StackSettings.model_validate(raw)
    return [*check_networks(settings), *check_addresses(settings)]


@pytest.mark.parametrize("stack_name", ["local", "dev", "prod"])
def test_every_shipped_stack_has_room_for_its_pools(stack_name: str):
    settings = settings_of(stack_name)
    assert [*check_networks(settings), *check_addresses(settings)] == []


def test_a_region_too_small_for_its_pools_is_refused_with_what_takes_its_addresses():
    (found,) = checked({"network.cidr": "10.10.0.0/20"})
    assert found == (
        "regions.us-east.network.cidr: the private subnet 10.10.0.0/24 of zone us-east-1a has 251 addresses, "
        "but 486 are needed with every pool at its greatest and a zone lost "
        "(pool system 120, pool game 360, control plane 6); "
        "give a larger block, set network.pods so that pods take none of these or lower max_size"
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"network.cidr": "10.10.0.0/19"},
        {"network.cidr": "10.10.0.0/20", "network.pods": "100.64.0.0/18"},
        {
            "network.cidr": "10.10.0.0/20",
            "node_pools.game.instance_types": ["c7i.large"],
            "node_pools.game.max_size": 4,
        },
    ],
)
def test_each_remedy_of_a_region_too_small_is_one(changes: dict[str, Any]):
    assert checked(changes) == []


def test_pods_too_many_for_their_block_are_refused_by_its_name():
    (found,) = checked({"network.pods": "100.64.0.0/20", "node_pools.game.max_size": 40})
    assert found == (
        "regions.us-east.network.pods: the pods subnet 100.64.0.0/22 of zone us-east-1a has 1019 addresses, "
        "but 3136 are needed with every pool at its greatest and a zone lost "
        "(pool system 576, pool game 2560); give a larger block or lower max_size"
    )


def test_endpoints_and_load_balancers_count_too():
    services = ["ecr.api", "ecr.dkr", "sts"]
    (found,) = checked({"network.cidr": "10.10.0.0/20", "network.interface_endpoints": services})
    assert "control plane 6, endpoints 3" in found
    (found,) = checked({"namespace.quota.load_balancers": 300})
    assert "the public subnet 10.10.16.0/21 of zone us-east-1a has 2043 addresses, but 2409 are needed" in found


def test_without_nat_nodes_count_where_they_stand():
    (found,) = checked({"network.cidr": "10.10.0.0/20", "network.nat": "none"})
    assert "the public subnet 10.10.1.0/25 of zone us-east-1a has 123 addresses, but 569 are needed" in found


KARPENTER = {
    "peak": {"start": "17:00", "hours": 6, "time_zone": "America/New_York"},
    "pools": {
        "game": {"workload": "game-server", "families": ["c7i"], "sizes": ["xlarge", "2xlarge"]},
        "database": {"workload": "database", "families": ["r7i"], "sizes": ["xlarge"]},
        "services": {"families": ["m7i"], "sizes": ["large"], "limits": {"cpu": "10", "memory": "1000Gi"}},
    },
}


def test_karpenter_counts_every_pool_at_its_limits_and_databases_in_each_zone():
    network = StackSettings.model_validate(stack()).regions["us-east"].network
    pools = karpenter_pools(KarpenterSettings.model_validate(KARPENTER), network)
    assert [(pool.name, pool.zones, [choice.nodes for choice in pool.choices]) for pool in pools] == [
        ("Karpenter's game", network.zones, [125, 62]),
        ("Karpenter's database", ("us-east-1a",), [31]),
        ("Karpenter's database", ("us-east-1b",), [31]),
        ("Karpenter's services", network.zones, [5]),
    ]


def test_karpenters_nodes_need_pod_subnets_and_count_in_them():
    (found,) = checked({"karpenter": KARPENTER})
    assert found.startswith("regions.us-east.network.pods is missing, but Karpenter's nodes take 110 pods each")
    assert checked({"karpenter": KARPENTER, "network.pods": "100.64.0.0/16"}) == []
    (found,) = checked({"karpenter": KARPENTER, "network.pods": "100.64.0.0/18"})
    assert "(pool system 576, pool game 384, Karpenter's game 8000, Karpenter's database 1984" in found
    assert found.endswith("or the limits of Karpenter's pools, or leave their smallest types out")


def test_a_database_pool_is_counted_in_each_zone_for_itself():
    database = {**region()["node_pools"]["system"], "workload": "database", "max_size": 6}
    changes = {"network.own_subnets": ["database"], "node_pools.database": database}
    settings = StackSettings.model_validate(stack(**{"us-east": region(changes)})).regions["us-east"]
    pools = [p for p in managed_pools(settings, subnets_of(settings.network)) if p.name == "pool database"]
    assert [(p.zones, p.subnets, p.choices[0].nodes) for p in pools] == [
        (("us-east-1a",), "database", 3),
        (("us-east-1b",), "database", 3),
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"network.pods": "10.99.0.0/16"},
            'pods: "10.99.0.0/16" is outside 100.64.0.0/10, which is kept for pods; take a block from it',
        ),
        ({"network.pods": "100.64.0.0/10"}, 'pods: "100.64.0.0/10" is a /10, outside /16 to /20'),
        ({"network.pods": "100.64.0.0/28"}, 'pods: "100.64.0.0/28" is a /28, outside /16 to /20'),
        (
            {"network.pods": "100.64.0.0/16", "network.zones": ["us-east-1b", "us-east-1f"]},
            "pods: zones us-east-1b, us-east-1f would share one quarter of 100.64.0.0/16; choose zones whose letters",
        ),
        (
            {"network.own_subnets": ["database"], "network.nat": "none"},
            'own_subnets: "database" needs NAT, without which nodes get out by public subnets alone',
        ),
    ],
)
def test_a_network_that_cannot_be_is_refused(changes: dict[str, Any], sentence: str):
    (found,) = checked(changes)
    assert found.startswith(f"regions.us-east.network.{sentence}")


def test_pods_of_two_regions_that_overlap_are_refused_with_a_free_block():
    first, second = (
        {"network.pods": "100.64.0.0/16"},
        {"network.pods": "100.64.128.0/18", "network.cidr": "10.11.0.0/16"},
    )
    (found,) = checked(first, second)
    assert found == (
        'regions.us-east.network.pods: "100.64.0.0/16" overlaps "100.64.128.0/18" of region "other", '
        "and networks that overlap can never be peered; give each region a block of its own, such as 100.65.0.0/16"
    )


@QUICK
@given(st.data())
def test_a_network_with_any_value_replaced_is_read_or_refused_in_sentences(data: st.DataObject):
    pods = {"us-east-1a": "100.64.0.0/18", "us-east-1b": "100.64.64.0/18"}
    every = {
        "network.pods": "100.64.0.0/16",
        "network.existing": existing(pods=pods),
        "network.own_subnets": ["database"],
        "network.flow_logs": {"traffic": "ALL", "retention_days": 30},
    }
    raw = stack(**{"us-east": region(every)})
    inside = [place for place in places(raw) if place[:3] == ("regions", "us-east", "network")]
    raw = replaced(raw, data.draw(st.sampled_from(inside)), data.draw(anything))
    try:
        settings = StackSettings.model_validate(raw)
    except ValidationError as error:
        found = sentences(error, StackSettings)
    else:
        found = [*check_networks(settings), *check_addresses(settings)]
    assert all(sentence.isprintable() and len(sentence) < 1500 for sentence in found), found


def test_an_instance_type_not_offered_in_a_zone_is_refused():
    place = {"aws.region": "ca-west-1", "network.zones": ["ca-west-1a", "ca-west-1c"]}
    (found,) = checked({**place, "node_pools.system.instance_types": ["m6i.large"]})
    assert found == (
        'regions.us-east.node_pools.game.instance_types[0]: "c7i.xlarge" is not offered in ca-west-1c; '
        "take a type that every zone has, or other zones"
    )


def test_zones_without_a_type_are_those_that_aws_knows():
    for family, missing in MISSING.items():
        without = {
            zone
            for aws_region, zones in ZONES.items()
            for zone in zones
            if not any(
                offer["InstanceType"] == f"{family}.xlarge" and offer["Location"] == zone
                for offer in INSTANCE_TYPE_OFFERINGS["availability-zone"].get(aws_region, [])
            )
        }
        assert missing == without, family


def test_every_type_has_the_interfaces_and_zones_that_aws_gives_it():
    everywhere: dict[str, set[str]] = {}
    for offers in INSTANCE_TYPE_OFFERINGS["availability-zone"].values():
        for offer in offers:
            everywhere.setdefault(offer["InstanceType"], set()).add(offer["Location"])
    zones = [zone for known in ZONES.values() for zone in known]
    for instance_type in INSTANCE_TYPES:
        network = AWS_INSTANCE_TYPES[instance_type]["NetworkInfo"]
        own = interfaces(instance_type)
        assert own.count == network["MaximumNetworkInterfaces"], instance_type
        assert own.addresses_each == network["Ipv4AddressesPerInterface"], instance_type
        assert {z for z in zones if offered(instance_type, z)} == everywhere[instance_type] & set(zones), instance_type
