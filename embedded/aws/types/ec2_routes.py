"""EC2: route table, route, and which subnet follows which table."""

from __future__ import annotations

import zlib
from typing import Any

from embedded.aws.kinds import CIDR, TEXT
from embedded.aws.properties import Property
from embedded.aws.rows import Assigned, Call, Read, Row, Scope, Update, given, own_id, part, result
from embedded.aws.tags import ec2_tagging, tag_specification
from embedded.aws.types.ec2_network import ec2_arn
from embedded.aws.types.sources import terraform
from embedded.provider import Values

ROUTE_TABLE = Row(
    type="aws:ec2/routeTable:RouteTable",
    service="ec2",
    identity=Assigned(made="RouteTable.RouteTableId", read="RouteTable.RouteTableId"),
    # Inline routes are not served: they fight with Route resources, and their output would move with every Route.
    properties=(
        Property(name="vpcId", found="RouteTable.VpcId", required=True, replaces=terraform("ec2/vpc_route_table.go")),
        Property(name="arn", found=ec2_arn("route-table"), output=True),
        Property(name="ownerId", found="RouteTable.OwnerId", output=True),
    ),
    create=(
        Call("CreateRouteTable", {"VpcId": given("vpcId"), "TagSpecifications": tag_specification("route-table")}),
    ),
    read=(Read("DescribeRouteTables", {"RouteTableIds": [own_id]}, "RouteTables[0]", "RouteTable"),),
    delete=(Call("DeleteRouteTable", {"RouteTableId": own_id}),),
    tagging=ec2_tagging("RouteTable.Tags"),
)

_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
_TARGETS = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
_ROUTE = terraform("ec2/vpc_route.go")


class RouteIdentity:
    """The state's id is "r-", the table and a checksum of the destination; an import says "<table>_<destination>"."""

    def of(self, scope: Scope) -> Any:
        table = part("routeTableId")(scope)
        if scope.planned:
            return {"$result": "route"}
        destination = next(filter(None, (part(name)(scope) for name in _DESTINATIONS)))
        return f"r-{table}{zlib.crc32(str(destination).encode())}"

    def parts(self, resource_id: str) -> Values:
        table, _, destination = resource_id.partition("_")
        if not destination:
            return {}
        if ":" in destination:
            return {"routeTableId": table, "destinationIpv6CidrBlock": destination}
        name = "destinationCidrBlock" if "." in destination else "destinationPrefixListId"
        return {"routeTableId": table, name: destination}


def _this_route(scope: Scope, answer: Values) -> Any:
    wanted = {api: part(name)(scope) for name, api in _DESTINATIONS.items() if part(name)(scope) is not None}
    routes = answer["RouteTables"][0]["Routes"] if answer["RouteTables"] else []
    return next((route for route in routes if wanted and wanted.items() <= route.items()), None)


def _route_parameters() -> dict[str, Any]:
    destination = {api: part(name) for name, api in _DESTINATIONS.items()}
    return {"RouteTableId": part("routeTableId"), **destination}


_ROUTE_WITH_TARGET = _route_parameters() | {api: given(name) for name, api in _TARGETS.items()}

ROUTE = Row(
    type="aws:ec2/route:Route",
    service="ec2",
    identity=RouteIdentity(),
    properties=(
        Property(name="routeTableId", found="Table.RouteTableId", required=True, replaces=_ROUTE),
        *(
            Property(name=name, kind=CIDR if "Cidr" in name else TEXT, found=f"Route.{api}", replaces=_ROUTE)
            for name, api in _DESTINATIONS.items()
        ),
        *(Property(name=name, found=f"Route.{api}") for name, api in _TARGETS.items()),
        Property(name="origin", found="Route.Origin", output=True),
        Property(name="state", found="Route.State", output=True),
    ),
    exclusive=(tuple(_DESTINATIONS), tuple(_TARGETS)),
    create=(Call("CreateRoute", _ROUTE_WITH_TARGET),),
    read=(
        Read("DescribeRouteTables", {"RouteTableIds": [part("routeTableId")]}, _this_route, "Route"),
        Read("DescribeRouteTables", {"RouteTableIds": [part("routeTableId")]}, "RouteTables[0]", "Table"),
    ),
    update=(Update(tuple(_TARGETS), (Call("ReplaceRoute", _ROUTE_WITH_TARGET),)),),
    delete=(Call("DeleteRoute", _route_parameters()),),
)

_ASSOCIATION = terraform("ec2/vpc_route_table_association.go")
_ASSOCIATION_ID = "Association.RouteTableAssociationId"


def _association_filter(scope: Scope) -> list[dict[str, Any]]:
    subnet = part("subnetId")(scope)
    if subnet is None:
        return [{"Name": "association.route-table-association-id", "Values": [scope.known["id"]]}]
    return [{"Name": "association.subnet-id", "Values": [subnet]}]


def _this_association(scope: Scope, answer: Values) -> Any:
    # By subnet rather than by id: ReplaceRouteTableAssociation gives the association a new id.
    associations = [item for table in answer["RouteTables"] for item in table["Associations"]]
    subnet, known_id = part("subnetId")(scope), scope.known.get("id")
    for item in associations:
        if item.get("SubnetId") == subnet if subnet else item["RouteTableAssociationId"] == known_id:
            return item
    return None


ROUTE_TABLE_ASSOCIATION = Row(
    type="aws:ec2/routeTableAssociation:RouteTableAssociation",
    service="ec2",
    identity=Assigned(made="AssociationId", read=_ASSOCIATION_ID, import_as=("subnetId", "routeTableId")),
    properties=(
        Property(name="routeTableId", found="Association.RouteTableId", required=True),
        Property(name="subnetId", found="Association.SubnetId", required=True, replaces=_ASSOCIATION),
    ),
    create=(Call("AssociateRouteTable", {"RouteTableId": given("routeTableId"), "SubnetId": given("subnetId")}),),
    read=(Read("DescribeRouteTables", {"Filters": _association_filter}, _this_association, "Association"),),
    update=(
        Update(
            ("routeTableId",),
            (
                Call(
                    "ReplaceRouteTableAssociation",
                    {"AssociationId": result(_ASSOCIATION_ID), "RouteTableId": given("routeTableId")},
                ),
            ),
        ),
    ),
    delete=(Call("DisassociateRouteTable", {"AssociationId": result(_ASSOCIATION_ID)}),),
)

ROWS = (ROUTE_TABLE, ROUTE, ROUTE_TABLE_ASSOCIATION)
