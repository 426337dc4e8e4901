"""What EKS holds in one region, and what all its operations share: finding things, ARNs, pages, updates."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call

Facts = dict[str, Any]

API_MODES = ("API", "API_AND_CONFIG_MAP")


@dataclass
class AccessEntry:
    """An access entry as DescribeAccessEntry answers it, its policies by ARN; `own`: EKS made it by itself."""

    facts: Facts
    policies: dict[str, Facts] = field(default_factory=dict)
    own: bool = False


@dataclass
class EksCluster:
    """A cluster and all that lives and dies with it; every `facts` is shaped as its Describe operation answers it.

    settling: add-on -> how many looks at it still find it DEGRADED (seeded faults only).
    """

    facts: Facts
    self_managed_addons: bool
    nodegroups: dict[str, Facts] = field(default_factory=dict)
    addons: dict[str, Facts] = field(default_factory=dict)
    settling: dict[str, int] = field(default_factory=dict)
    access: dict[str, AccessEntry] = field(default_factory=dict)
    pod_identities: dict[str, Facts] = field(default_factory=dict)
    updates: list[tuple[str, Facts]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.facts["name"])

    @property
    def uses_access_entries(self) -> bool:
        return self.facts["accessConfig"]["authenticationMode"] in API_MODES


@dataclass
class Eks:
    """EKS of one region."""

    clusters: dict[str, EksCluster] = field(default_factory=dict)


def eks(account: Account, call: Call) -> Eks:
    """EKS of the call's region."""
    return account.model(Eks, call.region)


def cluster_of(account: Account, call: Call) -> EksCluster:
    """The cluster a call names, in `clusterName` or, in the operations on clusters themselves, in `name`."""
    name = call.parameters.get("clusterName", call.parameters.get("name"))
    found = eks(account, call).clusters.get(str(name))
    if found is None:
        raise not_found(f"No cluster found for name: {name}.")
    return found


def nodegroup_of(cluster: EksCluster, call: Call) -> Facts:
    """The node group a call names."""
    name = call.parameters["nodegroupName"]
    if name not in cluster.nodegroups:
        raise not_found(f"No node group found for name: {name}.")
    return cluster.nodegroups[name]


def not_found(message: str) -> AwsError:
    """EKS's error for a thing that is not there."""
    return AwsError("ResourceNotFoundException", message, 404)


def in_use(message: str) -> AwsError:
    """EKS's error for a name that is taken."""
    return AwsError("ResourceInUseException", message, 409)


def now() -> datetime:
    """The time of the call; moto's clock, aware of its zone."""
    return utcnow()


def arn(call: Call, kind: str, *path: str) -> str:
    """An ARN of EKS: arn:aws:eks:region:account:kind/path."""
    return f"arn:aws:eks:{call.region}:{ACCOUNT_ID}:{kind}/{'/'.join(path)}"


def unique() -> str:
    """A UUID from moto's random numbers, so that a replay makes the same."""
    return str(mock_random.uuid4())


def page(call: Call, key: str, items: Sequence[Any]) -> Facts:
    """One page of a list under `key`: maxResults (100) items from nextToken on."""
    start = int(call.parameters.get("nextToken", "0") or 0)
    end = start + int(call.parameters.get("maxResults", 100))
    answer: Facts = {key: list(items[start:end])}
    return answer | ({"nextToken": str(end)} if end < len(items) else {})


def record_update(
    cluster: EksCluster, kind: str, parameters: Mapping[str, Any], about: str = "", status: str = "Successful"
) -> Facts:
    """Note an update, of the node group or add-on `about`, else of the cluster; as DescribeUpdate answers it."""
    update: Facts = {
        "id": unique(),
        "status": status,
        "type": kind,
        "params": [{"type": name, "value": _text(value)} for name, value in parameters.items()],
        "createdAt": now(),
        "errors": [],
    }
    cluster.updates.append((about, update))
    return update


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)
