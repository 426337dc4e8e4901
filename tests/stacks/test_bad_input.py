"""The shipped dev with one thing wrong that only AWS would find out: each is refused at plan, in one sentence."""

import copy
from typing import Any

import pytest

from stacks.settings import SettingsError, parse_settings, read_stack_file
from tests.shipped import ROOT
from tests.update_table import Row

WORLDS_POOL = {
    "workload": "game-server",
    "families": ["c7i"],
    "sizes": ["xlarge"],
    "limits": {"cpu": "20", "memory": "40Gi"},
}


def tiny(kind: str) -> dict[str, dict[str, str]]:
    """A /28 in each zone."""
    first = {"public": 0, "private": 64}[kind]
    return {
        f"us-east-1{letter}": {"id": f"subnet-0a1b2c3d4e5f607{first + at:02}", "cidr": f"10.10.0.{first + 16 * at}/28"}
        for at, letter in enumerate("abc")
    }


EXISTING = {
    "vpc": "vpc-0a1b2c3d4e5f60718",
    "account_id": "123456789012",
    "public": tiny("public"),
    "private": tiny("private"),
    "pods": {
        "us-east-1a": {"id": "subnet-0a1b2c3d4e5f60791", "cidr": "100.64.0.0/18"},
        "us-east-1b": {"id": "subnet-0a1b2c3d4e5f60792", "cidr": "100.64.64.0/18"},
        "us-east-1c": {"id": "subnet-0a1b2c3d4e5f60793", "cidr": "100.64.128.0/18"},
    },
    "route_tables": ["rtb-0a1b2c3d4e5f60718"],
}


@pytest.mark.parametrize(
    ("settings", "begin", "remedy"),
    [
        pytest.param(
            {"node_pools.system.max_size": 250},
            "regions.us-east.network.pods: the pods subnet 100.64.0.0/18 of zone us-east-1a has 16379 addresses, but ",
            "give a larger block or lower max_size or the limits of Karpenter's pools",
            id="a region too small for its pools",
        ),
        pytest.param(
            {
                "aws.region": "ca-west-1",
                "network.zones": ["ca-west-1a", "ca-west-1b", "ca-west-1c"],
                "node_pools.database.instance_types": ["r6i.xlarge"],
                "node_pools.system.instance_types": ["m6i.large"],
                "karpenter.pools.services.families": ["c6i", "m6i", "r6i", "c5", "m5"],
            },
            'regions.us-east.node_pools.game.instance_types[0]: "c7i.xlarge" is not offered in ca-west-1c; ',
            "take a type that every zone has, or other zones",
            id="an instance type not offered in a zone",
        ),
        pytest.param(
            {"network.cidr": "10.10.0.0/24"},
            'regions.us-east.network.cidr: "10.10.0.0/24" is a /24, outside /16 to /20, in which two subnets per zone ',
            "give a block of that size",
            id="a block that leaves subnets of /28",
        ),
        pytest.param(
            {"network.nat": "none", "network.existing": EXISTING},
            "regions.us-east.network.existing.public: the public subnet 10.10.0.0/28 of zone us-east-1a has 11 ",
            "give a larger subnet or lower max_size",
            id="subnets of /28 that are there",
        ),
        pytest.param(
            {
                "cluster.autoscaler": "cluster-autoscaler",
                "karpenter.pools.worlds": WORLDS_POOL,
            },
            'regions.us-east.node_pools.game: cluster-autoscaler and Karpenter\'s pool "worlds" would both make nodes ',
            "or set cluster.autoscaler: none",
            id="Karpenter and cluster-autoscaler on one pool",
        ),
    ],
)
def test_the_plan_is_refused_in_one_sentence(settings: dict[str, Any], begin: str, remedy: str):
    raw = copy.deepcopy(dict(read_stack_file(ROOT / "Pulumi.dev.yaml")))
    Row(settings).edit(raw)
    with pytest.raises(SettingsError) as caught:
        parse_settings(raw)
    (sentence,) = caught.value.problems
    assert sentence.startswith(begin)
    assert remedy in sentence
