"""A region's entrance, mesh and monitoring put together: each hits what the others and the worlds really have."""

from ipaddress import IPv4Network
from typing import Any

import pulumi

from components.game.entrance import Entrance
from components.game.entrance_security import EntranceSecurity
from components.game.world import GameWorlds
from components.mesh.mesh import Mesh
from components.monitoring.monitoring import Monitoring
from components.network.network import Network, NetworkArgs
from components.platform.cert_manager import ISSUER
from components.platform.dns_zone import DnsZone
from plan.recorder import Recording
from stacks import players_args
from stacks.data_settings import DataSettings
from stacks.data_watch import watched
from stacks.entrance_settings import EntranceSettings
from stacks.mesh_settings import MeshSettings
from stacks.monitoring_settings import MonitoringSettings
from tests.components.test_game_worlds import ARGS as WORLDS
from tests.engine import all_of, build, named, only

PREFIX = "mmorpg-us-east"
NETWORK = NetworkArgs(
    prefix=PREFIX,
    cidr=IPv4Network("10.10.0.0/16"),
    zones=("us-east-1a", "us-east-1b"),
    nat="none",
    cluster_name=PREFIX,
    protect=False,
)
BINDING = "kubernetes:elbv2.k8s.aws/v1beta1:TargetGroupBinding"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
ZONE = DnsZone(zone_id="Z1", domain="us-east.mmorpg-game.com")


def region(zone: DnsZone | None = None) -> Recording:
    def program() -> None:
        network = Network("us-east", NETWORK)
        settings = EntranceSettings.model_validate({"cross_zone": True})
        security = EntranceSecurity("us-east", players_args.entrance_security(PREFIX, settings, network))
        worlds, game = GameWorlds("us-east", WORLDS), "mmorpg-game"
        issuer = pulumi.CustomResource("kubernetes:cert-manager.io/v1:ClusterIssuer", "us-east-issuer", {})
        tls = players_args.tls(zone, issuer)
        mesh = Mesh("us-east", players_args.mesh("mmorpg", PREFIX, MeshSettings(), game, tls, ()))
        entrance = players_args.entrance(
            PREFIX,
            settings,
            network,
            security_group=security.group_id,
            backends=players_args.backends(game, worlds.service, mesh),
            zone=zone,
            protect=True,
            after=(mesh.gateway,),
        )
        Entrance("us-east", entrance)

    return build(program)


def monitoring(*, meshed: bool, data: DataSettings | None = None) -> Recording:
    def program() -> None:
        arguments = players_args.monitoring(
            PREFIX,
            "us-east",
            MonitoringSettings(),
            namespace="mmorpg-game",
            players_per_world=2000,
            storage_class="fast-ssd",
            meshed=meshed,
            addons=("cert-manager",),
            systems=watched(data, "mmorpg-game", 3),
            after=(),
        )
        Monitoring("us-east", arguments)

    return build(program)


def spec(built: Recording, name: str) -> dict[str, Any]:
    found: dict[str, Any] = named(built, name, BINDING).resolved["spec"]
    return found


def test_each_way_leads_to_pods_that_listen_there():
    built = region()
    service = named(built, "us-east-worlds", "kubernetes:core/v1:Service").resolved
    template = only(built, "kubernetes:apps/v1:StatefulSet").resolved["spec"]["template"]
    assert service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
    offered = {(port["port"], port["protocol"], port["targetPort"]) for port in service["spec"]["ports"]}
    listening = {(port["name"], port["protocol"]) for port in template["spec"]["containers"][0]["ports"]}
    for way, port, protocol in (("tcp", 8080, "TCP"), ("udp", 8081, "UDP")):
        bound = spec(built, f"us-east-entrance-{way}")["serviceRef"]
        assert bound == {"name": service["metadata"]["name"], "port": port}
        (target,) = {name for number, spoken, name in offered if (number, spoken) == (port, protocol)}
        assert (target, protocol) in listening
    gateway = named(built, "us-east-istio-ingressgateway").inputs
    assert spec(built, "us-east-entrance-https")["serviceRef"] == {"name": gateway["name"], "port": 443}
    assert 443 in [port["port"] for port in gateway["values"]["service"]["ports"]]


def test_tls_ends_in_the_gateway_under_names_that_lead_to_the_load_balancer():
    built = region(ZONE)
    names = {"us-east.mmorpg-game.com", "*.us-east.mmorpg-game.com"}
    assert {record.inputs["name"] for record in all_of(built, "aws:route53/record:Record")} == names
    (server,) = named(built, "us-east-mesh-gateway").resolved["spec"]["servers"]
    certificate = named(built, "us-east-mesh-certificate").resolved["spec"]
    assert set(server["hosts"]) == set(certificate["dnsNames"]) == names
    assert certificate["issuerRef"]["name"] == ISSUER


def test_without_a_zone_there_is_no_name_to_show_a_certificate_for():
    assert players_args.tls(None, None) is players_args.tls(ZONE, None) is None


def test_the_load_balancer_stands_in_the_public_subnets_behind_its_own_group_once_they_lead_out():
    built = region()
    balancer = only(built, BALANCER)
    public = [named(built, f"us-east-public-us-east-1{zone}", "aws:ec2/subnet:Subnet").urn for zone in "ab"]
    assert balancer.inputs["subnets"] == [{"$ref": urn, "property": "id"} for urn in public]
    group = named(built, "us-east-entrance", "aws:ec2/securityGroup:SecurityGroup")
    assert balancer.inputs["securityGroups"] == [{"$ref": group.urn, "property": "id"}]
    # AWS refuses an internet-facing load balancer in a VPC without an internet gateway.
    assert only(built, "aws:ec2/internetGateway:InternetGateway").urn in balancer.depends_on


def test_the_exception_from_mutual_tls_is_for_the_pods_that_players_reach():
    built = region()
    exception = named(built, "us-east-mesh-players").resolved["spec"]
    template = only(built, "kubernetes:apps/v1:StatefulSet").resolved["spec"]["template"]
    assert exception["selector"]["matchLabels"].items() <= template["metadata"]["labels"].items()
    ports = {port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
    assert {int(port) for port in exception["portLevelMtls"]} == {8080, 8888} <= ports


def test_what_is_read_are_the_workloads_that_there_are():
    def read(built: Recording) -> set[str]:
        kinds = ("ServiceMonitor", "PodMonitor")
        return {
            found.resolved["metadata"]["name"]
            for kind in kinds
            for found in all_of(built, f"kubernetes:monitoring.coreos.com/v1:{kind}")
        }

    assert read(monitoring(meshed=True)) == {"game-worlds", "istiod", "istio-gateway", "cert-manager"}
    assert read(monitoring(meshed=False)) == {"game-worlds", "cert-manager"}
    data = DataSettings.model_validate({"mysql": {"storage_gib": 20}, "redis": {}, "rabbitmq": {}})
    systems = {"mysql", "redis-cluster", "rabbitmq"}
    assert read(monitoring(meshed=False, data=data)) == {"game-worlds", "cert-manager", *systems}
