"""What the keeper makes of a claim: a volume on EC2, and the PersistentVolume that is bound to the claim alone."""

from typing import Any

from embedded.control_plane.keeper.addresses import host_name
from embedded.control_plane.keeper.volumes import persistent_volume, volume_request

CLAIM: dict[str, Any] = {
    "metadata": {"name": "data-db-0", "namespace": "game", "uid": "2e96c476-4d35"},
    "spec": {
        "storageClassName": "fast-ssd",
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10.5Gi"}},
    },
    "status": {"phase": "Pending"},
}
CLASS: dict[str, Any] = {
    "metadata": {"name": "fast-ssd"},
    "provisioner": "ebs.csi.aws.com",
    "parameters": {
        "type": "gp3",
        "encrypted": "true",
        "iops": "4000",
        "tagSpecification_1": "game-regions/cluster=game-us",
    },
    "reclaimPolicy": "Retain",
    "volumeBindingMode": "WaitForFirstConsumer",
}


def test_a_volume_is_asked_of_ec2_as_the_class_says():
    request = volume_request(CLAIM, CLASS, "us-east-1a")
    tags = {each["Key"]: each["Value"] for each in request.pop("TagSpecifications")[0]["Tags"]}
    assert request == {
        "AvailabilityZone": "us-east-1a",
        "Size": 11,
        "VolumeType": "gp3",
        "Encrypted": True,
        "Iops": 4000,
    }
    assert tags["CSIVolumeName"] == "pvc-2e96c476-4d35"
    assert tags["game-regions/cluster"] == "game-us"
    assert tags["kubernetes.io/created-for/pvc/name"] == "data-db-0"


def test_the_persistent_volume_is_the_claims_own_and_stays_in_its_zone():
    spec = persistent_volume(CLAIM, CLASS, "us-east-1a", "vol-1")["spec"]
    assert spec["claimRef"] == {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": "data-db-0",
        "namespace": "game",
        "uid": "2e96c476-4d35",
    }
    here = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["us-east-1a"]}
    assert spec["nodeAffinity"] == {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}}
    assert spec["csi"]["volumeHandle"] == "vol-1"
    assert spec["persistentVolumeReclaimPolicy"] == "Retain"
    assert spec["capacity"] == {"storage": "10.5Gi"}


def test_a_load_balancers_host_name_is_one_that_elb_would_give():
    service = {"metadata": {"name": "entrance-gateway", "namespace": "players", "uid": "1"}}
    name, _, rest = host_name(service, "eu-west-1").partition(".")
    assert rest == "elb.eu-west-1.amazonaws.com"
    assert name.startswith("k8s-players-entrance-")
    assert len(name) == len("k8s-players-entrance-") + 10 + 1 + 16
