"""How what data systems need is found: certificates and who signs them, claims, the definition of a kind."""

from collections.abc import Iterator

from plan.links import World
from plan.objects import references_of
from plan.registration import RecordedResource
from plan.values import lookup


def issuing_what_pods_mount(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The Certificates whose Secrets a workload's pods name."""
    item = world.objects[dependent.urn]
    secrets = {reference.name for reference in references_of(item) if reference.kind == "Secret"}
    return (
        certificate
        for certificate in candidates
        if world.objects[certificate.urn].namespace == item.namespace and _secret(certificate) in secrets
    )


def signing(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The Issuer that a Certificate names, in its own namespace."""
    place = world.objects[dependent.urn].namespace
    name = lookup(dependent.resolved, "spec", "issuerRef", "name")
    return (
        issuer
        for issuer in candidates
        if (world.objects[issuer.urn].namespace, world.objects[issuer.urn].name) == (place, name)
    )


def of_its_authority(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The Certificate whose Secret an Issuer signs with."""
    place, secret = world.objects[dependent.urn].namespace, lookup(dependent.resolved, "spec", "ca", "secretName")
    return (item for item in candidates if world.objects[item.urn].namespace == place and _secret(item) == secret)


def making_its_claim(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The StatefulSet whose controller makes the claim that a patch is of: <template>-<set>-<n>."""
    item = world.objects[dependent.urn]
    return (
        made
        for made in candidates
        if world.objects[made.urn].namespace == item.namespace and f"-{world.objects[made.urn].name}-" in item.name
    )


def defining_its_kind(
    world: World, dependent: RecordedResource, candidates: list[RecordedResource]
) -> Iterator[RecordedResource]:
    """The CustomResourceDefinition of an object's kind, where the program itself makes it."""
    item = world.objects.get(dependent.urn)
    kind = (item.group, item.kind) if item else None
    return (
        made
        for made in candidates
        if (lookup(made.resolved, "spec", "group"), lookup(made.resolved, "spec", "names", "kind")) == kind
    )


def _secret(certificate: RecordedResource) -> str | None:
    name = lookup(certificate.resolved, "spec", "secretName")
    return None if name is None else str(name)
