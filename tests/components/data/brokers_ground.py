"""The ground that PostgreSQL, RabbitMQ and Kafka stand on in tests, and checks that hold for each of them."""

import kubernetes_validate
import pulumi

from components.data.ground import DataGround
from components.kube.labels import client_of
from plan.objects import objects_of
from plan.recorder import Recording
from plan.registration import RecordedResource
from tests.custom_resources import check_custom_resource, is_custom
from tests.engine import all_of

NAMESPACE = "mmorpg-game"
POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
SECRET = "kubernetes:core/v1:Secret"
CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
GROUND = DataGround(
    game="mmorpg",
    prefix="mmorpg-us-east",
    namespace=NAMESPACE,
    zones=("us-east-1a", "us-east-1b", "us-east-1c"),
    storage_class="fast-ssd",
    priority_class="game-databases",
    issuer="data-issuer",
    protect=True,
)


def standing_in(name: str) -> pulumi.Resource:
    """Something that another part of the region makes."""
    return pulumi.CustomResource("aws:eks/nodeGroup:NodeGroup", name, {})


def problems(built: Recording) -> list[str]:
    """What the API server would say against the objects, those of a stored definition and those of its own kinds."""
    # A component by itself has no region's provider.
    found = [finding.message for finding in built.findings if "default provider" not in finding.message]
    for item in objects_of(built):
        if is_custom(item.resource.type):
            found += check_custom_resource(item.body)
        elif item.resource.type.partition(":")[2].partition("/")[0] not in ("barmancloud.cnpg.io", "helm.sh"):
            kubernetes_validate.validate(item.body, "1.34", strict=True)
    return found


def policy_of(built: Recording, name: str) -> RecordedResource:
    """The network policy of a name."""
    (found,) = [policy for policy in all_of(built, POLICY) if policy.resolved["metadata"]["name"] == name]
    return found


def way_in(policy: RecordedResource) -> dict[str, list[int]]:
    """Ports by who may come in: "clients", a namespace, or "own"."""
    spec = policy.resolved["spec"]
    found: dict[str, list[int]] = {}
    for rule in spec["ingress"]:
        (peer,) = rule["from"]
        among = peer.get("podSelector") or {}
        place = (peer.get("namespaceSelector") or {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
        who = place or ("own" if among == spec["podSelector"] else "clients")
        if who == "clients":
            system = policy.resolved["metadata"]["labels"]["app"]
            assert among["matchLabels"] == client_of(system), "none but pods that carry the label"
        found[who] = [int(port["port"]) for port in rule["ports"]]
    return found
