"""EC2: security groups, their rules, and the default group of a VPC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from embedded.aws.kinds import CIDR, TEXT, Range, Text
from embedded.aws.properties import Property, appeared_or_gone
from embedded.aws.rows import (
    Assigned,
    Autoname,
    Call,
    Leaf,
    Read,
    Row,
    Scope,
    Update,
    given,
    has_result,
    own_id,
    part,
    result,
)
from embedded.aws.tags import ec2_tagging, has_new_tags, new_tags, tag_specification
from embedded.aws.types.ec2_network import ec2_arn, filters
from embedded.aws.types.sources import terraform

_GROUP = terraform("ec2/vpc_security_group.go")


def _everywhere(ranges: str, member: str, network: str) -> Call:
    """AWS lets a new group send everywhere; the provider takes that away, so that only rules of the program stand."""
    permission = {"IpProtocol": "-1", "FromPort": 0, "ToPort": 0, ranges: [{member: network}]}
    # Outside an IPv6 network there is nothing to take away.
    absent = ("InvalidPermission.NotFound", "InvalidParameterValue") if ranges == "Ipv6Ranges" else ()
    return Call("RevokeSecurityGroupEgress", {"GroupId": own_id, "IpPermissions": [permission]}, tolerate=absent)


SECURITY_GROUP = Row(
    type="aws:ec2/securityGroup:SecurityGroup",
    service="ec2",
    identity=Assigned(made="GroupId", read="Group.GroupId"),
    # Inline rules are not served: they fight with rule resources.
    properties=(
        Property(name="name", found="Group.GroupName", computed=True, replaces=_GROUP),
        Property(name="description", found="Group.Description", default="Managed by Pulumi", replaces=_GROUP),
        Property(name="vpcId", found="Group.VpcId", computed=True, replaces=_GROUP),
        Property(name="arn", found=ec2_arn("security-group"), output=True),
        Property(name="ownerId", found="Group.OwnerId", output=True),
    ),
    autoname=Autoname("name", limit=255),
    create=(
        Call(
            "CreateSecurityGroup",
            {
                "GroupName": given("name"),
                "Description": given("description"),
                "VpcId": given("vpcId"),
                "TagSpecifications": tag_specification("security-group"),
            },
        ),
        _everywhere("IpRanges", "CidrIp", "0.0.0.0/0"),
        _everywhere("Ipv6Ranges", "CidrIpv6", "::/0"),
    ),
    read=(Read("DescribeSecurityGroups", {"GroupIds": [own_id]}, "SecurityGroups[0]", "Group"),),
    delete=(Call("DeleteSecurityGroup", {"GroupId": own_id}, lingering=("DependencyViolation",)),),
    tagging=ec2_tagging("Group.Tags"),
)


def _strip(direction: Literal["Ingress", "Egress"]) -> Call:
    egress = "true" if direction == "Egress" else "false"
    rules = f"SecurityGroupRules[?IsEgress == `{egress}`].SecurityGroupRuleId"
    return Call(
        f"RevokeSecurityGroup{direction}",
        {"GroupId": own_id, "SecurityGroupRuleIds": result(rules, many=True)},
        when=has_result(rules),
    )


DEFAULT_SECURITY_GROUP = Row(
    type="aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    service="ec2",
    identity=Assigned(made="SecurityGroups[0].GroupId", read="Group.GroupId"),
    properties=(
        Property(
            name="vpcId",
            found="Group.VpcId",
            required=True,
            replaces=terraform("ec2/vpc_default_security_group.go"),
        ),
        Property(name="name", found="Group.GroupName", output=True),
        Property(name="description", found="Group.Description", output=True),
        Property(name="arn", found=ec2_arn("security-group"), output=True),
        Property(name="ownerId", found="Group.OwnerId", output=True),
    ),
    # Adopted, not made: AWS makes it with the VPC. Its rules go.
    create=(
        Call(
            "DescribeSecurityGroups",
            {"Filters": filters(group_name="default", vpc_id=given("vpcId"))},
        ),
        Call("CreateTags", {"Resources": [own_id], "Tags": new_tags("Key")}, when=has_new_tags),
        Call("DescribeSecurityGroupRules", {"Filters": filters(group_id=own_id)}),
        _strip("Ingress"),
        _strip("Egress"),
    ),
    read=(Read("DescribeSecurityGroups", {"GroupIds": [own_id]}, "SecurityGroups[0]", "Group"),),
    # It goes with its VPC; AWS refuses to delete it alone.
    delete=(),
    tagging=ec2_tagging("Group.Tags"),
)

# Property -> (list of IpPermissions, member of its items, member of a rule request)
_SOURCES = {
    "cidrIpv4": ("IpRanges", "CidrIp", "CidrIpv4"),
    "cidrIpv6": ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    "prefixListId": ("PrefixListIds", "PrefixListId", "PrefixListId"),
    "referencedSecurityGroupId": ("UserIdGroupPairs", "GroupId", "ReferencedGroupId"),
}


class Protocol(Text):
    """An IP protocol; "all" is "-1", and the case means nothing."""

    def same(self, old: Any, new: Any) -> bool:
        return _protocol(old) == _protocol(new)


def _protocol(value: Any) -> str:
    return "-1" if str(value).lower() == "all" else str(value).lower()


def _permission(scope: Scope) -> list[dict[str, Any]]:
    permission: dict[str, Any] = {"IpProtocol": scope.value("ipProtocol")}
    for api, name in (("FromPort", "fromPort"), ("ToPort", "toPort")):
        if scope.value(name) is not None:
            permission[api] = scope.value(name)
    for name, (ranges, member, _) in _SOURCES.items():
        if scope.value(name) is not None:
            item = {member: scope.value(name)}
            permission[ranges] = [item | _described(scope)]
    return [permission]


def _described(scope: Scope) -> dict[str, Any]:
    description = scope.value("description")
    return {} if description is None else {"Description": description}


def _port(member: str) -> Callable[[Scope], Any]:
    # For all protocols AWS answers -1 where the request had no port.
    def found(scope: Scope) -> Any:
        port = scope.search(f"Rule.{member}")
        return None if port == -1 and scope.search("Rule.IpProtocol") == "-1" else port

    return found


def _source_of(name: str) -> str:
    return "Rule.ReferencedGroupInfo.GroupId" if name == "referencedSecurityGroupId" else f"Rule.{_SOURCES[name][2]}"


def _rule_properties(file: str) -> tuple[Property, ...]:
    changed_kind = terraform(file, "ModifyPlan, a change of the source's kind")
    return (
        Property(
            name="securityGroupId",
            found="Rule.GroupId",
            required=True,
            replaces=terraform(file, "RequiresReplace"),
        ),
        Property(name="ipProtocol", kind=Protocol(), found="Rule.IpProtocol", required=True),
        Property(name="fromPort", kind=Range(-1, 65535), found=_port("FromPort")),
        Property(name="toPort", kind=Range(-1, 65535), found=_port("ToPort")),
        Property(name="description", found="Rule.Description"),
        *(
            Property(
                name=name,
                kind=CIDR if "cidr" in name else TEXT,
                found=_source_of(name),
                replaces=changed_kind,
                replaces_if=appeared_or_gone,
            )
            for name in _SOURCES
        ),
        Property(name="securityGroupRuleId", found="Rule.SecurityGroupRuleId", output=True),
        Property(name="arn", found=ec2_arn("security-group-rule"), output=True),
    )


_REQUEST: dict[str, Leaf] = {
    "IpProtocol": given("ipProtocol"),
    "FromPort": given("fromPort"),
    "ToPort": given("toPort"),
    "Description": given("description"),
} | {api: given(name) for name, (_, _, api) in _SOURCES.items()}
_MODIFY = Call(
    "ModifySecurityGroupRules",
    {
        "GroupId": part("securityGroupId"),
        "SecurityGroupRules": [{"SecurityGroupRuleId": own_id, "SecurityGroupRule": _REQUEST}],
    },
)


def _rule(direction: Literal["Ingress", "Egress"]) -> Row:
    egress = "true" if direction == "Egress" else "false"
    authorize = {"GroupId": given("securityGroupId"), "IpPermissions": _permission}
    revoke = {"GroupId": result("Rule.GroupId"), "SecurityGroupRuleIds": [own_id]}
    return Row(
        type=f"aws:vpc/securityGroup{direction}Rule:SecurityGroup{direction}Rule",
        service="ec2",
        identity=Assigned(made="SecurityGroupRules[0].SecurityGroupRuleId", read="Rule.SecurityGroupRuleId"),
        properties=_rule_properties(f"ec2/vpc_security_group_{direction.lower()}_rule.go"),
        exclusive=(tuple(_SOURCES),),
        create=(
            Call(f"AuthorizeSecurityGroup{direction}", authorize),
            Call("CreateTags", {"Resources": [own_id], "Tags": new_tags("Key")}, when=has_new_tags),
        ),
        read=(
            Read(
                "DescribeSecurityGroupRules",
                {"SecurityGroupRuleIds": [own_id]},
                f"SecurityGroupRules[?IsEgress == `{egress}`] | [0]",
                "Rule",
            ),
        ),
        update=(Update(("ipProtocol", "fromPort", "toPort", "description", *_SOURCES), (_MODIFY,)),),
        delete=(Call(f"RevokeSecurityGroup{direction}", revoke),),
        tagging=ec2_tagging("Rule.Tags"),
    )


ROWS = (SECURITY_GROUP, DEFAULT_SECURITY_GROUP, _rule("Ingress"), _rule("Egress"))
