"""What a preview may not do: replace or delete what holds state or players, shrink a volume, drain a pool of theirs at
once, move a cluster's version wrongly, reach outside the regions that were named.

The AWS provider decides itself what a change replaces. Where a change of something stateful touches a property that our
own table does not know, with a source, to change in place, it counts as a replacement too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from automation.guard_scale import loses_members
from automation.guard_volumes import shrinks
from components.kube.labels import WORKLOAD_LABEL
from embedded.aws.properties import Property, Struct
from embedded.aws.types import ROWS
from embedded.aws.types.sources import ASSUMED
from stacks.refusals import region_of

CLUSTER = "aws:eks/cluster:Cluster"
NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
# What is lost with an object of the type; nobody gets it back by another `up`.
STATEFUL: Mapping[str, str] = MappingProxyType(
    {
        CLUSTER: "every pod of the region with its sessions",
        "aws:ec2/vpc:Vpc": "the region's network with everything in it",
        "aws:kms/key:Key": "all that it has encrypted",
        "aws:s3/bucket:Bucket": "what it holds",
        "aws:ecr/repository:Repository": "its images",
        "aws:route53/zone:Zone": "its name servers, which others refer to",
        "aws:lb/loadBalancer:LoadBalancer": "every connection through it, and its addresses",
        "random:index/randomPassword:RandomPassword": "a secret that is in use",
        "random:index/randomUuid:RandomUuid": "the name by which servers of one group know each other",
        "kubernetes:apps/v1:StatefulSet": "its pods, all at once",
        "kubernetes:core/v1:Namespace": "everything in it",
        "kubernetes:core/v1:PersistentVolumeClaim": "its data",
        # Their operators make the claims and give them to the object, so the volumes go with it; a definition takes
        # every object of its kind along: kubernetes.io/docs/tasks/extend-kubernetes/custom-resources
        "kubernetes:postgresql.cnpg.io/v1:Cluster": "its instances and the volumes with all databases",
        "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster": "its nodes and the volumes with all messages",
        "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": "every object of its kind and what they own",
    }
)
# Without these a node loses its place or its way out.
NETWORK_OF_NODES = frozenset(
    {
        "aws:ec2/subnet:Subnet",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/routeTable:RouteTable",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
    }
)
_REPLACES = ("replace", "create-replacement", "delete-replaced")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a preview, as the engine announces it; `changed` are the top-level properties that differ."""

    operation: str
    urn: str
    type: str
    changed: tuple[str, ...] = ()
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """The resource's logical name."""
        return self.urn.rsplit("::", 1)[-1]


@dataclass(frozen=True, kw_only=True)
class Objection:
    """Why a step may not be taken; `liftable` where naming its URN allows it."""

    urn: str
    sentence: str
    liftable: bool = True


def objections(
    steps: Sequence[Step], *, regions: Iterable[str], allowed: Collection[str] = (), only: Collection[str] = ()
) -> list[Objection]:
    """What stands against a preview, one objection per resource, ordered by URN.

    `regions` are all of the stack, `allowed` the URNs whose replacement or deletion somebody has asked for by name,
    `only` the regions that the run may change (none: all of them).
    """
    names = tuple(regions)
    with_nodes = {
        region_of(step.name, names) for step in steps if step.type == NODE_GROUP and step.operation != "delete"
    }
    found: dict[str, Objection] = {}
    for step in steps:
        objection = (
            _outside(step, names, only)
            or _version(step)
            or _shrunk(step)
            or _fewer(step, allowed)
            or _loss(step, allowed)
            or _drained_at_once(step, allowed)
            or (_cut_off(step, allowed) if region_of(step.name, names) in with_nodes else None)
        )
        if objection is not None:
            found.setdefault(step.urn, objection)
    return [found[urn] for urn in sorted(found)]


def _outside(step: Step, regions: Iterable[str], only: Collection[str]) -> Objection | None:
    region = region_of(step.name, regions)
    if not only or step.operation in ("same", "read") or step.type.startswith("pulumi:") or region in only:
        return None
    where = f"region {region}" if region else "no region"
    return Objection(
        urn=step.urn,
        sentence=f"{step.name} would {_verb(step)} and belongs to {where}, the run is for {', '.join(sorted(only))}",
        liftable=False,
    )


def _version(step: Step) -> Objection | None:
    if step.type != CLUSTER or step.operation not in ("update", *_REPLACES):
        return None
    old, new = _minor(step.old), _minor(step.new)
    if old is None or new is None or old == new:
        return None
    if new < old:
        return Objection(
            urn=step.urn,
            sentence=f"{step.name}: version 1.{old} would become 1.{new}, and no cluster goes back by an "
            f"update; keep 1.{old} in the stack file",
            liftable=False,
        )
    if new > old + 1:
        return Objection(
            urn=step.urn,
            sentence=f"{step.name}: version 1.{old} would become 1.{new}, and EKS takes one minor at a time; "
            f"go to 1.{old + 1} first",
            liftable=False,
        )
    return None


def _minor(inputs: Mapping[str, Any] | None) -> int | None:
    major, _, minor = str((inputs or {}).get("version", "")).partition(".")
    return int(minor) if major == "1" and minor.isdigit() else None


def _loss(step: Step, allowed: Collection[str]) -> Objection | None:
    lost = STATEFUL.get(step.type)
    if lost is None or step.urn in allowed:
        return None
    if step.operation == "delete" or step.operation in _REPLACES:
        return _refused(step, f"would {_verb(step)}, and with it goes {lost}")
    unknown = _unsourced(step) if step.operation == "update" else []
    if unknown:
        return _refused(
            step,
            f"would change {', '.join(unknown)}, of which it is not known that it changes in place; a replacement "
            f"would take {lost}",
        )
    return None


def _shrunk(step: Step) -> Objection | None:
    why = shrinks(step.type, step.old, step.new) if step.operation in ("update", *_REPLACES) else None
    return None if why is None else Objection(urn=step.urn, sentence=f"{step.name} {why}", liftable=False)


def _fewer(step: Step, allowed: Collection[str]) -> Objection | None:
    if step.operation != "update" or step.urn in allowed:
        return None
    why = loses_members(step.type, step.old, step.new)
    return None if why is None else Objection(urn=step.urn, sentence=f"{step.name} {why}", liftable=True)


def _drained_at_once(step: Step, allowed: Collection[str]) -> Objection | None:
    """A node group that goes with players or data on it: other pods move with their disruption budgets kept."""
    workload = ((step.old or {}).get("labels") or {}).get(WORKLOAD_LABEL)
    if step.type != NODE_GROUP or workload is None or step.urn in allowed:
        return None
    if step.operation == "delete" or step.operation in _REPLACES:
        return _refused(
            step,
            f"would {_verb(step)}, and EKS drains all nodes of a group that goes at once, whoever is on them; give the "
            f"new values to a second pool for {workload}, and take this one out when it is empty",
        )
    return None


def _unsourced(step: Step) -> list[str]:
    """Changed properties of an AWS type that our table does not have, or of which it only assumes what they do."""
    if not step.type.startswith("aws:"):
        return []
    row = ROWS.get(step.type)
    known = {found.name for found in row.properties if not _assumed(found)} | {"tags", "tagsAll"} if row else set()
    return [name for name in step.changed if name not in known]


def _assumed(found: Property) -> bool:
    """Whether a property, or one inside it, is only taken to replace: embedded.aws.types.sources."""
    inner = found.kind.properties if isinstance(found.kind, Struct) else ()
    return found.replaces.startswith(ASSUMED) or any(_assumed(each) for each in inner)


def _cut_off(step: Step, allowed: Collection[str]) -> Objection | None:
    if step.type not in NETWORK_OF_NODES or step.urn in allowed:
        return None
    if step.operation == "delete" or step.operation in _REPLACES:
        return _refused(step, f"would {_verb(step)} while the region has nodes that stand on it")
    return None


def _refused(step: Step, why: str) -> Objection:
    return Objection(urn=step.urn, sentence=f"{step.name} {why}")


def _verb(step: Step) -> str:
    return "be replaced" if step.operation in _REPLACES else f"be {step.operation.removesuffix('e')}ed"
