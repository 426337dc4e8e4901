"""The services of every shipped region put together: players reach pods that listen, and nobody waits for nothing."""

from collections.abc import Iterator
from typing import Any

import pytest

from plan.objects import RELEASE, KubernetesObject, matches, objects_of
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.shipped import leaves, recording_of

LISTENER = "aws:lb/listener:Listener"
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
PORTS = {("TCP", 8080), ("UDP", 8081), ("TCP", 443)}


@pytest.fixture(params=["dev", "prod"])
def full(request: pytest.FixtureRequest) -> Recording:
    """A shipped stack whose regions have every service."""
    return recording_of(request.param)


def of_type(recording: Recording, type_: str) -> list[RecordedResource]:
    return [resource for resource in leaves(recording) if resource.type == type_]


def listening(recording: Recording, binding: RecordedResource) -> Iterator[tuple[str, int]]:
    """Protocol and number of the ports of the containers behind the Service that a TargetGroupBinding names."""
    bound = binding.resolved["spec"]["serviceRef"]
    place = (binding.provider, binding.resolved["metadata"]["namespace"])
    for release in of_type(recording, RELEASE):
        if (release.provider, release.resolved["namespace"], release.resolved["name"]) == (*place, bound["name"]):
            for port in release.resolved["values"]["service"]["ports"]:
                if port["port"] == bound["port"]:
                    yield port["protocol"], port["targetPort"]
    objects = [item for item in objects_of(recording) if (item.cluster, item.namespace) == place]
    for service in objects:
        if (service.kind, service.name) == ("Service", bound["name"]):
            for port in service.body["spec"]["ports"]:
                if port["port"] == bound["port"]:
                    yield from _containers(objects, service, port)


def _containers(
    objects: list[KubernetesObject], service: KubernetesObject, port: dict[str, Any]
) -> Iterator[tuple[str, int]]:
    selector = {"matchLabels": service.body["spec"]["selector"]}
    for workload in objects:
        if workload.template and matches(selector, workload.pod_labels):
            for container in workload.template["spec"]["containers"]:
                for offered in container["ports"]:
                    if (offered["name"], offered["protocol"]) == (port["targetPort"], port["protocol"]):
                        yield offered["protocol"], offered["containerPort"]


def test_every_listener_leads_to_pods_that_listen_on_its_port(full: Recording):
    bindings = of_type(full, BINDING)
    by_region: dict[str | None, set[tuple[str, int]]] = {}
    for listener in of_type(full, LISTENER):
        (action,) = listener.resolved["defaultActions"]
        (binding,) = [
            found for found in bindings if found.resolved["spec"]["targetGroupARN"] == action["targetGroupArn"]
        ]
        wanted = (listener.resolved["protocol"], listener.resolved["port"])
        assert list(listening(full, binding)) == [wanted], listener.urn
        by_region.setdefault(listener.region, set()).add(wanted)
    assert set(by_region) == {resource.region for resource in of_type(full, "aws:eks/cluster:Cluster")}
    assert all(ports == PORTS for ports in by_region.values())


def test_only_what_has_volumes_waits_for_their_driver(full: Recording):
    waiting = {kind: set[str]() for kind in (RELEASE, "kubernetes:karpenter.sh/v1:NodePool")}
    for type_, names in waiting.items():
        for resource in of_type(full, type_):
            upstream = {full.by_urn()[urn].resolved.get("addonName") for urn in _before(full, resource)}
            if "aws-ebs-csi-driver" in upstream:
                names.add(resource.name.removeprefix(f"{resource.region}-"))
    # Velero has none of its own: it has the driver take snapshots.
    assert waiting[RELEASE] == {"monitoring", "velero"}
    # Not to come up: Karpenter ends no node whose volumes nobody detaches.
    pools = of_type(full, "kubernetes:karpenter.sh/v1:NodePool")
    assert waiting["kubernetes:karpenter.sh/v1:NodePool"] == {
        pool.name.removeprefix(f"{pool.region}-") for pool in pools
    }


def test_the_certificate_of_a_region_with_an_issuer_is_the_one_that_its_gateway_shows():
    prod = recording_of("prod")
    gateways, certificates = (
        {found.region: found.resolved for found in of_type(prod, type_)}
        for type_ in ("kubernetes:networking.istio.io/v1:Gateway", "kubernetes:cert-manager.io/v1:Certificate")
    )
    assert len(gateways) == 4
    assert gateways.keys() == certificates.keys()
    for region, gateway in gateways.items():
        (server,) = gateway["spec"]["servers"]
        assert server["tls"]["credentialName"] == certificates[region]["spec"]["secretName"]
        assert gateway["metadata"]["namespace"] == certificates[region]["metadata"]["namespace"] == "istio-ingress"
        assert certificates[region]["spec"]["dnsNames"] == [
            f"{region}.mmorpg-game.com",
            f"*.{region}.mmorpg-game.com",
        ]


def _before(recording: Recording, resource: RecordedResource) -> set[str]:
    by_urn, seen, pending = recording.by_urn(), set[str](), [resource]
    while pending:
        current = pending.pop()
        for urn in current.depends_on:
            if urn not in seen:
                seen.add(urn)
                pending.append(by_urn[urn])
    return seen
