"""What the examples stand on: networks, roles, clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from embedded.provider import Values
from tests.embedded.aws_types.driver import Engine, Made, trust

CIDR = "10.10.0.0/16"
TAGS = {"game-regions/urn": "urn:pulumi:local::game-regions::x@y::z", "Name": "one"}


@dataclass
class Example:
    """`wanted` makes the object, `changed` is wanted of it later, `import_id` is what `pulumi import` takes."""

    wanted: Values
    changed: Values = field(default_factory=dict)
    import_id: Callable[[Made], str] = lambda made: made.id


def vpc(engine: Engine) -> Made:
    return engine.make("aws:ec2/vpc:Vpc", "net", cidrBlock=CIDR)


def subnets(engine: Engine, network: Made) -> list[str]:
    return [
        engine.make("aws:ec2/subnet:Subnet", zone, vpcId=network.id, cidrBlock=cidr, availabilityZone=zone).id
        for zone, cidr in (("us-east-1a", "10.10.0.0/20"), ("us-east-1b", "10.10.16.0/20"))
    ]


def gateway(engine: Engine, network: Made) -> Made:
    return engine.make("aws:ec2/internetGateway:InternetGateway", "igw", vpcId=network.id)


def role(engine: Engine, name: str, service: str, *policies: str) -> Made:
    made = engine.make("aws:iam/role:Role", name, name=name, assumeRolePolicy=trust(service))
    for policy in policies:
        arn = f"arn:aws:iam::aws:policy/{policy}"
        engine.make("aws:iam/rolePolicyAttachment:RolePolicyAttachment", policy, role=name, policyArn=arn)
    return made


def cluster(engine: Engine, **more: Any) -> Made:
    network = vpc(engine)
    return engine.make(
        "aws:eks/cluster:Cluster",
        "cluster",
        name="mmorpg-us-east",
        roleArn=role(engine, "control", "eks.amazonaws.com", "AmazonEKSClusterPolicy").outputs["arn"],
        version="1.34",
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        bootstrapSelfManagedAddons=False,
        vpcConfig={"subnetIds": subnets(engine, network)} | more,
    )


NODE_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEKS_CNI_Policy", "AmazonEC2ContainerRegistryPullOnly")


def node_group(engine: Engine, owner: Made, **more: Any) -> Values:
    return {
        "clusterName": owner.id,
        "nodeGroupName": "mmorpg-us-east-system",
        "nodeRoleArn": role(engine, "node", "ec2.amazonaws.com", *NODE_POLICIES).outputs["arn"],
        "subnetIds": owner.outputs["vpcConfig"]["subnetIds"],
        "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 4},
    } | more
