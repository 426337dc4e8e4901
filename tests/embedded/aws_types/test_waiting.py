"""What happens while AWS still works on an object, and when it fails in the end."""

from __future__ import annotations

from typing import Any

import pytest

from embedded.aws import objects
from embedded.aws.handler import AwsHandler
from embedded.provider import PartialFailure, ProviderError, Target

NAT = Target.of("urn:pulumi:local::p::aws:ec2/natGateway:NatGateway::nat")


class SlowEc2:
    """An EC2 whose NAT gateway goes through the given states, one per look."""

    unsteady = False

    def __init__(self, *states: str) -> None:
        self.states = list(states)
        self.looks = 0

    def client(self, service: str, region: str) -> SlowEc2:
        del service, region
        return self

    def can_paginate(self, method: str) -> bool:
        del method
        return False

    def create_nat_gateway(self, **_: Any) -> dict[str, Any]:
        return {"NatGateway": {"NatGatewayId": "nat-1"}}

    def describe_nat_gateways(self, **_: Any) -> dict[str, Any]:
        state = self.states[min(self.looks, len(self.states) - 1)]
        self.looks += 1
        failure = {"FailureCode": "InsufficientFreeAddressesInSubnet", "FailureMessage": "none left"}
        return {"NatGateways": [{"NatGatewayId": "nat-1", "State": state, **failure}]}


def made(cloud: SlowEc2) -> str:
    handler = AwsHandler(cloud)
    handler.configure({"region": "us-east-1"})
    return handler.create(NAT, {"subnetId": "subnet-1"})[0]


def test_a_create_waits_until_the_object_is_ready() -> None:
    cloud = SlowEc2("pending", "pending", "available")
    assert (made(cloud), cloud.looks) == ("nat-1", 3)


def test_an_object_that_fails_in_the_end_is_kept_with_awss_reason() -> None:
    with pytest.raises(PartialFailure, match="InsufficientFreeAddressesInSubnet: none left"):
        made(SlowEc2("pending", "failed"))


def test_the_wait_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "WAIT_SECONDS", 0.1)
    with pytest.raises(ProviderError, match=r"nat-1 was not ready after 0\.1 s; run up again"):
        made(SlowEc2("pending"))
