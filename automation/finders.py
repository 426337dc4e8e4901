"""Finds the real object behind a create that was interrupted, by ordinary AWS and Kubernetes calls.

An object is found by its deterministic name or by its tag `game-regions/urn`, never by what the engine remembers of
it. The calls go wherever boto3 goes: to AWS, or to the embedded cloud that AWS_ENDPOINT_URL names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import ClientError

from automation.finders_messages import MESSAGE_FINDERS
from automation.finders_services import SERVICE_FINDERS
from automation.finders_tagged import TAGGED, peering_status

Inputs = Mapping[str, Any]
Finder = Callable[[boto3.Session, str, Inputs], "str | None"]


def find_aws(
    session: boto3.Session,
    type_: str,
    urn: str,
    inputs: Inputs,
    *,
    known: Collection[str] = (),
    game: str | None = None,
) -> str | None:
    """The engine's id of the object that the create of `urn` made, None if it made none. KeyError: type not served.

    `known` are ids of objects that were there before, as when this one takes another's place. `game` is what the
    object's tag says where it has one: two games of an account may have stacks and regions of the same names.
    """
    try:
        if type_ in TAGGED:
            return next((id_ for id_ in TAGGED[type_](session, urn, game) if id_ not in known), None)
        found = FINDERS[type_](session, urn, inputs)
    except ClientError as error:
        if _is_missing(error):
            return None
        raise
    return None if found in known else found


def _is_missing(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    return "NotFound" in code or "NoSuch" in code or code.endswith((".Malformed", "NonExistentQueue"))


def _rule(egress: bool, session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    """By what it lets through: the provider tags a rule only after it has made it, and a group has no rule twice."""
    del urn
    filters = [{"Name": "group-id", "Values": [inputs["securityGroupId"]]}]
    pages = session.client("ec2").get_paginator("describe_security_group_rules").paginate(Filters=filters)
    rules = [rule for page in pages for rule in page["SecurityGroupRules"] if rule["IsEgress"] == egress]
    return next((str(rule["SecurityGroupRuleId"]) for rule in rules if _lets_through(rule) == _wanted(inputs)), None)


def _lets_through(rule: Mapping[str, Any]) -> tuple[Any, ...]:
    group = rule.get("ReferencedGroupInfo", {}).get("GroupId")
    source = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or group
    return (rule["IpProtocol"], _port(rule.get("FromPort")), _port(rule.get("ToPort")), source)


def _wanted(inputs: Inputs) -> tuple[Any, ...]:
    source = next(inputs[name] for name in _SOURCES if inputs.get(name))
    return (str(inputs["ipProtocol"]), _port(inputs.get("fromPort")), _port(inputs.get("toPort")), source)


_SOURCES = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def _port(port: float | None) -> int:
    """AWS answers -1 where a rule has no ports."""
    return -1 if port is None else int(port)


def _accepter(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    """A connection that is not active yet was not accepted: the accepter is then made anew."""
    del urn
    id_ = str(inputs["vpcPeeringConnectionId"])
    return id_ if peering_status(session, id_) == "active" else None


def _cidr_block(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("ec2").describe_vpcs(VpcIds=[inputs["vpcId"]])["Vpcs"]
    blocks = found[0]["CidrBlockAssociationSet"] if found else []
    held = (block for block in blocks if block["CidrBlockState"]["State"] in ("associating", "associated"))
    return next((block["AssociationId"] for block in held if block["CidrBlock"] == inputs["cidrBlock"]), None)


def _default_group(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    filters = [{"Name": "vpc-id", "Values": [inputs["vpcId"]]}, {"Name": "group-name", "Values": ["default"]}]
    groups = session.client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return groups[0]["GroupId"] if groups else None


def _route(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    table, cidr = inputs["routeTableId"], inputs["destinationCidrBlock"]
    found = session.client("ec2").describe_route_tables(RouteTableIds=[table])["RouteTables"]
    routes = found[0]["Routes"] if found else []
    return f"r-{table}{_hash(cidr)}" if any(route.get("DestinationCidrBlock") == cidr for route in routes) else None


def _hash(text: str) -> int:
    """The checksum that the AWS provider puts into a route's id."""
    import zlib

    return zlib.crc32(text.encode())


def _route_table_association(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("ec2").describe_route_tables(RouteTableIds=[inputs["routeTableId"]])["RouteTables"]
    associations = found[0]["Associations"] if found else []
    return next((a["RouteTableAssociationId"] for a in associations if a.get("SubnetId") == inputs["subnetId"]), None)


def _role(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    return str(session.client("iam").get_role(RoleName=inputs["name"])["Role"]["RoleName"])


def _role_policy(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    session.client("iam").get_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"])
    return f"{inputs['role']}:{inputs['name']}"


def _policy(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    """By its name alone: an account's own policies need no ARN to be listed, and their names are unique in it."""
    del urn
    pages = session.client("iam").get_paginator("list_policies").paginate(Scope="Local")
    found = (policy for page in pages for policy in page["Policies"])
    return next((policy["Arn"] for policy in found if policy["PolicyName"] == inputs["name"]), None)


def _role_policy_attachment(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    role, arn = inputs["role"], inputs["policyArn"]
    pages = session.client("iam").get_paginator("list_attached_role_policies").paginate(RoleName=role)
    attached = {policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}
    return f"{role}/{arn}" if arn in attached else None


def _log_group(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    name = inputs["name"]
    groups = session.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return name if any(group["logGroupName"] == name for group in groups) else None


def _kms_alias(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    pages = session.client("kms").get_paginator("list_aliases").paginate()
    names = {alias["AliasName"] for page in pages for alias in page["Aliases"]}
    return inputs["name"] if inputs["name"] in names else None


def _eks_cluster(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    return str(session.client("eks").describe_cluster(name=inputs["name"])["cluster"]["name"])


def _eks_node_group(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    cluster, name = inputs["clusterName"], inputs["nodeGroupName"]
    session.client("eks").describe_nodegroup(clusterName=cluster, nodegroupName=name)
    return f"{cluster}:{name}"


def _eks_addon(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    cluster, name = inputs["clusterName"], inputs["addonName"]
    session.client("eks").describe_addon(clusterName=cluster, addonName=name)
    return f"{cluster}:{name}"


def _eks_access_entry(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    cluster, principal = inputs["clusterName"], inputs["principalArn"]
    session.client("eks").describe_access_entry(clusterName=cluster, principalArn=principal)
    return f"{cluster}:{principal}"


def _eks_access_policy(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    cluster, principal, policy = inputs["clusterName"], inputs["principalArn"], inputs["policyArn"]
    answer = session.client("eks").list_associated_access_policies(clusterName=cluster, principalArn=principal)
    found = {associated["policyArn"] for associated in answer["associatedAccessPolicies"]}
    return f"{cluster}#{principal}#{policy}" if policy in found else None


def _eks_pod_identity(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    answer = session.client("eks").list_pod_identity_associations(
        clusterName=inputs["clusterName"],
        namespace=inputs["namespace"],
        serviceAccount=inputs["serviceAccount"],
    )
    return next((str(found["associationId"]) for found in answer["associations"]), None)


def _hosted_zone(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    """A zone's tags come after its create, so a fresh one is known by name: this program makes one zone per name."""
    del urn
    name = inputs["name"].rstrip(".") + "."
    zones = session.client("route53").list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    return next((zone["Id"].rsplit("/", 1)[-1] for zone in zones if zone["Name"] == name), None)


def _record(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    name, type_ = inputs["name"].rstrip(".") + ".", inputs["type"]
    answer = session.client("route53").list_resource_record_sets(
        HostedZoneId=inputs["zoneId"], StartRecordName=name, StartRecordType=type_, MaxItems="1"
    )
    found = answer["ResourceRecordSets"]
    # Route 53 writes a star as \052.
    matches = found and found[0]["Name"].replace("\\052", "*") == name and found[0]["Type"] == type_
    return f"{inputs['zoneId']}_{inputs['name']}_{type_}" if matches else None


FINDERS: dict[str, Finder] = {
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _default_group,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": partial(_rule, False),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": partial(_rule, True),
    "aws:ec2/route:Route": _route,
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": _cidr_block,
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": _accepter,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _route_table_association,
    "aws:iam/role:Role": _role,
    "aws:iam/rolePolicy:RolePolicy": _role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _role_policy_attachment,
    "aws:cloudwatch/logGroup:LogGroup": _log_group,
    "aws:kms/alias:Alias": _kms_alias,
    "aws:eks/cluster:Cluster": _eks_cluster,
    "aws:eks/nodeGroup:NodeGroup": _eks_node_group,
    "aws:eks/addon:Addon": _eks_addon,
    "aws:eks/accessEntry:AccessEntry": _eks_access_entry,
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": _eks_access_policy,
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": _eks_pod_identity,
    "aws:route53/zone:Zone": _hosted_zone,
    "aws:route53/record:Record": _record,
    "aws:iam/policy:Policy": _policy,
    **MESSAGE_FINDERS,
    **SERVICE_FINDERS,
}

SERVED = TAGGED.keys() | FINDERS.keys()
"""Types whose objects can be looked for."""
