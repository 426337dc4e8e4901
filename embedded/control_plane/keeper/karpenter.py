"""Karpenter itself, started with the first NodePool, and the catalog of instance types that it launches from."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from embedded.control_plane.keeper.groups import AwsClients
from embedded.kubernetes.live.server import Server
from embedded.provider import Values
from embedded.stack_folder import write_whole

Start = Callable[[Path], None]
"""Has Karpenter run and ready with the catalog in this file; does nothing if it does."""

_LOOK_SECONDS: Final = 5.0  # between looks at whether it still runs
_POOLS: Final = "/apis/karpenter.sh/v1/nodepools"
_FAMILY: Final = "karpenter.k8s.aws/instance-family"
_TYPE: Final = "node.kubernetes.io/instance-type"


class KarpenterLoop:
    """Keeps Karpenter running and its catalog as wide as its NodePools; what runs it is given as `start`."""

    def __init__(self, server: Server, aws: AwsClients, region: str, file: Path, start: Start) -> None:
        self._server = server
        self._aws = aws
        self._region = region
        self._file = file
        self._start = start
        self._described: dict[str, list[Mapping[str, Any]]] = {}
        self._offered: dict[str, list[str]] = {}
        self._written: tuple[list[str], frozenset[str]] | None = None
        self._looked_at = -_LOOK_SECONDS
        self.lost_zones: frozenset[str] = frozenset()

    def step(self) -> None:
        """One pass. ApiError and ClientError if Kubernetes or AWS refuses; the next pass goes on.

        Without the first NodePool there is nothing for Karpenter to do, nor is its kind known to every cluster.
        """
        wanted = (wanted_types(self._server.ask("GET", _POOLS)["items"]), self.lost_zones)
        if wanted[0] and wanted != self._written:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, self._catalog(wanted[0]))
            self._written = wanted
        if self._written and time.monotonic() - self._looked_at > _LOOK_SECONDS:
            self._start(self._file)
            self._looked_at = time.monotonic()

    def _catalog(self, patterns: Collection[str]) -> str:
        """What the program reads: EC2's own answers, for the types that any NodePool may take."""
        for pattern in patterns:
            if pattern not in self._described:
                self._described[pattern] = self._describe(pattern)
        types = {each["InstanceType"]: each for pattern in patterns for each in self._described[pattern]}
        zones = {name: [it for it in self._offered[name] if it not in self.lost_zones] for name in types}
        found = [types[name] for name in sorted(types)]
        return json.dumps({"region": self._region, "types": found, "zones": zones}, sort_keys=True)

    def _describe(self, pattern: str) -> list[Mapping[str, Any]]:
        ec2 = self._aws("ec2")
        pages = ec2.get_paginator("describe_instance_types").paginate(
            Filters=[{"Name": "instance-type", "Values": [pattern]}]
        )
        types = [each for page in pages for each in page["InstanceTypes"]]
        names = [each["InstanceType"] for each in types]
        self._offered |= {name: [] for name in names}
        offerings = ec2.get_paginator("describe_instance_type_offerings").paginate(
            LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": names}]
        )
        for page in offerings if names else ():
            for each in page["InstanceTypeOfferings"]:
                self._offered[each["InstanceType"]].append(each["Location"])
        return types


def wanted_types(pools: Iterable[Values]) -> list[str]:
    """Patterns of the instance types that NodePools allow: their families, types by name, or else all ("*")."""
    patterns: set[str] = set()
    for pool in pools:
        asked = {it["key"]: it for it in pool["spec"]["template"]["spec"]["requirements"] if it["operator"] == "In"}
        if _TYPE in asked:
            patterns |= set(asked[_TYPE]["values"])
        elif _FAMILY in asked:
            patterns |= {f"{family}.*" for family in asked[_FAMILY]["values"]}
        else:
            patterns.add("*")
    return sorted(patterns)
