"""EC2 instance types that node pools may use, with their architecture and the room they have.

Source: EC2 DescribeInstanceTypes, as moto 5.2.5 records it (a test compares each type).
"""

from dataclasses import dataclass

from components.node_kinds import Arch

# GiB of memory for each vCPU; within a family it is the same for every size.
_GIB_PER_VCPU: dict[Arch, dict[str, int]] = {
    "amd64": {
        **dict.fromkeys(("c5", "c6a", "c6i", "c7a", "c7i"), 2),
        **dict.fromkeys(("m5", "m6a", "m6i", "m7a", "m7i"), 4),
        **dict.fromkeys(("r5", "r6a", "r6i", "r7a", "r7i"), 8),
    },
    "arm64": {
        **dict.fromkeys(("c6g", "c7g", "c8g"), 2),
        **dict.fromkeys(("m6g", "m7g", "m8g"), 4),
        **dict.fromkeys(("r6g", "r7g", "r8g"), 8),
    },
}
# Sizes that every family of an architecture has.
_VCPUS: dict[Arch, dict[str, int]] = {
    "amd64": {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "12xlarge": 48, "24xlarge": 96},
    "arm64": {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "8xlarge": 32, "12xlarge": 48, "16xlarge": 64},
}


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """Architecture and room of one instance type: vCPUs, memory in GiB."""

    arch: Arch
    vcpus: int
    memory_gib: int


INSTANCE_TYPES = {
    f"{family}.{size}": InstanceType(arch=arch, vcpus=vcpus, memory_gib=vcpus * gib)
    for arch, families in _GIB_PER_VCPU.items()
    for family, gib in families.items()
    for size, vcpus in _VCPUS[arch].items()
}


def instance_types(arch: Arch) -> dict[str, InstanceType]:
    """The known instance types of one architecture."""
    return {name: kind for name, kind in INSTANCE_TYPES.items() if kind.arch == arch}
