"""EC2: VPC endpoints, of gateways and of interfaces."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, POLICY, TEXT_SET, TEXTS, Choice, ListOf, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Call, Leaf, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import ec2_tagging, tag_specification
from embedded.aws.types.ec2_network import ec2_arn
from embedded.aws.types.sources import terraform
from embedded.provider import Values

_SOURCE = terraform("ec2/vpc_endpoint.go")

# Property -> (where the answer holds it, its name in a create and, behind "Add" and "Remove", in a change)
_SETS = {
    "routeTableIds": ("RouteTableIds", "RouteTableIds"),
    "subnetIds": ("SubnetIds", "SubnetIds"),
    "securityGroupIds": ("Groups[].GroupId", "SecurityGroupIds"),
}
_DNS_ENTRY = Struct((Property(name="dnsName", api="DnsName"), Property(name="hostedZoneId", api="HostedZoneId")))


def _private_dns(scope: Scope) -> Any:
    # AWS assumes true where the provider assumes false, and gateways know no such thing.
    return scope.value("privateDnsEnabled") if scope.value("vpcEndpointType") == "Interface" else None


def _beyond(name: str, wanted: bool) -> Leaf:
    """The ids that are wanted anew (else: no longer) in a set."""

    def leaf(scope: Scope) -> Any:
        old, new = scope.old.get(name) or [], scope.new.get(name)
        if new is None or stands_in(new):
            return None
        return sorted(set(new) - set(old) if wanted else set(old) - set(new)) or None

    return leaf


def _if_changed(name: str) -> Leaf:
    return lambda scope: given(name)(scope) if scope.changed(name) else None


def _list_of_service(_: Scope, answer: Values) -> Any:
    # Only gateways' services have a list of prefixes.
    return (answer["PrefixLists"] or [{}])[0]


VPC_ENDPOINT = Row(
    type="aws:ec2/vpcEndpoint:VpcEndpoint",
    service="ec2",
    identity=Assigned(made="VpcEndpoint.VpcEndpointId", read="VpcEndpoint.VpcEndpointId"),
    properties=(
        Property(name="vpcId", found="VpcEndpoint.VpcId", required=True, replaces=_SOURCE),
        Property(name="serviceName", found="VpcEndpoint.ServiceName", required=True, replaces=_SOURCE),
        Property(
            name="vpcEndpointType",
            kind=Choice(("Gateway", "Interface")),
            found="VpcEndpoint.VpcEndpointType",
            default="Gateway",
            replaces=_SOURCE,
        ),
        *(
            Property(name=name, kind=TEXT_SET, found=f"VpcEndpoint.{path}", computed=True)
            for name, (path, _) in _SETS.items()
        ),
        Property(name="privateDnsEnabled", kind=BOOL, found="VpcEndpoint.PrivateDnsEnabled", default=False),
        Property(name="policy", kind=POLICY, found="VpcEndpoint.PolicyDocument", computed=True),
        Property(name="arn", found=ec2_arn("vpc-endpoint"), output=True),
        Property(name="state", found="VpcEndpoint.State", output=True),
        Property(name="ownerId", found="VpcEndpoint.OwnerId", output=True),
        Property(name="prefixListId", found="PrefixList.PrefixListId", output=True),
        Property(
            name="networkInterfaceIds",
            kind=TEXTS,
            found="VpcEndpoint.NetworkInterfaceIds",
            output=True,
            moves_with=("subnetIds",),
        ),
        Property(name="dnsEntries", kind=ListOf(_DNS_ENTRY), found="VpcEndpoint.DnsEntries", output=True),
    ),
    create=(
        Call(
            "CreateVpcEndpoint",
            {
                "VpcId": given("vpcId"),
                "ServiceName": given("serviceName"),
                "VpcEndpointType": given("vpcEndpointType"),
                "PolicyDocument": given("policy"),
                "PrivateDnsEnabled": _private_dns,
                **{api: given(name) for name, (_, api) in _SETS.items()},
                "TagSpecifications": tag_specification("vpc-endpoint"),
            },
        ),
    ),
    read=(
        Read("DescribeVpcEndpoints", {"VpcEndpointIds": [own_id]}, "VpcEndpoints[0]", "VpcEndpoint"),
        Read(
            "DescribePrefixLists",
            {
                "Filters": [
                    {"Name": "prefix-list-name", "Values": [lambda scope: scope.search("VpcEndpoint.ServiceName")]}
                ]
            },
            _list_of_service,
            "PrefixList",
        ),
    ),
    update=(
        Update(
            (*_SETS, "policy", "privateDnsEnabled"),
            (
                Call(
                    "ModifyVpcEndpoint",
                    {
                        "VpcEndpointId": own_id,
                        "PolicyDocument": _if_changed("policy"),
                        "PrivateDnsEnabled": _if_changed("privateDnsEnabled"),
                        **{f"Add{api}": _beyond(name, wanted=True) for name, (_, api) in _SETS.items()},
                        **{f"Remove{api}": _beyond(name, wanted=False) for name, (_, api) in _SETS.items()},
                    },
                ),
            ),
        ),
    ),
    delete=(Call("DeleteVpcEndpoints", {"VpcEndpointIds": [own_id]}),),
    tagging=ec2_tagging("VpcEndpoint.Tags"),
    pending="VpcEndpoint.State == 'pending'",
)

ROWS = (VPC_ENDPOINT,)
