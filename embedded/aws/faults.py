"""Passing troubles of AWS, by a seed: throttling, no capacity, add-ons that need a while, interfaces that linger.

`GAME_REGIONS_FAULTS` is the seed, a whole number; without it there are none. What befalls a call follows from the seed
and from what is called, never from the order in which parallel calls arrive.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.fault_table import THROTTLING, THROTTLING_ELSEWHERE
from embedded.aws.models.eks_nodegroups import launch_template, template_version
from embedded.aws.models.eks_state import Eks, EksCluster, Facts
from embedded.aws.models.eks_versions import ADDONS
from embedded.aws.models.registry import perform
from embedded.aws.protocol import Answer, Call
from embedded.aws.refusals import ec2_in_use

VARIABLE = "GAME_REGIONS_FAULTS"

# One call in so many is throttled, and one call never more than so often without a break.
THROTTLED_SHARE = 1 / 20
THROTTLED_IN_A_ROW = 2
# Share of (zone, instance type) without capacity at first.
SHORT_SHARE = 1 / 3
# Share of the add-ons that are DEGRADED at first, and for how many looks at most.
DEGRADED_SHARE = 1 / 2
DEGRADED_LOOKS = 3
# Share of the subnets, security groups and networks that something lingers in, and for how many deletes at most.
LINGERING_SHARE = 2 / 3
LINGERING_TRIES = 3


class BadSeed(Exception):
    """`GAME_REGIONS_FAULTS` is no seed; one sentence."""


# Operations that are refused while something lingers -> their parameter that names where, and how AWS refuses them.
_NAMED_BY = {"DeleteSubnet": "SubnetId", "DeleteSecurityGroup": "GroupId", "DetachInternetGateway": "VpcId"}
_REFUSALS = {row.operations[0]: row for row in ec2_in_use.TABLE if row.code == "DependencyViolation"}

# Ids that AWS makes up: they differ from run to run, as they follow the order of the calls.
_MADE_UP = re.compile(r"\b[a-z]+-[0-9a-f]{8,}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{16,}\b")


@dataclass
class Capacity:
    """(zone, instance type) that had no capacity once and has it since: "in so many minutes", as AWS says."""

    provided: set[tuple[str, str]] = field(default_factory=set)


class Faults:
    """The troubles of one run. Callers hold the cloud's lock; `met` counts what happened, by AWS's code."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.met: Counter[str] = Counter()
        self._arrived: Counter[str] = Counter()
        self._in_a_row: Counter[str] = Counter()
        self._lingering: Counter[tuple[str, str]] = Counter()

    def throttle(self, account: Account, call: Call) -> None:
        """AwsError, the service's own, when the call is one too many."""
        identity = f"{call.service} {call.operation} {call.region} {_identity(account, call)}"
        self._arrived[identity] += 1
        if (
            self._draw("throttle", identity, self._arrived[identity]) >= THROTTLED_SHARE
            or self._in_a_row[identity] == THROTTLED_IN_A_ROW
        ):
            del self._in_a_row[identity]
            return
        self._in_a_row[identity] += 1
        raise self._meet(THROTTLING.get(call.service, THROTTLING_ELSEWHERE))

    def refuse(self, call: Call) -> None:
        """DependencyViolation while something lingers in what would be deleted."""
        if call.service != "ec2" or call.operation not in _NAMED_BY:
            return
        ident = str(call.parameters.get(_NAMED_BY[call.operation]))
        if self._lingering[call.region, ident]:
            self._lingering[call.region, ident] -= 1
            row = _REFUSALS[call.operation]
            message = row.message.format_map({_NAMED_BY[call.operation]: ident})
            raise self._meet(AwsError(row.code, message, row.status))

    def perform(self, account: Account, call: Call) -> Answer:
        """Let AWS execute a mutation; what comes of it afterwards is the fault."""
        left = {ident: _lasting(account, call.region, ident) for ident in _stands_in(account, call)}
        answer = perform(account, call)
        for ident, name in left.items():
            if self._draw("linger", call.region, name) < LINGERING_SHARE:
                self._lingering[call.region, ident] = self._count(LINGERING_TRIES, "linger for", call.region, name)
        if (call.service, call.operation) == ("eks", "CreateNodegroup"):
            self._starve(account, call)
        if (call.service, call.operation) in (("eks", "CreateAddon"), ("eks", "UpdateAddon")):
            self._degrade(account, call)
        return answer

    def _starve(self, account: Account, call: Call) -> None:
        """CREATE_FAILED for a node group that has nowhere to get an instance from; the next one finds some."""
        cluster = account.model(Eks, call.region).clusters[call.parameters["clusterName"]]
        group = cluster.nodegroups[call.parameters["nodegroupName"]]
        provided = account.model(Capacity, call.region).provided
        wanted = set(_wanted(account, call, group))
        short = {it for it in wanted - provided if self._draw("capacity", *it) < SHORT_SHARE}
        if group["status"] == "ACTIVE" and group["scalingConfig"]["desiredSize"] and wanted and short == wanted:
            provided |= short
            group |= {"status": "CREATE_FAILED", "health": {"issues": [_shortage(group, sorted(short)[0])]}}
            self.met["InsufficientInstanceCapacity"] += 1

    def _degrade(self, account: Account, call: Call) -> None:
        name = call.parameters["addonName"]
        cluster: EksCluster = account.model(Eks, call.region).clusters[call.parameters["clusterName"]]
        if ADDONS[name].needs_nodes and self._draw("degrade", cluster.name, name) < DEGRADED_SHARE:
            cluster.settling[name] = self._count(DEGRADED_LOOKS, "degrade for", cluster.name, name)
            self.met["InsufficientNumberOfReplicas"] += 1

    def _meet(self, error: AwsError) -> AwsError:
        self.met[error.code] += 1
        return AwsError(error.code, error.message, error.status)

    def _draw(self, *about: object) -> float:
        """A number from 0 to below 1 that only the seed and `about` decide."""
        text = json.dumps([self.seed, *about]).encode()
        return int.from_bytes(hashlib.blake2b(text, digest_size=6).digest()) / 2**48

    def _count(self, most: int, *about: object) -> int:
        """A whole number from 1 to `most`."""
        return 1 + int(most * self._draw(*about))


def faults_of(text: str | None) -> Faults | None:
    """The faults that `GAME_REGIONS_FAULTS` asks for, None for none. BadSeed for what is no whole number."""
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise BadSeed(f"{VARIABLE} is {text!r}: it must be a whole number from 0 on, the seed, or not be set")
    return Faults(int(text))


def _identity(account: Account, call: Call) -> str:
    """The call's parameters, ids that AWS makes up by what lasts of the objects they name."""
    said = json.dumps(call.parameters, sort_keys=True, default=str)
    return _MADE_UP.sub(lambda found: _lasting(account, call.region, found.group()), said)


def _lasting(account: Account, region: str, ident: str) -> str:
    """What of an object is the same in every run: its URN's tag or its name, else only what kind of thing it is."""
    tags = account.moto("ec2", region).tags.get(ident, {})
    kind, dash, _ = ident.partition("-")
    return str(tags.get("game-regions/urn") or tags.get("Name") or (kind if dash and kind.isalpha() else "made up"))


def _wanted(account: Account, call: Call, group: Facts) -> Iterator[tuple[str, str]]:
    """(zone, instance type) that a node group may have instances of."""
    template = group.get("launchTemplate")
    types = group["instanceTypes"]
    if not types and template:
        data = template_version(launch_template(account, call, {"id": template["id"]}), template).data
        types = [data["InstanceType"]] if "InstanceType" in data else []
    for subnet in group["subnets"]:
        zone = account.moto("ec2", call.region).get_subnet(subnet).availability_zone
        yield from ((zone, kind) for kind in types)


def _shortage(group: Facts, short: tuple[str, str]) -> Facts:
    """EKS's issue, in the words of Auto Scaling."""
    zone, kind = short
    if group["capacityType"] == "SPOT":
        why = "Could not launch Spot Instances. InsufficientInstanceCapacity - There is no Spot capacity available that"
        why += " matches your request."
    else:
        why = "Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient"
        why += f" {kind} capacity in the Availability Zone you requested ({zone})."
    return {
        "code": "AsgInstanceLaunchFailures",
        "message": f"{why} Launching EC2 instance failed.",
        "resourceIds": [it["name"] for it in group["resources"]["autoScalingGroups"]],
    }


def _stands_in(account: Account, call: Call) -> Iterable[str]:
    """Subnets, security groups and networks that have interfaces of what the call deletes."""
    deletes = f"{call.service} {call.operation}"
    if deletes == "elbv2 DeleteLoadBalancer":
        balancers = account.moto("elbv2", call.region).load_balancers
        balancer = balancers.get(call.parameters["LoadBalancerArn"])
        if balancer is not None:
            yield from (subnet.id for subnet in balancer.subnets)
            yield from balancer.security_groups or []
            yield from [balancer.vpc_id] if balancer.scheme == "internet-facing" else []
    elif deletes in ("eks DeleteCluster", "eks DeleteNodegroup"):
        given = call.parameters
        cluster = account.model(Eks, call.region).clusters.get(given.get("clusterName") or given["name"])
        if cluster is None:
            return
        if deletes == "eks DeleteCluster":
            network = cluster.facts["resourcesVpcConfig"]
            yield from (*network["subnetIds"], *network["securityGroupIds"])
        elif (group := cluster.nodegroups.get(given["nodegroupName"])) is not None:
            yield from (*group["subnets"], *ec2_in_use.groups_of_nodes(account, call, group))
