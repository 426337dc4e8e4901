"""The table of seeded faults: what happens, by which code AWS says it, and where that is written."""

from __future__ import annotations

from typing import NamedTuple

from embedded.aws.errors import AwsError


class Fault(NamedTuple):
    """A row of the table of faults: what happens, the code by which AWS says it, and where that is written."""

    what: str
    code: str
    source: str


FAULTS = (
    Fault(
        "A call of EC2 is throttled",
        "RequestLimitExceeded (503)",
        "https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html",
    ),
    Fault(
        "A call of IAM, STS, ELB, Auto Scaling, SNS or Route 53 is throttled",
        "Throttling (400)",
        "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html; botocore data/_retry.json",
    ),
    Fault(
        "A call of EKS is throttled",
        "ThrottlingException (429)",
        "botocore data/eks/2017-11-01/service-2.json: ThrottlingException",
    ),
    Fault(
        "A call of S3 is throttled",
        "SlowDown (503)",
        "https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html",
    ),
    Fault(
        "A call of SQS is throttled", "RequestThrottled (403)", "botocore data/_retry.json: sqs, request_limit_exceeded"
    ),
    Fault(
        "A call of the tagging API is throttled",
        "ThrottledException (400)",
        "botocore data/resourcegroupstaggingapi/2017-01-26/service-2.json: ThrottledException",
    ),
    Fault(
        "A call of another service is throttled",
        "ThrottlingException (400)",
        "https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html; botocore data/_retry.json",
    ),
    Fault(
        "The first node group that could only have had instances of types and in zones without capacity: CREATE_FAILED",
        "AsgInstanceLaunchFailures: InsufficientInstanceCapacity",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html; eksctl-io/eksctl issue 4732 (the words)",
    ),
    Fault(
        "An add-on that runs on nodes, after its create or update: DEGRADED for a few looks",
        "InsufficientNumberOfReplicas",
        "https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html",
    ),
    Fault(
        "Interfaces of a deleted load balancer, node group or cluster linger in its subnets and security groups",
        "DependencyViolation",
        "terraform-provider-aws internal/service/ec2: resourceSubnetDelete, resourceSecurityGroupDelete",
    ),
    Fault(
        "Public addresses of a deleted load balancer linger in its network",
        "DependencyViolation",
        "terraform-provider-aws internal/service/ec2: detachInternetGateway",
    ),
)

# Service -> the error by which it throttles.
_RATE = AwsError("Throttling", "Rate exceeded")
THROTTLING = {
    "autoscaling": _RATE,
    "ec2": AwsError("RequestLimitExceeded", "Request limit exceeded.", 503),
    "eks": AwsError("ThrottlingException", "Rate exceeded", 429),
    "elbv2": _RATE,
    "iam": _RATE,
    "resourcegroupstaggingapi": AwsError("ThrottledException", "Rate exceeded"),
    "route53": _RATE,
    "s3": AwsError("SlowDown", "Please reduce your request rate.", 503),
    "sns": _RATE,
    "sqs": AwsError("RequestThrottled", "Request is throttled.", 403),
    "sts": _RATE,
}
THROTTLING_ELSEWHERE = AwsError("ThrottlingException", "Rate exceeded")
