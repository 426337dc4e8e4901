"""AWS regions where a game-server region may stand, and the availability zones in each.

Source: EC2 DescribeAvailabilityZones, as moto 5.2.5 records it (a test compares the two). The list is of
commercial regions that offer EKS (botocore's endpoints), less two: us-west-1 and the China and GovCloud
partitions, where an account sees too few zones or the ARNs differ. Zone letters of older regions are dealt
out per account; a zone that yours lacks is refused by AWS when the subnet is made.
"""

from types import MappingProxyType

_ZONE_LETTERS = {
    "af-south-1": "abc",
    "ap-east-1": "abc",
    "ap-east-2": "abc",
    "ap-northeast-1": "acd",
    "ap-northeast-2": "abcd",
    "ap-northeast-3": "abc",
    "ap-south-1": "abc",
    "ap-south-2": "abc",
    "ap-southeast-1": "abc",
    "ap-southeast-2": "abc",
    "ap-southeast-3": "abc",
    "ap-southeast-4": "abc",
    "ap-southeast-5": "abc",
    "ap-southeast-6": "abc",
    "ap-southeast-7": "abc",
    "ca-central-1": "abd",
    "ca-west-1": "abc",
    "eu-central-1": "abc",
    "eu-central-2": "abc",
    "eu-north-1": "abc",
    "eu-south-1": "abc",
    "eu-south-2": "abc",
    "eu-west-1": "abc",
    "eu-west-2": "abc",
    "eu-west-3": "abc",
    "il-central-1": "abc",
    "me-central-1": "abc",
    "me-south-1": "abc",
    "mx-central-1": "abc",
    "sa-east-1": "abc",
    # us-east-1e is left out: it is use1-az3 for most accounts, where EKS takes no control plane
    # (docs.aws.amazon.com/eks/latest/userguide/network-reqs.html).
    "us-east-1": "abcdf",
    "us-east-2": "abc",
    "us-west-2": "abcd",
}

ZONES = MappingProxyType(
    {region: tuple(f"{region}{letter}" for letter in letters) for region, letters in _ZONE_LETTERS.items()}
)
