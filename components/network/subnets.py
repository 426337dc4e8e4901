"""Pure arithmetic: one region's address blocks cut into subnets for each zone.

Each zone letter, a to h, owns a fixed eighth of the VPC's block, so that adding or removing a zone moves no other
zone's subnets. Of its eighth a zone uses the first half for the private subnet (nodes), the third quarter for the
public one (load balancers, NAT gateways), the seventh eighth for database nodes and the very last /28 for the control
plane's interfaces. Of the pods' own block a zone owns a fixed quarter: pods need by far the most addresses, and a
quarter serves zones a to d, which is all that most AWS regions have; e to h come round to the same quarters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONE_LETTERS = "abcdefgh"
POD_QUARTERS = 4
# docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html: a VPC's blocks are /16 at most, its subnets /28 at
# least.
LARGEST_PREFIX = 16
SMALLEST_SUBNET = 28
# A /20 still gives a zone a private /24: 251 addresses for nodes and pods. Below that a game pool cannot grow.
SMALLEST_PREFIX = 20


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The address blocks of one zone within the VPC's own block."""

    private: IPv4Network
    public: IPv4Network
    database: IPv4Network
    control_plane: IPv4Network


def zone_subnets(cidr: IPv4Network, zones: Sequence[str]) -> dict[str, ZoneSubnets]:
    """Subnets by zone name, in the order given; ValueError for a block or a zone that has no place in the layout."""
    _check_size("cidr", cidr)
    letters = [_letter(zone) for zone in zones]
    for letter in letters:
        if letters.count(letter) > 1:
            same = ", ".join(zone for zone in zones if _letter(zone) == letter)
            raise ValueError(f'network zones: {same} end in the same letter "{letter}"; name one zone per letter')
    eighths = list(cidr.subnets(prefixlen_diff=3))
    return {zone: _cut(eighths[ZONE_LETTERS.index(letter)]) for zone, letter in zip(zones, letters, strict=True)}


def pod_subnets(pods: IPv4Network, zones: Sequence[str]) -> dict[str, IPv4Network]:
    """A quarter of the pods' block for each zone; ValueError for a block or zones that do not fit."""
    _check_size("pods", pods)
    quarters = list(pods.subnets(prefixlen_diff=2))
    for same in shared_quarters(zones):
        raise ValueError(
            f"network pods: zones {', '.join(same)} share one quarter of {pods}; take other zones or no pods' block"
        )
    return {zone: quarters[_quarter(zone)] for zone in zones}


def shared_quarters(zones: Sequence[str]) -> list[tuple[str, ...]]:
    """Zones that would get the same pod subnet, such as b and f."""
    groups = {quarter: tuple(zone for zone in zones if _quarter(zone) == quarter) for quarter in range(POD_QUARTERS)}
    return [group for group in groups.values() if len(group) > 1]


def _check_size(setting: str, block: IPv4Network) -> None:
    if not LARGEST_PREFIX <= block.prefixlen <= SMALLEST_PREFIX:
        raise ValueError(
            f"network {setting}: {block} is not between /{LARGEST_PREFIX} and /{SMALLEST_PREFIX}; "
            "a zone's pods need at least the /24 that a /20 leaves it"
        )


def _letter(zone: str) -> str:
    letter = zone[-1:]
    if not letter or letter not in ZONE_LETTERS:
        raise ValueError(f'network zones: "{zone}" does not end in a letter from a to h; name zones as us-east-1a')
    return letter


def _quarter(zone: str) -> int:
    return ZONE_LETTERS.index(_letter(zone)) % POD_QUARTERS


def _cut(eighth: IPv4Network) -> ZoneSubnets:
    private, upper = eighth.subnets()
    public, last = upper.subnets()
    database, rest = last.subnets()
    *_, control_plane = rest.subnets(new_prefix=SMALLEST_SUBNET)
    return ZoneSubnets(private=private, public=public, database=database, control_plane=control_plane)
