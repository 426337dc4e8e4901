"""Before the load balancer controller goes: all that it made on AWS.

A Service's finalizer is off as soon as the controller has asked AWS to delete the load balancer; its target groups and
its security group follow. Without the controller nobody would delete them, and they hold up the subnets and the VPC.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from components.charts import LOAD_BALANCER_CONTROLLER
from stacks.delete_hooks.releases import is_release_of, values_of
from stacks.delete_hooks.waits import Doomed, Place, Session, Wait, is_gone

# docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html
_ARNS_PER_CALL = 20
CLUSTER_TAG = "elbv2.k8s.aws/cluster"


def _guards(type_: str, inputs: Mapping[str, Any]) -> bool:
    return is_release_of(LOAD_BALANCER_CONTROLLER, type_, inputs)


def _place(doomed: Doomed) -> Place | None:
    region = values_of(doomed).get("region")
    return Place(str(region)) if region else None


def _cluster(doomed: Doomed) -> str:
    return str(values_of(doomed)["clusterName"])


def _standing(session: Session, doomed: Doomed) -> list[str]:
    """Load balancers, target groups and security groups that carry the cluster's name; the program's own do not."""
    cluster = _cluster(doomed)
    elb, ec2 = session.client("elbv2"), session.client("ec2")
    arns = [
        *_each(elb, "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
        *_each(elb, "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    ]
    chunks = [arns[start : start + _ARNS_PER_CALL] for start in range(0, len(arns), _ARNS_PER_CALL)]
    tagged = [arn for chunk in chunks for arn, tags in _tags(elb, chunk).items() if tags.get(CLUSTER_TAG) == cluster]
    pages = ec2.get_paginator("describe_security_groups").paginate(
        Filters=[{"Name": f"tag:{CLUSTER_TAG}", "Values": [cluster]}]
    )
    groups = [group["GroupId"] for page in pages for group in page["SecurityGroups"]]
    return [*(arn.split(":", 5)[5] for arn in tagged), *groups]


def _each(elb: Any, operation: str, key: str, name: str) -> Iterable[str]:
    for page in elb.get_paginator(operation).paginate():
        for found in page[key]:
            yield found[name]


def _tags(elb: Any, arns: list[str]) -> dict[str, dict[str, str]]:
    """Tags by ARN. One that goes while we look fails the whole call, and is then found by halves."""
    try:
        found = elb.describe_tags(ResourceArns=arns)["TagDescriptions"]
    except ClientError as error:
        if not is_gone(error):
            raise
        half = len(arns) // 2
        return {**_tags(elb, arns[:half]), **_tags(elb, arns[half:])} if half else {}
    return {each["ResourceArn"]: {tag["Key"]: tag["Value"] for tag in each["Tags"]} for each in found}


LOAD_BALANCERS = Wait(
    hook="game-regions-load-balancers-gone",
    what="things of its cluster on AWS that the controller made",
    remedy=(
        "delete the Services, Ingresses and TargetGroupBindings that they belong to, or, where the cluster is gone, "
        "the things themselves"
    ),
    # A call that AWS refuses, such as deleting a group still in use, is repeated after ever longer pauses, at most
    # 16 min 40 s: the controller's targetgroupbinding-max-exponential-backoff-delay, and its other queues' default.
    seconds=1200,
    guards=_guards,
    place=_place,
    standing=_standing,
    cluster=_cluster,
)
