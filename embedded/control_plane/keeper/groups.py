"""What EKS and EC2 say of a cluster's managed node groups, read through clients as boto3 makes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from embedded.control_plane.keeper.machines import Machine, machine

AwsClients = Callable[[str], Any]
"""A service's name -> a client of it in the cluster's AWS region."""

_EFFECTS: Final = {
    "NO_SCHEDULE": "NoSchedule",
    "PREFER_NO_SCHEDULE": "PreferNoSchedule",
    "NO_EXECUTE": "NoExecute",
}
# docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html: of Linux, where nobody says another.
_DISK_GIB: Final = 20
_AUTOSCALER: Final = "cluster-autoscaler"


@dataclass(frozen=True)
class Subnet:
    """Where nodes stand: its id, zone, the zone's id and its addresses ("10.0.0.0/20")."""

    id: str
    zone: str
    zone_id: str
    cidr: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """A managed node group. `issues` are EKS's own sentences; `taints` as Kubernetes writes them.

    `generation` is another one whenever its nodes have to be: release or launch template changed.
    """

    name: str
    status: str
    issues: tuple[str, ...]
    least: int
    desired: int
    most: int
    unavailable: int
    labels: Mapping[str, str]
    taints: tuple[Mapping[str, str], ...]
    spot: bool
    subnets: tuple[Subnet, ...]
    machines: tuple[Machine, ...]
    disk_gib: int
    template: Mapping[str, str] | None
    release: str

    @property
    def generation(self) -> str:
        """Twelve hex digits."""
        said = json.dumps([self.release, dict(self.template or {})], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class NodeGroups:
    """A cluster's groups by name; whether its CNI delegates prefixes, and whether an autoscaler may raise groups."""

    groups: Mapping[str, Group]
    prefixes: bool
    autoscaled: bool


class Reader:
    """Reads node groups. What never changes on AWS is asked for once."""

    def __init__(self, aws: AwsClients, cluster: str) -> None:
        self._aws = aws
        self._cluster = cluster
        self._subnets: dict[str, Subnet] = {}
        self._machines: dict[str, Machine] = {}
        self._templates: dict[tuple[str, str], Mapping[str, Any]] = {}

    def read(self) -> NodeGroups | None:
        """All groups of the cluster; None if there is no such cluster. ClientError for what AWS refuses."""
        eks = self._aws("eks")
        try:
            names = [name for page in _pages(eks, "list_nodegroups", self._cluster) for name in page["nodegroups"]]
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return None
            raise
        found = (eks.describe_nodegroup(clusterName=self._cluster, nodegroupName=name)["nodegroup"] for name in names)
        groups = {facts["nodegroupName"]: self._group(facts) for facts in found}
        return NodeGroups(groups, self._prefixes(eks), self._autoscaled(eks))

    def raise_to(self, group: str, desired: int) -> None:
        """Have a group be larger, as an autoscaler does."""
        self._aws("eks").update_nodegroup_config(
            clusterName=self._cluster, nodegroupName=group, scalingConfig={"desiredSize": desired}
        )

    def _group(self, facts: Mapping[str, Any]) -> Group:
        sizes, template = facts["scalingConfig"], facts.get("launchTemplate")
        data = self._template(template) if template else {}
        types = facts.get("instanceTypes") or [data["InstanceType"]]
        return Group(
            name=facts["nodegroupName"],
            status=facts["status"],
            issues=tuple(f"{each['code']}: {each['message']}" for each in facts["health"]["issues"]),
            least=sizes["minSize"],
            desired=sizes["desiredSize"],
            most=sizes["maxSize"],
            unavailable=_unavailable(facts.get("updateConfig", {}), sizes["desiredSize"]),
            labels=facts.get("labels", {}),
            taints=tuple(_taint(each) for each in facts.get("taints", [])),
            spot=facts["capacityType"] == "SPOT",
            subnets=tuple(self._subnet(each) for each in facts["subnets"]),
            machines=tuple(self._machine(each) for each in types),
            disk_gib=_disk(data) or facts.get("diskSize", _DISK_GIB),
            template={"id": template["id"], "version": template["version"]} if template else None,
            release=facts["releaseVersion"],
        )

    def _subnet(self, ident: str) -> Subnet:
        if ident not in self._subnets:
            facts = self._aws("ec2").describe_subnets(SubnetIds=[ident])["Subnets"][0]
            self._subnets[ident] = Subnet(
                ident, facts["AvailabilityZone"], facts["AvailabilityZoneId"], facts["CidrBlock"]
            )
        return self._subnets[ident]

    def _machine(self, name: str) -> Machine:
        if name not in self._machines:
            answer = self._aws("ec2").describe_instance_types(InstanceTypes=[name])
            self._machines[name] = machine(answer["InstanceTypes"][0])
        return self._machines[name]

    def _template(self, template: Mapping[str, str]) -> Mapping[str, Any]:
        key = (template["id"], template["version"])
        if key not in self._templates:
            answer = self._aws("ec2").describe_launch_template_versions(LaunchTemplateId=key[0], Versions=[key[1]])
            self._templates[key] = answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]
        return self._templates[key]

    def _prefixes(self, eks: Any) -> bool:
        try:
            addon = eks.describe_addon(clusterName=self._cluster, addonName="vpc-cni")["addon"]
        except ClientError:
            return False
        configuration = json.loads(addon.get("configurationValues") or "{}")
        return bool(configuration.get("env", {}).get("ENABLE_PREFIX_DELEGATION") == "true")

    def _autoscaled(self, eks: Any) -> bool:
        """Whether Cluster Autoscaler has its rights here: without it nobody raises a group."""
        pages = _pages(eks, "list_pod_identity_associations", self._cluster)
        return any(each["serviceAccount"] == _AUTOSCALER for page in pages for each in page["associations"])


def _pages(eks: Any, operation: str, cluster: str) -> Iterator[Mapping[str, Any]]:
    yield from eks.get_paginator(operation).paginate(clusterName=cluster)


def _taint(taint: Mapping[str, str]) -> Mapping[str, str]:
    made = {"key": taint["key"], "effect": _EFFECTS[taint["effect"]]}
    return made | ({"value": taint["value"]} if taint.get("value") else {})


def _unavailable(update: Mapping[str, int], desired: int) -> int:
    if "maxUnavailablePercentage" in update:
        return max(1, desired * update["maxUnavailablePercentage"] // 100)
    return update.get("maxUnavailable", 1)


def _disk(template: Mapping[str, Any]) -> int | None:
    """GiB of the root disk, the only one that our nodes and EKS's own have."""
    sizes = [each.get("Ebs", {}).get("VolumeSize") for each in template.get("BlockDeviceMappings", [])]
    return next((int(size) for size in sizes if size), None)
