"""EKS as our models do it, through plain boto3: what is made is described, listed, changed, tagged and deleted."""

from __future__ import annotations

import base64
import json

from cryptography import x509

from embedded.aws.models.eks_versions import ADDONS, MINORS

ADMIN = "arn:aws:iam::123456789012:role/admin"
POLICY = "arn:aws:eks::aws:cluster-access-policy/"


def test_a_cluster_says_all_that_it_was_given_and_what_eks_adds(aws):
    subnets = aws.subnets()
    secrets = [{"resources": ["secrets"], "provider": {"keyArn": aws.key()}}]
    made = aws.cluster(
        subnets=subnets,
        encryptionConfig=secrets,
        upgradePolicy={"supportType": "STANDARD"},
        zonalShiftConfig={"enabled": True},
        deletionProtection=True,
        controlPlaneScalingConfig={"tier": "tier-xl"},
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
        tags={"team": "games"},
    )
    found = aws.eks.describe_cluster(name="game")["cluster"]
    assert found == made
    host = found["endpoint"].removeprefix("https://")
    assert host.endswith(".gr7.us-east-1.eks.amazonaws.com")
    assert found["identity"]["oidc"]["issuer"].rsplit("/", 1)[1] == host.split(".")[0]
    assert (found["status"], found["version"], found["platformVersion"]) == ("ACTIVE", "1.35", "eks.3")
    assert found["accessConfig"] == {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False}
    assert found["encryptionConfig"] == secrets
    assert found["upgradePolicy"] == {"supportType": "STANDARD"}
    assert found["zonalShiftConfig"] == {"enabled": True}
    assert found["deletionProtection"] is True
    assert found["controlPlaneScalingConfig"] == {"tier": "tier-xl"}
    assert found["kubernetesNetworkConfig"]["serviceIpv4Cidr"] == "172.20.0.0/16", "the VPC has 10.0.0.0/16"
    assert found["logging"]["clusterLogging"] == [
        {"types": ["api", "audit"], "enabled": True},
        {"types": ["authenticator", "controllerManager", "scheduler"], "enabled": False},
    ]
    assert found["tags"] == {"team": "games"}


def test_a_clusters_certificate_is_a_real_authority(aws):
    pem = base64.b64decode(aws.cluster()["certificateAuthority"]["data"])
    certificate = x509.load_pem_x509_certificate(pem)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_cluster_brings_its_security_group_and_takes_it_along(aws):
    network = aws.cluster()["resourcesVpcConfig"]
    (group,) = aws.ec2.describe_security_groups(GroupIds=[network["clusterSecurityGroupId"]])["SecurityGroups"]
    assert group["GroupName"].startswith("eks-cluster-sg-game-")
    assert group["VpcId"] == network["vpcId"]
    assert {"Key": "kubernetes.io/cluster/game", "Value": "owned"} in group["Tags"]
    (rule,) = group["IpPermissions"]
    assert rule["UserIdGroupPairs"][0]["GroupId"] == group["GroupId"], "its members reach each other"
    aws.eks.delete_cluster(name="game")
    names = [it["GroupName"] for it in aws.ec2.describe_security_groups()["SecurityGroups"]]
    assert names == ["default"]


def test_a_cluster_that_logs_makes_a_log_group_where_there_is_none_and_leaves_it(aws):
    aws.cluster(logging={"clusterLogging": [{"types": ["api"], "enabled": True}]})
    aws.eks.delete_cluster(name="game")
    (group,) = aws.logs.describe_log_groups()["logGroups"]
    assert group["logGroupName"] == "/aws/eks/game/cluster"


def test_lists_come_in_pages(aws):
    subnets = aws.subnets()
    role = aws.role("cluster", "eks.amazonaws.com")
    for name in "abc":
        aws.cluster(name, subnets=subnets, roleArn=role)
    first = aws.eks.list_clusters(maxResults=2)
    assert first["clusters"] == ["a", "b"]
    pages = aws.eks.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
    assert [name for page in pages for name in page["clusters"]] == ["a", "b", "c"]


def test_a_configuration_update_changes_the_cluster_and_is_on_record(aws):
    aws.cluster()
    update = aws.eks.update_cluster_config(
        name="game", resourcesVpcConfig={"endpointPrivateAccess": True, "publicAccessCidrs": ["203.0.113.0/24"]}
    )["update"]
    assert (update["type"], update["status"]) == ("EndpointAccessUpdate", "Successful")
    assert aws.eks.describe_update(name="game", updateId=update["id"])["update"] == update
    network = aws.eks.describe_cluster(name="game")["cluster"]["resourcesVpcConfig"]
    assert (network["endpointPrivateAccess"], network["publicAccessCidrs"]) == (True, ["203.0.113.0/24"])
    audit = {"clusterLogging": [{"types": ["audit"], "enabled": True}]}
    newer = aws.eks.update_cluster_config(name="game", logging=audit)["update"]
    assert newer["type"] == "LoggingUpdate"
    assert aws.eks.list_updates(name="game")["updateIds"] == [newer["id"], update["id"]]
    assert aws.eks.describe_cluster(name="game")["cluster"]["logging"]["clusterLogging"][0]["types"] == ["audit"]


def test_an_upgrade_moves_control_plane_then_nodes(aws):
    aws.cluster(version="1.34")
    assert aws.nodegroup()["releaseVersion"].startswith("1.34.")
    assert aws.eks.update_cluster_version(name="game", version="1.35")["update"]["type"] == "VersionUpdate"
    assert aws.eks.describe_cluster(name="game")["cluster"]["version"] == "1.35"
    group = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="nodes")["nodegroup"]
    assert group["version"] == "1.34", "nodes stay where they are"
    update = aws.eks.update_nodegroup_version(clusterName="game", nodegroupName="nodes")["update"]
    moved = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="nodes")["nodegroup"]
    assert (moved["version"], moved["releaseVersion"][:5]) == ("1.35", "1.35.")
    assert aws.eks.list_updates(name="game", nodegroupName="nodes")["updateIds"] == [update["id"]]


def test_a_node_group_says_all_that_it_was_given(aws):
    aws.cluster()
    data = {"MetadataOptions": {"HttpTokens": "required"}}
    template = aws.ec2.create_launch_template(LaunchTemplateName="lt", LaunchTemplateData=data)["LaunchTemplate"]
    given = {
        "launchTemplate": {"id": template["LaunchTemplateId"], "version": "$Latest"},
        "instanceTypes": ["c7i.2xlarge"],
        "capacityType": "SPOT",
        "labels": {"workload-type": "game-server"},
        "taints": [{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}],
        "updateConfig": {"maxUnavailablePercentage": 25},
        "nodeRepairConfig": {"enabled": True},
        "tags": {"team": "games"},
    }
    aws.nodegroup(**given)
    found = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="nodes")["nodegroup"]
    template_found = found.pop("launchTemplate")
    assert {key: found[key] for key in given if key in found} == {key: given[key] for key in given if key in found}
    assert template_found == {"id": template["LaunchTemplateId"], "name": "lt", "version": "1"}
    assert (found["status"], found["amiType"]) == ("ACTIVE", "AL2023_x86_64_STANDARD")
    assert found["resources"]["autoScalingGroups"][0]["name"].startswith("eks-nodes-")
    assert "diskSize" not in found, "the template says how large"


def test_labels_taints_and_sizes_change_in_place(aws):
    aws.cluster()
    old = {"key": "a", "value": "1", "effect": "NO_SCHEDULE"}
    aws.nodegroup(labels={"keep": "1", "drop": "1"}, taints=[old])
    new = old | {"value": "2"}
    aws.eks.update_nodegroup_config(
        clusterName="game",
        nodegroupName="nodes",
        labels={"addOrUpdateLabels": {"new": "1"}, "removeLabels": ["drop"]},
        taints={"addOrUpdateTaints": [new]},
        scalingConfig={"minSize": 2, "maxSize": 9, "desiredSize": 4},
        updateConfig={"maxUnavailable": 2},
    )
    found = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="nodes")["nodegroup"]
    assert found["labels"] == {"keep": "1", "new": "1"}
    assert found["taints"] == [new]
    assert found["scalingConfig"] == {"minSize": 2, "maxSize": 9, "desiredSize": 4}
    assert found["updateConfig"] == {"maxUnavailable": 2}


def test_nodes_never_become_ready_without_a_network_plugin(aws):
    aws.cluster(bootstrapSelfManagedAddons=False)
    made = aws.nodegroup()
    assert made["status"] == "CREATE_FAILED"
    assert made["health"]["issues"][0]["code"] == "NodeCreationFailure"
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    assert aws.nodegroup(name="later")["status"] == "ACTIVE"


def test_nodes_never_become_ready_where_the_network_plugin_has_no_rights(aws):
    aws.cluster(bootstrapSelfManagedAddons=False)
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    bare = aws.role("bare", "ec2.amazonaws.com")
    failed = aws.nodegroup(name="bare", nodeRole=bare)
    assert (failed["status"], failed["health"]["issues"][0]["code"]) == ("CREATE_FAILED", "NodeCreationFailure")

    pod = aws.may_network(aws.role("cni", "pods.eks.amazonaws.com"))
    account = {"clusterName": "game", "namespace": "kube-system", "serviceAccount": "aws-node"}
    aws.eks.create_pod_identity_association(**account, roleArn=pod)
    assert aws.nodegroup(name="without-agent")["status"] == "CREATE_FAILED", "the pod waits for who tells it its role"
    aws.eks.create_addon(clusterName="game", addonName="eks-pod-identity-agent")
    assert aws.nodegroup(name="by-identity", nodeRole=bare)["status"] == "ACTIVE"


def test_an_addon_that_needs_nodes_is_degraded_until_there_are_some_without_taints(aws):
    aws.cluster()

    def status(name: str) -> str:
        return str(aws.eks.describe_addon(clusterName="game", addonName=name)["addon"]["status"])

    for name in ("coredns", "kube-proxy"):
        aws.eks.create_addon(clusterName="game", addonName=name)
    assert (status("coredns"), status("kube-proxy")) == ("DEGRADED", "ACTIVE")
    aws.nodegroup(name="game", taints=[{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}])
    assert status("coredns") == "DEGRADED", "no pod of it tolerates the taint"
    aws.nodegroup(name="system")
    assert status("coredns") == "ACTIVE"


def test_an_addon_owns_its_pod_identities(aws):
    aws.cluster()
    role = aws.role("csi", "pods.eks.amazonaws.com")
    given = [{"serviceAccount": "ebs-csi-controller-sa", "roleArn": role}]
    made = aws.eks.create_addon(
        clusterName="game",
        addonName="aws-ebs-csi-driver",
        addonVersion="v1.59.0-eksbuild.1",
        configurationValues=json.dumps({"controller": {"replicaCount": 2}}),
        podIdentityAssociations=given,
        tags={"team": "games"},
    )["addon"]
    (listed,) = aws.eks.list_pod_identity_associations(clusterName="game")["associations"]
    assert made["podIdentityAssociations"] == [listed["associationArn"]]
    assert (listed["namespace"], listed["ownerArn"]) == ("kube-system", made["addonArn"])
    update = aws.eks.update_addon(clusterName="game", addonName="aws-ebs-csi-driver", podIdentityAssociations=[])[
        "update"
    ]
    assert aws.eks.list_updates(name="game", addonName="aws-ebs-csi-driver")["updateIds"] == [update["id"]]
    assert aws.eks.list_pod_identity_associations(clusterName="game")["associations"] == []
    found = aws.eks.describe_addon(clusterName="game", addonName="aws-ebs-csi-driver")["addon"]
    assert json.loads(found["configurationValues"]) == {"controller": {"replicaCount": 2}}, "what is not given stays"
    aws.eks.delete_addon(clusterName="game", addonName="aws-ebs-csi-driver")
    assert aws.eks.list_addons(clusterName="game")["addons"] == []


def test_the_versions_of_an_addon_are_those_of_the_minor_and_one_is_the_default(aws):
    (coredns,) = aws.eks.describe_addon_versions(addonName="coredns", kubernetesVersion="1.34")["addons"]
    defaults = [it["addonVersion"] for it in coredns["addonVersions"] if it["compatibilities"][0]["defaultVersion"]]
    assert defaults == ["v1.12.4-eksbuild.10"]
    assert {it["addonVersion"] for it in coredns["addonVersions"]} == set(ADDONS["coredns"].versions["1.34"])
    aws.cluster(version="1.34")
    assert aws.eks.create_addon(clusterName="game", addonName="coredns")["addon"]["addonVersion"] == defaults[0]


def test_eks_offers_every_minor_once_and_one_by_default(aws):
    offered = aws.eks.describe_cluster_versions()["clusterVersions"]
    assert [it["clusterVersion"] for it in offered] == list(reversed(MINORS))
    assert [it["clusterVersion"] for it in offered if it["defaultVersion"]] == ["1.35"]
