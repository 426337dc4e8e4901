"""Which operations our models perform; every other one is moto's."""

from __future__ import annotations

from types import ModuleType

from botocore import xform_name
from moto.core.serialize import get_serializer_class

from embedded.aws.account import Account, not_served
from embedded.aws.models import (
    Model,
    budgets,
    ec2,
    ec2_blocks,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_peering,
    ec2_tags,
    ecr,
    eks_access,
    eks_addons,
    eks_clusters,
    eks_nodegroups,
    eks_pod_identity,
    eks_tags,
    eks_updates,
    elbv2,
    elbv2_targets,
    iam,
    kms,
    s3,
    s3_replication,
    sqs,
    sts,
    tagging,
)
from embedded.aws.protocol import Answer, Call

# An operation is performed by the function of its name (boto3's) in one of its service's modules.
MODULES: dict[str, tuple[ModuleType, ...]] = {
    "budgets": (budgets,),
    "ec2": (ec2, ec2_tags, ec2_blocks, ec2_endpoints, ec2_flow_logs, ec2_peering),
    "ecr": (ecr,),
    "eks": (eks_clusters, eks_nodegroups, eks_addons, eks_access, eks_pod_identity, eks_updates, eks_tags),
    "elbv2": (elbv2, elbv2_targets),
    "iam": (iam,),
    "kms": (kms,),
    "resourcegroupstaggingapi": (tagging,),
    "s3": (s3, s3_replication),
    "sqs": (sqs,),
    "sts": (sts,),
}
# Services of which moto does so little that nothing is left to it.
WHOLLY_OURS = ("budgets", "eks")


def model_of(service: str, operation: str) -> Model | None:
    """Our model of an operation, or None when it is moto's (or nobody's)."""
    name = xform_name(operation)
    for module in MODULES.get(service, ()):
        found: Model | None = vars(module).get(name)
        if found is not None and found.__module__ == module.__name__:
            return found
    return None


def perform(account: Account, call: Call) -> Answer:
    """Let our model, or else moto, execute a call. AwsError when our model refuses or nobody serves the operation."""
    model = model_of(call.service, call.operation)
    if model is None:
        if call.service in WHOLLY_OURS:
            raise not_served(call)
        return account.execute(call)
    result = model(account, call)
    if isinstance(result, tuple):
        return result
    serializer = get_serializer_class(call.service, call.protocol)(operation_model=call.model)
    answer = serializer.serialize(result)
    body = answer["body"]
    return answer["status_code"], dict(answer["headers"]), body if isinstance(body, bytes) else body.encode()
