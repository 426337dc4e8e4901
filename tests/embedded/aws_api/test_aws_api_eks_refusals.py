"""What EKS refuses: one test per row of the tables."""

from __future__ import annotations

import pytest

ADMIN = "arn:aws:iam::123456789012:role/admin"
ADMIN_POLICY = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


def test_a_version_eks_does_not_have_is_refused(aws, refused):
    with refused("InvalidParameterException", "unsupported Kubernetes version: 1.99"):
        aws.cluster(version="1.99")


def test_a_cluster_role_must_exist_and_trust_eks(aws, refused):
    for role in ("arn:aws:iam::123456789012:role/none", aws.role("wrong", "ec2.amazonaws.com")):
        with refused("InvalidParameterException", f"Role with arn: {role}, could not be assumed"):
            aws.cluster(roleArn=role)


def test_a_cluster_needs_subnets_that_exist_in_two_zones_of_one_vpc(aws, refused):
    vpc, other = aws.vpc(), aws.vpc("10.9.0.0/16")
    first, second = aws.subnet(vpc, 0), aws.subnet(vpc, 1)
    with refused("InvalidParameterException", "subnet-0123 does not exist|'subnet-0123' does not exist"):
        aws.cluster("missing", subnets=[first, "subnet-0123"])
    with refused("InvalidParameterException", "at least two different AZs"):
        aws.cluster("narrow", subnets=[first, second])
    with refused("InvalidParameterException", "same VPC"):
        aws.cluster("torn", subnets=[first, aws.subnet(other, 1, "b")])


def test_a_cluster_needs_security_groups_and_keys_that_exist(aws, refused):
    subnets = aws.subnets()
    network = {"subnetIds": subnets, "securityGroupIds": ["sg-0123"]}
    with refused("InvalidParameterException", "'sg-0123' does not exist"):
        aws.cluster("groups", resourcesVpcConfig=network)
    key = aws.key()
    aws.kms.disable_key(KeyId=key)
    secrets = [{"resources": ["secrets"], "provider": {"keyArn": key}}]
    with refused("InvalidParameterException", "not found or not enabled"):
        aws.cluster("keys", subnets=subnets, encryptionConfig=secrets)


def test_service_addresses_may_not_be_those_of_the_network(aws, refused):
    with refused("InvalidParameterException", "service CIDR 10.0.128.0/20 overlaps"):
        aws.cluster(kubernetesNetworkConfig={"serviceIpv4Cidr": "10.0.128.0/20"})


def test_a_tag_with_a_dollar_is_refused(aws, refused):
    with refused("InvalidParameterException", "Invalid tag game-regions/urn"):
        aws.cluster(tags={"game-regions/urn": "urn:pulumi:a$b"})
    made = aws.cluster("fine", tags={"game-regions/urn": "urn:pulumi:a@b"})
    with refused("InvalidParameterException", "Invalid tag"):
        aws.eks.tag_resource(resourceArn=made["arn"], tags={"a": "$"})


def test_a_cluster_stays_while_it_is_protected_or_has_node_groups(aws, refused):
    aws.cluster(deletionProtection=True)
    aws.nodegroup()
    with refused("InvalidRequestException", "deletion protection"):
        aws.eks.delete_cluster(name="game")
    aws.eks.update_cluster_config(name="game", deletionProtection=False)
    with refused("ResourceInUseException", "Cluster has nodegroups attached"):
        aws.eks.delete_cluster(name="game")
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.eks.delete_cluster(name="game")


def test_one_update_call_changes_one_kind_of_thing(aws, refused):
    aws.cluster()
    with refused("InvalidParameterException", "Only one type of update"):
        aws.eks.update_cluster_config(
            name="game", resourcesVpcConfig={"endpointPrivateAccess": True}, upgradePolicy={"supportType": "STANDARD"}
        )


def test_an_update_that_changes_nothing_is_refused(aws, refused):
    aws.cluster()
    with refused("InvalidParameterException", "already at the desired configuration.*endpointPublicAccess: true"):
        aws.eks.update_cluster_config(name="game", resourcesVpcConfig={"endpointPublicAccess": True})
    off = {"clusterLogging": [{"types": ["audit"], "enabled": False}]}
    with refused("InvalidParameterException", "No changes needed for the logging config"):
        aws.eks.update_cluster_config(name="game", logging=off)


def test_the_authentication_mode_moves_one_step_and_never_back(aws, refused):
    aws.cluster(accessConfig={"authenticationMode": "CONFIG_MAP"})
    with refused("InvalidParameterException", "Unsupported authentication mode update from CONFIG_MAP to API"):
        aws.eks.update_cluster_config(name="game", accessConfig={"authenticationMode": "API"})
    aws.eks.update_cluster_config(name="game", accessConfig={"authenticationMode": "API_AND_CONFIG_MAP"})
    with refused("InvalidParameterException", "from API_AND_CONFIG_MAP to CONFIG_MAP"):
        aws.eks.update_cluster_config(name="game", accessConfig={"authenticationMode": "CONFIG_MAP"})


def test_a_cluster_stays_in_its_zones(aws, refused):
    made = aws.cluster()["resourcesVpcConfig"]
    added = aws.subnet(made["vpcId"], 5, "c")
    with refused("InvalidParameterException", "us-east-1a, us-east-1b"):
        aws.eks.update_cluster_config(name="game", resourcesVpcConfig={"subnetIds": [made["subnetIds"][0], added]})


def test_a_cluster_moves_one_minor_up_at_a_time(aws, refused):
    aws.cluster(version="1.33")
    for wanted in ("1.35", "1.33", "1.32"):
        with refused("InvalidParameterException", f"from 1.33 to {wanted}"):
            aws.eks.update_cluster_version(name="game", version=wanted)
    aws.eks.update_cluster_version(name="game", version="1.34")


def test_nodes_may_be_three_minors_behind_and_no_more(aws, refused):
    aws.cluster(version="1.30")
    aws.nodegroup()
    for version in ("1.31", "1.32", "1.33"):
        aws.eks.update_cluster_version(name="game", version=version)
    with refused("InvalidRequestException", "Nodegroups nodes must be updated first"):
        aws.eks.update_cluster_version(name="game", version="1.34")
    aws.eks.update_nodegroup_version(clusterName="game", nodegroupName="nodes")
    aws.eks.update_cluster_version(name="game", version="1.34")


def test_encryption_is_associated_once(aws, refused):
    aws.cluster()
    secrets = [{"resources": ["secrets"], "provider": {"keyArn": aws.key()}}]
    aws.eks.associate_encryption_config(clusterName="game", encryptionConfig=secrets)
    with refused("ResourceInUseException", "already associated"):
        aws.eks.associate_encryption_config(clusterName="game", encryptionConfig=secrets)


def test_an_addon_must_be_known_in_that_version_for_the_clusters_minor(aws, refused):
    with refused("ResourceNotFoundException", "No cluster found for name: game"):
        aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    aws.cluster(version="1.34")
    with refused("InvalidParameterException", "Addon specified is not supported"):
        aws.eks.create_addon(clusterName="game", addonName="vpc-cnii")
    with refused("InvalidParameterException", "Addon version specified is not supported"):
        aws.eks.create_addon(clusterName="game", addonName="kube-proxy", addonVersion="v1.35.3-eksbuild.5")


def test_an_addons_configuration_is_a_json_object(aws, refused):
    aws.cluster()
    for values in ("{", "[]"):
        with refused("InvalidParameterException", "not in valid JSON"):
            aws.eks.create_addon(clusterName="game", addonName="coredns", configurationValues=values)


def test_a_pod_identitys_role_must_exist_and_trust_pods(aws, refused):
    aws.cluster()
    for role in ("arn:aws:iam::123456789012:role/none", aws.role("wrong", "ec2.amazonaws.com")):
        given = [{"serviceAccount": "aws-node", "roleArn": role}]
        with refused("InvalidParameterException", "Trust policy of the role provided is invalid"):
            aws.eks.create_addon(clusterName="game", addonName="vpc-cni", podIdentityAssociations=given)
        with refused("InvalidParameterException", "Trust policy of the role provided is invalid"):
            aws.eks.create_pod_identity_association(clusterName="game", namespace="n", serviceAccount="s", roleArn=role)


def test_a_session_policy_needs_session_tags_off(aws, refused):
    aws.cluster()
    given = {
        "namespace": "n",
        "serviceAccount": "s",
        "roleArn": aws.role("pod", "pods.eks.amazonaws.com"),
        "policy": "{}",
    }
    with refused("InvalidParameterException", "disableSessionTags"):
        aws.eks.create_pod_identity_association(clusterName="game", **given)
    aws.eks.create_pod_identity_association(clusterName="game", disableSessionTags=True, **given)


def test_a_config_map_cluster_has_no_access_entries(aws, refused):
    aws.cluster(accessConfig={"authenticationMode": "CONFIG_MAP"})
    with refused("InvalidRequestException", "authentication mode must be set to one of"):
        aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"type": "EC2_BSD"}, "type EC2_BSD is not valid"),
        ({"principalArn": "arn:aws:sts::123456789012:assumed-role/admin/me"}, "invalid principal"),
        ({"type": "EC2_LINUX", "kubernetesGroups": ["admins"]}, "cannot be set for access entries of type EC2_LINUX"),
        ({"type": "EC2_LINUX", "username": "me"}, "cannot be set for access entries of type EC2_LINUX"),
        ({"kubernetesGroups": ["system:masters"]}, "group name system:masters is invalid"),
    ],
)
def test_an_access_entry_that_cannot_be_is_refused(aws, refused, given, fault):
    aws.cluster()
    with refused("InvalidParameterException", fault):
        aws.eks.create_access_entry(clusterName="game", **({"principalArn": ADMIN} | given))


def test_an_access_policy_must_exist_fit_the_entry_and_its_scope_be_whole(aws, refused):
    aws.cluster()
    aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN)
    aws.eks.create_access_entry(clusterName="game", principalArn=f"{ADMIN}-node", type="EC2_LINUX")
    whole = {
        "clusterName": "game",
        "principalArn": ADMIN,
        "policyArn": ADMIN_POLICY,
        "accessScope": {"type": "cluster"},
    }
    with refused("InvalidParameterException", "policyArn parameter format is not valid"):
        aws.eks.associate_access_policy(**(whole | {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}))
    with refused("InvalidRequestException", "cannot be associated with an access entry of type EC2_LINUX"):
        aws.eks.associate_access_policy(**(whole | {"principalArn": f"{ADMIN}-node"}))
    for scope in ({"type": "namespace"}, {"type": "cluster", "namespaces": ["game"]}):
        with refused("InvalidParameterException", "if, and only if, its type is namespace"):
            aws.eks.associate_access_policy(**(whole | {"accessScope": scope}))


def test_names_that_are_taken_are_refused(aws, refused):
    subnets = aws.subnets()
    made = aws.cluster(subnets=subnets)
    aws.nodegroup()
    with refused("ResourceInUseException", "Cluster already exists with name: game"):
        aws.cluster(subnets=subnets, roleArn=made["roleArn"])
    with refused("ResourceInUseException", "NodeGroup already exists with name nodes"):
        aws.nodegroup(nodeRole="arn:aws:iam::123456789012:role/nodes-node")
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    with refused("ResourceInUseException", "Addon already exists"):
        aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN)
    with refused("ResourceInUseException", "already in use on this cluster"):
        aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN)
    pod = {
        "clusterName": "game",
        "namespace": "n",
        "serviceAccount": "s",
        "roleArn": aws.role("p", "pods.eks.amazonaws.com"),
    }
    aws.eks.create_pod_identity_association(**pod)
    with refused("ResourceInUseException", "Association already exists"):
        aws.eks.create_pod_identity_association(**pod)
