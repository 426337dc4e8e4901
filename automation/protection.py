"""Protections of a stack: which resources have one, and how they are lifted by name.

The engine's own mark (`protect`) is taken off in the state. AWS's own deletion protection is turned off at AWS, because
the engine deletes without changing anything before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import MappingProxyType
from typing import Any

import boto3

from automation.aws_sessions import AwsSessions
from automation.errors import Refused
from automation.operations import ProtectedLost, Session
from automation.state_values import plain, provider_inputs
from automation.state_writes import write_state
from stacks.tags import UNPROTECTED_VARIABLE


class Protection:
    """The protections of one open stack. Questions are answered by its state as it was at the first of them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @cached_property
    def deployment(self) -> Mapping[str, Any]:
        """The state as it was read."""
        return self._session.stack.export_stack().deployment or {}

    @cached_property
    def _protected(self) -> frozenset[str]:
        """URNs that carried the engine's mark when the state was read."""
        return frozenset(found["urn"] for found in self.deployment.get("resources") or [] if found.get("protect"))

    def refuse_unnamed(self, named: Sequence[str]) -> None:
        """Refused while a protected resource is not named, or a name is no protected resource's; changes nothing."""
        stack = self._session.workspace.stack
        unknown = sorted({*named} - self._protected)
        if unknown:
            raise Refused(f"--unprotect {unknown[0]}: stack {stack} has no protected resource of this URN")
        left = sorted(self._protected - {*named})
        if left:
            listed = "\n".join(f"  --unprotect '{urn}'" for urn in left)
            raise Refused(
                f"destroy {stack}: {len(left)} protected resources would be lost; nothing was changed. "
                f"Name each that may go:\n{listed}"
            )

    @contextmanager
    def lost_named(self) -> Iterator[None]:
        """Refused with every protected resource that a run would delete, where the engine stops at the first."""
        try:
            yield
        except ProtectedLost as lost:
            gone = sorted(self._protected - lost.kept)
            listed = "\n".join(f"  --allow '{urn}'" for urn in gone)
            raise Refused(
                f"up {self._session.workspace.stack}: {len(gone)} protected resources would be lost; nothing was "
                f"changed. Name each that may go:\n{listed}"
            ) from lost

    @contextmanager
    def lifted_for_a_try(self, named: Sequence[str]) -> Iterator[None]:
        """The engine's mark off these URNs, and on again where it was if what is tried is refused or broken off."""
        self.lift_mark(named)
        try:
            yield
        except BaseException:
            self._mark(named, protect=True)
            raise

    def lift_mark(self, named: Sequence[str]) -> None:
        """Take the engine's mark off these URNs, in the state and for what the program registers in this session."""
        if named:
            workspace = self._session.stack.workspace
            workspace.env_vars = {**workspace.env_vars, UNPROTECTED_VARIABLE: json.dumps(sorted(named))}
            self._mark(named, protect=False)

    def lift_at_aws(self, named: Sequence[str]) -> None:
        """Turn AWS's own deletion protection off for those of these URNs that have one."""
        if not named:
            return
        aws = AwsSessions(self._session.cloud, self._session.stack.workspace.env_vars)
        for resource in self.deployment.get("resources") or []:
            turn_off = _AT_AWS.get(resource["type"])
            if resource["urn"] in named and turn_off is not None:
                turn_off(aws.of(provider_inputs(self.deployment, resource)), plain(resource))

    def _mark(self, named: Sequence[str], *, protect: bool) -> None:
        marked = self._protected & {*named} if named else frozenset()  # most runs do not even read the state
        if not marked:
            return
        # Read anew each time: while somebody is asked, another run may write.
        state = self._session.stack.export_stack()
        for resource in (state.deployment or {}).get("resources") or []:
            if resource["urn"] in marked:
                resource["protect"] = protect
        write_state(self._session, state)


def _cluster(session: boto3.Session, resource: Mapping[str, Any]) -> None:
    eks = session.client("eks")
    name = resource["inputs"]["name"]
    if eks.describe_cluster(name=name)["cluster"].get("deletionProtection"):
        eks.update_cluster_config(name=name, deletionProtection=False)
        eks.get_waiter("cluster_active").wait(name=name)


def _load_balancer(session: boto3.Session, resource: Mapping[str, Any]) -> None:
    session.client("elbv2").modify_load_balancer_attributes(
        LoadBalancerArn=resource["id"], Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
    )


_AT_AWS: Mapping[str, Callable[[boto3.Session, Mapping[str, Any]], None]] = MappingProxyType(
    {"aws:eks/cluster:Cluster": _cluster, "aws:lb/loadBalancer:LoadBalancer": _load_balancer}
)
