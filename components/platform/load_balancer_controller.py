"""LoadBalancerController: makes network load balancers for Services, and keeps pods in target groups."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi

from components.charts import LOAD_BALANCER_CONTROLLER, install
from components.kube.chart_values import container_resources, zone_spread
from components.platform.load_balancer_policy import load_balancer_statements
from components.platform.pod_identity import PodIdentity, pod_identity
from components.tags import CLUSTER_TAG

NAMESPACE = "kube-system"
NAME = "aws-load-balancer-controller"  # of the release, its Deployment and its service account


@dataclass(frozen=True, kw_only=True)
class LoadBalancerControllerArgs:
    """`prefix` is the cluster's name; `region` and `vpc_id` are AWS's; `tags` go on every load balancer.

    `after`: nodes, the Pod Identity agent, DNS.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    vpc_id: pulumi.Input[str]
    tags: Mapping[str, str] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()


class LoadBalancerController(pulumi.ComponentResource):
    """The controller with its AWS rights.

    `ready` must be there before a Service of type LoadBalancer or a TargetGroupBinding is made, and still there when it
    is deleted: a finalizer holds both until the controller has taken down what it made.
    """

    ready: pulumi.Resource

    def __init__(self, name: str, args: LoadBalancerControllerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:LoadBalancerController", name, None, opts)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller="load-balancer",
            namespace=NAMESPACE,
            service_account=NAME,
            rights=load_balancer_statements(args.prefix),
        )
        self.ready = install(
            f"{name}-load-balancer-controller",
            LOAD_BALANCER_CONTROLLER,
            name=NAME,
            namespace=NAMESPACE,
            values=load_balancer_values(args),
            parent=self,
            after=(*pod_identity(name, identity, self), *args.after),
        )
        self.register_outputs({})


def load_balancer_values(args: LoadBalancerControllerArgs) -> dict[str, Any]:
    """Two replicas, one of which leads; for network load balancers only."""
    return {
        "clusterName": args.prefix,
        # Both said, because pods cannot ask the node's metadata service: its hop limit is 1.
        "region": args.region,
        "vpcId": args.vpc_id,
        "serviceAccount": {"create": True, "name": NAME},
        "replicaCount": 2,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "topologySpreadConstraints": zone_spread({"app.kubernetes.io/name": NAME}),
        "resources": container_resources("100m", "128Mi", "256Mi"),
        # On, this webhook would stand in the way of every new Service of the cluster and refuse it while no replica
        # answers; all it does is set a class, which our Services set themselves (service.k8s.aws/nlb).
        "enableServiceMutatorWebhook": False,
        # Otherwise each upgrade gives the other webhooks a new authority that the old replicas do not answer by.
        "keepTLSSecret": True,
        "defaultTargetType": "ip",
        # A load balancer outlives a cluster that is taken down in haste, and must be found again.
        "defaultTags": {CLUSTER_TAG: args.prefix, **args.tags},
        # Of application load balancers; the role has no rights for them.
        "enableShield": False,
        "enableWaf": False,
        "enableWafv2": False,
    }
