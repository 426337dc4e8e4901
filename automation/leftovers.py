"""What AWS still holds of a stack and the stack's state does not: declared leftovers, and orphans.

An object is the stack's by its tags: `game-regions/urn` with a URN of the stack on all that the program makes, and the
tags by which a cluster marks what its controllers and pods make, such as load balancers, nodes and volumes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from automation.aws_sessions import Access, AwsSessions
from automation.declared import Declared, declared
from automation.errors import Refused
from automation.former_places import Former, former_places
from automation.operations import Session
from automation.stacks_of_project import ChosenStack
from automation.state_values import plain
from automation.tagged_objects import GLOBAL_REGION, Tagged, tagged
from components.tags import CLUSTER_TAG
from embedded.stack_folder import PROJECT_NAME
from stacks.check_accounts import places
from stacks.tags import GAME_TAG, URN_TAG

_OWNED = "kubernetes.io/cluster/"  # + name = "owned": EKS, Karpenter and the controllers mark by it what goes with it
_PROVIDER, _CLUSTER = "pulumi:providers:aws", "aws:eks/cluster:Cluster"
# Outputs in which the state keeps a resource's own ARN; other ARNs in it are other objects'.
_ARNS = ("arn", "accessEntryArn", "associationArn")


@dataclass(frozen=True, kw_only=True)
class Orphan:
    """An object that nothing manages any more. `made_by` is the URN of the resource it was made for, or the cluster."""

    service: str
    type: str
    id: str
    region: str
    arn: str
    made_by: str


@dataclass(frozen=True, kw_only=True)
class Leftovers:
    """All that is left, each list by ARN. `unseen` says where the stack stood once and nobody gets in any more."""

    declared: list[Declared]
    orphans: list[Orphan]
    unseen: list[str] = field(default_factory=list)


class State:
    """What a deployment, as the engine exports it, says about objects: which it holds, and who reaches them."""

    def __init__(self, deployment: Mapping[str, Any]) -> None:
        resources = list(deployment.get("resources") or [])
        self.accesses = [
            Access.of_provider(plain(found.get("inputs") or {})) for found in resources if found["type"] == _PROVIDER
        ]
        self.clusters = frozenset(str(found.get("id")) for found in resources if found["type"] == _CLUSTER)
        self._held = {
            str(known)
            for found in resources
            for known in (found.get("id"), *((found.get("outputs") or {}).get(name) for name in _ARNS))
            if known
        }

    def holds(self, one: Tagged) -> bool:
        """By ARN, or by id where the ids of a service are unique in all of AWS; a tag alone proves nothing."""
        return one.arn in self._held or (one.service in ("ec2", "kms", "route53") and one.id in self._held)


def leftovers(chosen: ChosenStack, sessions: AwsSessions, state: State, former: Former) -> Leftovers:
    """Look in every account and region of the stack file, of the state, and of former days."""
    named = {f"{chosen.settings.game}-{name}" for name in chosen.settings.regions}
    clusters = (named | former.clusters) - state.clusters
    today = [*(Access.of_settings(place) for place in places(chosen.settings).values()), *state.accesses]
    found: dict[str, Tagged] = {}
    makers: dict[str, str] = {}
    unseen = []
    for access in _everywhere((*today, *former.accesses)):
        try:
            session = sessions.with_access(access)
        except Refused as refusal:
            if access in _everywhere(today):
                raise
            unseen.append(str(refusal))
            continue
        gone = clusters - _living(session)
        keys = [URN_TAG, CLUSTER_TAG, *(_OWNED + name for name in sorted(gone))]
        for one in tagged(session, keys, f"{chosen.settings.game}-"):
            maker = _maker(one, chosen.name, chosen.settings.game, gone)
            if maker is not None and not state.holds(one):
                found[one.arn], makers[one.arn] = one, maker
    said = {arn: declared(one) for arn, one in found.items()}
    return Leftovers(
        declared=[said_of for _, said_of in sorted(said.items()) if said_of is not None],
        orphans=[_orphan(found[arn], makers[arn]) for arn in sorted(found) if said[arn] is None],
        unseen=unseen,
    )


def _everywhere(accesses: Iterable[Access]) -> Iterator[Access]:
    """Each place once, and what is no region's once for each way in."""
    seen: set[Access] = set()
    for access in accesses:
        for one in (access, replace(access, region=GLOBAL_REGION)):
            if one not in seen:
                seen.add(one)
                yield one


def _living(session: boto3.Session) -> set[str]:
    """Clusters that are there: of a region that has moved to another stack, say, whose things are that stack's."""
    pages = session.client("eks").get_paginator("list_clusters").paginate()
    return {name for page in pages for name in page["clusters"]}


def _maker(one: Tagged, stack: str, game: str, clusters: Collection[str]) -> str | None:
    """The URN, or the cluster that is gone, that an object was made for; None if that was not the stack's.

    A URN names the stack and not the game, of which an account may have two with a stack `prod` each.
    """
    urn = one.tags.get(URN_TAG)
    if urn is not None:
        if one.tags.get(GAME_TAG, game) != game:
            return None
        urn = urn.replace("@", "$")
        return urn if urn.startswith(f"urn:pulumi:{stack}::{PROJECT_NAME}::") else None
    named = one.tags.get(CLUSTER_TAG)
    if named is not None:
        return named if named in clusters else None
    return next((name for name in sorted(clusters) if one.tags.get(_OWNED + name) == "owned"), None)


def _orphan(one: Tagged, maker: str) -> Orphan:
    return Orphan(service=one.service, type=one.type, id=one.id, region=one.region, arn=one.arn, made_by=maker)


def orphans_now(chosen: ChosenStack, session: Session) -> Leftovers:
    """What is left beside a living stack. Refused while an interrupted run may have made what it did not write down."""
    deployment = session.stack.export_stack().deployment or {}
    if deployment.get("pending_operations"):
        raise Refused(
            f"stack {chosen.name} holds an interrupted run, whose objects would be called orphans",
            f"./regions recover {chosen.name} settles it",
        )
    try:
        return leftovers(chosen, sessions_of(session), State(deployment), former_places(session))
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"orphans {chosen.name}: {error}") from error


def leftovers_of_destroyed(
    chosen: ChosenStack, session: Session, before: Mapping[str, Any], console: Console
) -> Leftovers | None:
    """What a destroy has left; None, said in a warning, where AWS would not tell: the destroy itself is done."""
    try:
        known, former = State(before), former_places(session)
        former = Former(accesses=(*known.accesses, *former.accesses), clusters=former.clusters)
        return leftovers(chosen, sessions_of(session), State({}), former)
    except (BotoCoreError, ClientError, Refused) as error:
        console.print(
            f"[yellow]warning:[/] what is left could not be looked for ({error}): ./regions orphans {chosen.name}",
            highlight=False,
        )
        return None


def sessions_of(session: Session) -> AwsSessions:
    """Plain sessions for the open stack's places."""
    return AwsSessions(session.cloud, session.stack.workspace.env_vars)
