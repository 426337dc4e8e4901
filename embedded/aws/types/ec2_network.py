"""EC2: VPC, subnet, internet gateway, elastic address, NAT gateway."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, CIDR, Choice
from embedded.aws.properties import Property
from embedded.aws.rows import (
    Assigned,
    Call,
    Leaf,
    Read,
    Row,
    Scope,
    Update,
    given,
    has_result,
    own_id,
    result,
    unlike_default,
)
from embedded.aws.tags import ec2_tagging, tag_specification
from embedded.aws.types.sources import terraform

_VPC = terraform("ec2/vpc_.go")
_SUBNET = terraform("ec2/vpc_subnet.go")
_NAT = terraform("ec2/vpc_nat_gateway.go")
_EIP = terraform("ec2/ec2_eip.go")


def ec2_arn(kind: str) -> Leaf:
    """The ARN of an EC2 object, which most describe answers lack: "vpc", "route-table", ..."""
    return lambda scope: f"arn:aws:ec2:{scope.region}:{scope.account()}:{kind}/{own_id(scope)}"


def filters(**values: Any) -> list[dict[str, Any]]:
    """EC2's Filters parameter; "vpc_id" stands for "vpc-id"."""
    return [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in values.items()]


def _vpc_attribute(name: str) -> Read:
    api = name[0].upper() + name[1:]
    return Read("DescribeVpcAttribute", {"VpcId": own_id, "Attribute": name}, f"{api}.Value", api)


def _vpc_switch(name: str) -> Call:
    # AWS takes one attribute per call, and only after the VPC exists.
    api = name[0].upper() + name[1:]
    return Call("ModifyVpcAttribute", {"VpcId": own_id, api: {"Value": given(name)}}, when=unlike_default(name))


def _set_vpc_switch(name: str) -> Update:
    api = name[0].upper() + name[1:]
    return Update((name,), (Call("ModifyVpcAttribute", {"VpcId": own_id, api: {"Value": given(name)}}),))


_VPC_SWITCHES = ("enableDnsSupport", "enableDnsHostnames", "enableNetworkAddressUsageMetrics")

VPC = Row(
    type="aws:ec2/vpc:Vpc",
    service="ec2",
    identity=Assigned(made="Vpc.VpcId", read="Vpc.VpcId"),
    properties=(
        Property(name="cidrBlock", kind=CIDR, found="Vpc.CidrBlock", required=True, replaces=_VPC),
        Property(
            name="instanceTenancy",
            kind=Choice(("default", "dedicated")),
            found="Vpc.InstanceTenancy",
            default="default",
            replaces=terraform("ec2/vpc_.go", "CustomizeDiff, to dedicated; ModifyVpcTenancy only knows default"),
            replaces_if=lambda _old, new: new == "dedicated",
        ),
        Property(name="enableDnsSupport", kind=BOOL, found="EnableDnsSupport", default=True),
        Property(name="enableDnsHostnames", kind=BOOL, found="EnableDnsHostnames", default=False),
        Property(
            name="enableNetworkAddressUsageMetrics", kind=BOOL, found="EnableNetworkAddressUsageMetrics", default=False
        ),
        Property(name="arn", found=ec2_arn("vpc"), output=True),
        Property(name="ownerId", found="Vpc.OwnerId", output=True),
        Property(name="dhcpOptionsId", found="Vpc.DhcpOptionsId", output=True),
        Property(name="defaultSecurityGroupId", found="DefaultGroup.GroupId", output=True),
        Property(name="mainRouteTableId", found="MainTable.RouteTableId", output=True),
        Property(name="defaultRouteTableId", found="MainTable.RouteTableId", output=True),
        Property(name="defaultNetworkAclId", found="DefaultAcl.NetworkAclId", output=True),
    ),
    create=(
        Call(
            "CreateVpc",
            {
                "CidrBlock": given("cidrBlock"),
                "InstanceTenancy": given("instanceTenancy"),
                "TagSpecifications": tag_specification("vpc"),
            },
        ),
        *map(_vpc_switch, _VPC_SWITCHES),
    ),
    read=(
        Read("DescribeVpcs", {"VpcIds": [own_id]}, "Vpcs[0]", "Vpc"),
        *map(_vpc_attribute, _VPC_SWITCHES),
        Read(
            "DescribeSecurityGroups",
            {"Filters": filters(vpc_id=own_id, group_name="default")},
            "SecurityGroups[0]",
            "DefaultGroup",
        ),
        Read(
            "DescribeRouteTables",
            {"Filters": [*filters(vpc_id=own_id), {"Name": "association.main", "Values": ["true"]}]},
            "RouteTables[0]",
            "MainTable",
        ),
        Read(
            "DescribeNetworkAcls", {"Filters": filters(vpc_id=own_id, default="true")}, "NetworkAcls[0]", "DefaultAcl"
        ),
    ),
    update=(
        Update(
            ("instanceTenancy",),
            (Call("ModifyVpcTenancy", {"VpcId": own_id, "InstanceTenancy": given("instanceTenancy")}),),
        ),
        *map(_set_vpc_switch, _VPC_SWITCHES),
    ),
    delete=(Call("DeleteVpc", {"VpcId": own_id}),),
    tagging=ec2_tagging("Vpc.Tags"),
)


def _subnet_switch(name: str, api: str) -> Call:
    return Call("ModifySubnetAttribute", {"SubnetId": own_id, api: {"Value": given(name)}}, when=unlike_default(name))


def _set_subnet_switch(name: str, api: str) -> Update:
    return Update((name,), (Call("ModifySubnetAttribute", {"SubnetId": own_id, api: {"Value": given(name)}}),))


# AWS changes one subnet attribute per call.
_SUBNET_SWITCHES = (
    ("mapPublicIpOnLaunch", "MapPublicIpOnLaunch"),
    ("enableResourceNameDnsARecordOnLaunch", "EnableResourceNameDnsARecordOnLaunch"),
)

SUBNET = Row(
    type="aws:ec2/subnet:Subnet",
    service="ec2",
    identity=Assigned(made="Subnet.SubnetId", read="Subnet.SubnetId"),
    properties=(
        Property(name="vpcId", found="Subnet.VpcId", required=True, replaces=_SUBNET),
        Property(name="cidrBlock", kind=CIDR, found="Subnet.CidrBlock", required=True, replaces=_SUBNET),
        Property(name="availabilityZone", found="Subnet.AvailabilityZone", computed=True, replaces=_SUBNET),
        Property(name="mapPublicIpOnLaunch", kind=BOOL, found="Subnet.MapPublicIpOnLaunch", default=False),
        Property(
            name="enableResourceNameDnsARecordOnLaunch",
            kind=BOOL,
            found="Subnet.PrivateDnsNameOptionsOnLaunch.EnableResourceNameDnsARecord",
            default=False,
        ),
        Property(name="availabilityZoneId", found="Subnet.AvailabilityZoneId", output=True),
        Property(name="arn", found="Subnet.SubnetArn", output=True),
        Property(name="ownerId", found="Subnet.OwnerId", output=True),
    ),
    create=(
        Call(
            "CreateSubnet",
            {
                "VpcId": given("vpcId"),
                "CidrBlock": given("cidrBlock"),
                "AvailabilityZone": given("availabilityZone"),
                "TagSpecifications": tag_specification("subnet"),
            },
        ),
        *(_subnet_switch(name, api) for name, api in _SUBNET_SWITCHES),
    ),
    read=(Read("DescribeSubnets", {"SubnetIds": [own_id]}, "Subnets[0]", "Subnet"),),
    update=tuple(_set_subnet_switch(name, api) for name, api in _SUBNET_SWITCHES),
    delete=(Call("DeleteSubnet", {"SubnetId": own_id}, lingering=("DependencyViolation",)),),
    tagging=ec2_tagging("Subnet.Tags"),
)

_ATTACHED = "InternetGateway.Attachments[0].VpcId"
_DETACH = Call(
    "DetachInternetGateway",
    {"InternetGatewayId": own_id, "VpcId": result(_ATTACHED)},
    when=has_result(_ATTACHED),
    lingering=("DependencyViolation",),
)
_ATTACH = Call(
    "AttachInternetGateway",
    {"InternetGatewayId": own_id, "VpcId": given("vpcId")},
    when=lambda scope: scope.value("vpcId") is not None,
)

INTERNET_GATEWAY = Row(
    type="aws:ec2/internetGateway:InternetGateway",
    service="ec2",
    identity=Assigned(made="InternetGateway.InternetGatewayId", read="InternetGateway.InternetGatewayId"),
    properties=(
        Property(name="vpcId", found=_ATTACHED, computed=True),
        Property(name="arn", found=ec2_arn("internet-gateway"), output=True),
        Property(name="ownerId", found="InternetGateway.OwnerId", output=True),
    ),
    create=(Call("CreateInternetGateway", {"TagSpecifications": tag_specification("internet-gateway")}), _ATTACH),
    read=(
        Read("DescribeInternetGateways", {"InternetGatewayIds": [own_id]}, "InternetGateways[0]", "InternetGateway"),
    ),
    update=(Update(("vpcId",), (_DETACH, _ATTACH)),),
    delete=(_DETACH, Call("DeleteInternetGateway", {"InternetGatewayId": own_id})),
    tagging=ec2_tagging("InternetGateway.Tags"),
)

# The address's association is left out of the outputs: it comes with the NAT gateway, after the address itself.
EIP = Row(
    type="aws:ec2/eip:Eip",
    service="ec2",
    identity=Assigned(made="AllocationId", read="Address.AllocationId"),
    properties=(
        Property(name="domain", kind=Choice(("vpc",)), found="Address.Domain", default="vpc", replaces=_EIP),
        Property(name="allocationId", found="Address.AllocationId", output=True),
        Property(name="publicIp", found="Address.PublicIp", output=True),
        Property(name="arn", found=ec2_arn("elastic-ip"), output=True),
    ),
    create=(
        Call("AllocateAddress", {"Domain": given("domain"), "TagSpecifications": tag_specification("elastic-ip")}),
    ),
    read=(Read("DescribeAddresses", {"AllocationIds": [own_id]}, "Addresses[0]", "Address"),),
    delete=(Call("ReleaseAddress", {"AllocationId": own_id}),),
    tagging=ec2_tagging("Address.Tags"),
)


def _nat_failure(scope: Scope) -> list[str]:
    if scope.search("NatGateway.State") != "failed":
        return []
    return [f"{scope.search('NatGateway.FailureCode')}: {scope.search('NatGateway.FailureMessage')}"]


_NAT_ADDRESS = "NatGateway.NatGatewayAddresses[0]"

NAT_GATEWAY = Row(
    type="aws:ec2/natGateway:NatGateway",
    service="ec2",
    identity=Assigned(made="NatGateway.NatGatewayId", read="NatGateway.NatGatewayId"),
    properties=(
        Property(name="subnetId", found="NatGateway.SubnetId", required=True, replaces=_NAT),
        Property(name="allocationId", found=f"{_NAT_ADDRESS}.AllocationId", replaces=_NAT),
        Property(
            name="connectivityType",
            kind=Choice(("public", "private")),
            found="NatGateway.ConnectivityType",
            default="public",
            replaces=_NAT,
        ),
        Property(name="privateIp", found=f"{_NAT_ADDRESS}.PrivateIp", output=True),
        Property(name="publicIp", found=f"{_NAT_ADDRESS}.PublicIp", output=True),
        Property(name="networkInterfaceId", found=f"{_NAT_ADDRESS}.NetworkInterfaceId", output=True),
        Property(name="associationId", found=f"{_NAT_ADDRESS}.AssociationId", output=True),
    ),
    create=(
        Call(
            "CreateNatGateway",
            {
                "SubnetId": given("subnetId"),
                "AllocationId": given("allocationId"),
                "ConnectivityType": given("connectivityType"),
                "TagSpecifications": tag_specification("natgateway"),
            },
        ),
    ),
    # A deleted gateway stays in the answers for about an hour.
    read=(
        Read(
            "DescribeNatGateways",
            {"NatGatewayIds": [own_id]},
            "NatGateways[?State != 'deleted' && State != 'deleting'] | [0]",
            "NatGateway",
        ),
    ),
    delete=(Call("DeleteNatGateway", {"NatGatewayId": own_id}),),
    tagging=ec2_tagging("NatGateway.Tags"),
    pending="NatGateway.State == 'pending'",
    ill=_nat_failure,
)

ROWS = (VPC, SUBNET, INTERNET_GATEWAY, EIP, NAT_GATEWAY)
