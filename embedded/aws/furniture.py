"""What an account holds before anybody made anything: no default network, AWS's own managed policies."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

# Newer than moto's list. Announced April 2026, https://github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/2918;
# the document is cut down to the tag condition that the announcement describes: nothing here evaluates it.
_EBS_V2 = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["ec2:Describe*"], "Resource": "*"},
        {
            "Effect": "Allow",
            "Action": ["ec2:AttachVolume", "ec2:DetachVolume", "ec2:DeleteVolume", "ec2:ModifyVolume"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/ebs.csi.aws.com/cluster": "true"}},
        },
    ],
}
_NEWER_POLICIES = {
    "AmazonEBSCSIDriverPolicyV2": {
        "DefaultVersionId": "v1",
        "Path": "/",
        "Document": _EBS_V2,
        "CreateDate": "2026-04-15T00:00:00+00:00",
        "UpdateDate": "2026-04-15T00:00:00+00:00",
    }
}


def clear_network(backend: Any) -> None:
    """Take the default VPC out of moto's EC2 of one region: an account may have none, and what is not there leaks not.

    https://docs.aws.amazon.com/vpc/latest/userguide/deleting-default-vpc.html
    """
    for collection in ("vpcs", "subnets", "route_tables", "network_acls", "groups"):
        getattr(backend, collection).clear()


def add_managed_policies(backend: Any) -> None:
    """Put AWS's managed policies into moto's IAM, attached to nobody."""
    backend.aws_managed_policies = list(_managed_policies(backend.account_id, backend.region_name))
    for policy in backend.aws_managed_policies:
        policy.attachment_count = 0
    backend.managed_policies = {policy.arn: policy for policy in backend.aws_managed_policies}


@cache
def _managed_policies(account_id: str, region: str) -> tuple[AWSManagedPolicy, ...]:
    """The 1,400 policies, made once per process; moto's own switch would make them once per partition, 0.2 s each."""
    policies = json.loads(aws_managed_policies_data) | _NEWER_POLICIES
    return tuple(AWSManagedPolicy.from_data(name, account_id, region, facts) for name, facts in policies.items())
