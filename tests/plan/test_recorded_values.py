"""What recorded values look like: references, texts that embed them, secrets, numbers."""

from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pulumi_random as random
import pytest

from plan.values import RecorderError
from tests.engine import build, only

SUBNET = "aws:ec2/subnet:Subnet"


def _subnet_in_vpc(**more: Any) -> Any:
    def program() -> None:
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16", tags={"Name": "home"})
        tags = {
            "vpc": vpc.id,
            "in": pulumi.Output.concat("in ", vpc.id),
            "of": pulumi.Output.concat("of ", vpc.tags["Name"]),
        }
        aws.ec2.Subnet("us-east-subnet", vpc_id=vpc.id, cidr_block=vpc.cidr_block, tags=tags, **more)

    return program


def test_a_value_from_another_resource_is_a_reference_to_its_property():
    subnet = only(build(_subnet_in_vpc()), SUBNET)
    vpc = "urn:pulumi:test::game-regions::aws:ec2/vpc:Vpc::us-east-vpc"
    assert subnet.inputs["vpcId"] == {"$ref": vpc, "property": "id"}
    assert subnet.inputs["cidrBlock"] == {"$ref": vpc, "property": "cidrBlock"}
    assert subnet.inputs["tags"]["vpc"] == {"$ref": vpc, "property": "id"}
    assert subnet.depends_on == [vpc]


def test_a_text_that_embeds_a_value_shows_it_where_the_program_knows_it():
    subnet = only(build(_subnet_in_vpc()), SUBNET)
    vpc = "urn:pulumi:test::game-regions::aws:ec2/vpc:Vpc::us-east-vpc"
    assert subnet.inputs["tags"]["in"] == f"in ${{{vpc}#id}}"
    assert subnet.inputs["tags"]["of"] == "of home"


def test_resolved_inputs_hold_texts_and_not_references():
    subnet = only(build(_subnet_in_vpc()), SUBNET)
    assert subnet.resolved["cidrBlock"] == "10.0.0.0/16"
    assert subnet.resolved["vpcId"] == "${urn:pulumi:test::game-regions::aws:ec2/vpc:Vpc::us-east-vpc#id}"


def test_nested_outputs_of_a_cluster_are_references_with_their_path():
    def program() -> None:
        cluster = aws.eks.Cluster(
            "us-east-cluster",
            name="mmorpg-us-east",
            role_arn="arn:aws:iam::123456789012:role/cluster",
            vpc_config=aws.eks.ClusterVpcConfigArgs(subnet_ids=["subnet-1", "subnet-2"]),
        )
        aws.vpc.SecurityGroupIngressRule(
            "us-east-rule",
            security_group_id=cluster.vpc_config.cluster_security_group_id,
            ip_protocol="-1",
            description=cluster.identities[0].oidcs[0].issuer,
        )
        aws.eks.Addon("us-east-addon", cluster_name=cluster.name, addon_name="coredns")

    built = build(program)
    cluster = only(built, "aws:eks/cluster:Cluster").urn
    rule = only(built, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").inputs
    assert rule["securityGroupId"] == {"$ref": cluster, "property": "vpcConfig.clusterSecurityGroupId"}
    assert rule["description"] == {"$ref": cluster, "property": "identities[0].oidcs[0].issuer"}
    addon = only(built, "aws:eks/addon:Addon")
    assert addon.inputs["clusterName"] == {"$ref": cluster, "property": "name"}
    assert addon.resolved["clusterName"] == "mmorpg-us-east"


def test_numbers_are_whole_where_they_are_whole():
    def program() -> None:
        aws.eks.NodeGroup(
            "us-east-pool",
            cluster_name="c",
            node_role_arn="r",
            subnet_ids=["s"],
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(desired_size=1, max_size=3, min_size=0),
        )

    scaling = only(build(program), "aws:eks/nodeGroup:NodeGroup").inputs["scalingConfig"]
    assert scaling == {"desiredSize": 1, "maxSize": 3, "minSize": 0}
    assert all(type(size) is int for size in scaling.values())


def _secret_from_a_password() -> dict[str, Any]:
    password = random.RandomPassword("us-east-password", length=20)
    secret = kubernetes.core.v1.Secret(
        "us-east-secret", metadata={"name": "login"}, string_data={"user": "worlds", "password": password.result}
    )
    return {"password": password.result, "name": secret.metadata.name}


def test_a_secret_is_hidden_and_pointed_at_wherever_it_goes():
    built = build(_secret_from_a_password)
    secret = only(built, "kubernetes:core/v1:Secret")
    assert secret.inputs["stringData"] == "[secret]"
    assert secret.secrets == ["/stringData"]
    assert secret.resolved["stringData"] == {"user": "[secret]", "password": "[secret]"}
    assert built.outputs == {"password": "[secret]", "name": "login"}


def test_a_secret_within_a_text_makes_the_whole_text_secret():
    def program() -> None:
        password = random.RandomPassword("us-east-password", length=20)
        kubernetes.core.v1.ConfigMap(
            "us-east-config",
            metadata={"name": "c", "annotations": {"a/b": password.result}},
            data={"url": pulumi.Output.concat("mysql://root:", password.result, "@db")},
        )

    config = only(build(program), "kubernetes:core/v1:ConfigMap")
    assert config.inputs["data"] == {"url": "[secret]"}
    assert config.secrets == ["/data/url", "/metadata/annotations/a~1b"]


def test_two_runs_of_the_same_program_are_equal():
    assert build(_subnet_in_vpc()) == build(_subnet_in_vpc())


def test_the_help_text_of_an_output_is_refused_as_a_value(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("PULUMI_ERROR_OUTPUT_STRING", raising=False)

    def program() -> None:
        vpc = aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
        aws.ec2.Subnet("us-east-subnet", vpc_id=f"{vpc.id}", cidr_block="10.0.0.0/24")

    with pytest.raises(RecorderError, match="/vpcId is the text of an Output object"):
        build(program)
