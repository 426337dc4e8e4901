"""What the AWS provider does once it has asked for an object: a kill in between leaves it to the recovery.

Only what no later `up` would do. A property of the resource's own is set by the update that follows the recovery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import boto3
from botocore.exceptions import WaiterError

from automation.errors import Refused


def finish(session: boto3.Session, type_: str, real_id: str) -> str | None:
    """Do for an object that an interrupted create made what the provider had not come to; nothing for most types.

    What EKS still makes is waited for, up to 20 minutes for a cluster and 40 for a node group: before that it has no
    endpoint to be read. What is wrong with a group that will not be there; Refused for a cluster.
    """
    step = _STEPS.get(type_)
    return None if step is None else step(session, real_id)


def takes_minutes(type_: str) -> bool:
    """Whether `finish` may have to wait for an object of this type."""
    return type_ in (_CLUSTER, _NODE_GROUP)


def _cluster_is_there(session: boto3.Session, name: str) -> str | None:
    failure = _waited(session, "cluster_active", name=name)
    if failure is not None:
        raise Refused(
            f"cluster {name}: an interrupted run had asked EKS for it, and it does not come: {failure}",
            "delete it in EKS, then run this again",
        )
    return None


def _nodes_are_there(session: boto3.Session, real_id: str) -> str | None:
    cluster, _, name = real_id.partition(":")
    return _waited(session, "nodegroup_active", clusterName=cluster, nodegroupName=name)


def _waited(session: boto3.Session, waiter: str, **which: str) -> str | None:
    try:
        session.client("eks").get_waiter(waiter).wait(**which)
    except WaiterError as error:
        return str(error)
    return None


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


_CLUSTER, _NODE_GROUP = "aws:eks/cluster:Cluster", "aws:eks/nodeGroup:NodeGroup"
_STEPS: Mapping[str, Callable[[boto3.Session, str], str | None]] = MappingProxyType(
    {
        "aws:ec2/securityGroup:SecurityGroup": _revoke_default_egress,
        _CLUSTER: _cluster_is_there,
        _NODE_GROUP: _nodes_are_there,
    }
)
