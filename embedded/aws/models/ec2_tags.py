"""EC2: the tags of what is deleted go with it; moto keeps them, so that DescribeTags still tells of them."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Answer, Call

# What each delete names the deleted thing by. A NAT gateway is not here: AWS, too, shows one for about an hour.
_DELETED_BY = {
    "DeleteSubnet": "SubnetId",
    "DeleteInternetGateway": "InternetGatewayId",
    "DeleteRouteTable": "RouteTableId",
    "DeleteSecurityGroup": "GroupId",
    "DeleteLaunchTemplate": "LaunchTemplateId",
    "ReleaseAddress": "AllocationId",
    "RevokeSecurityGroupIngress": "SecurityGroupRuleIds",
    "RevokeSecurityGroupEgress": "SecurityGroupRuleIds",
}


def _forgetting(account: Account, call: Call) -> Answer:
    status, headers, body = account.execute(call)
    named: Any = call.parameters.get(_DELETED_BY[call.operation], [])
    if status == 200:
        forget(account, call.region, [named] if isinstance(named, str) else named)
    return status, headers, body


def forget(account: Account, region: str, deleted: list[str]) -> None:
    """Drop the tags of things that are gone."""
    tags = account.moto("ec2", region).tags
    for ident in deleted:
        tags.pop(ident, None)


delete_subnet = delete_internet_gateway = delete_route_table = delete_security_group = _forgetting
delete_launch_template = release_address = _forgetting
revoke_security_group_ingress = revoke_security_group_egress = _forgetting
