"""EBS volumes as the CSI driver makes them: for claims whose pod was given a node, and gone with them or kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import Any, Final

from botocore.exceptions import ClientError

from embedded.control_plane.keeper.attempts import attempt
from embedded.control_plane.keeper.drains import MERGE, NODES
from embedded.control_plane.keeper.groups import AwsClients
from embedded.control_plane.keeper.nodes import ZONE
from embedded.kubernetes.errors import NOT_FOUND, ApiError
from embedded.kubernetes.live.server import Server
from embedded.kubernetes.quantities import quantity
from embedded.provider import Values

DRIVER: Final = "ebs.csi.aws.com"
SELECTED: Final = "volume.kubernetes.io/selected-node"
_VOLUMES: Final = "/api/v1/persistentvolumes"
_CLAIMS: Final = "/api/v1/persistentvolumeclaims"
_CLASSES: Final = "/apis/storage.k8s.io/v1/storageclasses"
_ATTACHMENTS: Final = "/apis/storage.k8s.io/v1/volumeattachments"
# kubernetes-sigs/aws-ebs-csi-driver pkg/cloud: the tag by which it finds again what it made, and its own.
_NAME_TAG, _OWN_TAG = "CSIVolumeName", "ebs.csi.aws.com/cluster"
_TAG_PARAMETER: Final = re.compile(r"tagSpecification_\d+")


class VolumeLoop:
    """What the EBS CSI driver's controller does: make, attach and delete. Growing and snapshots are left out."""

    def __init__(self, server: Server, aws: AwsClients) -> None:
        self._server = server
        self._aws = aws
        self.problems: list[str] = []

    def step(self) -> None:
        """One pass. ApiError if Kubernetes refuses; the next pass goes on. `problems` are of the last one."""
        self.problems = []
        classes = {it["metadata"]["name"]: it for it in self._items(_CLASSES) if it["provisioner"] == DRIVER}
        volumes = {it["metadata"]["name"]: it for it in self._items(_VOLUMES)}
        for claim in self._items(_CLAIMS) if classes else []:
            class_ = classes.get(claim["spec"].get("storageClassName", ""))
            if class_ is not None and _waits(claim) and volume_name(claim) not in volumes:
                attempt(self.problems, f"claim {_name(claim)}", partial(self._provide, claim, class_))
        for name, volume in volumes.items():
            if _is_to_go(volume):
                attempt(self.problems, f"volume {name}", partial(self._delete, volume))
        for attachment in self._items(_ATTACHMENTS):
            if attachment["spec"]["attacher"] == DRIVER and not attachment.get("status", {}).get("attached"):
                path = f"{_ATTACHMENTS}/{attachment['metadata']['name']}/status"
                self._server.ask("PATCH", path, body={"status": {"attached": True}}, content_type=MERGE)

    def _provide(self, claim: Values, class_: Values) -> None:
        if class_.get("volumeBindingMode") == "WaitForFirstConsumer":
            node = self._selected_node(claim)
            if node is None:
                return
            zone = node["metadata"]["labels"][ZONE]
        else:
            zone = self._any_zone(claim)
        ident = self._made(claim, class_, zone)
        self._server.ask("POST", _VOLUMES, body=persistent_volume(claim, class_, zone, ident))

    def _selected_node(self, claim: Values) -> Values | None:
        """The node that the scheduler chose; a claim whose node is gone by now is given back to the scheduler."""
        name = claim["metadata"].get("annotations", {}).get(SELECTED)
        if not name:
            return None
        try:
            return self._server.ask("GET", f"{NODES}/{name}")
        except ApiError as refusal:
            if refusal.code != NOT_FOUND:
                raise
        metadata = claim["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/persistentvolumeclaims/{metadata['name']}"
        change = {"metadata": {"annotations": {SELECTED: None}}}
        self._server.ask("PATCH", path, body=change, content_type=MERGE)
        return None

    def _any_zone(self, claim: Values) -> str:
        zones = [it["ZoneName"] for it in self._aws("ec2").describe_availability_zones()["AvailabilityZones"]]
        return str(sorted(zones)[int(claim["metadata"]["uid"][:8], 16) % len(zones)])

    def _made(self, claim: Values, class_: Values, zone: str) -> str:
        """Id of the volume on EC2, made unless an earlier pass did and could not tell Kubernetes."""
        ec2, name = self._aws("ec2"), volume_name(claim)
        found = ec2.describe_volumes(Filters=[{"Name": f"tag:{_NAME_TAG}", "Values": [name]}])["Volumes"]
        made = found[0] if found else ec2.create_volume(**volume_request(claim, class_, zone))
        return str(made["VolumeId"])

    def _delete(self, volume: Values) -> None:
        try:
            self._aws("ec2").delete_volume(VolumeId=volume["spec"]["csi"]["volumeHandle"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "InvalidVolume.NotFound":
                raise
        self._server.ask("DELETE", f"{_VOLUMES}/{volume['metadata']['name']}")

    def _items(self, path: str) -> list[Values]:
        items: list[Values] = self._server.ask("GET", path)["items"]
        return items


def volume_name(claim: Values) -> str:
    """What the external provisioner calls a claim's volume."""
    return f"pvc-{claim['metadata']['uid']}"


def volume_request(claim: Values, class_: Values, zone: str) -> dict[str, Any]:
    """The parameters of EC2's CreateVolume, from the class's as aws-ebs-csi-driver docs/parameters.md has them."""
    parameters: Mapping[str, str] = class_.get("parameters") or {}
    request: dict[str, Any] = {
        "AvailabilityZone": zone,
        "Size": ceil(quantity(claim["spec"]["resources"]["requests"]["storage"]) / 2**30),
        "VolumeType": parameters.get("type", "gp3"),
        "Encrypted": parameters.get("encrypted") == "true",
    }
    if "kmsKeyId" in parameters:
        request["KmsKeyId"] = parameters["kmsKeyId"]
    request |= {name.capitalize(): int(parameters[name]) for name in ("iops", "throughput") if name in parameters}
    metadata = claim["metadata"]
    tags = {
        _NAME_TAG: volume_name(claim),
        _OWN_TAG: "true",
        "kubernetes.io/created-for/pv/name": volume_name(claim),
        "kubernetes.io/created-for/pvc/name": metadata["name"],
        "kubernetes.io/created-for/pvc/namespace": metadata["namespace"],
    }
    for key, value in parameters.items():
        if _TAG_PARAMETER.fullmatch(key):
            name, _, text = value.partition("=")
            tags[name] = text
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return {**request, "TagSpecifications": [{"ResourceType": "volume", "Tags": pairs}]}


def persistent_volume(claim: Values, class_: Values, zone: str, ident: str) -> Values:
    """The PersistentVolume that answers a claim: bound to it alone, to be had in one zone only."""
    metadata = claim["metadata"]
    reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": metadata["name"]}
    here = {"key": ZONE, "operator": "In", "values": [zone]}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {
            "name": volume_name(claim),
            "annotations": {"pv.kubernetes.io/provisioned-by": DRIVER},
        },
        "spec": {
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
            "accessModes": claim["spec"]["accessModes"],
            "volumeMode": claim["spec"].get("volumeMode", "Filesystem"),
            "claimRef": {**reference, "namespace": metadata["namespace"], "uid": metadata["uid"]},
            "csi": {"driver": DRIVER, "volumeHandle": ident, "fsType": "ext4"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [here]}]}},
            "mountOptions": class_.get("mountOptions", []),
            "persistentVolumeReclaimPolicy": class_.get("reclaimPolicy", "Delete"),
            "storageClassName": class_["metadata"]["name"],
        },
    }


def _name(claim: Values) -> str:
    return f"{claim['metadata']['namespace']}/{claim['metadata']['name']}"


def _waits(claim: Values) -> bool:
    gone = claim["metadata"].get("deletionTimestamp")
    return not gone and claim["status"]["phase"] == "Pending" and not claim["spec"].get("volumeName")


def _is_to_go(volume: Values) -> bool:
    spec = volume["spec"]
    ours = spec.get("csi", {}).get("driver") == DRIVER and spec["persistentVolumeReclaimPolicy"] == "Delete"
    return bool(
        ours and volume["status"].get("phase") == "Released" and not volume["metadata"].get("deletionTimestamp")
    )
