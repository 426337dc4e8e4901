"""The engine's part in front of the handler under test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.handler import AwsHandler
from embedded.differences import differences
from embedded.provider import Replacement, Target, Values

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/players"


@dataclass
class Made:
    """A resource as the engine's state would hold it."""

    target: Target
    id: str
    inputs: Values
    outputs: Values


def trust(service: str) -> str:
    """A role's trust policy."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Engine:
    """Does with the handler what the Pulumi engine does: check, then create, read, diff, update, delete."""

    def __init__(self, endpoint: AwsEndpoint, settings: Values | None = None) -> None:
        self.endpoint = endpoint
        self.handler = AwsHandler(endpoint)
        self.handler.configure(settings or {"region": REGION})

    def client(self, service: str) -> Any:
        return self.endpoint.client(service, REGION)

    def target(self, resource_type: str, name: str) -> Target:
        return Target(
            f"urn:pulumi:local::game-regions::{resource_type}::{name}", resource_type, name, b"\x1f\x2e\x3d\x4c"
        )

    def checked(self, target: Target, wanted: Values, old: Values | None = None) -> Values:
        inputs, failures = self.handler.check(target, old, wanted)
        assert failures == []
        return inputs

    def make(self, resource_type: str, logical_name: str = "one", /, **wanted: Any) -> Made:
        target = self.target(resource_type, logical_name)
        inputs = self.checked(target, wanted)
        resource_id, outputs = self.handler.create(target, inputs)
        return Made(target, resource_id, inputs, outputs)

    def change(self, made: Made, /, **wanted: Any) -> Made:
        inputs = self.checked(made.target, wanted, made.inputs)
        outputs = self.handler.update(made.target, made.id, made.inputs, made.outputs, inputs)
        return Made(made.target, made.id, inputs, outputs)

    def replaced_by(self, made: Made, /, **wanted: Any) -> Replacement:
        inputs = self.checked(made.target, wanted, made.inputs)
        changed = list(differences(made.inputs, inputs))
        return self.handler.replacement(made.target, made.id, made.inputs, inputs, changed)

    def refreshed(self, made: Made) -> Made | None:
        found = self.handler.read(made.target, made.id, made.inputs, made.outputs)
        return None if found is None else Made(made.target, *found)

    def imported(self, made: Made, import_id: str = "") -> Made:
        found = self.handler.read(made.target, import_id or made.id, None, None)
        assert found is not None
        return Made(made.target, *found)

    def drop(self, made: Made) -> None:
        self.handler.delete(made.target, made.id, made.inputs, made.outputs)
