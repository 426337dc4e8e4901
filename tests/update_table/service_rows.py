"""Changes of what runs in a region and of what stands beside it."""

from tests.update_table.row import Row

_SECRETS = "arn:aws:secretsmanager:us-east-1:123456789012:secret"
_LISTENERS = [f"Listener entrance-{listener}" for listener in ("https", "tcp", "udp")]
_CLIENT_RULES = [f"SecurityGroupIngressRule entrance-{port}-from-" for port in ("tcp-443", "tcp-8080", "udp-8081")]


def _groups(generation: str) -> list[str]:
    return [f"TargetGroup entrance-{listener}-{generation}" for listener in ("https", "tcp", "udp")]


SERVICE_ROWS: tuple[Row, ...] = (
    Row({"karpenter.peak.hours": 8}, update=[f"NodePool karpenter-pool-{pool}" for pool in ("services", "worlds")]),
    Row(
        {"karpenter.pools.services.limits": {"cpu": "128", "memory": "512Gi"}},
        update=["NodePool karpenter-pool-services"],
    ),
    Row({"worlds.count": 2}, update=["StatefulSet worlds"]),
    Row({"worlds.image": "mmorpg/game-server:v2.2.0"}, update=["StatefulSet worlds"]),
    Row({"worlds.players_per_world": 1500}, update=["PrometheusRule alerts", "StatefulSet worlds"]),
    Row({"worlds.limits": {"cpu": "3", "memory": "6Gi"}}, update=["StatefulSet worlds"]),
    Row({"worlds.storage_gib": 20}),
    Row({"namespace.quota.pods": 300}, update=["ResourceQuota quota"]),
    Row({"namespace.limits": {"claim": {"max": "200Gi"}}}, update=["LimitRange limits"]),
    Row(
        {"entrance.client_cidrs": ["198.51.100.0/24"]},
        create=[f"{rule}198.51.100.0-24" for rule in _CLIENT_RULES],
        delete=[f"{rule}0.0.0.0-0" for rule in _CLIENT_RULES],
        update=["NetworkPolicy entrance-tcp", "NetworkPolicy entrance-udp"],
    ),
    Row({"entrance.weights": {"a": 90, "b": 10}}, create=_groups("b"), update=_LISTENERS),
    Row({"entrance.cross_zone": False}, update=["LoadBalancer entrance"]),
    Row({"entrance.minimum_healthy": 2}, update=_groups("a")),
    Row({"mesh.gateway": {"min": 4, "max": 12}}, update=["Release istio-ingressgateway"]),
    Row({"monitoring.retention_days": 60}, update=["Release monitoring"]),
    Row({"scaling.replicas": 3}, update=["Release keda"]),
    Row({"buckets.log_days": 60}, update=["BucketLifecycleConfiguration logs"]),
    Row(
        {"buckets.backup_lock_days": 14},
        update=["BucketLifecycleConfiguration backup", "BucketObjectLockConfiguration backup"],
    ),
    Row({"budget.monthly_usd": 3000}, update=["Budget budget"]),
    Row(
        {"image_cache.credentials.hub": f"{_SECRETS}:ecr-pullthroughcache/hub"},
        create=["PullThroughCacheRule image-cache-hub"],
        # Images change their names, so that whatever runs of them is rolled, one pod after the other.
        update=[
            *(f"CronJob {job}" for job in ("mysql-dump", "mysql-restore", "mysql-restore-drill", "redis-dump")),
            *(f"Release {name}" for name in ("istiod", "monitoring", "velero")),
            *("StatefulSet mysql", "StatefulSet redis", "RabbitmqCluster rabbitmq"),
        ],
        replace=["Job redis-bootstrap"],
        stack="prod",
    ),
    Row({"platform.acme_email": "web@mmorpg-game.com"}, update=["ClusterIssuer letsencrypt-prod"], stack="prod"),
    Row(
        {"registry.repositories": ["game-server", "lobby", "world-data-loader"]},
        create=["LifecyclePolicy edge-registry-us-east-1-lobby", "Repository edge-registry-us-east-1-lobby"],
        stack="prod",
    ),
    Row(
        {"aws.boundary": "arn:aws:iam::123456789012:policy/bound"},
        update=[
            f"Role {role}"
            for role in (
                *("cluster", "data-backup", "ebs-csi", "external-secrets", "flow-logs", "karpenter", "karpenter-node"),
                *("load-balancer", "node", "postgres", "velero", "vpc-cni"),
            )
        ],
    ),
    Row({"aws.account_ids": ["123456789012"]}, update=["aws aws"]),
    Row({"protect": True}, update=["Bucket backup", "Cluster cluster", "LoadBalancer entrance"]),
)
