"""Seeded throttling: which calls are one too many follows from the seed and the call, and all succeed in the end."""

import json
import random
from collections import Counter

import pytest

from embedded.aws import faults
from embedded.aws.endpoint import ATTEMPTS
from embedded.aws.models.registry import MODULES
from tests.embedded.aws_api.conftest import Aws, unsteady

ALWAYS = 2.0


def tries(aws: Aws) -> Counter:
    """How often each call arrives, filled as calls are made."""
    counted: Counter = Counter()

    def count(stage, call):
        if stage == "received":
            counted[call.operation, json.dumps(call.parameters, sort_keys=True)] += 1

    aws.endpoint.on_call.append(count)
    return counted


def calls(aws: Aws) -> list:
    """60 calls on three services, none of which needs another to be made before it."""
    return [
        call
        for number in range(20)
        for call in (
            lambda it=number: aws.ec2.create_vpc(CidrBlock=f"10.{it}.0.0/16") if it < 5 else aws.ec2.describe_vpcs(),
            lambda it=number: aws.role(f"role-{it}", "ec2.amazonaws.com"),
            lambda it=number: aws.logs.create_log_group(logGroupName=f"/game/{it}"),
        )
    ]


def test_a_seed_throttles_the_same_calls_in_whatever_order_they_arrive():
    seen = []
    for order in (0, 1):
        aws = unsteady(seed=7)
        counted, todo = tries(aws), calls(aws)
        random.Random(order).shuffle(todo)
        for call in todo:
            call()
        seen.append(counted)
    assert seen[0] == seen[1]
    assert max(seen[0].values()) > 1, "seed 7 throttles something here"


def test_another_seed_throttles_other_calls():
    def throttled(seed: int) -> set:
        aws = unsteady(seed)
        counted = tries(aws)
        for call in calls(aws):
            call()
        return {call for call, count in counted.items() if call[0] != "DescribeVpcs" and count > 1}

    assert throttled(7) != throttled(8)


def test_ids_that_aws_makes_up_do_not_decide():
    def arrivals(others: int) -> list[int]:
        aws = unsteady(seed=3)
        for number in range(others):  # each moves the ids of all that comes after it
            aws.sqs.create_queue(QueueName=f"other-{number}")
        vpc = aws.vpc()
        aws.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "game"}])
        counted = tries(aws)
        for number in range(40):
            aws.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")
        return list(counted.values())

    assert arrivals(0) == arrivals(1)
    assert max(arrivals(0)) > 1, "seed 3 throttles a subnet"


def test_one_call_in_twenty_is_throttled_and_all_succeed_in_the_end():
    aws = unsteady(seed=1)
    counted = tries(aws)
    for number in range(400):
        aws.sqs.list_queues(QueueNamePrefix=f"queue-{number}")
    throttled = sum(counted.values()) - 400
    assert 10 <= throttled <= 32, throttled
    assert set(counted.values()) <= {1, 2, 3}


ONE_CALL = {
    "acm": lambda aws: aws.acm.list_certificates(),
    "autoscaling": lambda aws: aws.autoscaling.describe_auto_scaling_groups(),
    "budgets": lambda aws: aws.budgets.describe_budgets(AccountId="123456789012"),
    "ec2": lambda aws: aws.ec2.describe_vpcs(),
    "ecr": lambda aws: aws.ecr.describe_repositories(),
    "eks": lambda aws: aws.eks.list_clusters(),
    "elbv2": lambda aws: aws.elbv2.describe_load_balancers(),
    "events": lambda aws: aws.events.list_rules(),
    "iam": lambda aws: aws.iam.list_roles(),
    "kms": lambda aws: aws.kms.list_keys(),
    "logs": lambda aws: aws.logs.describe_log_groups(),
    "resourcegroupstaggingapi": lambda aws: aws.resourcegroupstaggingapi.get_resources(),
    "route53": lambda aws: aws.route53.list_hosted_zones(),
    "s3": lambda aws: aws.s3.list_buckets(),
    "sns": lambda aws: aws.sns.list_topics(),
    "sqs": lambda aws: aws.sqs.list_queues(),
    "sts": lambda aws: aws.sts.get_caller_identity(),
}
CODES = {
    "autoscaling": "Throttling",
    "ec2": "RequestLimitExceeded",
    "elbv2": "Throttling",
    "iam": "Throttling",
    "resourcegroupstaggingapi": "ThrottledException",
    "route53": "Throttling",
    "s3": "SlowDown",
    "sns": "Throttling",
    "sqs": "RequestThrottled",
    "sts": "Throttling",
}


@pytest.mark.parametrize("service", ONE_CALL)
def test_botocore_knows_each_services_throttling_and_sends_the_call_again(calm, service):
    calm.setattr(faults, "THROTTLED_SHARE", ALWAYS)
    aws = unsteady(seed=0)
    counted = tries(aws)
    ONE_CALL[service](aws)
    assert list(counted.values()) == [3], "throttled twice, never more often in a row"
    assert aws.endpoint._faults.met == {CODES.get(service, "ThrottlingException"): 2}


def test_every_service_that_is_modelled_has_its_throttling_tried():
    assert MODULES.keys() <= ONE_CALL.keys()


def test_our_clients_try_as_often_as_the_real_provider_and_without_faults_once(aws, refused):
    arrived = []

    def busy(service, operation, parameters):
        del service, parameters
        arrived.append(operation)
        raise faults.AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)

    for world in (aws, unsteady(seed=0)):
        world.endpoint.before = busy
        with refused("RequestLimitExceeded", "Request limit exceeded"):
            world.ec2.describe_vpcs()
    assert (len(arrived), ATTEMPTS) == (1 + 25, 25)


def test_a_throttled_change_is_written_down_once(calm):
    calm.setattr(faults, "THROTTLED_SHARE", ALWAYS)
    aws = unsteady(seed=0)
    aws.vpc()
    assert aws.journal.operations == ["CreateVpc"]
