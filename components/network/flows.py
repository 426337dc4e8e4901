"""What regions say to each other, and how many of them a security group can tell apart."""

from types import MappingProxyType

# Everything else between regions stays closed.
FLOWS = MappingProxyType(
    {
        "mysql": 3306,  # replicas of another region read from the primary
        "mysql-group": 33061,  # group replication and clone
        "mesh": 15443,  # Istio's east-west gateway
        "https": 443,
        "metrics": 9090,  # Prometheus, asked by the region that gathers
    }
)

# docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: inbound rules of a security group.
RULES_OF_A_GROUP = 60


def most_regions(own_rules: int) -> int:
    """How many regions can be peered, where the nodes' group has so many rules besides those of the flows."""
    return 1 + (RULES_OF_A_GROUP - own_rules) // len(FLOWS)
