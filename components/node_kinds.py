"""Pure: the kinds of nodes there are, whoever makes them: architecture, capacity, image."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

Arch = Literal["amd64", "arm64"]
Capacity = Literal["on-demand", "spot"]

AMI_TYPES: Mapping[Arch, str] = MappingProxyType({"amd64": "AL2023_x86_64_STANDARD", "arm64": "AL2023_ARM_64_STANDARD"})
CAPACITY_TYPES: Mapping[Capacity, str] = MappingProxyType({"on-demand": "ON_DEMAND", "spot": "SPOT"})
ROOT_DEVICE = "/dev/xvda"  # of Amazon Linux 2023
SPOT = "spot"  # value of the label node-type, and key of the taint, of nodes that may go at two minutes' notice
# With fewer, a pool is empty as soon as one type runs out:
# docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html#managed-node-group-capacity-types-spot
FEWEST_SPOT_TYPES = 3
