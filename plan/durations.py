"""How long AWS and Kubernetes typically take to create one resource of each type, each figure with its source.

A `measured` figure stands in the log of a public run that `source` names. The others are judged: `source` then says
what the provider waits for, or which call it is. Calls that answer at once count as the 1 s measured for their like.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from components.charts import CERT_MANAGER, ISTIO_BASE, KARPENTER_CRD, PROMETHEUS_CRDS, PROMETHEUS_STACK
from plan.objects import RELEASE
from plan.registration import PROVIDER_PREFIX, RecordedResource
from plan.values import lookup


@dataclass(frozen=True)
class Duration:
    """`seconds` from the first call until the provider says the resource is there; `source` is an address or a file."""

    seconds: int
    source: str
    measured: bool = False


class UnknownDuration(Exception):
    """A type without a figure: one sentence."""


_VPC_LOG = "github.com/DevopsArtFactory/terraform-provisioning/pull/7"
_EKS_LOG = "github.com/DevopsArtFactory/terraform-provisioning/pull/46"
_IAM_LOG = "github.com/DevopsArtFactory/terraform-provisioning/pull/45"
_RULES_LOG = "github.com/hashicorp-education/learn-terraform-variables/pull/6"
_AT_ONCE = f"one call that answers with the finished resource, as its like do in {_IAM_LOG}"
_API_OBJECT = "one call: the API server answers when the object is stored, kubernetes.io/docs/reference/using-api"

_MEASURED: Mapping[str, tuple[int, str]] = {
    "aws:cloudwatch/logGroup:LogGroup": (3, "github.com/sighupio/furyctl/issues/299"),
    "aws:ec2/eip:Eip": (1, _VPC_LOG),
    "aws:ec2/internetGateway:InternetGateway": (1, _VPC_LOG),
    "aws:ec2/launchTemplate:LaunchTemplate": (1, "github.com/aws-ia/terraform-aws-eks-blueprints/pull/1768"),
    "aws:ec2/routeTable:RouteTable": (1, _VPC_LOG),
    "aws:ec2/securityGroup:SecurityGroup": (2, _IAM_LOG),
    "aws:ec2/subnet:Subnet": (7, "github.com/turbot/steampipe-plugin-aws/pull/131"),
    "aws:ec2/vpc:Vpc": (22, _VPC_LOG),
    "aws:eks/accessEntry:AccessEntry": (1, "github.com/DevopsArtFactory/terraform-provisioning/pull/47"),
    # The middle of 8m33s, 9m43s and 10m6s: _EKS_LOG, this one, and terraform-aws-modules/terraform-aws-eks#3218.
    "aws:eks/cluster:Cluster": (583, "github.com/terraform-aws-modules/terraform-aws-eks/issues/2203"),
    "aws:eks/nodeGroup:NodeGroup": (115, _EKS_LOG),  # 1m48s on demand, 1m59s spot
    "aws:iam/role:Role": (2, "github.com/pulumi/pulumi-eks/issues/1819"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (1, "github.com/pulumi/pulumi-eks/issues/1819"),
    "aws:s3/bucket:Bucket": (19, "github.com/terraform-aws-modules/terraform-aws-route53/pull/33"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": (2, _RULES_LOG),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": (2, _RULES_LOG),
}
_JUDGED: Mapping[str, tuple[int, str]] = {
    # The provider reads the policy back until it is the one asked for, several times in a row.
    "aws:kms/key:Key": (10, "docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html (eventual consistency)"),
    "aws:ec2/natGateway:NatGateway": (105, "botocore waiter NatGatewayAvailable: asked every 15 s, at most 40 times"),
    "aws:ec2/flowLog:FlowLog": (2, _AT_ONCE),
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": (
        10,
        "docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockState.html: associating, then associated",
    ),
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": (
        5,
        "docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html: until pending-acceptance",
    ),
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": (
        10,
        "docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html: provisioning, then active",
    ),
    # It may be seen by Route 53's own servers later than by the API; the provider waits until INSYNC.
    "aws:route53/record:Record": (35, "docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html: 60 s"),
    "aws:route53/zone:Zone": (35, "docs.aws.amazon.com/Route53/latest/APIReference/API_GetChange.html: 60 s"),
    # Its attributes are read until all are as asked.
    "aws:sqs/queue:Queue": (25, f"{_IAM_LOG}: more than 20 s"),
    "aws:lb/loadBalancer:LoadBalancer": (150, "github.com/kubernetes/kubernetes/issues/44695: more than 2 minutes"),
}
_CALLS = (
    "aws:budgets/budget:Budget",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    "aws:ec2/route:Route",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:ecr/repository:Repository",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:kms/alias:Alias",
    "aws:lb/listener:Listener",
    "aws:lb/targetGroup:TargetGroup",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sqs/queuePolicy:QueuePolicy",
)

DURATIONS: Mapping[str, Duration] = MappingProxyType(
    {
        **{type_: Duration(seconds, source, measured=True) for type_, (seconds, source) in _MEASURED.items()},
        **{type_: Duration(seconds, source) for type_, (seconds, source) in _JUDGED.items()},
        **{type_: Duration(1, _AT_ONCE) for type_ in _CALLS},
    }
)
"""By type, what takes as long whatever its inputs; the rest is in `duration_of`."""

# terraform-aws-eks#3214: each in under 20 s. Without nodes a DaemonSet wants no pod and is ready when it is stored.
_DAEMON_ADDON = Duration(20, "github.com/terraform-aws-modules/terraform-aws-eks/pull/3214", measured=True)
_DEPLOYMENT_ADDON = Duration(45, "botocore waiter AddonActive: asked every 10 s until its pods answer")
_DAEMON_ADDONS = frozenset({"vpc-cni", "kube-proxy", "eks-pod-identity-agent"})

_ENDPOINT_STATES = "docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html: pending, then available"
_GATEWAY_ENDPOINT = Duration(6, _ENDPOINT_STATES)
_INTERFACE_ENDPOINT = Duration(75, _ENDPOINT_STATES)

# The measured one has a single Deployment, these have no pod at all.
_CRD_CHART = Duration(12, "at most that of github.com/particuleio/terraform-kubernetes-addons/pull/1766")
_CHART = Duration(45, "helm.sh/docs/intro/using_helm: --wait, until every pod of the release is ready")
_CHARTS: Mapping[str, Duration] = {
    **{chart.name: _CRD_CHART for chart in (KARPENTER_CRD, ISTIO_BASE, PROMETHEUS_CRDS)},
    CERT_MANAGER.name: Duration(55, "with four objects: github.com/pulumi/pulumi-kubernetes-cert-manager/pull/10"),
    PROMETHEUS_STACK.name: Duration(90, "helm.sh/docs/intro/using_helm: --wait; two hooks and five workloads"),
}
_WORKLOADS = frozenset({"DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"})
_WORKLOAD = Duration(
    60, "kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle: volume, image, init containers, first probes"
)
_OBJECT = Duration(1, _API_OBJECT)
_NOTHING = Duration(0, "no cloud is asked: components, providers and random values are the engine's")
_SKIP_AWAIT = "pulumi.com/skipAwait"


def duration_of(resource: RecordedResource) -> Duration:
    """The typical time to create a resource; UnknownDuration for a type that has no figure."""
    if not resource.custom or resource.type.startswith((PROVIDER_PREFIX, "random:")):
        return _NOTHING
    if resource.type == RELEASE:
        return _CHARTS.get(str(resource.resolved.get("chart")), _CHART)
    if resource.type.startswith("kubernetes:"):
        return _of_object(resource)
    if resource.type == "aws:eks/addon:Addon":
        return _DAEMON_ADDON if resource.resolved.get("addonName") in _DAEMON_ADDONS else _DEPLOYMENT_ADDON
    if resource.type == "aws:ec2/vpcEndpoint:VpcEndpoint":
        # The provider's default type is Gateway.
        return _INTERFACE_ENDPOINT if resource.resolved.get("vpcEndpointType") == "Interface" else _GATEWAY_ENDPOINT
    if resource.type not in DURATIONS:
        raise UnknownDuration(f"{resource.type} has no typical duration; add one with its source to plan/durations.py")
    return DURATIONS[resource.type]


def _of_object(resource: RecordedResource) -> Duration:
    annotations = lookup(resource.resolved, "metadata", "annotations") or {}
    awaited = annotations.get(_SKIP_AWAIT) != "true"
    return _WORKLOAD if awaited and resource.type.rpartition(":")[2] in _WORKLOADS else _OBJECT
