"""The whole program of the shipped stacks, and what it refuses while it runs."""

import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from plan.recorder import Recording, record
from stacks import region as region_module
from stacks.delete_hooks import HOOKS_ONLY_VARIABLE
from stacks.program import program
from stacks.refusals import RefusedResource
from stacks.settings import StackSettings, parse_settings, read_stack_file
from stacks.tags import UNPROTECTED_VARIABLE, URN_TAG, tag_value
from tests.stacks.sample import region, stack

PROJECT = Path(__file__).parents[2]
# What AWS tags, of the types that the program uses.
TAGGED = {
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:budgets/budget:Budget",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/eip:Eip",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:ecr/repository:Repository",
    "aws:eks/accessEntry:AccessEntry",
    "aws:eks/addon:Addon",
    "aws:eks/cluster:Cluster",
    "aws:eks/nodeGroup:NodeGroup",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/role:Role",
    "aws:kms/key:Key",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:route53/zone:Zone",
    "aws:s3/bucket:Bucket",
    "aws:sqs/queue:Queue",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
}
UNTAGGED = {
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:kms/alias:Alias",
    "aws:route53/record:Record",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sqs/queuePolicy:QueuePolicy",
}


def settings_of(name: str) -> StackSettings:
    return parse_settings(read_stack_file(PROJECT / f"Pulumi.{name}.yaml"))


def recorded(settings: StackSettings, name: str = "test") -> Recording:
    return record(lambda: program(settings), stack=name, regions=settings.regions)


@pytest.fixture(scope="module")
def prod() -> Recording:
    return recorded(settings_of("prod"), "prod")


def test_outputs_say_what_a_person_wants_to_know_of_each_region(prod: Recording):
    us_east = prod.outputs["regions"]["us-east"]
    assert us_east["cluster_name"] == "mmorpg-us-east"
    assert us_east["aws_region"] == "us-east-1"
    assert us_east["zones"] == ["us-east-1a", "us-east-1b", "us-east-1c"]
    assert us_east["namespace"] == "mmorpg-game"
    assert (us_east["worlds"], us_east["players"]) == (4, 8000)
    assert us_east["nodes"]["game"] | {"instance_types": []} == {
        "workload": "game-server",
        "instance_types": [],
        "min": 4,
        "desired": 4,
        "max": 10,
    }
    assert us_east["kubeconfig"] == "[secret]"
    assert prod.outputs["edge"]["domain"] == "mmorpg-game.com"


def test_prod_has_its_four_regions_and_the_edge_and_nothing_outside_them(prod: Recording):
    assert {resource.region for resource in prod.resources} == {"us-east", "us-west", "eu-west", "asia-pacific", "edge"}


@pytest.mark.parametrize("name", ["local", "dev", "prod"])
def test_shipped_stacks_break_no_rule(name: str):
    assert recorded(settings_of(name), name).findings == []


def test_every_provider_of_a_region_points_at_its_own_aws_region_and_that_of_copies_at_another(prod: Recording):
    found = {r.name: r.resolved["region"] for r in prod.resources if r.type == "pulumi:providers:aws"}
    assert found == {
        "us-east-aws": "us-east-1",
        "us-west-aws": "us-west-2",
        "eu-west-aws": "eu-west-1",
        "asia-pacific-aws": "ap-northeast-2",
        # Of each region's backups there are copies in another AWS region.
        "us-east-aws-copies": "us-west-2",
        "us-west-aws-copies": "us-east-1",
        "eu-west-aws-copies": "eu-central-1",
        "asia-pacific-aws-copies": "ap-northeast-1",
        "edge-aws": "us-east-1",
        "edge-registry-us-east-1-aws": "us-east-1",
        "edge-registry-us-west-2-aws": "us-west-2",
        "edge-registry-eu-west-1-aws": "eu-west-1",
        "edge-registry-ap-northeast-2-aws": "ap-northeast-2",
    }


def test_everything_that_aws_tags_carries_its_own_urn(prod: Recording):
    tagged = {r.type for r in prod.resources if URN_TAG in (r.resolved.get("tags") or {})}
    aws = {r.type for r in prod.resources if r.type.startswith("aws:")}
    assert (tagged, aws - tagged) == (TAGGED, UNTAGGED)
    for resource in prod.resources:
        if resource.type in TAGGED:
            assert resource.resolved["tags"][URN_TAG] == resource.urn.replace("$", "@")


def test_the_tag_leaves_other_tags_alone(prod: Recording):
    vpc = next(r for r in prod.resources if r.type == "aws:ec2/vpc:Vpc" and r.region == "us-east")
    assert vpc.resolved["tags"]["Name"] == "mmorpg-us-east"


def test_a_urn_too_long_for_a_tag_is_refused():
    assert len(tag_value("u" * 256)) == 256
    with pytest.raises(pulumi.RunError, match="would have 257 characters, above AWS's 256"):
        tag_value("u" * 257)


@pytest.mark.parametrize("cloud", ["aws", "embedded"])
def test_a_stack_is_protected_unless_it_says_otherwise_in_rehearsals_too(cloud: str):
    given = {**stack(), "cloud": cloud}
    assert any(resource.protect for resource in recorded(parse_settings(given)).resources)
    given["protect"] = False
    assert not any(resource.protect for resource in recorded(parse_settings(given)).resources)


def test_a_protection_that_was_lifted_for_one_run_is_not_set_by_it(monkeypatch: pytest.MonkeyPatch):
    protected = [resource.urn for resource in recorded(parse_settings(stack())).resources if resource.protect]
    monkeypatch.setenv(UNPROTECTED_VARIABLE, json.dumps(protected[:1]))
    still = [resource.urn for resource in recorded(parse_settings(stack())).resources if resource.protect]
    assert still == protected[1:]


def test_a_destroy_needs_no_resource_of_the_program(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(HOOKS_ONLY_VARIABLE, "true")
    built = recorded(parse_settings(stack()))
    assert (built.resources, built.outputs) == ([], {})


def test_the_order_of_regions_in_the_file_changes_no_resource():
    first, second = region(), region({"network.cidr": "10.20.0.0/16"})
    one = recorded(parse_settings(stack(a=first, b=second)))
    other = recorded(parse_settings(stack(b=second, a=first)))
    assert [r.document() for r in one.resources] == [r.document() for r in other.resources]


def refused_by_engine(build: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Messages of what is found in a program whose region also builds `build(region component)`."""

    def extended(name: str, args: Any, opts: pulumi.ResourceOptions) -> Any:
        made = region_module.GameRegion(name, args, opts)
        build(made)
        return made

    monkeypatch.setattr("stacks.program.GameRegion", extended)
    return sorted({finding.message for finding in recorded(parse_settings(stack())).findings})


def test_a_latest_image_anywhere_in_a_region_is_found(monkeypatch: pytest.MonkeyPatch):
    def build(made: region_module.GameRegion) -> None:
        container = {"name": "a", "image": "game:latest"}
        k8s.core.v1.Pod("us-east-pod", spec={"containers": [container]}, opts=made._in_cluster)

    (message,) = refused_by_engine(build, monkeypatch)
    assert message.startswith('kubernetes:core/v1:Pod us-east-pod: container "a" has the image "game:latest"')


def test_a_plain_value_beside_a_secret_one_is_found(monkeypatch: pytest.MonkeyPatch):
    def build(made: region_module.GameRegion) -> None:
        data = {"a": "plain", "b": pulumi.Output.secret("hidden")}
        pulumi.CustomResource("kubernetes:core/v1:Secret", "us-east-s", {"stringData": data}, made._in_cluster)

    (message,) = refused_by_engine(build, monkeypatch)
    assert 'the value of stringData["a"] is not marked secret' in message


def test_a_refusal_ends_a_run_with_nothing_but_its_sentence():
    refusal = RefusedResource([])
    assert isinstance(refusal, pulumi.RunError), "the SDK prints a traceback for anything else"


def test_main_is_short_and_turns_bad_settings_into_a_plain_refusal():
    main = PROJECT / "__main__.py"
    assert len(main.read_text().splitlines()) <= 20

    pulumi.runtime.set_all_config({"game-regions:cloud": "moon"}, [])
    with pytest.raises(pulumi.RunError, match=r"^cloud: \"moon\" is not allowed; choose 'embedded' or 'aws'\n"):
        runpy.run_path(str(main), run_name="__main__")


def test_the_longest_names_that_settings_take_fit_every_limit_of_aws():
    pool = "p" * (63 - len("mmorpg--") - 17 - len("-0a1b2c"))
    changes = {f"node_pools.{pool}": region()["node_pools"]["system"]}
    built = recorded(parse_settings(stack(**{"a" * 17: region(changes)})))
    limits = {  # AWS's own API references: CreateRole, CreateNodegroup, CreateCluster, CreateLaunchTemplate
        "aws:iam/role:Role": ("name", 64),
        "aws:eks/nodeGroup:NodeGroup": ("nodeGroupName", 63),
        "aws:eks/cluster:Cluster": ("name", 100),
        "aws:ec2/launchTemplate:LaunchTemplate": ("name", 128),
    }
    longest = {
        type_: max(len(r.resolved[key]) for r in built.resources if r.type == type_)
        for type_, (key, _) in limits.items()
    }
    assert longest["aws:eks/nodeGroup:NodeGroup"] == 63
    assert all(longest[type_] <= limit for type_, (_, limit) in limits.items()), longest
