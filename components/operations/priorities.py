"""Priorities: who is scheduled first, and who makes room, when a region has too few nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pulumi
import pulumi_kubernetes as k8s

DATABASES, WORLDS = "game-databases", "game-worlds"
# Kubernetes keeps what is above 1,000,000,000. Below worlds there is room for services and batch.
LADDER: Mapping[str, int] = MappingProxyType({DATABASES: 900_000, WORLDS: 800_000})


@dataclass(frozen=True, kw_only=True)
class PrioritiesArgs:
    """`ladder` maps each class's name to its value; a pod of a higher class may push pods of lower ones off a node."""

    ladder: Mapping[str, int]


class Priorities(pulumi.ComponentResource):
    """The PriorityClasses of a region. `classes` gives each name as an output, so that pods wait for their class."""

    classes: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: PrioritiesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:Priorities", name, None, opts)
        self.classes = {}
        for class_name, value in args.ladder.items():
            priority = k8s.scheduling.v1.PriorityClass(
                f"{name}-priority-{class_name}",
                metadata=k8s.meta.v1.ObjectMetaArgs(name=class_name),
                value=value,
                global_default=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.classes[class_name] = priority.metadata.name
        self.register_outputs({"classes": self.classes})
