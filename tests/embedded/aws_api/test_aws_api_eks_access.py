"""EKS access entries, access policies, pod identities and tags, through plain boto3."""

from __future__ import annotations

import pytest

ADMIN = "arn:aws:iam::123456789012:role/admin"
POLICY = "arn:aws:eks::aws:cluster-access-policy/"


def test_an_access_entry_and_its_policies(aws):
    aws.cluster()
    made = aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN, tags={"team": "games"})["accessEntry"]
    assert (made["type"], made["kubernetesGroups"]) == ("STANDARD", [])
    assert made["username"] == "arn:aws:sts::123456789012:assumed-role/admin/{{SessionName}}"
    named = {"clusterName": "game", "principalArn": ADMIN}
    for scope in ({"type": "namespace", "namespaces": ["game"]}, {"type": "cluster"}):
        aws.eks.associate_access_policy(policyArn=f"{POLICY}AmazonEKSViewPolicy", accessScope=scope, **named)
    (policy,) = aws.eks.list_associated_access_policies(**named)["associatedAccessPolicies"]
    assert policy["accessScope"] == {"type": "cluster", "namespaces": []}, "the second association replaces the first"
    assert aws.eks.list_access_entries(clusterName="game", associatedPolicyArn=f"{POLICY}AmazonEKSViewPolicy")[
        "accessEntries"
    ] == [ADMIN]
    aws.eks.update_access_entry(kubernetesGroups=["viewers"], **named)
    assert aws.eks.describe_access_entry(**named)["accessEntry"]["kubernetesGroups"] == ["viewers"]
    aws.eks.disassociate_access_policy(policyArn=f"{POLICY}AmazonEKSViewPolicy", **named)
    assert aws.eks.list_associated_access_policies(**named)["associatedAccessPolicies"] == []
    aws.eks.delete_access_entry(**named)
    assert aws.eks.list_access_entries(clusterName="game")["accessEntries"] == []


@pytest.mark.parametrize("bootstrap", [True, False])
def test_the_creator_administers_a_cluster_only_when_asked_for(aws, bootstrap):
    access = {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": bootstrap}
    aws.cluster(accessConfig=access)
    me = aws.sts.get_caller_identity()["Arn"]
    assert aws.eks.list_access_entries(clusterName="game")["accessEntries"] == ([me] if bootstrap else [])


def test_a_node_group_makes_the_entry_of_its_role_and_its_last_group_takes_it_along(aws):
    aws.cluster()
    role = aws.nodegroup()["nodeRole"]
    aws.nodegroup(name="more", nodeRole=role)
    entry = aws.eks.describe_access_entry(clusterName="game", principalArn=role)["accessEntry"]
    assert (entry["type"], entry["username"]) == ("EC2_LINUX", "system:node:{{EC2PrivateDNSName}}")
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    assert aws.eks.list_access_entries(clusterName="game")["accessEntries"] == [role]
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="more")
    assert aws.eks.list_access_entries(clusterName="game")["accessEntries"] == []


def test_an_entry_somebody_made_outlives_the_node_groups(aws):
    aws.cluster()
    role = aws.role("node", "ec2.amazonaws.com")
    aws.eks.create_access_entry(clusterName="game", principalArn=role, type="EC2_LINUX")
    aws.nodegroup(nodeRole=role)
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    assert aws.eks.list_access_entries(clusterName="game")["accessEntries"] == [role]


def test_a_pod_identity_association(aws):
    aws.cluster()
    first, second = aws.role("one", "pods.eks.amazonaws.com"), aws.role("two", "pods.eks.amazonaws.com")
    made = aws.eks.create_pod_identity_association(
        clusterName="game", namespace="game", serviceAccount="world", roleArn=first, tags={"team": "games"}
    )["association"]
    ident = made["associationId"]
    assert ident.startswith("a-")
    assert len(ident) == 19
    aws.eks.update_pod_identity_association(clusterName="game", associationId=ident, roleArn=second)
    found = aws.eks.describe_pod_identity_association(clusterName="game", associationId=ident)["association"]
    assert (found["roleArn"], found["namespace"]) == (second, "game")
    listed = aws.eks.list_pod_identity_associations(clusterName="game", namespace="other")["associations"]
    assert listed == []
    aws.eks.delete_pod_identity_association(clusterName="game", associationId=ident)
    assert aws.eks.list_pod_identity_associations(clusterName="game")["associations"] == []


def test_everything_in_eks_takes_tags(aws):
    cluster, group = aws.cluster(), aws.nodegroup()
    addon = aws.eks.create_addon(clusterName="game", addonName="vpc-cni")["addon"]
    entry = aws.eks.create_access_entry(clusterName="game", principalArn=ADMIN)["accessEntry"]
    pod = aws.eks.create_pod_identity_association(
        clusterName="game", namespace="n", serviceAccount="s", roleArn=aws.role("pod", "pods.eks.amazonaws.com")
    )["association"]
    arns = [cluster["arn"], group["nodegroupArn"], addon["addonArn"], entry["accessEntryArn"], pod["associationArn"]]
    for arn in arns:
        aws.eks.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        aws.eks.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert aws.eks.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}


def test_what_is_not_there_is_said_to_be_missing(aws, refused):
    for call in (
        lambda: aws.eks.describe_cluster(name="game"),
        lambda: aws.eks.delete_cluster(name="game"),
        lambda: aws.eks.list_nodegroups(clusterName="game"),
    ):
        with refused("ResourceNotFoundException", "No cluster found for name: game"):
            call()
    aws.cluster()
    for call, what in (
        (lambda: aws.eks.describe_nodegroup(clusterName="game", nodegroupName="x"), "No node group found for name: x"),
        (lambda: aws.eks.describe_addon(clusterName="game", addonName="x"), "No addon: x found in cluster: game"),
        (lambda: aws.eks.describe_access_entry(clusterName="game", principalArn=ADMIN), "could not be found"),
        (lambda: aws.eks.describe_update(name="game", updateId="x"), "No update found for ID: x"),
    ):
        with refused("ResourceNotFoundException", what):
            call()
