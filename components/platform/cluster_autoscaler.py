"""ClusterAutoscaler: grows and shrinks a region's managed node groups between the sizes they were given."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.charts import CLUSTER_AUTOSCALER, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.pod_identity import PodIdentity, pod_identity

NAME = "cluster-autoscaler"  # of the release and the service account
NAMESPACE = "kube-system"


@dataclass(frozen=True, kw_only=True)
class ClusterAutoscalerArgs:
    """`prefix` is the region's `<game>-<region>` and its cluster's name; `image_tag` is of the cluster's own minor.

    `after` is what its pods need: nodes, the Pod Identity agent and cluster DNS.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    image_tag: str
    after: tuple[pulumi.Resource, ...] = ()


class ClusterAutoscaler(pulumi.ComponentResource):
    """The alternative to Karpenter for managed groups; one with the same least and greatest size stays as it is."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: ClusterAutoscalerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:ClusterAutoscaler", name, None, opts)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller=NAME,
            namespace=NAMESPACE,
            service_account=NAME,
            rights=autoscaler_statements(args),
        )
        self.ready = install(
            f"{name}-{NAME}",
            CLUSTER_AUTOSCALER,
            name=NAME,
            namespace=NAMESPACE,
            values=autoscaler_values(args),
            parent=self,
            after=(*pod_identity(name, identity, self), *args.after),
        )
        self.register_outputs({})


def autoscaler_statements(args: ClusterAutoscalerArgs) -> list[dict[str, Any]]:
    """It may look at every group, but change only those that EKS tagged as this cluster's.

    Source: cluster-autoscaler/cloudprovider/aws/README.md of kubernetes/autoscaler, narrowed to one cluster.
    """
    eks = pulumi.Output.concat(f"arn:aws:eks:{args.region}:", args.account_id, f":nodegroup/{args.prefix}/*")
    groups = pulumi.Output.concat(
        f"arn:aws:autoscaling:{args.region}:", args.account_id, ":autoScalingGroup:*:autoScalingGroupName/eks-*"
    )
    return [
        {
            "Sid": "See",
            "Effect": "Allow",
            "Action": [
                "autoscaling:DescribeAutoScalingGroups",
                "autoscaling:DescribeAutoScalingInstances",
                "autoscaling:DescribeLaunchConfigurations",
                "autoscaling:DescribeScalingActivities",
                "autoscaling:DescribeTags",
                "ec2:DescribeImages",
                "ec2:DescribeInstanceTypes",
                "ec2:DescribeLaunchTemplateVersions",
                "ec2:GetInstanceTypesFromInstanceRequirements",
            ],
            "Resource": "*",  # AWS scopes none of these to less
        },
        # Labels and taints of a group that has no node to show them.
        {"Sid": "SeeEmptyGroups", "Effect": "Allow", "Action": ["eks:DescribeNodegroup"], "Resource": eks},
        {
            "Sid": "ChangeOwnGroups",
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": groups,
            "Condition": {"StringEquals": {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{args.prefix}": "owned"}},
        },
    ]


def autoscaler_values(args: ClusterAutoscalerArgs) -> dict[str, Any]:
    """Two replicas, of which one leads; the figures for shrinking are the game's own."""
    return {
        "autoDiscovery": {"clusterName": args.prefix},  # by the tags that EKS puts on its groups
        "awsRegion": args.region,
        "image": {"tag": args.image_tag},
        "replicaCount": 2,
        "rbac": {"serviceAccount": {"create": True, "name": NAME}},
        "extraArgs": {
            # Databases have a group in each zone, which grow alike.
            "balance-similar-node-groups": True,
            "expander": "least-waste",
            "scale-down-utilization-threshold": 0.5,
            "scale-down-delay-after-add": "10m",
            "scale-down-unneeded-time": "10m",
            "max-node-provision-time": "15m",
        },
        "podDisruptionBudget": {"maxUnavailable": 1},
        "priorityClassName": CLUSTER_CRITICAL,
        "resources": container_resources("100m", "300Mi", "600Mi"),
        "containerSecurityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 65534,
            "runAsGroup": 65534,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "topologySpreadConstraints": zone_spread({"app.kubernetes.io/instance": NAME}),
    }
