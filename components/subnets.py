"""Pure arithmetic: one region's address block cut into a public and a private subnet per zone.

Each zone letter, a to h, owns a fixed eighth of the block, so that adding or removing a zone moves no other zone's
subnets. Of its eighth a zone uses the first half for the private subnet (nodes and pods) and the third quarter for the
public one (load balancers, NAT gateways); the last quarter stays free for a later kind of subnet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

ZONE_LETTERS = "abcdefgh"
# docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html: a VPC is /16 at most.
LARGEST_PREFIX = 16
# A /20 still gives a zone a private /24: 251 addresses for nodes and pods. Below that a game pool cannot grow.
SMALLEST_PREFIX = 20


@dataclass(frozen=True, kw_only=True)
class ZoneSubnets:
    """The two address blocks of one zone."""

    private: IPv4Network
    public: IPv4Network


def zone_subnets(cidr: IPv4Network, zones: Sequence[str]) -> dict[str, ZoneSubnets]:
    """Subnets by zone name, in the order given; ValueError for a block or a zone that has no place in the layout."""
    if not LARGEST_PREFIX <= cidr.prefixlen <= SMALLEST_PREFIX:
        raise ValueError(
            f"network cidr: {cidr} is not between /{LARGEST_PREFIX} and /{SMALLEST_PREFIX}; "
            "a zone's pods need at least the /24 that a /20 leaves it"
        )
    letters = [_letter(zone) for zone in zones]
    for letter in letters:
        if letters.count(letter) > 1:
            same = ", ".join(zone for zone in zones if _letter(zone) == letter)
            raise ValueError(f'network zones: {same} end in the same letter "{letter}"; name one zone per letter')
    eighths = list(cidr.subnets(prefixlen_diff=3))
    return {zone: _cut(eighths[ZONE_LETTERS.index(letter)]) for zone, letter in zip(zones, letters, strict=True)}


def _letter(zone: str) -> str:
    letter = zone[-1:]
    if not letter or letter not in ZONE_LETTERS:
        raise ValueError(f'network zones: "{zone}" does not end in a letter from a to h; name zones as us-east-1a')
    return letter


def _cut(eighth: IPv4Network) -> ZoneSubnets:
    quarters = list(eighth.subnets(prefixlen_diff=2))
    return ZoneSubnets(private=next(eighth.subnets()), public=quarters[2])
