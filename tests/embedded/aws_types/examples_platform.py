"""IAM, KMS, Logs, EKS and Route 53 types: what a program would ask for, and how it would then change it in place."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.embedded.aws_types.driver import ROLE, Engine, trust
from tests.embedded.aws_types.ground import (
    TAGS,
    Example,
    cluster,
    node_group,
    role,
    subnets,
    vpc,
)


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


def _managed_policy(_: Engine) -> Example:
    def policy(action: str) -> str:
        statement = {"Effect": "Allow", "Action": [action], "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)

    wanted = {"name": "mmorpg-us-east-karpenter", "description": "nodes", "path": "/", "tags": TAGS}
    return Example(
        wanted | {"policy": policy("ec2:RunInstances")},
        wanted | {"policy": policy("ec2:CreateFleet"), "tags": {"a": "b"}},
    )


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


PLATFORM: dict[str, Callable[[Engine], Example]] = {
    "aws:iam/policy:Policy": _managed_policy,
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
