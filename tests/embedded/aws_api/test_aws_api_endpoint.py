"""The one door of the embedded AWS: recognising, journaling, replaying, putting away, faults, what is not served."""

from __future__ import annotations

import threading

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from moto.moto_api._internal import mock_random

from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.errors import AwsError


def region_of_everything(aws):
    """One thing of each kind that moto or our models keep differently."""
    vpc = aws.vpc()
    aws.internet_gateway(vpc)
    subnets = [aws.subnet(vpc, 0, "a"), aws.subnet(vpc, 1, "b")]
    aws.nat_gateway(subnets[0])
    aws.cluster(subnets=subnets, tags={"team": "games"})
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni")
    aws.nodegroup()
    aws.kms.create_alias(AliasName="alias/game", TargetKeyId=aws.key())
    aws.logs.create_log_group(logGroupName="/game", tags={"team": "games"})
    aws.route53.create_hosted_zone(Name="game.example", CallerReference="1")
    aws.sqs.create_queue(QueueName="interruptions")
    aws.events.put_rule(Name="spot", EventPattern='{"source": ["aws.ec2"]}')
    aws.iam.attach_role_policy(RoleName="nodes-node", PolicyArn="arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")
    aws.s3.create_bucket(Bucket="saves")
    aws.s3.put_object(Bucket="saves", Key="world", Body=b"seed")


def answers(aws):
    """What the account says about itself, by calls that were no part of making it."""
    return {
        "cluster": aws.eks.describe_cluster(name="game")["cluster"],
        "role": aws.iam.get_role(RoleName="nodes-node")["Role"],
        "policies": aws.iam.list_attached_role_policies(RoleName="nodes-node")["AttachedPolicies"],
        "nat": aws.ec2.describe_nat_gateways()["NatGateways"],
        "groups": aws.ec2.describe_security_groups()["SecurityGroups"],
        "zones": aws.route53.list_hosted_zones()["HostedZones"],
        "keys": aws.kms.list_aliases()["Aliases"],
        "object": aws.s3.get_object(Bucket="saves", Key="world")["Body"].read(),
        "inventory": aws.endpoint.inventory(),
    }


def test_a_replay_makes_the_same_account_with_the_same_ids_and_times(aws):
    region_of_everything(aws)
    before, entries = answers(aws), aws.journal.entries
    again = type(aws)()
    assert again.endpoint.inventory() == [], "a new endpoint starts empty"
    for sequence, entry in enumerate(entries, start=1):
        again.endpoint.replay(entry, sequence)
    assert answers(again) == before
    assert again.journal.entries == [], "a replay is not journaled again"


def test_an_account_put_away_comes_back_as_it_was(aws):
    region_of_everything(aws)
    before, data = answers(aws), aws.endpoint.snapshot()
    again = type(aws)()
    again.endpoint.restore(data)
    assert answers(again) == before
    role = "nodes-node"
    again.iam.detach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy")
    assert len(data) < 1_000_000


def test_a_service_first_used_within_a_call_leaves_the_calls_ids_alone(aws):
    def ids() -> list[int]:
        mock_random.seed(1)
        aws.endpoint.account.moto("ec2", "eu-west-1")
        return [mock_random.randint(0, 10**9) for _ in range(3)]

    assert ids() == ids(), "the first makes eu-west-1's backend, the second finds it"


def test_only_mutations_are_journaled_and_before_they_are_made(aws):
    seen = []

    def watch(stage, call):
        made = len(aws.endpoint.account.moto("ec2", "us-east-1").vpcs)
        seen.append((stage, call.operation, len(aws.journal.entries), made))

    aws.ec2.describe_vpcs()
    aws.endpoint.on_call.append(watch)
    aws.vpc()
    aws.ec2.describe_vpcs()
    assert seen == [
        ("received", "CreateVpc", 0, 0),
        ("recorded", "CreateVpc", 1, 0),
        ("done", "CreateVpc", 1, 1),
        ("received", "DescribeVpcs", 1, 1),
    ]


def test_a_refused_call_is_not_journaled(aws, refused):
    with refused("VPCIdNotSpecified", "No default VPC"):
        aws.ec2.create_security_group(GroupName="a", Description="a")
    assert aws.journal.operations == []


def test_a_full_disk_stops_a_call_before_it_is_made(aws, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(aws.journal, "record", full)
    with pytest.raises(OSError, match="No space left"):
        aws.vpc()
    assert aws.ec2.describe_vpcs()["Vpcs"] == []


def test_a_fault_before_a_call_is_an_error_of_aws(aws, refused):
    def throttle(service, operation, parameters):
        if (service, operation) == ("ec2", "CreateVpc"):
            raise AwsError("RequestLimitExceeded", f"too many of {parameters['CidrBlock']}", 503)

    aws.endpoint.before = throttle
    with refused("RequestLimitExceeded", "too many of 10.0.0.0/16"):
        aws.vpc()
    aws.endpoint.before = None
    aws.vpc()


def raw_client(endpoint: AwsEndpoint, service: str, region: str):
    """A client of somebody's own, that sends to a local port; what it would send goes to handle() as it is."""
    options = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    session = boto3.session.Session(aws_access_key_id="AKIASOMEBODYELSE0000", aws_secret_access_key="secret")
    client = session.client(service, region_name=region, endpoint_url="http://127.0.0.1:1", config=options)

    def send(request: AWSPreparedRequest, **_: object):
        return endpoint.handle(request)

    client.meta.events.register("before-send", send)
    return client


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-1"])
def test_a_request_to_a_local_port_is_recognised_by_its_credential_scope(aws, region):
    ec2, iam, eks = (raw_client(aws.endpoint, service, region) for service in ("ec2", "iam", "eks"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert [it["VpcId"] for it in aws.endpoint.client("ec2", region).describe_vpcs()["Vpcs"]] == [vpc]
    assert iam.list_roles()["Roles"] == []
    assert eks.list_clusters()["clusters"] == []


def test_keys_of_a_caller_never_reach_the_journal(aws):
    raw_client(aws.endpoint, "ec2", "us-east-1").create_vpc(CidrBlock="10.0.0.0/16")
    assert "AKIASOMEBODYELSE0000" not in str(aws.journal.entries)


def test_a_raw_caller_is_held_to_the_service_model(aws, refused):
    with refused("ValidationException", 'Missing required parameter in input: "roleArn"'):
        raw_client(aws.endpoint, "eks", "us-east-1").create_cluster(name="game", resourcesVpcConfig={})


def test_an_unsigned_request_is_refused(aws):
    request = AWSPreparedRequest("POST", "http://127.0.0.1/", {}, b"Action=DescribeVpcs", False)
    answer = aws.endpoint.handle(request)
    assert answer.status_code == 403
    assert b"MissingAuthenticationToken" in answer.content


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "what"),
    [
        ("dynamodb", "list_tables", {}, "does not serve dynamodb"),
        ("globalaccelerator", "list_accelerators", {}, "does not serve globalaccelerator"),
        ("eks", "list_fargate_profiles", {"clusterName": "game"}, "does not serve eks ListFargateProfiles"),
        ("elb", "describe_load_balancers", {}, "does not serve classic load balancers"),
        (
            "ec2",
            "describe_vpc_block_public_access_options",
            {},
            "does not serve ec2 DescribeVpcBlockPublicAccessOptions",
        ),
    ],
)
def test_what_the_embedded_cloud_does_not_serve_it_says_so(aws, refused, service, operation, parameters, what):
    with refused("InvalidAction", what):
        getattr(aws.endpoint.client(service, "us-east-1"), operation)(**parameters)


def test_a_region_aws_does_not_have_is_refused(aws, refused):
    with refused("InvalidRegion", "no ec2 in the region 'us-nowhere-1'"):
        aws.endpoint.client("ec2", "us-nowhere-1").describe_vpcs()


def test_a_configuration_of_the_users_does_not_reach_our_clients(aws, monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    fresh = AwsEndpoint(aws.journal, threading.RLock())
    assert fresh.client("ec2", "us-east-1").describe_vpcs()["Vpcs"] == []


def test_a_client_is_made_once(aws):
    assert aws.endpoint.client("ec2", "us-east-1") is aws.endpoint.client("ec2", "us-east-1")
    assert aws.endpoint.client("ec2", "us-east-1") is not aws.endpoint.client("ec2", "us-west-2")
