"""EC2 instance types that node pools may use, with the room they have.

x86-64 only: the node image of every pool is AL2023_x86_64_STANDARD, and an Arm type would make nodes that
never start. Source: EC2 DescribeInstanceTypes, as moto 5.2.5 records it (a test compares each type).
"""

from dataclasses import dataclass

# GiB of memory for each vCPU; within a family it is the same for every size.
_GIB_PER_VCPU = {
    **dict.fromkeys(("c5", "c6a", "c6i", "c7a", "c7i"), 2),
    **dict.fromkeys(("m5", "m6a", "m6i", "m7a", "m7i"), 4),
    **dict.fromkeys(("r5", "r6a", "r6i", "r7a", "r7i"), 8),
}
# Sizes that every one of these families has.
_VCPUS = {"large": 2, "xlarge": 4, "2xlarge": 8, "4xlarge": 16, "12xlarge": 48, "24xlarge": 96}


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """Room of one instance type: vCPUs, memory in GiB."""

    vcpus: int
    memory_gib: int


INSTANCE_TYPES = {
    f"{family}.{size}": InstanceType(vcpus=vcpus, memory_gib=vcpus * gib)
    for family, gib in _GIB_PER_VCPU.items()
    for size, vcpus in _VCPUS.items()
}
