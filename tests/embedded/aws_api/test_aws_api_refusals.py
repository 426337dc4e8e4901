"""What IAM, KMS, Logs and Elastic Load Balancing refuse and moto does not, and the limits of the service models."""

from __future__ import annotations

import json

import pytest

ALLOW_S3 = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


def test_a_node_role_stays_while_a_node_group_uses_it(aws, refused):
    aws.cluster()
    aws.nodegroup(nodeRole=aws.role("nodes-node", "ec2.amazonaws.com"))
    with refused("DeleteConflict", "must remove roles from instance profile first"):
        aws.iam.delete_role(RoleName="nodes-node")
    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    aws.iam.delete_role(RoleName="nodes-node")


def test_a_cluster_role_and_a_pod_role_stay_while_the_cluster_stands(aws, refused):
    aws.cluster()
    pod = aws.role("pod", "pods.eks.amazonaws.com")
    aws.eks.create_pod_identity_association(clusterName="game", namespace="n", serviceAccount="s", roleArn=pod)
    for name in ("game-cluster", "pod"):
        with refused("DeleteConflict", "Cannot delete entity"):
            aws.iam.delete_role(RoleName=name)
    aws.eks.delete_cluster(name="game")
    for name in ("game-cluster", "pod"):
        aws.iam.delete_role(RoleName=name)


def test_a_policy_stays_while_it_is_attached(aws, refused):
    aws.role("worker", "ec2.amazonaws.com")
    policy = aws.iam.create_policy(PolicyName="reads", PolicyDocument=ALLOW_S3)["Policy"]["Arn"]
    aws.iam.attach_role_policy(RoleName="worker", PolicyArn=policy)
    with refused("DeleteConflict", "attached to entities"):
        aws.iam.delete_policy(PolicyArn=policy)
    aws.iam.detach_role_policy(RoleName="worker", PolicyArn=policy)
    aws.iam.delete_policy(PolicyArn=policy)


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        ("{", "invalid Json"),
        ("{}", "Syntax errors in policy"),
        (
            '{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}]}',
            "prohibited field Resource",
        ),
        ('{"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}', "Missing required field Principal"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*"}}', "Missing required field Action"),
        ('{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}}', "only specify STS AssumeRole"),
    ],
)
def test_a_trust_policy_that_cannot_be_one_is_refused(aws, refused, document, fault):
    with refused("MalformedPolicyDocument", fault):
        aws.iam.create_role(RoleName="worker", AssumeRolePolicyDocument=document)


def test_a_trust_policy_may_be_changed_to_one_for_pods(aws):
    aws.role("worker", "ec2.amazonaws.com")
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.iam.update_assume_role_policy(RoleName="worker", PolicyDocument=document)
    assert aws.iam.get_role(RoleName="worker")["Role"]["AssumeRolePolicyDocument"]["Statement"] == [statement]


def test_a_managed_policy_must_exist_to_be_attached(aws, refused):
    aws.role("worker", "ec2.amazonaws.com")
    for name in ("AmazonEKSWorkerNodePolicy", "AmazonEBSCSIDriverPolicyV2"):
        aws.iam.attach_role_policy(RoleName="worker", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    with refused("NoSuchEntity", "AmazonNonsensePolicy does not exist or is not attachable"):
        aws.iam.attach_role_policy(RoleName="worker", PolicyArn="arn:aws:iam::aws:policy/AmazonNonsensePolicy")


def test_a_key_policy_that_locks_everybody_out_is_refused(aws, refused):
    def policy(principal: dict[str, str]) -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    with refused("MalformedPolicyDocumentException", "will not allow you to update the key policy"):
        aws.kms.create_key(Policy=policy({"Service": "eks.amazonaws.com"}))
    key = aws.kms.create_key(Policy=policy({"AWS": "arn:aws:iam::123456789012:root"}))["KeyMetadata"]["KeyId"]
    with refused("MalformedPolicyDocumentException", "will not allow"):
        aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy({"Service": "eks.amazonaws.com"}))


def test_a_key_is_scheduled_for_deletion_by_its_arn_and_only_once(aws, refused):
    key = aws.key()
    answer = aws.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (key, "PendingDeletion", 7)
    with refused("KMSInvalidStateException", "pending deletion"):
        aws.kms.schedule_key_deletion(KeyId=key)
    with refused("ValidationException", "between 7 and 30"):
        aws.kms.schedule_key_deletion(KeyId=aws.key(), PendingWindowInDays=6)


def test_a_rotation_period_is_kept(aws):
    key = aws.key()
    aws.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert aws.kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90


def test_a_log_group_takes_only_a_key_that_lets_the_logs_service_in(aws, refused):
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.us-east-1.amazonaws.com"},
            "Action": "kms:*",
            "Resource": "*",
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    open_key = aws.kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    for closed_key in (aws.key(), "arn:aws:kms:us-east-1:123456789012:key/none"):
        with refused("InvalidParameterException", "KMS key does not exist or is not allowed"):
            aws.logs.create_log_group(logGroupName="/game", kmsKeyId=closed_key)
    aws.logs.create_log_group(logGroupName="/game", kmsKeyId=open_key)


def test_a_retention_that_logs_does_not_have_is_refused(aws, refused):
    aws.logs.create_log_group(logGroupName="/game")
    with refused("InvalidParameterException", r"Value '31' at 'retentionInDays'.*\[1, 3, 5, 7"):
        aws.logs.put_retention_policy(logGroupName="/game", retentionInDays=31)
    aws.logs.put_retention_policy(logGroupName="/game", retentionInDays=30)


def test_a_protected_load_balancer_stays(aws, refused):
    web = aws.elbv2.create_load_balancer(Name="web", Subnets=aws.subnets(), Scheme="internal")["LoadBalancers"][0]
    made = web["LoadBalancerArn"]
    protect = {"Key": "deletion_protection.enabled", "Value": "true"}
    aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=made, Attributes=[protect])
    with refused("OperationNotPermitted", "deletion protection is enabled"):
        aws.elbv2.delete_load_balancer(LoadBalancerArn=made)


def test_a_value_the_service_model_does_not_list_is_refused(aws, refused):
    aws.cluster()
    with refused("InvalidParameterException", "Value 'AL1999' at 'amiType'.*AL2023_x86_64_STANDARD"):
        aws.nodegroup(amiType="AL1999")


def test_a_length_and_a_pattern_of_the_service_model_are_kept(aws, refused):
    with refused("ValidationError", "at 'RoleName' failed.*less than or equal to 64"):
        aws.role("r" * 65, "ec2.amazonaws.com")
    with refused("ValidationError", r"Value 'urn:a\$b' at 'Tags.1.member.Value' failed.*pattern"):
        aws.iam.create_role(
            RoleName="tagged",
            AssumeRolePolicyDocument='{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}',
            Tags=[{"Key": "game-regions/urn", "Value": "urn:a$b"}],
        )
    with refused("InvalidParameterException", "at 'maxResults' failed.*less than or equal to 100"):
        aws.eks.list_clusters(maxResults=101)
