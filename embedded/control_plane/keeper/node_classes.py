"""The status of EC2NodeClasses, as the AWS provider's controllers work it out from what AWS has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from botocore.exceptions import ClientError

from embedded.control_plane.keeper.attempts import attempt
from embedded.control_plane.keeper.drains import MERGE
from embedded.control_plane.keeper.groups import AwsClients
from embedded.kubernetes.live.server import Server
from embedded.provider import Values

CLASSES: Final = "/apis/karpenter.k8s.aws/v1/ec2nodeclasses"
_CLAIMS: Final = "/apis/karpenter.sh/v1/nodeclaims"
FINALIZER: Final = "karpenter.k8s.aws/termination"
_ARCHITECTURES: Final = ("amd64", "arm64")


class NodeClassLoop:
    """Resolves subnets, security groups and the role in the embedded AWS; images get ids made up from their alias."""

    def __init__(self, server: Server, aws: AwsClients, cluster: str) -> None:
        self._server = server
        self._aws = aws
        self._cluster = cluster
        self.problems: list[str] = []

    def step(self) -> None:
        """One pass. ApiError if Kubernetes refuses; the next pass goes on. `problems` are of the last one."""
        self.problems = []
        for class_ in self._server.ask("GET", CLASSES)["items"]:
            name = class_["metadata"]["name"]
            work = self._let_go if class_["metadata"].get("deletionTimestamp") else self._resolve
            attempt(self.problems, f"EC2NodeClass {name}", partial(work, class_))

    def _let_go(self, class_: Values) -> None:
        """A class goes when the last node made by it has gone."""
        name = class_["metadata"]["name"]
        claims = self._server.ask("GET", _CLAIMS)["items"]
        if any(claim["spec"]["nodeClassRef"]["name"] == name for claim in claims):
            return
        self._finalizers(class_, [each for each in class_["metadata"].get("finalizers", []) if each != FINALIZER])

    def _finalizers(self, class_: Values, finalizers: list[str]) -> None:
        metadata = {"finalizers": finalizers, "resourceVersion": class_["metadata"]["resourceVersion"]}
        path = f"{CLASSES}/{class_['metadata']['name']}"
        self._server.ask("PATCH", path, body={"metadata": metadata}, content_type=MERGE)

    def _resolve(self, class_: Values) -> None:
        finalizers = class_["metadata"].get("finalizers", [])
        if FINALIZER not in finalizers:
            self._finalizers(class_, [*finalizers, FINALIZER])
            return
        status = self._status(class_)
        before = class_.get("status", {})
        if _without_times(before) != _without_times(status):
            path = f"{CLASSES}/{class_['metadata']['name']}/status"
            self._server.ask("PATCH", path, body={"status": status}, content_type=MERGE)

    def _status(self, class_: Values) -> Values:
        spec = class_["spec"]
        subnets = sorted(self._subnets(spec["subnetSelectorTerms"]), key=lambda each: each["id"])
        groups = sorted(self._security_groups(spec["securityGroupSelectorTerms"]), key=lambda each: each["id"])
        images = list(resolved_images(spec["amiSelectorTerms"]))
        profile = self._profile(spec)
        found = {
            "SubnetsReady": (bool(subnets), "SubnetsNotFound", "SubnetSelector did not match any Subnets"),
            "SecurityGroupsReady": (
                bool(groups),
                "SecurityGroupsNotFound",
                "SecurityGroupSelector did not match any SecurityGroups",
            ),
            "AMIsReady": (bool(images), "AMINotFound", "AMISelector did not match any AMIs"),
            "InstanceProfileReady": (bool(profile), "RoleNotFound", "the role does not exist"),
            "PlacementGroupReady": (True, "", ""),
            "ValidationSucceeded": (True, "", ""),
        }
        return {
            "subnets": subnets,
            "securityGroups": groups,
            "amis": images,
            "instanceProfile": profile,
            "conditions": conditions(found, class_["metadata"]["generation"]),
        }

    def _subnets(self, terms: Iterable[Mapping[str, Any]]) -> Iterator[Values]:
        for facts in self._matching("describe_subnets", "Subnets", "subnet-id", terms):
            zone, zone_id = facts["AvailabilityZone"], facts["AvailabilityZoneId"]
            yield {"id": facts["SubnetId"], "zone": zone, "zoneID": zone_id}

    def _security_groups(self, terms: Iterable[Mapping[str, Any]]) -> Iterator[Values]:
        for facts in self._matching("describe_security_groups", "SecurityGroups", "group-id", terms):
            yield {"id": facts["GroupId"], "name": facts["GroupName"]}

    def _matching(
        self, operation: str, member: str, id_filter: str, terms: Iterable[Mapping[str, Any]]
    ) -> Iterator[Mapping[str, Any]]:
        """What any of the terms selects, each thing once."""
        seen: list[Mapping[str, Any]] = []
        for term in terms:
            # As karpenter.sh/docs/concepts/nodeclasses says: "*" stands for any value.
            filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in term.get("tags", {}).items()]
            filters += [{"Name": id_filter, "Values": [term["id"]]}] if "id" in term else []
            answer = getattr(self._aws("ec2"), operation)(Filters=filters)[member]
            fresh = [facts for facts in answer if facts not in seen]
            seen += fresh
            yield from fresh

    def _profile(self, spec: Values) -> str:
        """The name of the instance profile: the class's own, or one that Karpenter makes for the role."""
        if "instanceProfile" in spec:
            return str(spec["instanceProfile"])
        try:
            self._aws("iam").get_role(RoleName=spec["role"])
        except ClientError:
            return ""
        return f"{self._cluster}_{_digest(spec['role'])[:20]}"


def resolved_images(terms: Iterable[Mapping[str, Any]]) -> Iterator[Values]:
    """An image for each architecture of an alias such as al2023@v20250920, or the one that a term names by its id."""
    for term in terms:
        if "id" in term:
            yield {"id": term["id"], "name": term["id"], "requirements": []}
        for arch in _ARCHITECTURES if "alias" in term else ():
            wants = {"key": "kubernetes.io/arch", "operator": "In", "values": [arch]}
            yield {
                "id": f"ami-{_digest(term['alias'], arch)[:17]}",
                "name": f"{term['alias']}-{arch}",
                "requirements": [wants],
            }


def conditions(found: Mapping[str, tuple[bool, str, str]], generation: int) -> list[Values]:
    """The conditions of a class, Ready last: each what was found, and otherwise its reason and message."""
    missing = [name for name, (holds, _, _) in found.items() if not holds]
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    ready = (not missing, "UnhealthyDependents", ", ".join(f"{name}=False" for name in missing))
    return [
        {
            "type": name,
            "status": "True" if holds else "False",
            "reason": name if holds else reason,
            "message": "" if holds else message,
            "observedGeneration": generation,
            "lastTransitionTime": now,
        }
        for name, (holds, reason, message) in {**found, "Ready": ready}.items()
    ]


def _without_times(status: Values) -> Values:
    said = [
        {key: value for key, value in each.items() if key != "lastTransitionTime"}
        for each in status.get("conditions", [])
    ]
    return {**status, "conditions": sorted(said, key=lambda each: str(each["type"]))}


def _digest(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
