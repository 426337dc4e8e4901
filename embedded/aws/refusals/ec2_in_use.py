"""EC2: what cannot go because something else still stands on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from embedded.aws.account import Account
from embedded.aws.models.eks_nodegroups import launch_template, template_version
from embedded.aws.models.eks_state import Eks, EksCluster, Facts
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict


def _ec2(account: Account, call: Call) -> Any:
    return account.moto("ec2", call.region)


def _clusters(account: Account, call: Call) -> Iterator[EksCluster]:
    yield from account.model(Eks, call.region).clusters.values()


def _group_in_use(account: Account, call: Call) -> Verdict:
    ec2, ident = _ec2(account, call), str(call.parameters.get("GroupId"))
    by_interface = any(group.id == ident for interface in ec2.enis.values() for group in interface.group_set)
    by_rule = any(
        rule.source_group.get("GroupId") == ident
        for groups in ec2.groups.values()
        for group in groups.values()
        if group.id != ident
        for rule in (*group.ingress_rules, *group.egress_rules)
    )
    by_balancer = any(ident in (balancer.security_groups or []) for balancer in _balancers(account, call))
    by_cluster = any(ident in _groups_of(account, call, cluster) for cluster in _clusters(account, call))
    return {"GroupId": ident} if by_interface or by_rule or by_balancer or by_cluster else None


def _balancers(account: Account, call: Call) -> Iterator[Any]:
    for region, elb in account.regions("elbv2"):
        if region == call.region:
            yield from elb.load_balancers.values()


def _groups_of(account: Account, call: Call, cluster: EksCluster) -> Iterator[str]:
    """Groups on the interfaces of a cluster's control plane and of its nodes."""
    network = cluster.facts["resourcesVpcConfig"]
    yield network["clusterSecurityGroupId"]
    yield from network["securityGroupIds"]
    for group in cluster.nodegroups.values():
        if group["scalingConfig"]["desiredSize"]:
            yield from groups_of_nodes(account, call, group)


def groups_of_nodes(account: Account, call: Call, group: Facts) -> Iterator[str]:
    """Security groups that a node group's launch template puts on its nodes."""
    given = group.get("launchTemplate")
    template = launch_template(account, call, {"id": given["id"]}) if given else None
    if given and template is not None:
        data = template_version(template, given).data
        yield from data.get("SecurityGroupIds", [])
        for interface in data.get("NetworkInterfaces", []):
            yield from interface.get("Groups", [])


def _default_group(account: Account, call: Call) -> Verdict:
    group = _ec2(account, call).get_security_group_from_id(call.parameters.get("GroupId", ""))
    return {"GroupId": group.id} if group is not None and group.name == "default" else None


def _subnet_in_use(account: Account, call: Call) -> Verdict:
    ec2, ident = _ec2(account, call), call.parameters["SubnetId"]
    by_interface = any(interface.subnet.id == ident for interface in ec2.enis.values())
    by_balancer = any(subnet.id == ident for balancer in _balancers(account, call) for subnet in balancer.subnets)
    by_cluster = any(
        ident in cluster.facts["resourcesVpcConfig"]["subnetIds"]
        or any(ident in group["subnets"] for group in cluster.nodegroups.values())
        for cluster in _clusters(account, call)
    )
    return {"SubnetId": ident} if by_interface or by_balancer or by_cluster else None


def _addresses_mapped(account: Account, call: Call) -> Verdict:
    vpc = call.parameters["VpcId"]
    mapped = any(address.eni is not None and address.eni.vpc_id == vpc for address in _ec2(account, call).addresses)
    public = any(it.vpc_id == vpc and it.scheme == "internet-facing" for it in _balancers(account, call))
    return {"VpcId": vpc} if mapped or public else None


def _held_address(account: Account, call: Call) -> Any:
    given = call.parameters
    for address in _ec2(account, call).addresses:
        named = given.get("AllocationId", given.get("AssociationId", given.get("PublicIp")))
        if address.eni is not None and named in (address.allocation_id, address.association_id, address.public_ip):
            return address
    return None


def _address_in_use(account: Account, call: Call) -> Verdict:
    address = _held_address(account, call)
    return None if address is None else {"PublicIp": address.public_ip}


def _address_of_gateway(account: Account, call: Call) -> Verdict:
    address = _held_address(account, call)
    gateways = _ec2(account, call).nat_gateways.values()
    return {} if address is not None and any(gateway._eni is address.eni for gateway in gateways) else None


def _network_in_use(account: Account, call: Call) -> Verdict:
    ec2, vpc = _ec2(account, call), call.parameters["VpcId"]
    groups = any(group.name != "default" for group in ec2.groups.get(vpc, {}).values())
    gateways = any(gateway.vpc is not None and gateway.vpc.id == vpc for gateway in ec2.internet_gateways.values())
    endpoints = any(endpoint.vpc_id == vpc for endpoint in ec2.vpc_end_points.values())
    return {"VpcId": vpc} if groups or gateways or endpoints else None


TABLE = (
    Refusal(
        ("DeleteSecurityGroup",),
        _group_in_use,
        "DependencyViolation",
        "resource {GroupId} has a dependent object",
        "https://docs.aws.amazon.com/vpc/latest/userguide/deleting-security-groups.html",
    ),
    Refusal(
        ("DeleteSecurityGroup",),
        _default_group,
        "CannotDelete",
        'the specified group: "{GroupId}" name: "default" cannot be deleted by a user',
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html",
    ),
    Refusal(
        ("DeleteSubnet",),
        _subnet_in_use,
        "DependencyViolation",
        "The subnet '{SubnetId}' has dependencies and cannot be deleted.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html",
    ),
    Refusal(
        ("DetachInternetGateway",),
        _addresses_mapped,
        "DependencyViolation",
        "Network {VpcId} has some mapped public address(es). Please unmap those public address(es) before detaching "
        "the gateway.",
        "https://repost.aws/knowledge-center/vpc-detach-internet-gateway",
    ),
    Refusal(
        ("DisassociateAddress",),
        _address_of_gateway,
        "AuthFailure",
        "You do not have permission to access the specified resource.",
        "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html (only deleting frees it)",
    ),
    Refusal(
        ("ReleaseAddress",),
        _address_in_use,
        "InvalidIPAddress.InUse",
        "Address {PublicIp} is in use.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html",
    ),
    Refusal(
        ("DeleteVpc",),
        _network_in_use,
        "DependencyViolation",
        "The vpc '{VpcId}' has dependencies and cannot be deleted.",
        "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html",
    ),
)
