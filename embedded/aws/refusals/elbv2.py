"""Elastic Load Balancing: deletion protection."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict


def _protected(account: Account, call: Call) -> Verdict:
    arn = call.parameters["LoadBalancerArn"]
    balancer = account.moto("elbv2", call.region).load_balancers.get(arn)
    on = balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true"
    return {"arn": arn} if on else None


TABLE = (
    Refusal(
        ("DeleteLoadBalancer",),
        _protected,
        "OperationNotPermitted",
        "Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html",
    ),
)
