"""Changes of a region's cluster, node pools and network."""

from tests.stacks.sample import GONE
from tests.update_table.row import Row

_SHIFT = "arn:aws:iam::123456789012:role/night-shift"
_SHIFT_NAME = "123456789012-role-night-shift"
_ZONAL = [f"NodeGroup pool-database-us-east-1{letter}" for letter in "abc"]

AWS_ROWS: tuple[Row, ...] = (
    Row({"cluster.support": "extended"}, update=["Cluster cluster"]),
    Row({"cluster.control_plane_tier": "tier-xl"}, update=["Cluster cluster"]),
    Row({"cluster.public_access_cidrs": ["203.0.113.0/24", "198.51.100.0/24"]}, update=["Cluster cluster"]),
    Row({"cluster.log_retention_days": 7}, update=["LogGroup control-plane"]),
    Row(
        {"cluster.admins": [_SHIFT, "arn:aws:iam::123456789012:role/platform-admin"]},
        create=[f"AccessEntry access-{_SHIFT_NAME}", f"AccessPolicyAssociation admin-{_SHIFT_NAME}"],
    ),
    Row(
        {"cluster.viewers": [_SHIFT]},
        create=[f"AccessEntry access-{_SHIFT_NAME}", f"AccessPolicyAssociation viewer-{_SHIFT_NAME}"],
    ),
    Row(
        {"cluster.autoscaler": "cluster-autoscaler", "karpenter.pools.worlds": GONE},
        create=[
            "ServiceMonitor monitor-cluster-autoscaler",
            *(f"{type_} cluster-autoscaler" for type_ in ("PodIdentityAssociation", "Release", "Role", "RolePolicy")),
        ],
        delete=["NodePool karpenter-pool-worlds"],
    ),
    Row({"node_pools.game.max_size": 9}, update=["NodeGroup pool-game"]),
    Row({"node_pools.game.desired_size": 4}),
    Row({"node_pools.game.disk_gib": 200}, update=["LaunchTemplate pool-game", "NodeGroup pool-game"]),
    Row(
        {"node_pools.game.instance_types": ["c7i.2xlarge"]},
        replace=["NodeGroup pool-game"],
        refused=["NodeGroup pool-game"],
    ),
    Row(
        {"node_pools.system.arch": "arm64", "node_pools.system.instance_types": ["m7g.large"]},
        replace=["NodeGroup pool-system"],
    ),
    Row(
        {
            "node_pools.night": {
                "instance_types": ["m7i.large"],
                "min_size": 1,
                "desired_size": 1,
                "max_size": 2,
                "disk_gib": 50,
            }
        },
        create=["LaunchTemplate pool-night", "NodeGroup pool-night"],
    ),
    Row({"node_pools.database.disk_gib": 600}, update=["LaunchTemplate pool-database", *_ZONAL], stack="prod"),
    Row(
        {
            "network.zones": ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d"],
            **{
                f"node_pools.database.{figure}_size": count
                for figure, count in (("min", 4), ("desired", 4), ("max", 8))
            },
        },
        create=[
            "NodeGroup pool-database-us-east-1d",
            "Route private-us-east-1d-nat",
            "RouteTable private-us-east-1d",
            *(f"RouteTableAssociation {role}-us-east-1d" for role in ("pods", "private", "public")),
            *(f"Subnet {role}-us-east-1d" for role in ("pods", "private", "public")),
        ],
        update=[
            "Addon node-addons-vpc-cni",
            "Cluster cluster",
            "LoadBalancer entrance",
            "StatefulSet redis",
            "VpcEndpoint endpoint-s3",
        ],
        replace=["NodeGroup pool-game", "NodeGroup pool-system"],
        refused=["NodeGroup pool-game"],
    ),
    Row(
        {"network.nat": "per-zone"},
        create=[f"{made} nat-us-east-1{letter}" for made in ("Eip", "NatGateway") for letter in "bc"],
        update=[f"Route private-us-east-1{letter}-nat" for letter in "bc"],
    ),
    Row(
        {"network.interface_endpoints": ["sts"]},
        create=[
            "SecurityGroup endpoints",
            "SecurityGroupIngressRule endpoints-pods",
            "SecurityGroupIngressRule endpoints-vpc",
            "VpcEndpoint endpoint-sts",
        ],
    ),
    Row(
        {"network.interface_endpoints": ["ecr.api", "ecr.dkr", "sts", "eks-auth"]},
        delete=["VpcEndpoint endpoint-ec2"],
        stack="prod",
    ),
    Row({"network.flow_logs.retention_days": 7}, update=["LogGroup flow-logs"]),
    Row({"network.flow_logs.traffic": "ALL"}, replace=["FlowLog flow-log"]),
    Row(
        {"network.own_subnets": ["database"]},
        create=[
            f"{type_} database-us-east-1{letter}" for type_ in ("RouteTableAssociation", "Subnet") for letter in "abc"
        ],
        replace=_ZONAL,
        refused=_ZONAL,
    ),
)
