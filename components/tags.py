"""Pure: the tags by which what belongs to a cluster is found on AWS, whoever made it."""

CLUSTER_TAG = "game-regions/cluster"
"""On what pods and the controllers of a cluster make, by name of the cluster."""
DISCOVERY_TAG = "karpenter.sh/discovery"
"""On what Karpenter's nodes stand in and carry, subnets and a security group, by name of the cluster."""
