"""How the resources that a row of `plan.necessary` speaks of are found: by reference, by a shared name, by place."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from ipaddress import ip_network
from itertools import islice
from typing import Any

from components.charts import (
    BARMAN_CLOUD,
    CERT_MANAGER,
    CLOUDNATIVE_PG,
    EXTERNAL_SECRETS,
    ISTIO_BASE,
    KARPENTER_CRD,
    KEDA,
    LOAD_BALANCER_CONTROLLER,
    PROMETHEUS_CRDS,
    SNAPSHOT_CONTROLLER,
)
from components.network.cni_rights import SERVICE_ACCOUNT
from plan.objects import RELEASE, KubernetesObject, objects_of, references_of
from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import lookup

_IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
_EMBEDDED = re.compile(r"\$\{(urn:pulumi:[^#}]+)#")
# The chart whose CRDs define the kinds of an API group.
_CHART_OF_GROUP: Mapping[str, str] = {
    "karpenter.sh": KARPENTER_CRD.name,
    "karpenter.k8s.aws": KARPENTER_CRD.name,
    "elbv2.k8s.aws": LOAD_BALANCER_CONTROLLER.name,
    "cert-manager.io": CERT_MANAGER.name,
    "external-secrets.io": EXTERNAL_SECRETS.name,
    "snapshot.storage.k8s.io": SNAPSHOT_CONTROLLER.name,
    "networking.istio.io": ISTIO_BASE.name,
    "security.istio.io": ISTIO_BASE.name,
    "telemetry.istio.io": ISTIO_BASE.name,
    "monitoring.coreos.com": PROMETHEUS_CRDS.name,
    "keda.sh": KEDA.name,
    "postgresql.cnpg.io": CLOUDNATIVE_PG.name,
    "barmancloud.cnpg.io": BARMAN_CLOUD.name,
}


class World:
    """A recording, indexed by what links ask for."""

    def __init__(self, recording: Recording) -> None:
        self.resources = recording.by_urn()
        self._by_type: dict[tuple[str, str | None], list[RecordedResource]] = defaultdict(list)
        for resource in recording.resources:
            self._by_type[resource.type, resource.region].append(resource)
        self.objects = {item.resource.urn: item for item in objects_of(recording)}
        self._references: dict[str, frozenset[str]] = {}

    def of_type(self, type_: str, region: str | None) -> list[RecordedResource]:
        """The resources of one type in one region, by URN."""
        return self._by_type.get((type_, region), [])

    def references(self, resource: RecordedResource) -> frozenset[str]:
        """The URNs whose values stand in a resource's inputs; those inside secrets are hidden and left out."""
        if resource.urn not in self._references:
            self._references[resource.urn] = frozenset(_urns(resource.inputs))
        return self._references[resource.urn]

    @cached_property
    def namespaces(self) -> dict[tuple[str, str], str]:
        """URN of each Namespace by (provider, name)."""
        found = [item for item in self.objects.values() if item.kind == "Namespace"]
        return {(item.cluster, item.name): item.resource.urn for item in found}

    @cached_property
    def places(self) -> dict[tuple[str, str, str, str], str]:
        """URN of each object by (provider, kind, namespace, name)."""
        return {
            (item.cluster, item.kind, item.namespace, item.name): item.resource.urn for item in self.objects.values()
        }


def _urns(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _EMBEDDED.findall(value)
    elif isinstance(value, Mapping):
        if "$ref" in value:
            yield str(value["$ref"])
        for item in value.values():
            yield from _urns(item)
    elif isinstance(value, list):
        for item in value:
            yield from _urns(item)


Link = Callable[[World, RecordedResource, list[RecordedResource]], Iterable[RecordedResource]]
"""Of the candidates, which are all of the needed type and in the dependent's region, those that it needs."""


def named(world: World, dependent: RecordedResource, candidates: list[RecordedResource]) -> Iterator[RecordedResource]:
    """Those whose values stand in the dependent's inputs."""
    references = world.references(dependent)
    return (candidate for candidate in candidates if candidate.urn in references)


def in_region(
    _world: World, _dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """All of them: a region has one VPC and one cluster, and the provider may name either by text."""
    return iter(candidates)


def sharing(type_: str) -> Link:
    """Those that name the same resource of `type_` as the dependent does."""

    def link(
        world: World, dependent: RecordedResource, candidates: list[RecordedResource]
    ) -> Iterator[RecordedResource]:
        shared = {urn for urn in world.references(dependent) if _type_of(urn) == type_}
        return (candidate for candidate in candidates if shared & world.references(candidate))

    return link


def _type_of(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def with_same(*properties: str) -> Link:
    """Those that have the dependent's own values in all of `properties`."""

    def link(
        _world: World, dependent: RecordedResource, candidates: list[RecordedResource]
    ) -> Iterator[RecordedResource]:
        mine = [dependent.resolved.get(name) for name in properties]
        return (item for item in candidates if [item.resolved.get(name) for name in properties] == mine)

    return link


def way_out(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """Routes, or tables' associations, of the subnets that the dependent names."""
    subnets = world.references(dependent)
    associations = world.of_type("aws:ec2/routeTableAssociation:RouteTableAssociation", dependent.region)
    mine = [item for item in associations if world.references(item) & subnets]
    tables = {urn for item in mine for urn in world.references(item) - subnets}
    chosen = {item.urn for item in mine}
    return (item for item in candidates if item.urn in chosen or world.references(item) & tables)


def its_namespace(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The Namespace that an object or release goes into."""
    item = world.objects.get(dependent.urn)
    name = item.namespace if item else str(dependent.resolved.get("namespace", "default"))
    urn = world.namespaces.get((dependent.provider or "", name))
    return (candidate for candidate in candidates if candidate.urn == urn)


def named_by_pods(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The objects that a workload's pods or claims name."""
    item = world.objects[dependent.urn]
    places = {
        world.places.get((item.cluster, reference.kind, namespace, reference.name))
        for reference in references_of(item)
        for namespace in (item.namespace, "")
    }
    return (candidate for candidate in candidates if candidate.urn in places)


def first_that_fits(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The first node group whose labels and taints suit the pods; one is enough, and all take as long.

    A release's or an add-on's pods are taken to want no label and to tolerate no taint.
    """
    item = world.objects.get(dependent.urn)
    fitting = (group for group in candidates if _fits(group, item))
    return islice(fitting, 1)


def _fits(group: RecordedResource, item: KubernetesObject | None) -> bool:
    pod = lookup((item.template if item else None) or {}, "spec") or {}
    labels = group.resolved.get("labels") or {}
    tolerated = {toleration.get("key") for toleration in pod.get("tolerations") or []}
    selected = (pod.get("nodeSelector") or {}).items() <= labels.items()
    return selected and all(taint["key"] in tolerated for taint in group.resolved.get("taints") or [])


def bringing_its_kind(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The release whose CRDs define a custom resource's kind."""
    item = world.objects.get(dependent.urn)
    chart = _CHART_OF_GROUP.get(item.group) if item else None
    return (candidate for candidate in candidates if candidate.resolved.get("chart") == chart)


def of_cni(identity: RecordedResource) -> bool:
    """Whether a Pod Identity association is that of the CNI's own pods."""
    return identity.resolved.get("serviceAccount") == SERVICE_ACCOUNT


def where_cni_has_identity(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """All of them where the CNI has its rights by Pod Identity, none where it takes those of its node."""
    identities = world.of_type(_IDENTITY, dependent.region)
    return iter(candidates if any(of_cni(identity) for identity in identities) else ())


def of_its_account(
    _world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The Pod Identity associations of the service account that a release's pods run under."""
    if dependent.type != RELEASE:
        return iter(())
    place = dependent.resolved.get("namespace")
    texts = {str(dependent.resolved.get("name")), *_texts(dependent.resolved.get("values"))}
    return (
        item
        for item in candidates
        if item.resolved.get("namespace") == place and item.resolved.get("serviceAccount") in texts
    )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def holding_its_addresses(
    _world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The associations of a secondary block that a subnet's range lies in."""
    mine = ip_network(str(dependent.resolved.get("cidrBlock")))
    return (item for item in candidates if mine.overlaps(ip_network(str(item.resolved.get("cidrBlock")))))
