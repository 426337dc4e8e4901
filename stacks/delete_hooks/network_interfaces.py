"""Before a subnet or a security group goes: its network interfaces.

A node's CNI makes interfaces of its own. One that is detached just as its node ends belongs to nobody and costs
nothing, but neither its subnet nor its group can go, and AWS says only DependencyViolation. The nodes' group is the
first of ours that such a leftover holds up; subnets wait too, for what load balancers and the control plane leave a
while.
"""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from stacks.delete_hooks.waits import Doomed, Place, Session, Wait, error_code, is_gone, place_of_arn

# By which filter of DescribeNetworkInterfaces a resource's own are found.
_FILTERS: Mapping[str, str] = {
    "aws:ec2/subnet:Subnet": "subnet-id",
    "aws:ec2/securityGroup:SecurityGroup": "group-id",
}
# What the VPC CNI writes on its interfaces: github.com/aws/amazon-vpc-cni-k8s, pkg/awsutils/awsutils.go
_CNI_DESCRIPTION = "aws-K8S-"
_CNI_TAG = "cluster.k8s.amazonaws.com/name"
# It was taken, or is being attached, after we looked.
_TAKEN = frozenset({"InvalidNetworkInterface.InUse", "InvalidParameterValue"})


def _guards(type_: str, _inputs: Mapping[str, Any]) -> bool:
    return type_ in _FILTERS


def _place(doomed: Doomed) -> Place | None:
    return place_of_arn(str(doomed.outputs.get("arn", "")))


def _standing(session: Session, doomed: Doomed) -> list[str]:
    """Interfaces in use, and free ones that are not the CNI's; those of the CNI that nobody uses are deleted."""
    ec2 = session.client("ec2")
    pages = ec2.get_paginator("describe_network_interfaces").paginate(
        Filters=[{"Name": _FILTERS[doomed.type], "Values": [doomed.id]}]
    )
    found = [interface for page in pages for interface in page["NetworkInterfaces"]]
    return [_described(each) for each in found if not (_is_leftover(each) and _delete(ec2, each))]


def _is_leftover(interface: Mapping[str, Any]) -> bool:
    by_cni = str(interface.get("Description", "")).startswith(_CNI_DESCRIPTION) or any(
        tag["Key"] == _CNI_TAG for tag in interface.get("TagSet", [])
    )
    return by_cni and interface["Status"] == "available"


def _delete(ec2: Any, interface: Mapping[str, Any]) -> bool:
    """Whether the interface is gone now."""
    try:
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    except ClientError as error:
        if error_code(error) in _TAKEN:
            return False
        if not is_gone(error):
            raise
    return True


def _described(interface: Mapping[str, Any]) -> str:
    description = interface.get("Description") or "no description"
    return f"{interface['NetworkInterfaceId']} ({interface['Status']}, {description})"


NETWORK_INTERFACES = Wait(
    hook="game-regions-network-interfaces-gone",
    what="network interfaces on it",
    remedy="delete what they belong to, or the interfaces themselves",
    # The AWS provider, too, tries to delete a security group for a quarter of an hour before it gives up; what load
    # balancers and EKS leave is gone in less.
    seconds=900,
    guards=_guards,
    place=_place,
    standing=_standing,
)
