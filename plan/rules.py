"""Findings that need the whole graph: sizes, names given twice, references to nothing, budgets that overlap.

Rules over single resources are `stacks.rules`; they also refuse a plain `pulumi up`. These here only plan knows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from plan.names import physical_names
from plan.objects import (
    RELEASE,
    KubernetesObject,
    Reference,
    matches,
    objects_of,
    references_of,
)
from plan.operator_pods import operator_pods
from plan.recorder import Recording
from plan.registration import PROVIDER_PREFIX, RecordedResource
from plan.values import lookup
from stacks.rules import Finding

REGION_LIMIT = 500
# The engine writes a checkpoint after every step, so a stack's time grows with the square of its size; see
# docs/decisions/0020-five-hundred-resources-a-region.md.
STACK_WARNING = 2_200
STACK_LIMIT = 5_000

_OWN_NAMESPACES = frozenset({"default", "kube-node-lease", "kube-public", "kube-system"})
# What every namespace or cluster has from the start: (kind, name).
_BUILT_IN = frozenset(
    {
        ("ConfigMap", "kube-root-ca.crt"),
        ("PriorityClass", "system-cluster-critical"),
        ("PriorityClass", "system-node-critical"),
        ("ServiceAccount", "default"),
    }
)
_UNSCOPED_KINDS = frozenset({"PriorityClass", "StorageClass"})


def graph_findings(recording: Recording, regions: list[str]) -> list[Finding]:
    """All findings over a recorded stack whose file lists `regions`."""
    objects = [item for item in objects_of(recording) if not item.is_patch]
    return [
        *_sizes(recording, regions),
        *_prefixes(recording, regions),
        *_parents(recording),
        *_duplicates(recording),
        *_dangling_namespaces(recording, objects),
        *_dangling_names(objects),
        *_dangling_selectors(recording, objects),
        *_overlapping_budgets(objects),
    ]


def _sizes(recording: Recording, regions: list[str]) -> Iterator[Finding]:
    total = len(recording.resources)
    stack = f"urn:pulumi:{recording.stack}"
    if recording.resources:
        project = recording.resources[0].urn.split("::")[1]
        stack = f"{stack}::{project}::pulumi:pulumi:Stack::{project}-{recording.stack}"
    counts = Counter(resource.region for resource in recording.resources)
    for region in regions:
        if counts[region] > REGION_LIMIT:
            message = (
                f"region {region} has {counts[region]} resources, more than the {REGION_LIMIT} a region may have; "
                "take systems out of the region or move them to another"
            )
            yield Finding("region-size", "error", stack, message)
    if total > STACK_LIMIT:
        message = f"the stack has {total} resources, more than {STACK_LIMIT}; move regions to another stack"
        yield Finding("stack-size", "error", stack, message)
    elif total > STACK_WARNING:
        message = (
            f"the stack has {total} resources; above {STACK_WARNING} every change on a file or bucket backend "
            "is slow, as its time grows with the square; move regions to another stack"
        )
        yield Finding("stack-size", "warning", stack, message)


def _prefixes(recording: Recording, regions: list[str]) -> Iterator[Finding]:
    for resource in recording.resources:
        if resource.region is None:
            message = (
                f'the logical name "{resource.name}" begins with no region of the stack file '
                f"({', '.join(regions)}) nor with edge; begin it with the name of its region"
            )
            yield Finding("region-prefix", "error", resource.urn, message)


def _parents(recording: Recording) -> Iterator[Finding]:
    components = {resource.urn for resource in recording.resources if not resource.custom}
    for resource in recording.resources:
        leaf = resource.custom and not resource.type.startswith(PROVIDER_PREFIX)
        if leaf and resource.parent not in components:
            yield Finding(
                "component-parent",
                "error",
                resource.urn,
                f"{resource.name} has no component as parent; create it in a component, with parent=self",
            )


def _duplicates(recording: Recording) -> Iterator[Finding]:
    holders: dict[tuple[str, ...], list[RecordedResource]] = defaultdict(list)
    for resource in recording.resources:
        for name in physical_names(resource):
            holders[name].append(resource)
    for name, found in sorted(holders.items()):
        for resource in found[1:]:
            message = (
                f"{resource.name} has the same {name[0]} name as {found[0].name}, {name[-1]}; "
                "name one of them differently"
            )
            yield Finding("duplicate-name", "error", resource.urn, message)


def _dangling_namespaces(recording: Recording, objects: list[KubernetesObject]) -> Iterator[Finding]:
    made = {(item.cluster, item.name) for item in objects if item.kind == "Namespace"}
    releases = [resource for resource in recording.resources if resource.type == RELEASE]
    made |= {_release_place(resource) for resource in releases if resource.resolved.get("createNamespace")}
    for item in objects:
        if item.namespace and item.namespace not in _OWN_NAMESPACES and (item.cluster, item.namespace) not in made:
            yield _dangling(item.resource, f"{item.kind} {item.name}", f"namespace {item.namespace}")
    for resource in releases:
        place = _release_place(resource)
        if place not in made and place[1] not in _OWN_NAMESPACES:
            yield _dangling(
                resource, f"Release {resource.resolved.get('name', resource.name)}", f"namespace {place[1]}"
            )


def _release_place(release: RecordedResource) -> tuple[str, str]:
    return release.provider or "", str(release.resolved.get("namespace", "default"))


def _dangling_names(objects: list[KubernetesObject]) -> Iterator[Finding]:
    made = {(item.cluster, item.kind, item.namespace, item.name) for item in objects}
    # cert-manager makes the Secret of a Certificate.
    made |= {
        (item.cluster, "Secret", item.namespace, str(item.body["spec"]["secretName"]))
        for item in objects
        if (item.group, item.kind) == ("cert-manager.io", "Certificate")
    }
    made |= {place for item in objects for place in _claims(item)}
    for item in objects:
        for reference in references_of(item):
            if not _is_built_in(reference) and _place(item, reference) not in made:
                yield _dangling(item.resource, f"{item.kind} {item.name}", f"{reference.kind} {reference.name}")


def _claims(item: KubernetesObject) -> Iterator[tuple[str, str, str, str]]:
    """The claims that a StatefulSet's controller makes, one for each pod and template."""
    for template in lookup(item.body, "spec", "volumeClaimTemplates") or []:
        for ordinal in range(int(lookup(item.body, "spec", "replicas") or 0)):
            name = f"{template['metadata']['name']}-{item.name}-{ordinal}"
            yield item.cluster, "PersistentVolumeClaim", item.namespace, name


def _is_built_in(reference: Reference) -> bool:
    return (reference.kind, reference.name) in _BUILT_IN


def _place(item: KubernetesObject, reference: Reference) -> tuple[str, str, str, str]:
    namespace = "" if reference.kind in _UNSCOPED_KINDS else item.namespace
    return item.cluster, reference.kind, namespace, reference.name


def _dangling_selectors(recording: Recording, objects: list[KubernetesObject]) -> Iterator[Finding]:
    workloads = [item for item in objects if item.template]
    of_charts = {_release_place(resource) for resource in recording.resources if resource.type == RELEASE}
    of_operators = [
        (item.cluster, item.namespace, labels)
        for item in objects
        if (labels := operator_pods(item.group, item.kind, item.name))
    ]
    for item in objects:
        if item.kind == "Service":
            labels = lookup(item.body, "spec", "selector")
            selector = {"matchLabels": labels} if labels else None
        elif item.kind == "PodDisruptionBudget" and (item.cluster, item.namespace) not in of_charts:
            # Of a chart's pods nobody here knows the labels.
            selector = lookup(item.body, "spec", "selector") or {}
        else:
            continue
        if selector is not None and not any(_selects(item, selector, workload) for workload in workloads):
            pods = (labels for *place, labels in of_operators if place == [item.cluster, item.namespace])
            if any(matches(selector, labels) for labels in pods) or any(
                _may_select(item, selector, workload) for workload in workloads
            ):
                continue
            yield Finding(
                "dangling-reference",
                "error",
                item.resource.urn,
                f"{item.kind} {item.name} selects {selector} and no pod of the program in namespace "
                f"{item.namespace} has these labels; select labels that a workload's pods carry",
            )


def _selects(item: KubernetesObject, selector: dict[str, object], workload: KubernetesObject) -> bool:
    same_place = (item.cluster, item.namespace) == (workload.cluster, workload.namespace)
    return same_place and matches(selector, workload.pod_labels)


def _may_select(item: KubernetesObject, selector: dict[str, object], workload: KubernetesObject) -> bool:
    """Whether a Service that nobody waits for selects pods by a label that they are given later, as a primary is."""
    if lookup(item.body, "metadata", "annotations", "pulumi.com/skipAwait") != "true":
        return False
    wanted = lookup(selector, "matchLabels") or {}
    had = {key: value for key, value in wanted.items() if key in workload.pod_labels}
    return bool(had) and _selects(item, {"matchLabels": had}, workload)


def _overlapping_budgets(objects: list[KubernetesObject]) -> Iterator[Finding]:
    budgets = [item for item in objects if item.kind == "PodDisruptionBudget"]
    for workload in (item for item in objects if item.template):
        found = [
            budget.name
            for budget in budgets
            if _selects(budget, lookup(budget.body, "spec", "selector") or {}, workload)
        ]
        if len(found) > 1:
            # kubernetes.io/docs/tasks/run-application/configure-pdb: the eviction API answers 500 for such pods.
            message = (
                f"the pods of {workload.kind} {workload.name} belong to {len(found)} PodDisruptionBudgets "
                f"({_listed(found)}), so no drain can evict them; leave one"
            )
            yield Finding("overlapping-budgets", "error", workload.resource.urn, message)


def _dangling(resource: RecordedResource, who: str, missing: str) -> Finding:
    return Finding(
        "dangling-reference",
        "error",
        resource.urn,
        f"{who} names {missing}, which the program does not make in its cluster; create it or correct the name",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
