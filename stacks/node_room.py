"""What a node of an instance type has for pods: its capacity, and what the kubelet leaves of it (allocatable).

Sources: the reserve is nodeadm's, which starts every AL2023 node, managed or Karpenter's (awslabs/amazon-eks-ami,
nodeadm/internal/kubelet/config.go: getCPUMillicoresToReserve, GetMemoryMebibytesToReserve, EvictionHard). The memory
that a machine reports is below its type's by what the hypervisor and the kernel take; Karpenter reckons with 7.5 %
(karpenter.sh/docs/reference/settings, VM_MEMORY_OVERHEAD_PERCENT), which is a little more than they do.
"""

from dataclasses import dataclass
from math import ceil

from components.network.addresses import prefix_pods
from stacks.instance_networks import interfaces
from stacks.instance_types import INSTANCE_TYPES

_MIB = 1024  # in KiB
_OVERHEAD = 0.075
# Of the first core, the second, the next two and all others: basis points that the kubelet keeps.
_CPU_STEPS = ((0, 1000, 600), (1000, 2000, 100), (2000, 4000, 50))
_CPU_ABOVE, _CPU_REST = 4000, 25
_MEMORY_BASE_MIB, _MEMORY_EACH_POD_MIB = 255, 11
_EVICTION_MIB = 100
# Pods on the node's own network take no address: the CNI and kube-proxy.
_HOST_PODS = 2


@dataclass(frozen=True, kw_only=True)
class NodeRoom:
    """CPU in millicores, memory in KiB. The capacity is what the kubelet reports; pods get what is allocatable."""

    cpu: int
    memory: int
    pods: int
    allocatable_cpu: int
    allocatable_memory: int


def node_room(instance_type: str, *, prefixes: bool) -> NodeRoom:
    """The room of a type that `stacks.instance_types` knows; KeyError for any other.

    `prefixes` where the CNI gives a node whole /28 blocks; without them, addresses bound its pods.
    """
    kind = INSTANCE_TYPES[instance_type]
    by_address = address_pods(instance_type)
    mebibytes = kind.memory_gib * 1024
    capacity = mebibytes - ceil(mebibytes * _OVERHEAD)
    # By addresses even where they are no bound: nodeadm takes the type's own figure and puts maxPods over it later.
    reserve = _MEMORY_BASE_MIB + _MEMORY_EACH_POD_MIB * by_address
    return NodeRoom(
        cpu=kind.vcpus * 1000,
        memory=capacity * _MIB,
        pods=prefix_pods(kind.vcpus) if prefixes else by_address,
        allocatable_cpu=kind.vcpus * 1000 - _reserved_cpu(kind.vcpus * 1000),
        allocatable_memory=(capacity - reserve - _EVICTION_MIB) * _MIB,
    )


def address_pods(instance_type: str) -> int:
    """Pods of a node whose addresses are dealt out singly: one of each interface is the interface's own."""
    network = interfaces(instance_type)
    return network.count * (network.addresses_each - 1) + _HOST_PODS


def _reserved_cpu(millicores: int) -> int:
    steps = (*_CPU_STEPS, (_CPU_ABOVE, millicores, _CPU_REST))
    return sum((min(millicores, end) - start) * points // 10_000 for start, end, points in steps if millicores > start)
