"""A region in a VPC that a landing zone made: it makes no network, and everything stands where it was told."""

from typing import Any

import pytest

from plan.recorder import Recording
from tests.charts import check_custom_resource, needs_crds
from tests.engine import all_of, named, only
from tests.stacks.test_region import GROUP, region

NODE_CLASS = "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass"
ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
ZONES = ("us-east-1a", "us-east-1b")


def subnets(kind: int, *blocks: str) -> dict[str, dict[str, str]]:
    """One in each zone."""
    return {
        zone: {"id": f"subnet-{kind}{zone[-1] * 7}", "cidr": block} for zone, block in zip(ZONES, blocks, strict=True)
    }


def landing_zone(raw: dict[str, Any]) -> None:
    raw["network"] |= {
        "cidr": "10.10.0.0/16",
        "zones": list(ZONES),
        "nat": "one",
        "pods": "100.64.0.0/16",
        "existing": {
            "vpc": "vpc-0a1b2c3d4e5f60718",
            "account_id": "123456789012",
            "public": subnets(1, "10.10.0.0/24", "10.10.1.0/24"),
            "private": subnets(2, "10.10.16.0/20", "10.10.32.0/20"),
            "pods": subnets(3, "100.64.0.0/18", "100.64.64.0/18"),
            "route_tables": ["rtb-0a1b2c3d4e5f60718"],
        },
    }
    raw["karpenter"] = {
        "peak": {"start": "17:00", "hours": 6, "time_zone": "America/New_York"},
        "pools": {
            "services": {
                "families": ["c6i", "c7i", "m6i", "m7i", "r7i"],
                "sizes": ["xlarge", "2xlarge", "4xlarge"],
                "limits": {"cpu": "64", "memory": "256Gi"},
            }
        },
    }


@pytest.fixture(scope="module")
def found() -> Recording:
    return region(landing_zone)


def test_it_makes_and_tags_nothing_of_the_network(found: Recording):
    owned = {"Vpc", "Subnet", "RouteTable", "Route", "InternetGateway", "NatGateway", "Eip", "Tag"}
    assert not owned & {resource.type.rpartition(":")[2] for resource in found.resources}


def test_a_vpc_that_another_account_shares_gets_no_way_to_s3_which_only_its_owner_may_give(found: Recording):
    def shared(raw: dict[str, Any]) -> None:
        landing_zone(raw)
        del raw["network"]["existing"]["route_tables"]

    assert only(found, ENDPOINT).inputs["routeTableIds"] == ["rtb-0a1b2c3d4e5f60718"]
    assert all_of(region(shared), ENDPOINT) == []


def test_managed_nodes_stand_in_the_private_subnets(found: Recording):
    assert named(found, "local-pool-game", GROUP).inputs["subnetIds"] == ["subnet-2aaaaaaa", "subnet-2bbbbbbb"]
    assert len(all_of(found, "aws:ec2/securityGroup:SecurityGroup")) == 1, "the nodes' own"


@needs_crds
def test_karpenters_nodes_stand_there_too_although_nobody_else_sees_tags_of_a_shared_vpc(found: Recording):
    node_class = only(found, NODE_CLASS).resolved
    assert node_class["spec"]["subnetSelectorTerms"] == [{"id": "subnet-2aaaaaaa"}, {"id": "subnet-2bbbbbbb"}]
    assert check_custom_resource(node_class) == []
