"""Network: where nodes stand, and how they get out, in each mode of NAT."""

import dataclasses
from ipaddress import IPv4Network
from typing import Any

import pytest

from components.network.network import Network, NetworkArgs
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

SUBNET = "aws:ec2/subnet:Subnet"
ROUTE = "aws:ec2/route:Route"
NAT = "aws:ec2/natGateway:NatGateway"
ADDRESS = "aws:ec2/eip:Eip"
TABLE = "aws:ec2/routeTable:RouteTable"
ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INTERNET = "aws:ec2/internetGateway:InternetGateway"
ARGS = NetworkArgs(
    prefix="mmorpg-us-east",
    cidr=IPv4Network("10.10.0.0/16"),
    zones=("us-east-1a", "us-east-1b", "us-east-1c"),
    nat="one",
    cluster_name="mmorpg-us-east",
    protect=True,
)


def network(**changes: Any) -> Recording:
    return build(lambda: Network("us-east", dataclasses.replace(ARGS, **changes)))


def ref(built: Recording, type_: str, name: str, property_: str = "id") -> dict[str, str]:
    return {"$ref": named(built, name, type_).urn, "property": property_}


def test_the_vpc_has_dns_host_names_and_is_protected():
    vpc = only(network(), "aws:ec2/vpc:Vpc")
    assert vpc.inputs["cidrBlock"] == "10.10.0.0/16"
    assert vpc.inputs["enableDnsHostnames"] is True, "a private EKS endpoint resolves only with them on"
    assert vpc.inputs["tags"] == {"Name": "mmorpg-us-east"}
    assert vpc.protect is True


def test_an_unprotected_network_can_be_destroyed():
    assert not [resource.name for resource in network(protect=False).resources if resource.protect]


def test_the_default_security_group_lets_nothing_through():
    group = only(network(), "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup")
    assert set(group.inputs) == {"vpcId", "tags"}, "adopted without a single rule"


def test_each_zone_has_a_private_and_a_public_subnet_named_by_the_zone():
    built = network()
    assert {s.name: (s.inputs["availabilityZone"], s.inputs["cidrBlock"]) for s in all_of(built, SUBNET)} == {
        "us-east-private-us-east-1a": ("us-east-1a", "10.10.0.0/20"),
        "us-east-private-us-east-1b": ("us-east-1b", "10.10.32.0/20"),
        "us-east-private-us-east-1c": ("us-east-1c", "10.10.64.0/20"),
        "us-east-public-us-east-1a": ("us-east-1a", "10.10.16.0/21"),
        "us-east-public-us-east-1b": ("us-east-1b", "10.10.48.0/21"),
        "us-east-public-us-east-1c": ("us-east-1c", "10.10.80.0/21"),
    }


def test_load_balancers_and_karpenter_find_their_subnets_by_tag():
    built = network()
    assert named(built, "us-east-public-us-east-1a", SUBNET).inputs["tags"] == {
        "Name": "mmorpg-us-east-public-us-east-1a",
        "kubernetes.io/role/elb": "1",
    }
    assert named(built, "us-east-private-us-east-1a", SUBNET).inputs["tags"] == {
        "Name": "mmorpg-us-east-private-us-east-1a",
        "kubernetes.io/role/internal-elb": "1",
        "karpenter.sh/discovery": "mmorpg-us-east",
    }


def test_every_subnet_has_the_routes_of_its_kind():
    built = network()
    tables = {a.inputs["subnetId"]["$ref"]: a.inputs["routeTableId"] for a in all_of(built, ASSOCIATION)}
    for zone in ARGS.zones:
        public = named(built, f"us-east-public-{zone}", SUBNET).urn
        private = named(built, f"us-east-private-{zone}", SUBNET).urn
        assert tables[public] == ref(built, TABLE, "us-east-public")
        assert tables[private] == ref(built, TABLE, f"us-east-private-{zone}")


def test_public_subnets_lead_to_the_internet():
    built = network()
    route = named(built, "us-east-public-internet", ROUTE)
    assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
    assert route.inputs["gatewayId"] == ref(built, INTERNET, "us-east-internet-gateway")


def test_one_nat_serves_every_private_subnet_from_the_first_zone():
    built = network(nat="one")
    nat = only(built, NAT)
    assert nat.inputs["subnetId"] == ref(built, SUBNET, "us-east-public-us-east-1a"), "NAT itself needs the internet"
    targets = {r.name: r.inputs["natGatewayId"]["$ref"] for r in all_of(built, ROUTE) if "natGatewayId" in r.inputs}
    assert targets == {f"us-east-private-{zone}-nat": nat.urn for zone in ARGS.zones}


def test_a_nat_per_zone_keeps_each_zones_traffic_in_the_zone():
    built = network(nat="per-zone")
    for zone in ARGS.zones:
        assert named(built, f"us-east-private-{zone}-nat", ROUTE).inputs["natGatewayId"] == ref(
            built, NAT, f"us-east-nat-{zone}"
        )
        nat = named(built, f"us-east-nat-{zone}", NAT)
        assert nat.inputs["subnetId"] == ref(built, SUBNET, f"us-east-public-{zone}")
        assert nat.inputs["allocationId"] == ref(built, ADDRESS, f"us-east-nat-{zone}", "allocationId")


def test_nat_gateways_and_their_addresses_come_after_the_internet_gateway_and_go_before_it():
    built = network()
    gateway = only(built, INTERNET).urn
    assert gateway in only(built, NAT).depends_on
    assert gateway in only(built, ADDRESS).depends_on
    assert only(built, ADDRESS).inputs["domain"] == "vpc"


def test_without_nat_there_is_nothing_to_pay_and_private_subnets_have_no_way_out():
    built = network(nat="none")
    assert all_of(built, NAT) == all_of(built, ADDRESS) == []
    assert [route.name for route in all_of(built, ROUTE)] == ["us-east-public-internet"]


@pytest.mark.parametrize(("nat", "kind"), [("none", "public"), ("one", "private"), ("per-zone", "private")])
def test_nodes_stand_where_they_can_get_out(nat: str, kind: str):
    found: list[str] = []
    built = build(lambda: found.extend(Network("us-east", dataclasses.replace(ARGS, nat=nat)).node_subnets))
    assert found == [f"{kind}-{zone}" for zone in ARGS.zones]
    with_karpenter = [s.name for s in all_of(built, SUBNET) if "karpenter.sh/discovery" in s.inputs["tags"]]
    assert with_karpenter == [f"us-east-{kind}-{zone}" for zone in ARGS.zones]


@pytest.mark.parametrize(("nat", "public_addresses"), [("none", True), ("one", False), ("per-zone", False)])
def test_nodes_get_public_addresses_only_where_they_need_them_to_get_out(nat: str, public_addresses: bool):
    built = network(nat=nat)
    for zone in ARGS.zones:
        assert named(built, f"us-east-public-{zone}", SUBNET).inputs["mapPublicIpOnLaunch"] is public_addresses
        assert named(built, f"us-east-private-{zone}", SUBNET).inputs["mapPublicIpOnLaunch"] is False


def test_a_new_zone_changes_nothing_of_the_others():
    old, new = (
        network(zones=("us-east-1b", "us-east-1c")).by_urn(),
        network(zones=("us-east-1b", "us-east-1c", "us-east-1a")),
    )
    after = new.by_urn()
    assert {urn: resource.inputs for urn, resource in old.items()} == {urn: after[urn].inputs for urn in old}
    assert {urn.split("::")[-1] for urn in after.keys() - old.keys()} == {
        "us-east-public-us-east-1a",
        "us-east-private-us-east-1a",
        "us-east-private-us-east-1a-nat",
    }


def test_from_one_nat_to_one_per_zone_only_adds_gateways_and_turns_routes():
    one, each = network(nat="one").by_urn(), network(nat="per-zone").by_urn()
    changed = {urn.split("::")[-1] for urn, resource in one.items() if resource.inputs != each[urn].inputs}
    assert changed == {"us-east-private-us-east-1b-nat", "us-east-private-us-east-1c-nat"}
