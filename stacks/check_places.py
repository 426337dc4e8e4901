"""Where regions stand: AWS regions and zones that exist, networks that fit and never overlap."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from itertools import combinations
from typing import TYPE_CHECKING

from stacks.aws_regions import ZONES
from stacks.settings_errors import nearest, shown
from stacks.versions import KUBERNETES_VERSIONS

if TYPE_CHECKING:
    from stacks.settings import ClusterSettings, NetworkSettings, StackSettings

_PRIVATE = tuple(IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# AWS takes a VPC of /16 at most (CreateVpc: CidrBlock); below /20 two subnets per zone are too small for pods.
_LARGEST, _SMALLEST = 16, 20
# EKS takes one of these for Services where the cluster names none (CreateCluster: serviceIpv4Cidr).
_SERVICE_BLOCKS = (IPv4Network("10.100.0.0/16"), IPv4Network("172.20.0.0/16"))
# A /8 is the largest block that was ever handed to one owner; anything larger is the whole internet in parts.
_WIDEST_ACCESS = 8


def check_places(settings: "StackSettings") -> Iterator[str]:
    """Problems of each region's place, then networks that overlap."""
    for name, region in settings.regions.items():
        yield from _aws_region(f"regions.{name}.aws.region", region.aws.region)
        yield from _zones(f"regions.{name}.network", region.network, region.aws.region)
        yield from _block(f"regions.{name}.network.cidr", region.network)
        yield from _cluster(f"regions.{name}.cluster", region.cluster)
    blocks = {name: settings.regions[name].network.cidr for name in sorted(settings.regions)}
    for (one, block), (other, taken) in combinations(blocks.items(), 2):
        if block.overlaps(taken):
            yield (
                f"regions.{other}.network.cidr: {shown(str(taken))} overlaps {shown(str(block))} of region "
                f"{shown(one)}; give each region a block of its own, such as {_free_block(list(blocks.values()))}"
            )
    if settings.edge:
        yield from _aws_region("edge.aws.region", settings.edge.aws.region)


def _aws_region(path: str, region: str) -> Iterator[str]:
    if region not in ZONES:
        yield f"{path}: {shown(region)} is not a known AWS region; {nearest(region, list(ZONES))}"


def _zones(path: str, network: "NetworkSettings", aws_region: str) -> Iterator[str]:
    known = ZONES.get(aws_region)
    if known is None:
        return  # the region itself is refused already
    for index, zone in enumerate(network.zones):
        if zone not in known:
            yield (
                f"{path}.zones[{index}]: {shown(zone)} is not a zone of {aws_region}; choose from {', '.join(known)}"
            )


def _block(path: str, network: "NetworkSettings") -> Iterator[str]:
    block = network.cidr
    if not any(block.subnet_of(private) for private in _PRIVATE):
        yield (
            f"{path}: {shown(str(block))} is not private (RFC 1918); "
            f"take a block from {', '.join(str(private) for private in _PRIVATE)}"
        )
    if network.existing is None and not _LARGEST <= block.prefixlen <= _SMALLEST:
        yield (
            f"{path}: {shown(str(block))} is a /{block.prefixlen}, outside /{_LARGEST} to /{_SMALLEST}, in "
            "which two subnets per zone fit; give a block of that size"
        )
    for services in _SERVICE_BLOCKS:
        if block.overlaps(services):
            yield (
                f"{path}: {shown(str(block))} overlaps {services}, which EKS may take for Services; "
                "choose another block"
            )


def _cluster(path: str, cluster: "ClusterSettings") -> Iterator[str]:
    if cluster.version not in KUBERNETES_VERSIONS:
        yield (
            f"{path}.version: {shown(cluster.version)} is no Kubernetes version that this program pins; "
            f"choose from {', '.join(KUBERNETES_VERSIONS)}"
        )
    # IAM knows a role or user of an account by its last name alone, whatever the path before it.
    principals = [(arn.split(":")[4], arn.split(":")[5].split("/")[0], arn.split("/")[-1]) for arn in cluster.admins]
    for index, principal in enumerate(principals):
        if principal in principals[:index]:
            yield (
                f"{path}.admins[{index}]: {shown(cluster.admins[index])} is the {principal[1]} already named in "
                f"admins[{principals.index(principal)}], under another path; name it once"
            )
    for index, block in enumerate(cluster.public_access_cidrs):
        if block.prefixlen < _WIDEST_ACCESS:
            yield (
                f"{path}.public_access_cidrs[{index}]: {shown(str(block))} opens the cluster's API to the internet; "
                f"name the blocks of offices and pipelines, /{_WIDEST_ACCESS} at most"
            )
        elif any(block.overlaps(private) for private in _PRIVATE):
            yield (
                f"{path}.public_access_cidrs[{index}]: {shown(str(block))} is private, which EKS refuses here; "
                "give public addresses (nodes reach the API privately anyway)"
            )


def _free_block(taken: list[IPv4Network]) -> IPv4Network:
    """A /16 that no region uses; 10.0.0.0/8 has 256 of them, more than a stack can have regions."""
    candidates = IPv4Network("10.0.0.0/8").subnets(new_prefix=_LARGEST)
    return next(
        (block for block in candidates if not any(block.overlaps(other) for other in (*taken, *_SERVICE_BLOCKS))),
        IPv4Network("192.168.0.0/16"),
    )
