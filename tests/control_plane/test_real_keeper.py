"""The real programs with the keeper beside them: node groups, volumes, addresses, Karpenter with our NodePools."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.engine import PROJECT
from automation.errors import Refused
from components.karpenter.specs import CLASS_KIND, KarpenterPool, PeakHours, node_class, node_pools
from components.kube.compute import Compute
from embedded.control_plane.keeper.drains import MERGE
from embedded.control_plane.keeper.keeper import Keeper
from embedded.control_plane.keeper.nodes import is_ready
from embedded.control_plane.plane import ControlPlane
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.live.server import Server
from embedded.stack_folder import StackFolder
from tests.embedded.aws_api.conftest import Aws

pytestmark = pytest.mark.control_plane

SECONDS = 120.0
REGION = "us-east-1"
DEFAULT = "/api/v1/namespaces/default"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
POOLS, CLAIMS = "/apis/karpenter.sh/v1/nodepools", "/apis/karpenter.sh/v1/nodeclaims"
CLASSES = "/apis/karpenter.k8s.aws/v1/ec2nodeclasses"


class Region:
    """A cluster with its AWS, its API server and its keeper."""

    def __init__(self, plane: ControlPlane, programs: dict[str, Path], folder: Path) -> None:
        handle = plane.start(programs)
        self.aws = Aws()
        self.subnets = self.aws.subnets()
        self.aws.cluster(subnets=self.subnets)
        self.server = Server(handle.url, str(handle.ca), handle.token, handle.region)
        self.keeper = Keeper(
            self.server,
            lambda service: self.aws.endpoint.client(service, REGION),
            cluster="game",
            region=REGION,
            folder=folder,
            start_karpenter=lambda types: plane.start_karpenter(programs, types),
            drain_pace=0.05,
        )

    def make(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.server.ask("POST", path, body=body)

    def merge(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self.server.ask("PATCH", path, body=body, content_type=MERGE)

    def items(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.ask("GET", path)["items"]
        return found

    def ready(self, label: str = "kubernetes.io/os") -> list[dict[str, Any]]:
        nodes = self.items("/api/v1/nodes")
        return [node for node in nodes if is_ready(node) and label in node["metadata"]["labels"]]

    def running(self, app: str) -> list[dict[str, Any]]:
        pods = [pod for pod in self.items(f"{DEFAULT}/pods") if pod["metadata"].get("labels", {}).get("app") == app]
        gone = [pod for pod in pods if pod["metadata"].get("deletionTimestamp")]
        return [pod for pod in pods if pod["status"]["phase"] == "Running" and pod not in gone]


@pytest.fixture(scope="module")
def programs() -> dict[str, Path]:
    try:
        return ensure_programs(Console(stderr=True))
    except Refused as refused:
        pytest.skip(f"the control plane's programs are not built and cannot be: {refused}")


@pytest.fixture
def region(programs: dict[str, Path], tmp_path: Path) -> Iterator[Region]:
    plane = ControlPlane(StackFolder(tmp_path / "dev"), "us")
    made = Region(plane, programs, tmp_path / "keeper")
    try:
        made.keeper.start()
        yield made
    finally:
        made.keeper.stop()
        plane.stop(erase=True)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def container(cpu: str) -> dict[str, Any]:
    return {"name": "c", "image": "c:1", "resources": {"requests": {"cpu": cpu, "memory": "128Mi"}}}


def deployment(app: str, replicas: int, cpu: str, **pod: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container(cpu)], **pod}}
    selector = {"matchLabels": {"app": app}}
    return {"metadata": {"name": app}, "spec": {"replicas": replicas, "selector": selector, "template": template}}


def test_a_managed_group_stands_grows_is_replaced_and_goes(region: Region) -> None:
    aws = region.aws
    prefixes = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni", configurationValues=prefixes)
    data: dict[str, Any] = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 100}}]}
    template = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    ident = template["LaunchTemplate"]["LaunchTemplateId"]
    aws.nodegroup(instanceTypes=["m7i.large"], launchTemplate={"id": ident, "version": "1"})
    role = aws.role("autoscaler", "pods.eks.amazonaws.com")
    aws.eks.create_pod_identity_association(
        clusterName="game", namespace="kube-system", serviceAccount="cluster-autoscaler", roleArn=role
    )
    assert eventually(lambda: len(region.ready()) == 2)
    zones = {node["metadata"]["labels"]["topology.kubernetes.io/zone"] for node in region.ready()}
    assert zones == {"us-east-1a", "us-east-1b"}

    region.make("/apis/apps/v1/namespaces/default/deployments", deployment("service", 3, "1200m"))
    assert eventually(lambda: len(region.running("service")) == 3), region.keeper.problems()
    group = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="nodes")["nodegroup"]
    assert group["scalingConfig"]["desiredSize"] == 3

    aws.ec2.create_launch_template_version(LaunchTemplateId=ident, LaunchTemplateData=data)
    aws.eks.update_nodegroup_version(
        clusterName="game", nodegroupName="nodes", launchTemplate={"id": ident, "version": "2"}
    )
    version = "eks.amazonaws.com/sourceLaunchTemplateVersion"
    assert eventually(lambda: [node["metadata"]["labels"][version] for node in region.ready()] == ["2"] * 3)
    assert eventually(lambda: len(region.running("service")) == 3)

    aws.eks.delete_nodegroup(clusterName="game", nodegroupName="nodes")
    assert eventually(lambda: not region.items("/api/v1/nodes"))
    assert region.keeper.problems() == []


def test_claims_get_volumes_in_their_pods_zone_and_services_addresses(region: Region) -> None:
    region.aws.nodegroup(instanceTypes=["m7i.large"])
    class_ = {
        "metadata": {"name": "fast"},
        "provisioner": "ebs.csi.aws.com",
        "volumeBindingMode": "WaitForFirstConsumer",
        "reclaimPolicy": "Delete",
    }
    region.make("/apis/storage.k8s.io/v1/storageclasses", class_)
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "storageClassName": "fast",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "10Gi"}},
        },
    }
    region.make(f"{DEFAULT}/persistentvolumeclaims", claim)
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    pod = {"metadata": {"name": "db", "labels": {"app": "db"}}}
    region.make(f"{DEFAULT}/pods", {**pod, "spec": {"containers": [container("100m")], "volumes": [volume]}})
    assert eventually(lambda: len(region.running("db")) == 1), region.keeper.problems()
    (made,) = region.aws.ec2.describe_volumes()["Volumes"]
    node = region.server.ask("GET", f"/api/v1/nodes/{region.running('db')[0]['spec']['nodeName']}")
    assert made["Size"] == 10
    assert made["AvailabilityZone"] == node["metadata"]["labels"]["topology.kubernetes.io/zone"]

    region.server.ask("DELETE", f"{DEFAULT}/pods/db")
    region.server.ask("DELETE", f"{DEFAULT}/persistentvolumeclaims/data")
    assert eventually(lambda: not region.items("/api/v1/persistentvolumes"))
    assert region.aws.ec2.describe_volumes()["Volumes"] == []

    service = {"metadata": {"name": "gate"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}}
    region.make(f"{DEFAULT}/services", service)
    assert eventually(lambda: bool(region.server.ask("GET", f"{DEFAULT}/services/gate")["status"]["loadBalancer"]))


def test_karpenter_serves_our_own_node_pools(region: Region) -> None:
    _make_karpenter_s_things(region)
    services = deployment(
        "service",
        3,
        "900m",
        nodeSelector={"node-type": "spot"},
        tolerations=[{"key": "spot", "operator": "Exists"}],
    )
    region.make("/apis/apps/v1/namespaces/default/deployments", services)
    assert eventually(lambda: len(region.running("service")) == 3), (
        region.keeper.problems(),
        region.items(CLASSES)[0].get("status"),
        region.items(CLAIMS),
    )
    labels = region.ready("karpenter.sh/nodepool")[0]["metadata"]["labels"]
    assert labels["karpenter.sh/nodepool"] == "services"
    assert labels["karpenter.sh/capacity-type"] == "spot"
    assert labels["karpenter.k8s.aws/instance-family"] == "m7i"
    assert labels["kubernetes.io/hostname"] == region.ready("karpenter.sh/nodepool")[0]["metadata"]["name"]

    # Another image is drift: Karpenter brings a new node, and drains the old one as the budget allows.
    budget = {
        "metadata": {"name": "service"},
        "spec": {"minAvailable": 2, "selector": {"matchLabels": {"app": "service"}}},
    }
    region.make("/apis/policy/v1/namespaces/default/poddisruptionbudgets", budget)
    old = {node["metadata"]["name"] for node in region.ready("karpenter.sh/nodepool")}
    region.merge(f"{CLASSES}/al2023", {"spec": {"amiSelectorTerms": [{"alias": "al2023@v20260301"}]}})
    fewest = 3

    def replaced() -> bool:
        nonlocal fewest
        fewest = min(fewest, len(region.running("service")))
        return not old & {node["metadata"]["name"] for node in region.items("/api/v1/nodes")}

    assert eventually(replaced)
    assert fewest >= 2

    # What nobody needs any more goes, and a class only after its nodes.
    region.server.ask("DELETE", f"{CLASSES}/al2023")
    assert [it["metadata"]["name"] for it in region.items(CLASSES)] == ["al2023"]
    region.server.ask("DELETE", "/apis/apps/v1/namespaces/default/deployments/service")
    for pool in region.items(POOLS):
        region.server.ask("DELETE", f"{POOLS}/{pool['metadata']['name']}")
    assert eventually(lambda: not region.items(CLAIMS) and not region.items(CLASSES))
    assert eventually(lambda: not region.items("/api/v1/nodes"))


def _definitions() -> Path:
    """The folder of CustomResourceDefinitions in the pinned module."""
    modules = PROJECT / "tools" / "control-plane" / "karpenter"
    module = "github.com/aws/karpenter-provider-aws"
    answer = subprocess.check_output(["go", "mod", "download", "-json", module], cwd=modules)
    return Path(json.loads(answer)["Dir"]) / "pkg" / "apis" / "crds"


def _make_karpenter_s_things(region: Region) -> None:
    """The definitions, a class as our program renders it, and its pool of services."""
    for subnet in region.subnets:
        region.aws.ec2.create_tags(Resources=[subnet], Tags=[{"Key": "karpenter.sh/discovery", "Value": "game"}])
    vpc = region.aws.ec2.describe_subnets(SubnetIds=region.subnets[:1])["Subnets"][0]["VpcId"]
    group = region.aws.group(vpc)
    region.aws.ec2.create_tags(Resources=[group], Tags=[{"Key": "karpenter.sh/discovery", "Value": "game"}])
    region.aws.role("game-karpenter-node", "ec2.amazonaws.com")
    for name in ("karpenter.k8s.aws_ec2nodeclasses", "karpenter.sh_nodepools"):
        region.make(DEFINITIONS, yaml.safe_load((_definitions() / f"{name}.yaml").read_text()))
    spec = node_class("game", "game-karpenter-node", "1.35.0-20260101", {})
    class_ = {"kind": CLASS_KIND, "apiVersion": "karpenter.k8s.aws/v1", "metadata": {"name": "al2023"}, "spec": spec}
    assert eventually(lambda: _taken(region, CLASSES, class_))
    pool = KarpenterPool(
        workload=None,
        arch="amd64",
        families=("m7i",),
        sizes=("large", "xlarge"),
        limits=Compute(cpu="100", memory="400Gi"),
    )
    # Half a day away: at the peak Karpenter leaves drifted nodes alone.
    peak = PeakHours(schedule=f"0 {(datetime.now(UTC).hour + 12) % 24} * * *", hours=1)
    for name, rendered in node_pools({"services": pool}, ("us-east-1a", "us-east-1b"), peak, 2100).items():
        body = {"kind": "NodePool", "apiVersion": "karpenter.sh/v1", "metadata": {"name": name}, "spec": rendered}
        assert eventually(lambda it=body: _taken(region, POOLS, it))  # type: ignore[misc]


def _taken(region: Region, path: str, body: dict[str, Any]) -> bool:
    """Made; a definition is served a moment after it was."""
    try:
        region.make(path, body)
    except ApiError as refusal:
        if refusal.code != 404:
            raise
        return False
    return True
