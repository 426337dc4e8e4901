"""For every declared type: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from embedded.provider import Values
from tests.embedded.aws_types.conftest import ROLE, Engine, Made, trust

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


def _vpc(_: Engine) -> Example:
    wanted = {"cidrBlock": CIDR, "enableDnsSupport": True, "enableDnsHostnames": True, "tags": TAGS}
    return Example(wanted, wanted | {"enableDnsHostnames": False, "tags": {"Name": "two"}})


def _subnet(engine: Engine) -> Example:
    wanted = {"vpcId": vpc(engine).id, "cidrBlock": "10.10.0.0/20", "availabilityZone": "us-east-1b", "tags": TAGS}
    return Example(wanted | {"mapPublicIpOnLaunch": False}, wanted | {"mapPublicIpOnLaunch": True, "tags": {"a": "b"}})


def _internet_gateway(engine: Engine) -> Example:
    other = engine.make("aws:ec2/vpc:Vpc", "other", cidrBlock="10.20.0.0/16")
    return Example({"vpcId": vpc(engine).id, "tags": TAGS}, {"vpcId": other.id, "tags": {"a": "b"}})


def _eip(_: Engine) -> Example:
    return Example({"domain": "vpc", "tags": TAGS}, {"domain": "vpc", "tags": {"a": "b"}})


def _nat_gateway(engine: Engine) -> Example:
    network = vpc(engine)
    gateway(engine, network)
    address = engine.make("aws:ec2/eip:Eip", "nat", domain="vpc")
    wanted = {"subnetId": subnets(engine, network)[0], "allocationId": address.id, "tags": TAGS}
    return Example(wanted, wanted | {"tags": {"a": "b"}})


def _route_table(engine: Engine) -> Example:
    network = vpc(engine)
    return Example({"vpcId": network.id, "tags": TAGS}, {"vpcId": network.id, "tags": {"a": "b"}})


def _route(engine: Engine) -> Example:
    network = vpc(engine)
    internet = gateway(engine, network)
    address = engine.make("aws:ec2/eip:Eip", "nat", domain="vpc")
    public = subnets(engine, network)[0]
    nat = engine.make("aws:ec2/natGateway:NatGateway", "nat", subnetId=public, allocationId=address.id)
    table = engine.make("aws:ec2/routeTable:RouteTable", "table", vpcId=network.id)
    wanted = {"routeTableId": table.id, "destinationCidrBlock": "0.0.0.0/0"}
    return Example(
        wanted | {"natGatewayId": nat.id}, wanted | {"gatewayId": internet.id}, lambda _: f"{table.id}_0.0.0.0/0"
    )


def _route_table_association(engine: Engine) -> Example:
    network = vpc(engine)
    first, second = (engine.make("aws:ec2/routeTable:RouteTable", name, vpcId=network.id).id for name in "ab")
    subnet = subnets(engine, network)[0]
    return Example(
        {"routeTableId": first, "subnetId": subnet},
        {"routeTableId": second, "subnetId": subnet},
        lambda made: f"{subnet}/{made.inputs['routeTableId']}",
    )


def _security_group(engine: Engine) -> Example:
    wanted = {"name": "game", "description": "players", "vpcId": vpc(engine).id, "tags": TAGS}
    return Example(wanted, wanted | {"tags": {"a": "b"}})


def _default_security_group(engine: Engine) -> Example:
    network = vpc(engine)
    return Example({"vpcId": network.id, "tags": TAGS}, {"vpcId": network.id, "tags": {"a": "b"}})


def _rule(engine: Engine) -> Example:
    group = engine.make("aws:ec2/securityGroup:SecurityGroup", "g", vpcId=vpc(engine).id)
    wanted = {"securityGroupId": group.id, "ipProtocol": "tcp", "cidrIpv4": "10.0.0.0/8", "description": "world"}
    ports = {"fromPort": 7777, "toPort": 7787}
    return Example(wanted | ports | {"tags": TAGS}, wanted | {"fromPort": 7777, "toPort": 7800, "tags": {"a": "b"}})


def _launch_template(_: Engine) -> Example:
    volume = {"volumeType": "gp3", "volumeSize": 50, "encrypted": "true", "deleteOnTermination": "true"}
    wanted = {
        "name": "mmorpg-us-east-system",
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": volume}],
        "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "node"}}],
        "updateDefaultVersion": True,
        "tags": TAGS,
    }
    larger = [{"deviceName": "/dev/xvda", "ebs": volume | {"volumeSize": 100}}]
    return Example(wanted, wanted | {"blockDeviceMappings": larger, "tags": {"a": "b"}})


def _role(_: Engine) -> Example:
    wanted = {"name": "control", "description": "plane", "assumeRolePolicy": trust("eks.amazonaws.com"), "tags": TAGS}
    later = {"assumeRolePolicy": trust("ec2.amazonaws.com"), "maxSessionDuration": 7200, "tags": {"a": "b"}}
    return Example(wanted, wanted | later)


def _role_policy(engine: Engine) -> Example:
    owner = role(engine, "node", "ec2.amazonaws.com")

    def policy(action: str) -> str:
        statement = {"Effect": "Allow", "Action": [action], "Resource": "arn:aws:s3:::worlds/*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)

    wanted = {"role": owner.id, "name": "worlds"}
    return Example(wanted | {"policy": policy("s3:GetObject")}, wanted | {"policy": policy("s3:PutObject")})


def _role_policy_attachment(engine: Engine) -> Example:
    owner = role(engine, "node", "ec2.amazonaws.com")
    return Example({"role": owner.id, "policyArn": "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy"})


def _log_group(_: Engine) -> Example:
    wanted = {"name": "/aws/eks/mmorpg/cluster", "retentionInDays": 30, "tags": TAGS}
    return Example(wanted, {"name": wanted["name"], "tags": {"a": "b"}})


def _key(_: Engine) -> Example:
    root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root | {"Action": ["kms:*"]}]}, indent=1)
    wanted = {"description": "secrets", "enableKeyRotation": True, "policy": policy, "tags": TAGS}
    later = {"description": "worlds", "enableKeyRotation": False, "isEnabled": False, "tags": {"a": "b"}}
    return Example(wanted | {"deletionWindowInDays": 7}, wanted | later | {"deletionWindowInDays": 7})


def _alias(engine: Engine) -> Example:
    first, second = (engine.make("aws:kms/key:Key", name) for name in "ab")
    return Example(
        {"name": "alias/worlds", "targetKeyId": first.outputs["keyId"]},
        {"name": "alias/worlds", "targetKeyId": second.outputs["keyId"]},
    )


def _cluster(engine: Engine) -> Example:
    network = vpc(engine)
    places = subnets(engine, network)
    key = engine.make("aws:kms/key:Key", "secrets")
    wanted = {
        "name": "mmorpg-us-east",
        "roleArn": role(engine, "control", "eks.amazonaws.com", "AmazonEKSClusterPolicy").outputs["arn"],
        "version": "1.34",
        "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        "vpcConfig": {
            "subnetIds": places,
            "endpointPrivateAccess": True,
            "endpointPublicAccess": True,
            "publicAccessCidrs": ["203.0.113.0/24"],
        },
        "encryptionConfig": {"provider": {"keyArn": key.outputs["arn"]}, "resources": ["secrets"]},
        "enabledClusterLogTypes": ["audit", "api"],
        "upgradePolicy": {"supportType": "STANDARD"},
        "tags": TAGS,
    }
    later = {
        "version": "1.35",
        "vpcConfig": {"subnetIds": places, "endpointPrivateAccess": True, "endpointPublicAccess": False},
        "enabledClusterLogTypes": ["audit"],
        "zonalShiftConfig": {"enabled": True},
        "upgradePolicy": {"supportType": "EXTENDED"},
        "tags": {"a": "b"},
    }
    return Example(wanted, wanted | later)


def _node_group(engine: Engine) -> Example:
    owner = cluster(engine)
    # A node without CNI never becomes ready.
    engine.make("aws:eks/addon:Addon", "cni", clusterName=owner.id, addonName="vpc-cni")
    template = engine.make(
        "aws:ec2/launchTemplate:LaunchTemplate",
        "pool",
        blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 50}}],
    )
    template = engine.change(template, blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 60}}])
    wanted = node_group(
        engine,
        owner,
        instanceTypes=["c7i.2xlarge"],
        version="1.34",
        launchTemplate={"id": template.id, "version": "1"},
        labels={"workload-type": "game-server", "old": "x"},
        taints=[{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}],
        updateConfig={"maxUnavailable": 1},
        nodeRepairConfig={"enabled": True},
        tags=TAGS,
    )
    later = {
        "launchTemplate": {"id": template.id, "version": "2"},
        "labels": {"workload-type": "zone"},
        "taints": [{"key": "zone", "effect": "NO_EXECUTE"}],
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 9},
        "updateConfig": {"maxUnavailablePercentage": 20},
        "tags": {"a": "b"},
    }
    return Example(wanted, wanted | later)


def _addon(engine: Engine) -> Example:
    owner = cluster(engine)
    pod = role(engine, "cni", "pods.eks.amazonaws.com")
    other = role(engine, "cni2", "pods.eks.amazonaws.com")
    wanted = {
        "clusterName": owner.id,
        "addonName": "vpc-cni",
        "configurationValues": json.dumps({"enableNetworkPolicy": "true"}),
        "resolveConflictsOnCreate": "OVERWRITE",
        "tags": TAGS,
    }
    first = [{"roleArn": pod.outputs["arn"], "serviceAccount": "aws-node"}]
    second = [{"roleArn": other.outputs["arn"], "serviceAccount": "aws-node"}]
    later = {"podIdentityAssociations": second, "configurationValues": "{}", "tags": {"a": "b"}}
    return Example(wanted | {"podIdentityAssociations": first}, wanted | later)


def _access_entry(engine: Engine) -> Example:
    role(engine, "players", "ec2.amazonaws.com")
    wanted = {"clusterName": cluster(engine).id, "principalArn": ROLE, "type": "STANDARD", "tags": TAGS}
    return Example(wanted | {"kubernetesGroups": ["ops"]}, wanted | {"kubernetesGroups": ["dev"], "tags": {"a": "b"}})


def _access_policy_association(engine: Engine) -> Example:
    role(engine, "players", "ec2.amazonaws.com")
    owner = cluster(engine)
    engine.make("aws:eks/accessEntry:AccessEntry", "admin", clusterName=owner.id, principalArn=ROLE)
    return Example(
        {
            "clusterName": owner.id,
            "principalArn": ROLE,
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
            "accessScope": {"type": "cluster"},
        }
    )


def _pod_identity_association(engine: Engine) -> Example:
    owner = cluster(engine)
    first, second = (role(engine, name, "pods.eks.amazonaws.com").outputs["arn"] for name in ("csi", "csi2"))
    wanted = {"clusterName": owner.id, "namespace": "kube-system", "serviceAccount": "ebs-csi", "tags": TAGS}
    return Example(
        wanted | {"roleArn": first},
        wanted | {"roleArn": second, "tags": {"a": "b"}},
        lambda made: f"{owner.id},{made.id}",
    )


def _zone(_: Engine) -> Example:
    return Example(
        {"name": "mmorpg-game.com", "tags": TAGS}, {"name": "mmorpg-game.com", "comment": "play", "tags": {"a": "b"}}
    )


def _record(engine: Engine) -> Example:
    zone = engine.make("aws:route53/zone:Zone", "zone", name="mmorpg-game.com")
    wanted = {"zoneId": zone.id, "name": "us-east.mmorpg-game.com", "type": "NS", "ttl": 300}
    return Example(
        wanted | {"records": ["ns-1.awsdns.com.", "ns-2.awsdns.org."]}, wanted | {"records": ["ns-3.awsdns.net."]}
    )


EXAMPLES: dict[str, Callable[[Engine], Example]] = {
    "aws:ec2/vpc:Vpc": _vpc,
    "aws:ec2/subnet:Subnet": _subnet,
    "aws:ec2/internetGateway:InternetGateway": _internet_gateway,
    "aws:ec2/eip:Eip": _eip,
    "aws:ec2/natGateway:NatGateway": _nat_gateway,
    "aws:ec2/routeTable:RouteTable": _route_table,
    "aws:ec2/route:Route": _route,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:ec2/securityGroup:SecurityGroup": _security_group,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_security_group,
    "aws:ec2/launchTemplate:LaunchTemplate": _launch_template,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _rule,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _rule,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _role_policy_attachment,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:kms/key:Key": _key,
    "aws:kms/alias:Alias": _alias,
    "aws:eks/cluster:Cluster": _cluster,
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:eks/addon:Addon": _addon,
    "aws:eks/accessEntry:AccessEntry": _access_entry,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _access_policy_association,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _pod_identity_association,
    "aws:route53/zone:Zone": _zone,
    "aws:route53/record:Record": _record,
}
