"""Elastic Load Balancing: network load balancers, which moto makes as if they were application load balancers."""

from __future__ import annotations

import re
from typing import Any

from moto.elbv2.models import FakeAction
from moto.moto_api._internal import mock_random

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Answer, Call

# https://docs.aws.amazon.com/general/latest/gr/elb.html#elb_region, column "network load balancers"
_DNS_ZONES = {
    "af-south-1": "Z203XCE67M25HM",
    "ap-east-1": "Z12Y7K3UBGUAD1",
    "ap-northeast-1": "Z31USIVHYNEOWT",
    "ap-northeast-2": "ZIBE1TIR4HY56",
    "ap-northeast-3": "Z1GWIQ4HH19I5X",
    "ap-south-1": "ZVDDRBQ08TROA",
    "ap-south-2": "Z0711778386UTO08407HT",
    "ap-southeast-1": "ZKVM4W9LS7TM",
    "ap-southeast-2": "ZCT6FZBF4DROD",
    "ap-southeast-3": "Z01971771FYVNCOVWJU1G",
    "ca-central-1": "Z2EPGBW3API2WT",
    "eu-central-1": "Z3F0SRJ5LGBH90",
    "eu-central-2": "Z02239872DOALSIDCX66S",
    "eu-north-1": "Z1UDT6IFJ4EJM",
    "eu-south-1": "Z23146JA1KNAFP",
    "eu-south-2": "Z1011216NVTVYADP1SSV",
    "eu-west-1": "Z2IFOLAFXWLO4F",
    "eu-west-2": "ZD4D7Y8KGAS4G",
    "eu-west-3": "Z1CMS0P5QUZ6D5",
    "me-central-1": "Z00282643NTTLPANJJG2P",
    "me-south-1": "Z3QSRYVP46NYYV",
    "sa-east-1": "ZTK26PT1VY4CU",
    "us-east-1": "Z26RNL4JYFTOTI",
    "us-east-2": "ZLMOA37VPKANP",
    "us-west-1": "Z24FKFUX50B4VW",
    "us-west-2": "Z18D5FSROUN65G",
}
# https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#load-balancer-attributes
_BALANCER_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "dns_record.client_routing_policy": "any_availability_zone",
    "ipv6.deny_all_igw_traffic": "false",
    "load_balancing.cross_zone.enabled": "false",
    "zonal_shift.config.enabled": "false",
}


def _elb(account: Account, call: Call) -> Any:
    return account.moto("elbv2", call.region)


def create_load_balancer(account: Account, call: Call) -> Answer:
    """CreateLoadBalancer: with ARN, DNS name, zone and attributes of its type."""
    status, headers, body = account.execute(call)
    found = re.search(rb"<LoadBalancerArn>([^<]+)</LoadBalancerArn>", body)
    if found is None or call.parameters.get("Type") != "network":
        return status, headers, body
    elb, old = _elb(account, call), found[1].decode()
    balancer = elb.load_balancers.pop(old)
    before = (old, balancer.dns_name, balancer.canonical_hosted_zone_id)
    balancer.arn = old.replace(":loadbalancer/app/", ":loadbalancer/net/")
    balancer.dns_name = f"{balancer.name}-{old.rsplit('/', 1)[1]}.elb.{call.region}.amazonaws.com"
    balancer.canonical_hosted_zone_id = _DNS_ZONES.get(call.region, balancer.canonical_hosted_zone_id)
    balancer.attrs = dict(_BALANCER_ATTRIBUTES)
    elb.load_balancers[balancer.arn] = balancer
    elb.tagging_service.delete_all_tags_for_resource(old)
    elb.tagging_service.tag_resource(balancer.arn, call.parameters.get("Tags"))
    for was, now in zip(before, (balancer.arn, balancer.dns_name, balancer.canonical_hosted_zone_id), strict=True):
        body = body.replace(was.encode(), now.encode())
    return status, headers, body


def delete_load_balancer(account: Account, call: Call) -> Answer:
    """DeleteLoadBalancer: its listeners go with it and let go of their certificates and target groups."""
    balancer = _elb(account, call).load_balancers.get(call.parameters["LoadBalancerArn"])
    for listener in balancer.listeners.values() if balancer is not None else []:
        _release_certificate(account, call, listener)
    answer = account.execute(call)
    _recount(_elb(account, call))
    return answer


def create_listener(account: Account, call: Call) -> Answer:
    """CreateListener: without the TLS policy and the idle time that moto gives listeners of every protocol."""
    status, headers, body = account.execute(call)
    found = re.search(rb"<ListenerArn>([^<]+)</ListenerArn>", body)
    if found is not None:
        listener = _listener(account, call, found[1].decode())
        _suit(listener)
        # moto takes the object's address in memory, which no replay repeats.
        rule = listener._default_rule[0]
        rule.arn = f"{rule.arn.rsplit('/', 1)[0]}/{mock_random.get_random_hex(16)}"
    return status, headers, body


def _suit(listener: Any) -> None:
    if listener.protocol not in ("TLS", "HTTPS"):
        listener.ssl_policy = listener.certificate = None
        listener.certificates, listener.alpn_policy = [], []
    if listener.protocol != "TCP":
        listener.attributes.pop("tcp.idle_timeout.seconds", None)
    else:
        listener.attributes.setdefault("tcp.idle_timeout.seconds", "350")


def modify_listener(account: Account, call: Call) -> dict[str, Any]:
    """ModifyListener: what is given; moto refuses every protocol of network load balancers but TCP."""
    given = call.parameters
    listener = _listener(account, call, given["ListenerArn"])
    listener.port = given.get("Port", listener.port)
    listener.protocol = given.get("Protocol", listener.protocol)
    listener.ssl_policy = given.get("SslPolicy", listener.ssl_policy)
    listener.alpn_policy = given.get("AlpnPolicy", [])
    if given.get("Certificates"):
        _release_certificate(account, call, listener)
        listener.certificates = [certificate["CertificateArn"] for certificate in given["Certificates"]]
        listener.certificate = listener.certificates[0]
        _hold_certificate(account, call, listener)
    if given.get("DefaultActions"):
        listener.default_actions = [FakeAction(action) for action in given["DefaultActions"]]
        listener._default_rule[0].actions = listener.default_actions
    _suit(listener)
    _recount(_elb(account, call))
    return {"Listeners": [{"ListenerArn": listener.arn, "LoadBalancerArn": listener.load_balancer_arn}]}


def delete_listener(account: Account, call: Call) -> Answer:
    """DeleteListener: it lets go of its certificate and its target groups."""
    _release_certificate(account, call, _listener(account, call, call.parameters["ListenerArn"]))
    answer = account.execute(call)
    _recount(_elb(account, call))
    return answer


def _listener(account: Account, call: Call, arn: str) -> Any:
    for balancer in _elb(account, call).load_balancers.values():
        if arn in balancer.listeners:
            return balancer.listeners[arn]
    raise AwsError("ListenerNotFound", f"One or more listeners not found: '{arn}'")


def _certificate(account: Account, call: Call, listener: Any) -> Any:
    return account.moto("acm", call.region)._certificates.get(listener.certificate)


def _hold_certificate(account: Account, call: Call, listener: Any) -> None:
    certificate = _certificate(account, call, listener)
    if certificate is not None:
        certificate.in_use_by.append(listener.arn)


def _release_certificate(account: Account, call: Call, listener: Any) -> None:
    certificate = _certificate(account, call, listener)
    if certificate is not None and listener.arn in certificate.in_use_by:
        certificate.in_use_by.remove(listener.arn)


def _recount(elb: Any) -> None:
    """Of every target group, the load balancers that forward to it: moto only ever adds."""
    for group in elb.target_groups.values():
        group.load_balancer_arns = [
            balancer.arn
            for balancer in elb.load_balancers.values()
            if any(
                group.arn in elb._get_target_group_arns_from(action.data)
                for listener in balancer.listeners.values()
                for rule in listener.rules.values()
                for action in rule.actions
            )
        ]
