"""Mesh: true order, mutual TLS for all but what the load balancer sends in plain, and pods that drain in time."""

import dataclasses
from typing import Any

import pulumi
import pytest

from components.kube.ports import HEALTH_PORT
from components.mesh.mesh import Mesh, MeshArgs
from components.mesh.tls import Tls
from components.mesh.values import Replicas
from plan.recorder import Recording
from tests.charts import RELEASE, check_custom_resource, check_release, needs_charts, needs_crds
from tests.engine import all_of, build, named

NAMESPACE = "kubernetes:core/v1:Namespace"
GATEWAY = "kubernetes:networking.istio.io/v1:Gateway"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
AUTHENTICATION = "kubernetes:security.istio.io/v1:PeerAuthentication"
WORLDS = {"app": "game-world-server", "component": "world-service"}
ARGS = MeshArgs(
    game="mmorpg",
    prefix="mmorpg-us-east",
    namespace="mmorpg-game",
    players=WORLDS,
    plain_ports=(8080, HEALTH_PORT),
    control_plane=Replicas(min=2, max=5),
    gateway=Replicas(min=3, max=10),
)


def mesh(**changes: Any) -> Recording:
    return build(lambda: Mesh("us-east", dataclasses.replace(ARGS, **changes)))


def secured() -> Recording:
    def program() -> None:
        issuer = pulumi.CustomResource("kubernetes:cert-manager.io/v1:ClusterIssuer", "us-east-issuer", {})
        tls = Tls(domain="us-east.mmorpg-game.com", issuer="letsencrypt-prod", ready=issuer)
        Mesh("us-east", dataclasses.replace(ARGS, tls=tls))

    return build(program)


def values(release: str, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = named(mesh(**changes), f"us-east-{release}", RELEASE).inputs["values"]
    return found


def test_crds_come_before_the_control_plane_and_it_before_the_gateway_that_it_injects():
    built = mesh()
    base, istiod, gateway = (
        named(built, f"us-east-{release}", RELEASE) for release in ("istio-base", "istiod", "istio-ingressgateway")
    )
    assert base.urn in istiod.depends_on
    assert istiod.urn in gateway.depends_on
    assert {base.inputs["version"], istiod.inputs["version"], gateway.inputs["version"]} == {"1.30.3"}


def test_pods_of_the_mesh_wait_for_nodes_and_its_crds_do_not():
    def program() -> None:
        nodes = pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", "us-east-pool-system", {})
        Mesh("us-east", dataclasses.replace(ARGS, after=(nodes,)))

    built = build(program)
    nodes = named(built, "us-east-pool-system").urn
    assert nodes in named(built, "us-east-istiod", RELEASE).depends_on
    assert nodes in named(built, "us-east-istio-ingress", NAMESPACE).depends_on, "its pods take 150 s to end on them"
    assert nodes not in named(built, "us-east-istio-base", RELEASE).depends_on


def test_every_pod_of_the_mesh_takes_mutual_tls_only():
    strict = named(mesh(), "us-east-mesh-strict", AUTHENTICATION).resolved
    # Istio's root namespace, where a policy without a selector holds for the whole mesh.
    assert strict["metadata"]["namespace"] == "istio-system"
    assert strict["spec"] == {"mtls": {"mode": "STRICT"}}


def test_players_pods_take_plain_tcp_on_the_load_balancers_ports_and_on_no_other():
    players = named(mesh(), "us-east-mesh-players", AUTHENTICATION).resolved
    assert players["metadata"]["namespace"] == "mmorpg-game"
    assert players["spec"] == {
        "selector": {"matchLabels": WORLDS},
        "mtls": {"mode": "STRICT"},
        "portLevelMtls": {"8080": {"mode": "PERMISSIVE"}, "8888": {"mode": "PERMISSIVE"}},
    }


def test_https_ends_in_the_gateway_with_the_certificate_of_the_regions_own_names():
    built = secured()
    names = ["us-east.mmorpg-game.com", "*.us-east.mmorpg-game.com"]
    gateway = named(built, "us-east-mesh-gateway", GATEWAY).resolved
    assert gateway["metadata"] == {"name": "mmorpg-gateway", "namespace": "istio-ingress"}
    assert gateway["spec"] == {
        "selector": {"app": "istio-ingressgateway", "istio": "ingressgateway"},
        "servers": [
            {
                "port": {"number": 443, "name": "https-api", "protocol": "HTTPS"},
                "hosts": names,
                "tls": {"mode": "SIMPLE", "credentialName": "mmorpg-tls-secret", "minProtocolVersion": "TLSV1_2"},
            }
        ],
    }
    certificate = named(built, "us-east-mesh-certificate", CERTIFICATE).resolved
    # The gateway's pods take a secret of their own namespace only.
    assert certificate["metadata"]["namespace"] == "istio-ingress"
    assert (certificate["spec"]["secretName"], certificate["spec"]["dnsNames"]) == ("mmorpg-tls-secret", names)
    assert certificate["spec"]["issuerRef"] == {
        "group": "cert-manager.io",
        "kind": "ClusterIssuer",
        "name": "letsencrypt-prod",
    }


def test_the_certificate_comes_after_its_issuer_and_the_gateway_after_the_webhook_that_checks_it():
    built = secured()
    assert named(built, "us-east-issuer").urn in named(built, "us-east-mesh-certificate").depends_on
    assert named(built, "us-east-istiod").urn in named(built, "us-east-mesh-gateway").depends_on


def test_without_an_issuer_there_is_neither_certificate_nor_listener():
    assert all_of(mesh(), GATEWAY) == all_of(mesh(), CERTIFICATE) == []


def test_policies_come_after_the_webhook_that_checks_them():
    built = mesh()
    istiod = named(built, "us-east-istiod", RELEASE).urn
    assert [istiod in policy.depends_on for policy in all_of(built, AUTHENTICATION)] == [True, True]


def test_a_region_is_its_own_cluster_and_network_in_the_mesh_of_its_game():
    built = mesh()
    figures = named(built, "us-east-istiod", RELEASE).inputs["values"]["global"]
    assert figures["meshID"] == "mmorpg-mesh"
    assert figures["multiCluster"] == {"clusterName": "mmorpg-us-east"}
    assert figures["network"] == "mmorpg-us-east-network"
    labels = named(built, "us-east-istio-system", NAMESPACE).inputs["metadata"]["labels"]
    assert labels["topology.istio.io/network"] == "mmorpg-us-east-network"


def test_both_namespaces_hold_their_pods_to_the_strictest_level():
    for namespace in all_of(mesh(), NAMESPACE):
        assert namespace.inputs["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert values("istiod")["seccompProfile"] == {"type": "RuntimeDefault"}, "restricted asks for it"
    assert values("istio-ingressgateway")["securityContext"] == {
        "seccompProfile": {"type": "RuntimeDefault"},
        "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
    }


def test_images_are_the_releases_own_and_never_latest():
    figures = values("istiod")["global"]
    assert (figures["hub"], figures["tag"]) == ("docker.io/istio", "1.30.3")


def test_applications_wait_for_their_proxy_and_every_access_is_logged_as_json():
    config = values("istiod")["meshConfig"]
    assert config["defaultConfig"] == {"holdApplicationUntilProxyStarts": True}
    assert (config["accessLogFile"], config["accessLogEncoding"]) == ("/dev/stdout", "JSON")


def test_replicas_are_those_given_and_one_may_be_missing():
    istiod = values("istiod", control_plane=Replicas(min=2, max=7))
    assert (istiod["autoscaleMin"], istiod["autoscaleMax"], istiod["pdb"]) == (2, 7, {"maxUnavailable": 1})
    gateway = values("istio-ingressgateway", gateway=Replicas(min=4, max=9))
    assert gateway["autoscaling"] == {"minReplicas": 4, "maxReplicas": 9}
    assert gateway["podDisruptionBudget"] == {"maxUnavailable": 1}


def test_the_gateway_makes_no_load_balancer_of_its_own():
    service = values("istio-ingressgateway")["service"]
    assert service["type"] == "ClusterIP"
    assert {port["name"]: (port["port"], port["targetPort"]) for port in service["ports"]} == {
        "status-port": (15021, 15021),
        "https": (443, 443),
    }


def test_a_gateway_pod_serves_until_the_load_balancer_has_let_go_and_ends_before_it_is_killed():
    gateway = values("istio-ingressgateway")
    asleep = gateway["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert asleep == 135, "120 s of the load balancer, 15 s of its controller"
    envoy_drains = 5  # ProxyConfig.terminationDrainDuration
    assert gateway["terminationGracePeriodSeconds"] == 150 >= asleep + envoy_drains


@needs_charts
def test_every_value_is_one_that_its_chart_knows():
    assert [problem for found in all_of(mesh(), RELEASE) for problem in check_release(found.resolved)] == []


@needs_crds
@pytest.mark.parametrize(("type_", "count"), [(AUTHENTICATION, 2), (GATEWAY, 1), (CERTIFICATE, 1)])
def test_every_object_is_one_that_its_crd_accepts(type_: str, count: int):
    found = all_of(secured(), type_)
    assert len(found) == count
    assert [problem for item in found for problem in check_custom_resource(item.resolved)] == []
