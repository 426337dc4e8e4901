"""Network: subnets by role beside the public and private ones, and a network that somebody else made."""

import dataclasses
from ipaddress import IPv4Network
from typing import Any

import pulumi
import pytest

from components.network.existing import ExistingNetwork, ExistingNetworkArgs
from components.network.facts import RegionNetwork
from components.network.network import Network
from plan.recorder import Recording
from tests.components.test_network import ARGS, ASSOCIATION, SUBNET, TABLE, network, ref
from tests.engine import all_of, build, named, only

PODS = IPv4Network("100.64.0.0/16")
BLOCK = "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation"
EVERY = {"pods": PODS, "own_subnets": ("control-plane", "database")}
EXISTING = ExistingNetworkArgs(
    vpc_id="vpc-0a1b2c3d",
    account_id="123456789012",
    nat="one",
    public={"us-east-1a": "subnet-000000aa", "us-east-1b": "subnet-000000ab"},
    private={"us-east-1a": "subnet-000000ba", "us-east-1b": "subnet-000000bb"},
    route_tables=("rtb-00000001",),
    blocks={"vpc": "10.10.0.0/16"},
)


def subnets(built: Recording, kind: str) -> dict[str, str]:
    return {
        s.inputs["availabilityZone"]: s.inputs["cidrBlock"]
        for s in all_of(built, SUBNET)
        if s.name == f"us-east-{kind}-{s.inputs['availabilityZone']}"
    }


def made(**changes: Any) -> tuple[Network, Recording]:
    found: list[Network] = []
    built = build(lambda: found.append(Network("us-east", dataclasses.replace(ARGS, **changes))))
    return found[0], built


def test_each_zone_gets_a_quarter_of_the_pods_block():
    assert subnets(network(**EVERY), "pods") == {
        "us-east-1a": "100.64.0.0/18",
        "us-east-1b": "100.64.64.0/18",
        "us-east-1c": "100.64.128.0/18",
    }


def test_databases_and_the_control_plane_stand_apart_when_asked():
    built = network(**EVERY)
    assert subnets(built, "database")["us-east-1b"] == "10.10.56.0/22"
    assert subnets(built, "control-plane") == {
        "us-east-1a": "10.10.31.240/28",
        "us-east-1b": "10.10.63.240/28",
        "us-east-1c": "10.10.95.240/28",
    }


def test_pod_subnets_wait_until_the_vpc_has_their_block():
    built = network(**EVERY)
    assert only(built, BLOCK).inputs["cidrBlock"] == "100.64.0.0/16"
    for subnet in all_of(built, SUBNET):
        vpc = subnet.inputs["vpcId"]["$ref"]
        assert (vpc == only(built, BLOCK).urn) == subnet.name.startswith("us-east-pods-"), subnet.name


def test_more_roles_change_nothing_of_what_stands():
    old, new = network().by_urn(), network(**EVERY).by_urn()
    assert {urn: r.inputs for urn, r in old.items()} == {urn: new[urn].inputs for urn in old}
    added = [r for urn, r in new.items() if urn not in old]
    assert len(added) == 1 + 3 * 2 * 3 + 1, "the block, three kinds of subnet with their associations, one table"


def test_pods_and_databases_leave_by_their_zones_nat_and_the_control_plane_not_at_all():
    built = network(**EVERY)
    tables = {a.inputs["subnetId"]["$ref"]: a.inputs["routeTableId"] for a in all_of(built, ASSOCIATION)}
    assert len(tables) == len(all_of(built, SUBNET)) == 15
    for kind in ("pods", "database"):
        subnet = named(built, f"us-east-{kind}-us-east-1b", SUBNET).urn
        assert tables[subnet] == ref(built, TABLE, "us-east-private-us-east-1b")
    control_plane = named(built, "us-east-control-plane", TABLE)
    assert tables[named(built, "us-east-control-plane-us-east-1a", SUBNET).urn]["$ref"] == control_plane.urn
    routes = [r for r in all_of(built, "aws:ec2/route:Route") if r.inputs["routeTableId"]["$ref"] == control_plane.urn]
    assert routes == []


@pytest.mark.parametrize("kind", ["pods", "database", "control-plane"])
def test_no_load_balancer_and_no_karpenter_node_finds_the_other_subnets(kind: str):
    subnet = named(network(**EVERY), f"us-east-{kind}-us-east-1a", SUBNET)
    assert subnet.inputs["tags"] == {"Name": f"mmorpg-us-east-{kind}-us-east-1a"}
    assert subnet.inputs["mapPublicIpOnLaunch"] is False


def test_the_facts_name_every_subnet_by_role():
    facts, _ = made(**EVERY)
    zones = list(ARGS.zones)
    assert list(facts.pod_subnets) == list(facts.cluster_subnets) == list(facts.public_subnets) == zones
    assert list(facts.database_subnets) == [f"database-{zone}" for zone in zones]
    assert list(facts.node_subnets) == [f"private-{zone}" for zone in zones]
    assert list(facts.route_tables) == ["public", *(f"private-{zone}" for zone in zones), "control-plane"]
    assert facts.blocks == {"vpc": "10.10.0.0/16", "pods": "100.64.0.0/16"}


def test_without_roles_of_their_own_databases_and_control_plane_stand_in_the_private_subnets():
    facts, built = made()
    assert facts.pod_subnets == {}
    assert facts.blocks == {"vpc": "10.10.0.0/16"}
    assert facts.database_subnets == facts.node_subnets
    assert facts.cluster_subnets == facts.private_subnets
    assert all_of(built, BLOCK) == []


def test_database_subnets_without_a_way_out_are_refused():
    with pytest.raises(ValueError, match="cannot get out without NAT"):
        dataclasses.replace(ARGS, nat="none", own_subnets=("database",))


def existing(**changes: Any) -> tuple[RegionNetwork, Recording]:
    found: list[RegionNetwork] = []
    args = dataclasses.replace(EXISTING, **changes)
    built = build(lambda: found.append(ExistingNetwork("us-east", args)))
    return found[0], built


def test_a_network_that_exists_makes_nothing():
    _, built = existing()
    assert [r.type for r in built.resources if r.custom] == []


def test_a_network_that_exists_says_its_ids_by_role():
    found: list[dict[str, str]] = []

    def program() -> None:
        control_plane = {"us-east-1a": "subnet-000000da", "us-east-1b": "subnet-000000db"}
        facts = ExistingNetwork("us-east", dataclasses.replace(EXISTING, control_plane=control_plane))
        seen = {"vpc": facts.vpc_id, "account": facts.account_id, **facts.node_subnets, **facts.route_tables}
        seen |= {f"cluster-{zone}": id_ for zone, id_ in facts.cluster_subnets.items()}
        pulumi.Output.all(**seen).apply(found.append)
        assert facts.database_subnets == facts.node_subnets
        assert facts.blocks == {"vpc": "10.10.0.0/16"}

    build(program)
    assert found == [
        {
            "vpc": "vpc-0a1b2c3d",
            "account": "123456789012",
            "private-us-east-1a": "subnet-000000ba",
            "private-us-east-1b": "subnet-000000bb",
            "rtb-00000001": "rtb-00000001",
            "cluster-us-east-1a": "subnet-000000da",
            "cluster-us-east-1b": "subnet-000000db",
        }
    ]


def test_nodes_of_a_network_that_exists_stand_in_public_subnets_where_there_is_no_nat():
    facts, _ = existing(nat="none")
    assert list(facts.node_subnets) == ["public-us-east-1a", "public-us-east-1b"]


def test_both_networks_say_every_fact():
    for facts in (made()[0], existing()[0]):
        assert [fact for fact in RegionNetwork.__annotations__ if not hasattr(facts, fact)] == []
