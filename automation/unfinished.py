"""What the AWS provider does right after it has made an object: a kill between the two leaves it to the recovery.

Only what no later `up` would do. A property of the resource's own is set by the update that follows the recovery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import boto3


def finish(session: boto3.Session, type_: str, real_id: str) -> None:
    """Do for an object that an interrupted create made what the provider had not come to; nothing for most types."""
    step = _STEPS.get(type_)
    if step is not None:
        step(session, real_id)


def _revoke_default_egress(session: boto3.Session, group_id: str) -> None:
    """EC2 lets a new group send everywhere, and the provider takes that back: ec2/vpc_security_group.go of
    terraform-provider-aws, resourceSecurityGroupCreate. Left there, it is the duplicate of a rule that says the same.
    """
    ec2 = session.client("ec2")
    filters = [{"Name": "group-id", "Values": [group_id]}]
    pages = ec2.get_paginator("describe_security_group_rules").paginate(Filters=filters)
    rules = [rule["SecurityGroupRuleId"] for page in pages for rule in page["SecurityGroupRules"] if rule["IsEgress"]]
    if rules:
        ec2.revoke_security_group_egress(GroupId=group_id, SecurityGroupRuleIds=rules)


_STEPS: Mapping[str, Callable[[boto3.Session, str], None]] = MappingProxyType(
    {"aws:ec2/securityGroup:SecurityGroup": _revoke_default_egress}
)
