"""What the keeper reads of the embedded AWS: node groups, node classes, instance types, volumes."""

import json
from pathlib import Path
from typing import Any

import pytest

from embedded.control_plane.keeper.groups import Reader, Subnet
from embedded.control_plane.keeper.karpenter import KarpenterLoop
from embedded.control_plane.keeper.node_classes import FINALIZER, NodeClassLoop
from embedded.control_plane.keeper.volumes import SELECTED, VolumeLoop
from embedded.kubernetes.errors import ApiError, not_found
from tests.embedded.aws_api.conftest import Aws

REGION = "us-east-1"


class Lists:
    """An API that answers lists and objects by path, and notes what is written."""

    def __init__(self, **objects: Any) -> None:
        self.objects = dict(objects)
        self.written: list[tuple[str, str, Any]] = []

    def ask(self, method: str, path: str, query: Any = None, body: Any = None, content_type: str = "") -> Any:
        if method != "GET":
            self.written.append((method, path, body))
            return {}
        last = path.rpartition("/")[2]
        if last not in self.objects:
            raise not_found("objects", last)
        found = self.objects[last]
        return {"items": found} if isinstance(found, list) else found


@pytest.fixture(scope="module")
def aws() -> Aws:
    """With a cluster `game`; tests add to it what they name themselves."""
    made = Aws()
    subnets = made.subnets()
    made.cluster(subnets=subnets)
    for subnet in subnets:
        made.ec2.create_tags(Resources=[subnet], Tags=[{"Key": "karpenter.sh/discovery", "Value": "game"}])
    return made


def clients(aws: Aws) -> Any:
    return lambda service: aws.endpoint.client(service, aws.region)


def test_a_node_group_is_read_with_its_template_subnets_and_types(aws: Aws):
    data: dict[str, Any] = {"BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 80}}]}
    template = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)
    prefixes = json.dumps({"env": {"ENABLE_PREFIX_DELEGATION": "true"}})
    aws.eks.create_addon(clusterName="game", addonName="vpc-cni", configurationValues=prefixes)
    aws.nodegroup(
        name="worlds",
        instanceTypes=["c7i.xlarge", "c6i.xlarge"],
        launchTemplate={"id": template["LaunchTemplate"]["LaunchTemplateId"], "version": "1"},
        labels={"workload-type": "game-server"},
        taints=[{"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}],
        updateConfig={"maxUnavailablePercentage": 50},
    )
    found = Reader(clients(aws), "game").read()
    assert found is not None
    assert found.prefixes
    group = found.groups["worlds"]
    assert (group.status, group.least, group.desired, group.most, group.unavailable) == ("ACTIVE", 1, 2, 3, 1)
    assert group.taints == ({"key": "game-server", "value": "true", "effect": "NoSchedule"},)
    assert [it.name for it in group.machines] == ["c7i.xlarge", "c6i.xlarge"]
    assert (group.disk_gib, group.template and group.template["version"]) == (80, "1")
    assert group.subnets[0] == Subnet(group.subnets[0].id, "us-east-1a", "use1-az6", "10.0.0.0/24")


def test_a_cluster_that_is_not_there_has_nothing_to_say(aws: Aws):
    assert Reader(clients(aws), "elsewhere").read() is None


def test_groups_grow_only_where_cluster_autoscaler_has_its_rights(aws: Aws):
    reader = Reader(clients(aws), "game")
    before = reader.read()
    role = aws.role("autoscaler", "pods.eks.amazonaws.com")
    aws.eks.create_pod_identity_association(
        clusterName="game", namespace="kube-system", serviceAccount="cluster-autoscaler", roleArn=role
    )
    after = reader.read()
    assert before is not None
    assert after is not None
    assert (before.autoscaled, after.autoscaled) == (False, True)


def test_a_raised_group_is_larger_on_aws_too(aws: Aws):
    aws.nodegroup(name="services")
    Reader(clients(aws), "game").raise_to("services", 3)
    facts = aws.eks.describe_nodegroup(clusterName="game", nodegroupName="services")["nodegroup"]
    assert facts["scalingConfig"] == {"minSize": 1, "maxSize": 3, "desiredSize": 3}


def node_class(**more: Any) -> dict[str, Any]:
    discovery = [{"tags": {"karpenter.sh/discovery": "game"}}]
    spec = {
        "amiSelectorTerms": [{"alias": "al2023@v20260101"}],
        "role": "game-karpenter-node",
        "subnetSelectorTerms": discovery,
        "securityGroupSelectorTerms": discovery,
    }
    return {"metadata": {"name": "al2023", "generation": 1, "resourceVersion": "1", **more}, "spec": spec}


def test_a_node_class_finds_subnets_by_tag_and_says_what_is_missing(aws: Aws):
    server: Any = Lists(ec2nodeclasses=[node_class(finalizers=[FINALIZER])])
    NodeClassLoop(server, clients(aws), "game").step()
    ((method, path, body),) = server.written
    assert (method, path) == ("PATCH", "/apis/karpenter.k8s.aws/v1/ec2nodeclasses/al2023/status")
    assert [each["zone"] for each in body["status"]["subnets"]] == ["us-east-1a", "us-east-1b"]
    ready = body["status"]["conditions"][-1]
    assert (ready["type"], ready["status"]) == ("Ready", "False")
    assert ready["message"] == "SecurityGroupsReady=False, InstanceProfileReady=False"


def test_a_status_that_says_it_already_is_not_written_again(aws: Aws):
    server: Any = Lists(ec2nodeclasses=[node_class(finalizers=[FINALIZER])])
    loop = NodeClassLoop(server, clients(aws), "game")
    loop.step()
    server.objects["ec2nodeclasses"][0]["status"] = server.written[0][2]["status"]
    loop.step()
    assert len(server.written) == 1


def test_a_class_in_deletion_waits_for_its_nodes(aws: Aws):
    going = node_class(finalizers=[FINALIZER], deletionTimestamp="2026-01-01T00:00:00Z")
    claim = {"spec": {"nodeClassRef": {"name": "al2023"}}}
    server: Any = Lists(ec2nodeclasses=[going], nodeclaims=[claim])
    loop = NodeClassLoop(server, clients(aws), "game")
    loop.step()
    assert server.written == []
    server.objects["nodeclaims"] = []
    loop.step()
    assert server.written[0][2]["metadata"]["finalizers"] == []


def test_the_catalog_holds_ec2s_own_answers_for_the_wanted_families_without_lost_zones(aws: Aws, tmp_path: Path):
    family = {"key": "karpenter.k8s.aws/instance-family", "operator": "In", "values": ["c7g"]}
    server: Any = Lists(nodepools=[{"spec": {"template": {"spec": {"requirements": [family]}}}}])
    started: list[Path] = []
    loop = KarpenterLoop(server, clients(aws), REGION, tmp_path / "types.json", started.append)
    loop.lost_zones = frozenset({"us-east-1b"})
    loop.step()
    catalog = json.loads(started[0].read_text())
    large = next(each for each in catalog["types"] if each["InstanceType"] == "c7g.large")
    assert catalog["region"] == REGION
    assert large["MemoryInfo"] == {"SizeInMiB": 4096}
    assert {each["InstanceType"].partition(".")[0] for each in catalog["types"]} == {"c7g"}
    assert "us-east-1a" in catalog["zones"]["c7g.large"]
    assert "us-east-1b" not in catalog["zones"]["c7g.large"]


def test_karpenter_is_not_started_before_the_first_node_pool(aws: Aws, tmp_path: Path):
    started: list[Path] = []
    without: Any = Lists(nodepools=[])
    KarpenterLoop(without, clients(aws), REGION, tmp_path / "types.json", started.append).step()
    undefined: Any = Lists()
    with pytest.raises(ApiError):
        KarpenterLoop(undefined, clients(aws), REGION, tmp_path / "types.json", started.append).step()
    assert started == []


def claim(**annotations: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "data", "namespace": "game", "uid": "2e96c476", "annotations": annotations},
        "spec": {
            "storageClassName": "fast",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "10Gi"}},
        },
        "status": {"phase": "Pending"},
    }


def storage(waiting: dict[str, Any], **more: Any) -> Any:
    class_ = {
        "metadata": {"name": "fast"},
        "provisioner": "ebs.csi.aws.com",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    usual = {"storageclasses": [class_], "persistentvolumes": [], "volumeattachments": []}
    return Lists(persistentvolumeclaims=[waiting], **(usual | more))


def test_a_claim_waits_for_a_node_and_gets_its_volume_there_only_once(aws: Aws):
    loop = VolumeLoop(storage(claim()), clients(aws))
    loop.step()
    assert aws.ec2.describe_volumes()["Volumes"] == []
    node = {"metadata": {"labels": {"topology.kubernetes.io/zone": "us-east-1b"}}}
    server = storage(claim(**{SELECTED: "node-1"}), **{"node-1": node})
    for _ in range(2):  # the second time as if Kubernetes had not heard of the first
        VolumeLoop(server, clients(aws)).step()
    (volume,) = aws.ec2.describe_volumes()["Volumes"]
    assert volume["AvailabilityZone"] == "us-east-1b"
    made = server.written[0][2]
    assert made["spec"]["csi"]["volumeHandle"] == volume["VolumeId"]
    released = {**made, "status": {"phase": "Released"}}
    VolumeLoop(storage(claim(), persistentvolumes=[released]), clients(aws)).step()
    assert aws.ec2.describe_volumes()["Volumes"] == []


def test_a_claim_whose_node_is_gone_is_given_back_to_the_scheduler(aws: Aws):
    server = storage(claim(**{SELECTED: "node-1"}))
    VolumeLoop(server, clients(aws)).step()
    change = {"metadata": {"annotations": {SELECTED: None}}}
    assert server.written == [("PATCH", "/api/v1/namespaces/game/persistentvolumeclaims/data", change)]


def test_attachments_of_our_driver_are_attached_and_those_of_others_left(aws: Aws):
    ours = {"metadata": {"name": "a"}, "spec": {"attacher": "ebs.csi.aws.com"}}
    others = {"metadata": {"name": "b"}, "spec": {"attacher": "efs.csi.aws.com"}}
    server = storage(claim(), volumeattachments=[ours, others])
    VolumeLoop(server, clients(aws)).step()
    ((_, path, body),) = server.written
    assert path == "/apis/storage.k8s.io/v1/volumeattachments/a/status"
    assert body == {"status": {"attached": True}}
