"""Rules over several settings: names, places, networks and whether a region holds its worlds."""

import boto3
import pytest
from moto.ec2.models.availability_zones_and_regions import RegionsAndZonesBackend
from moto.ec2.models.instance_types import INSTANCE_TYPES as AWS_INSTANCE_TYPES

from stacks.aws_regions import ZONES
from stacks.instance_types import INSTANCE_TYPES
from stacks.settings import parse_settings
from stacks.versions import ADDONS, KUBERNETES_VERSIONS
from tests.stacks.sample import GONE, problems, refusal, region, stack


def test_overlapping_networks_of_two_regions_are_refused_with_a_free_block():
    raw = stack(**{"us-east": region(), "eu-west": region({"network.cidr": "10.10.128.0/17"})})
    (found,) = problems(raw)
    assert found == (
        'regions.us-east.network.cidr: "10.10.0.0/16" overlaps "10.10.128.0/17" of region "eu-west"; '
        "give each region a block of its own, such as 10.0.0.0/16"
    )


def test_the_order_of_regions_in_the_file_changes_no_sentence():
    first, second = region(), region({"network.cidr": "10.10.128.0/17"})
    assert problems(stack(a=first, b=second)) == problems(stack(b=second, a=first))


def test_neighbouring_networks_are_no_overlap():
    raw = stack(**{"us-east": region(), "eu-west": region({"network.cidr": "10.11.0.0/16"})})
    assert len(parse_settings(raw).regions) == 2


@pytest.mark.parametrize("block", ["11.0.0.0/16", "100.64.0.0/16", "172.32.0.0/16"])
def test_a_public_network_is_refused(block: str):
    assert f'regions.us-east.network.cidr: "{block}" is not private (RFC 1918)' in refusal({"network.cidr": block})


@pytest.mark.parametrize(("block", "size"), [("10.0.0.0/15", 15), ("10.10.0.0/21", 21), ("10.10.0.0/28", 28)])
def test_a_network_in_which_the_subnets_do_not_fit_is_refused(block: str, size: int):
    assert f'"{block}" is a /{size}, outside /16 to /20' in refusal({"network.cidr": block})


@pytest.mark.parametrize("block", ["10.10.0.0/16", "10.10.0.0/20"])
def test_the_largest_and_the_smallest_network_are_taken(block: str):
    # Pods with addresses of their own: the nodes of the smallest have none to spare.
    parse_settings(stack(**{"us-east": region({"network.cidr": block, "network.pods": "100.64.0.0/16"})}))


@pytest.mark.parametrize("block", ["10.100.0.0/16", "172.20.128.0/17"])
def test_a_network_where_eks_puts_services_is_refused(block: str):
    assert "which EKS may take for Services" in refusal({"network.cidr": block})


def test_an_unknown_aws_region_is_refused_with_the_nearest_known_one():
    found = refusal({"aws.region": "us-est-1"})
    assert found == 'regions.us-east.aws.region: "us-est-1" is not a known AWS region; did you mean "us-east-1"?'


def test_the_edge_stands_in_a_known_aws_region_too():
    raw = {**stack(), "edge": {"aws": {"region": "moon-1"}, "domain": "mmorpg-game.com"}}
    assert problems(raw)[0].startswith('edge.aws.region: "moon-1" is not a known AWS region; known: af-south-1')


def test_a_zone_of_another_region_is_refused_with_the_regions_own():
    assert refusal({"network.zones": ["us-east-1a", "us-west-2a"]}) == (
        'regions.us-east.network.zones[1]: "us-west-2a" is not a zone of us-east-1; '
        "choose from us-east-1a, us-east-1b, us-east-1c, us-east-1d, us-east-1f"
    )


def test_an_unknown_kubernetes_version_is_refused_with_those_known():
    assert refusal({"cluster.version": "1.99"}) == (
        'regions.us-east.cluster.version: "1.99" is no Kubernetes version that this program pins; '
        f"choose from {', '.join(KUBERNETES_VERSIONS)}"
    )


@pytest.mark.parametrize("block", ["0.0.0.0/0", "128.0.0.0/1", "64.0.0.0/7"])
def test_an_api_open_to_the_internet_is_refused(block: str):
    assert "opens the cluster's API to the internet" in refusal({"cluster.public_access_cidrs": [block]})


def test_private_blocks_cannot_be_let_in_from_outside():
    assert "is private, which EKS refuses here" in refusal({"cluster.public_access_cidrs": ["10.0.0.0/8"]})


def test_an_admin_named_twice_under_two_paths_is_refused():
    arns = ["arn:aws:iam::123456789012:role/ops/admin", "arn:aws:iam::123456789012:role/admin"]
    assert refusal({"cluster.admins": arns}) == (
        f'regions.us-east.cluster.admins[1]: "{arns[1]}" is the role already named in admins[0], under another path; '
        "name it once"
    )


def test_a_region_named_like_another_plus_a_hyphen_is_refused():
    raw = stack(**{"us-east": region(), "us-east-b": region({"network.cidr": "10.20.0.0/16"})})
    assert problems(raw)[0].startswith('regions.us-east-b: the name begins like that of region "us-east"')


def test_regions_may_share_letters_without_a_hyphen():
    raw = stack(**{"us-east": region(), "us-eastern": region({"network.cidr": "10.20.0.0/16"})})
    assert len(parse_settings(raw).regions) == 2


@pytest.mark.parametrize("name", ["edge", "edge-one"])
def test_no_region_takes_the_name_of_the_edge(name: str):
    assert 'begin with "edge" are the global edge\'s' in problems(stack(**{name: region()}))[0]


def test_a_region_name_too_long_for_a_load_balancer_is_refused():
    # "mmorpg-" and 18 more are 25; a load balancer's 32 less "-gateway" leave 24.
    assert "has 25 characters, above the 24" in problems(stack(**{"a" * 18: region()}))[0]
    parse_settings(stack(**{"a" * 17: region()}))


def test_a_pool_name_too_long_for_a_node_group_is_refused():
    pool = region()["node_pools"]["system"]
    room = 63 - len("mmorpg-us-east-") - len("-0a1b2c")
    fits, too_long = "p" * room, "p" * (room + 1)
    assert "would have 64 characters, above EKS's limit of 63" in refusal({f"node_pools.{too_long}": pool})
    parse_settings(stack(**{"us-east": region({f"node_pools.{fits}": pool})}))


@pytest.mark.parametrize("name", ["default", "kube-system", "kube-mine"])
def test_namespaces_of_kubernetes_itself_are_refused(name: str):
    assert "belongs to Kubernetes itself" in refusal({"namespace.name": name})


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ((5, 5, 4), "min_size: 5 is above max_size 4; lower min_size or raise max_size"),
        ((2, 1, 4), "desired_size: 1 is below min_size 2; give 2 to 4"),
        ((2, 5, 4), "desired_size: 5 is above max_size 4; give 2 to 4"),
    ],
)
def test_min_desired_and_max_of_a_pool_rise(sizes: tuple[int, int, int], sentence: str):
    names = ("min_size", "desired_size", "max_size")
    changes = {f"node_pools.system.{name}": size for name, size in zip(names, sizes, strict=True)}
    assert refusal(changes) == f"regions.us-east.node_pools.system.{sentence}"


def test_an_instance_type_that_is_not_known_is_refused_with_the_nearest_of_the_pools_architecture():
    found = refusal({"node_pools.system.instance_types": ["m7i.large", "m7i.larg"]})
    assert found == (
        'regions.us-east.node_pools.system.instance_types[1]: "m7i.larg" is not a known amd64 instance type; '
        'did you mean "m7i.large"?'
    )
    arm = {"node_pools.system.arch": "arm64", "node_pools.system.instance_types": ["m7g.larg"]}
    assert 'is not a known arm64 instance type; did you mean "m7g.large"?' in refusal(arm)


def test_an_instance_type_of_another_architecture_than_the_pools_image_is_refused():
    assert refusal({"node_pools.system.instance_types": ["m7g.large"]}) == (
        'regions.us-east.node_pools.system.instance_types[0]: "m7g.large" is arm64, but the pool\'s image is amd64; '
        "take a type of amd64 or set arch: arm64"
    )
    arm = {"node_pools.system.arch": "arm64", "node_pools.system.instance_types": ["m7g.large"]}
    assert parse_settings(stack(**{"us-east": region(arm)})).regions["us-east"].node_pools["system"].arch == "arm64"


def test_a_game_node_must_hold_a_world_beside_its_own_needs():
    requests = {"cpu": "3600m", "memory": "2Gi"}
    found = refusal({"worlds.requests": requests, "worlds.limits": {"cpu": "4", "memory": "4Gi"}})
    assert '"c7i.xlarge" (4 vCPU, 8Gi) does not hold a world and the node\'s own needs (4100m vCPU, 3Gi)' in found


def test_a_region_without_a_pool_for_system_pods_is_refused():
    expected = "no pool without a workload keeps a node, so system pods have nowhere to run"
    assert expected in refusal({"node_pools.system.workload": "database"})
    assert expected in refusal({"node_pools.system.min_size": 0})
    spot = {
        "node_pools.system.capacity": "spot",
        "node_pools.system.instance_types": ["m7i.large", "m6i.large", "m5.large"],
    }
    assert expected in refusal(spot), "what bears spot is tainted too"


def test_worlds_need_a_pool_for_game_servers():
    found = refusal({"node_pools.game": GONE})
    assert found == "regions.us-east.node_pools: no pool takes game servers; add one with workload: game-server"


def test_worlds_that_outnumber_their_nodes_are_refused():
    assert "7 worlds do not fit on 6 game-server nodes" in refusal({"worlds.max_count": 7})
    assert "4 worlds do not fit on 3 desired game-server nodes" in refusal({"worlds.count": 4})


def test_more_worlds_than_the_maximum_are_refused():
    assert "worlds.count: 3 is above max_count 2" in refusal({"worlds.max_count": 2})


def test_a_region_may_stand_ready_without_worlds():
    settings = parse_settings(stack(**{"us-east": region({"worlds.count": 0})}))
    assert settings.regions["us-east"].worlds.player_capacity == 0


def test_zones_are_those_that_aws_lists_and_every_region_offers_eks():
    listed = {name: {zone.name for zone in zones} for name, zones in RegionsAndZonesBackend.zones.items()}
    eks = boto3.session.Session().get_available_regions("eks")
    for name, zones in ZONES.items():
        assert set(zones) <= listed[name]
        assert len(zones) >= 3
        assert name in eks


def test_instance_types_have_the_room_that_aws_lists():
    for name, kind in INSTANCE_TYPES.items():
        facts = AWS_INSTANCE_TYPES[name]
        assert facts["VCpuInfo"]["DefaultVCpus"] == kind.vcpus, name
        assert facts["MemoryInfo"]["SizeInMiB"] == kind.memory_gib * 1024, name
        architecture = {"amd64": "x86_64", "arm64": "arm64"}[kind.arch]
        assert facts["ProcessorInfo"]["SupportedArchitectures"] == [architecture], name


def test_every_kubernetes_version_has_all_core_addons_at_full_versions():
    names = {
        "vpc-cni",
        "kube-proxy",
        "coredns",
        "eks-pod-identity-agent",
        "aws-ebs-csi-driver",
        "metrics-server",
    }
    for minor, versions in ADDONS.items():
        assert set(versions) == names
        # kube-proxy must not be newer than the API server: kubernetes.io/releases/version-skew-policy
        assert versions["kube-proxy"].startswith(f"v{minor}.")
        assert all("-eksbuild." in version for version in versions.values())
