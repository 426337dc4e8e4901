"""Protections of a stack: which resources have one, and how they are lifted by name.

The engine's own mark (`protect`) is taken off in the state. AWS's own deletion protection is turned off at AWS, because
the engine deletes without changing anything before.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import boto3
from pulumi.automation import Deployment

from automation.aws_sessions import AwsSessions
from automation.errors import Refused
from automation.operations import Session
from automation.state_values import plain, provider_inputs
from stacks.tags import UNPROTECTED_VARIABLE


def refuse_protected(session: Session, named: Sequence[str]) -> None:
    """Refused while a protected resource is not named, or a name is no protected resource's; changes nothing."""
    deployment: dict[str, Any] = dict(session.stack.export_stack().deployment or {})
    _refuse(session.workspace.stack, sorted(_protected(deployment)), named)


@contextmanager
def lifted_for_a_try(session: Session, named: Sequence[str]) -> Iterator[None]:
    """The engine's mark off these URNs, and on again if what is tried is refused."""
    lift_mark(session, named)
    try:
        yield
    except Refused:
        _mark(session, named, protect=True)
        raise


def lift_mark(session: Session, named: Sequence[str]) -> None:
    """Take the engine's mark off these URNs, in the state and for what the program registers in this session."""
    if named:
        workspace = session.stack.workspace
        workspace.env_vars = {**workspace.env_vars, UNPROTECTED_VARIABLE: json.dumps(sorted(named))}
        _mark(session, named, protect=False)


def lift_at_aws(session: Session, named: Sequence[str]) -> None:
    """Turn AWS's own deletion protection off for those of these URNs that have one."""
    if not named:
        return
    deployment: dict[str, Any] = dict(session.stack.export_stack().deployment or {})
    aws = AwsSessions(session.cloud, session.stack.workspace.env_vars)
    for resource in deployment.get("resources") or []:
        turn_off = _AT_AWS.get(resource["type"])
        if resource["urn"] in named and turn_off is not None:
            turn_off(aws.of(provider_inputs(deployment, resource)), plain(resource))


def _mark(session: Session, named: Sequence[str], *, protect: bool) -> None:
    if not named:
        return
    exported = session.stack.export_stack()
    deployment: dict[str, Any] = dict(exported.deployment or {})
    for resource in deployment.get("resources") or []:
        if resource["urn"] in named:
            resource["protect"] = protect
    session.stack.import_stack(Deployment(version=exported.version, deployment=deployment))


def _protected(deployment: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {found["urn"]: found for found in deployment.get("resources") or [] if found.get("protect")}


def _refuse(stack: str, protected: Sequence[str], named: Sequence[str]) -> None:
    unknown = sorted({*named} - {*protected})
    if unknown:
        raise Refused(f"--unprotect {unknown[0]}: stack {stack} has no protected resource of this URN")
    left = [urn for urn in protected if urn not in named]
    if left:
        listed = "\n".join(f"  --unprotect '{urn}'" for urn in left)
        raise Refused(
            f"destroy {stack}: {len(left)} protected resources would be lost; nothing was changed. "
            f"Name each that may go:\n{listed}"
        )


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
