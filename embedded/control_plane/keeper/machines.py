"""Pure: what EC2 says of an instance type, and the room that a node of it has for pods.

Sources: the reserve is nodeadm's, which starts every AL2023 node (awslabs/amazon-eks-ami, nodeadm/internal/kubelet/
config.go: getCPUMillicoresToReserve, GetMemoryMebibytesToReserve, EvictionHard, 1 GiB of disk). A machine reports less
memory than its type has, by what the hypervisor and the kernel take: 7.5 %, as Karpenter reckons
(karpenter.sh/docs/reference/settings, VM_MEMORY_OVERHEAD_PERCENT).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

_MIB: Final = 2**20
_GIB: Final = 2**30
_OVERHEAD: Final = 0.075
# Of the first core, the second, the next two and all others: basis points that the kubelet keeps.
_CPU_STEPS: Final = ((0, 1000, 600), (1000, 2000, 100), (2000, 4000, 50), (4000, 10**9, 25))
_MEMORY_BASE_MIB, _MEMORY_EACH_POD_MIB, _EVICTION_MIB = 255, 11, 100
_DISK_RESERVE_GIB, _DISK_EVICTION = 1, 0.10
# Pods on the node's own network take no address: the CNI and kube-proxy.
_HOST_PODS: Final = 2
# docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html, where whole prefixes are delegated.
_PREFIX_PODS, _PREFIX_PODS_OF_LARGE, _LARGE_VCPUS = 110, 250, 30
_ARCHITECTURES: Final = {"x86_64": "amd64", "arm64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An instance type: its name, architecture as Kubernetes calls it, room, and pods that its addresses allow."""

    name: str
    arch: str
    vcpus: int
    memory_mib: int
    address_pods: int


def machine(described: Mapping[str, Any]) -> Machine:
    """The machine of one entry of EC2's DescribeInstanceTypes."""
    network = described["NetworkInfo"]
    supported = described["ProcessorInfo"]["SupportedArchitectures"]
    # One address of each interface is the interface's own.
    addresses = network["MaximumNetworkInterfaces"] * (network["Ipv4AddressesPerInterface"] - 1)
    return Machine(
        name=described["InstanceType"],
        arch=next(_ARCHITECTURES[each] for each in supported if each in _ARCHITECTURES),
        vcpus=described["VCpuInfo"]["DefaultVCpus"],
        memory_mib=described["MemoryInfo"]["SizeInMiB"],
        address_pods=addresses + _HOST_PODS,
    )


def room(machine: Machine, *, prefixes: bool, disk_gib: int) -> dict[str, dict[str, str]]:
    """`capacity` and `allocatable` of a node's status; `prefixes` where the CNI gives a node whole /28 blocks."""
    memory = machine.memory_mib - ceil(machine.memory_mib * _OVERHEAD)
    # By addresses even where they are no bound: nodeadm takes the type's own figure and puts maxPods over it later.
    kept = _MEMORY_BASE_MIB + _MEMORY_EACH_POD_MIB * machine.address_pods + _EVICTION_MIB
    pods = _prefix_pods(machine.vcpus) if prefixes else machine.address_pods
    disk = disk_gib * _GIB
    free_disk = disk - _DISK_RESERVE_GIB * _GIB - ceil(disk * _DISK_EVICTION)
    return {
        "capacity": _resources(machine.vcpus * 1000, memory, disk, pods),
        "allocatable": _resources(
            machine.vcpus * 1000 - _kept_cpu(machine.vcpus * 1000), memory - kept, free_disk, pods
        ),
    }


def _prefix_pods(vcpus: int) -> int:
    return _PREFIX_PODS if vcpus < _LARGE_VCPUS else _PREFIX_PODS_OF_LARGE


def _kept_cpu(millicores: int) -> int:
    steps = (step for step in _CPU_STEPS if millicores > step[0])
    return sum((min(millicores, end) - start) * points // 10_000 for start, end, points in steps)


def _resources(millicores: int, memory_mib: int, disk: int, pods: int) -> dict[str, str]:
    return {
        "cpu": f"{millicores}m",
        "memory": f"{memory_mib * _MIB // 1024}Ki",
        "ephemeral-storage": str(disk),
        "pods": str(pods),
    }
