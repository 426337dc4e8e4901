"""What instance types mean for a network: the interfaces and addresses they hold, and the zones that lack them.

Source of both: EC2 DescribeInstanceTypes and DescribeInstanceTypeOfferings, as moto 5.2.5 records them (a test compares
each type). Zone letters of older AWS regions are dealt out per account, so there a type may be missing in another
letter than the one recorded; AWS then says so when the node group is made.
"""

from types import MappingProxyType

from components.network.addresses import Interfaces
from stacks.aws_regions import ZONES

# Within the families that pools may use, a size says it all.
_INTERFACES = {
    "large": Interfaces(count=3, addresses_each=10),
    "xlarge": Interfaces(count=4, addresses_each=15),
    "2xlarge": Interfaces(count=4, addresses_each=15),
    "4xlarge": Interfaces(count=8, addresses_each=30),
    "8xlarge": Interfaces(count=8, addresses_each=30),
    "12xlarge": Interfaces(count=8, addresses_each=30),
    "16xlarge": Interfaces(count=15, addresses_each=50),
    "24xlarge": Interfaces(count=15, addresses_each=50),
}

# By family, for every size of it: AWS regions without it, or zones where only some of a region's lack it.
_MISSING = {
    "c5": """
        ap-east-2 ap-southeast-5 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "c6a": """
        af-south-1 ap-east-1b ap-east-2 ap-northeast-2 ap-northeast-3 ap-southeast-3 ap-southeast-4
        ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2
        eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1
    """,
    "c6g": """
        af-south-1a ap-east-2 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "c6i": """
        ap-east-2 ap-southeast-3 ap-southeast-4 ap-southeast-6 ap-southeast-7 eu-central-2 eu-south-2
        me-central-1 mx-central-1
    """,
    "c7a": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-2
        ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
        eu-central-2 eu-south-1 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1
    """,
    "c7g": """
        ap-east-2 ap-southeast-4 ap-southeast-6 ap-southeast-7 eu-central-2a me-central-1 mx-central-1
    """,
    "c7i": """
        ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1c il-central-1b me-south-1 mx-central-1
    """,
    "c8g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1c eu-central-2c me-central-1 me-south-1 mx-central-1
    """,
    "m5": """
        ap-east-2 ap-southeast-5 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "m6a": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-2 ap-northeast-3 ap-southeast-3 ap-southeast-4
        ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 eu-north-1 eu-south-2 il-central-1
        me-central-1 me-south-1 mx-central-1
    """,
    "m6g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "m6i": """
        ap-east-2 ap-southeast-4 ap-southeast-6 ap-southeast-7 eu-south-2 mx-central-1
    """,
    "m7a": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
        ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1
        eu-central-2 eu-south-1 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1
    """,
    "m7g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1 eu-south-1 mx-central-1
    """,
    "m7i": """
        ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1 me-south-1 mx-central-1
    """,
    "m8g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1c il-central-1 mx-central-1
    """,
    "r5": """
        ap-east-2 ap-southeast-5 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "r6a": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-2 ap-northeast-3 ap-southeast-1c ap-southeast-3
        ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1d ca-west-1 eu-central-2
        eu-north-1 eu-south-1 eu-south-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1
    """,
    "r6g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "r6i": """
        ap-east-2 ap-southeast-3 ap-southeast-4 ap-southeast-6 ap-southeast-7 eu-south-2 mx-central-1
    """,
    "r7a": """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2c ap-southeast-1
        ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1
        ca-west-1 eu-central-2 eu-south-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1
        sa-east-1
    """,
    "r7g": """
        ap-east-2 ap-southeast-6 ap-southeast-7 mx-central-1
    """,
    "r7i": """
        af-south-1 ap-east-1 ap-east-2 ap-southeast-6 ap-southeast-7 ca-west-1 eu-central-2 il-central-1
        me-central-1 me-south-1 mx-central-1
    """,
    "r8g": """
        ap-east-2 ap-northeast-2d ap-southeast-6 ap-southeast-7 ca-west-1c il-central-1 me-south-1 mx-central-1
    """,
}


def _zones(place: str) -> tuple[str, ...]:
    return ZONES.get(place, (place,))


MISSING = MappingProxyType(
    {
        family: frozenset(zone for place in places.split() for zone in _zones(place))
        for family, places in _MISSING.items()
    }
)


def interfaces(instance_type: str) -> Interfaces:
    """Interfaces of a type that `stacks.instance_types` knows."""
    return _INTERFACES[instance_type.split(".")[1]]


def offered(instance_type: str, zone: str) -> bool:
    """Whether EC2 has a type that `stacks.instance_types` knows in a zone."""
    return zone not in MISSING[instance_type.split(".")[0]]
