"""Rows of what must be there first, and those that are nothing but an id in a call of AWS's: one source per row."""

from collections.abc import Callable
from dataclasses import dataclass

from plan.links import Link, named
from plan.objects import RELEASE
from plan.registration import RecordedResource
from plan.values import lookup

Which = Callable[[RecordedResource], bool]
ANY_OBJECT = "kubernetes:"
"""As a dependent: every Kubernetes object and every release."""


def every(_resource: RecordedResource) -> bool:
    """All resources of a type."""
    return True


def with_template(resource: RecordedResource) -> bool:
    """Those that hold the template of their own pods, as a release does not."""
    containers = lookup(resource.resolved, "spec", "template", "spec", "containers")
    return resource.type != RELEASE and isinstance(containers, list)


@dataclass(frozen=True, kw_only=True)
class Need:
    """`dependent` cannot be created before each resource of type `needed` that `link` finds for it.

    `when` and `of` narrow the row to some dependents and some of the needed; `source` is where AWS or Kubernetes says
    so.
    """

    dependent: str
    needed: str
    source: str
    link: Link = named
    when: Which = every
    of: Which = every


def aws(path: str) -> str:
    """`ec2/natGateway` as the token aws:ec2/natGateway:NatGateway."""
    kind = path.partition("/")[2]
    return f"aws:{path}:{kind[0].upper()}{kind[1:]}"


def _by_id(api: str, call: str, dependent: str, *needed: str) -> tuple[Need, ...]:
    """A row for each resource whose id or name the call is given."""
    source = f"docs.aws.amazon.com/{api}/API_{call}.html"
    return tuple(Need(dependent=aws(dependent), needed=aws(item), source=source) for item in needed)


_EC2 = "AWSEC2/latest/APIReference"
_EKS = "eks/latest/APIReference"
_IAM = "IAM/latest/APIReference"
_KMS = "kms/latest/APIReference"
_ELB = "elasticloadbalancing/latest/APIReference"
_DNS = "Route53/latest/APIReference"
_S3 = "AmazonS3/latest/API"
_RULES = (
    ("AuthorizeSecurityGroupIngress", "vpc/securityGroupIngressRule"),
    ("AuthorizeSecurityGroupEgress", "vpc/securityGroupEgressRule"),
)

BY_ID: tuple[Need, ...] = (
    *_by_id(_EC2, "CreateSubnet", "ec2/subnet", "ec2/vpc"),
    *_by_id(_EC2, "AttachInternetGateway", "ec2/internetGateway", "ec2/vpc"),
    *_by_id(_EC2, "CreateRouteTable", "ec2/routeTable", "ec2/vpc"),
    *_by_id(_EC2, "AssociateRouteTable", "ec2/routeTableAssociation", "ec2/routeTable", "ec2/subnet"),
    *_by_id(_EC2, "CreateRoute", "ec2/route", "ec2/routeTable", "ec2/internetGateway", "ec2/natGateway"),
    *_by_id(_EC2, "CreateRoute", "ec2/route", "ec2/vpcPeeringConnection", "ec2/vpcPeeringConnectionAccepter"),
    *_by_id(_EC2, "CreateNatGateway", "ec2/natGateway", "ec2/eip", "ec2/subnet"),
    *_by_id(_EC2, "DescribeSecurityGroups", "ec2/defaultSecurityGroup", "ec2/vpc"),
    *_by_id(_EC2, "CreateSecurityGroup", "ec2/securityGroup", "ec2/vpc"),
    *(
        row
        for call, rule in _RULES
        for row in _by_id(_EC2, call, rule, "ec2/securityGroup", "eks/cluster", "ec2/vpcPeeringConnection")
    ),
    *_by_id(
        _EC2,
        "CreateVpcEndpoint",
        "ec2/vpcEndpoint",
        "ec2/vpc",
        "ec2/subnet",
        "ec2/routeTable",
        "ec2/securityGroup",
    ),
    *_by_id(_EC2, "CreateFlowLogs", "ec2/flowLog", "ec2/vpc", "iam/role", "cloudwatch/logGroup"),
    *_by_id(_EC2, "AssociateVpcCidrBlock", "ec2/vpcIpv4CidrBlockAssociation", "ec2/vpc"),
    *_by_id(_EC2, "CreateVpcPeeringConnection", "ec2/vpcPeeringConnection", "ec2/vpc"),
    *_by_id(
        _EC2, "AcceptVpcPeeringConnection", "ec2/vpcPeeringConnectionAccepter", "ec2/vpcPeeringConnection", "ec2/vpc"
    ),
    *_by_id(_EC2, "CreateLaunchTemplate", "ec2/launchTemplate", "ec2/securityGroup", "eks/cluster"),
    *_by_id(_IAM, "AttachRolePolicy", "iam/rolePolicyAttachment", "iam/role", "iam/policy"),
    *_by_id(_IAM, "PutRolePolicy", "iam/rolePolicy", "iam/role"),
    *_by_id(_KMS, "CreateAlias", "kms/alias", "kms/key"),
    # "The key policy must specify principals that exist and are visible to KMS."
    *_by_id(_KMS, "CreateKey", "kms/key", "iam/role"),
    *_by_id(_EKS, "CreateCluster", "eks/cluster", "iam/role", "ec2/subnet", "ec2/securityGroup", "kms/key"),
    *_by_id(_EKS, "CreateNodegroup", "eks/nodeGroup", "eks/cluster", "iam/role", "ec2/subnet", "ec2/launchTemplate"),
    *_by_id(_EKS, "CreatePodIdentityAssociation", "eks/podIdentityAssociation", "iam/role"),
    *_by_id(_EKS, "CreateAccessEntry", "eks/accessEntry", "iam/role"),
    *_by_id(
        "eventbridge/latest/APIReference", "PutTargets", "cloudwatch/eventTarget", "cloudwatch/eventRule", "sqs/queue"
    ),
    *_by_id("AWSSimpleQueueService/latest/APIReference", "SetQueueAttributes", "sqs/queuePolicy", "sqs/queue"),
    *_by_id(_ELB, "CreateLoadBalancer", "lb/loadBalancer", "ec2/subnet", "ec2/securityGroup"),
    *_by_id(_ELB, "CreateTargetGroup", "lb/targetGroup", "ec2/vpc"),
    *_by_id(_ELB, "CreateListener", "lb/listener", "lb/loadBalancer", "lb/targetGroup"),
    *_by_id(_DNS, "ChangeResourceRecordSets", "route53/record", "route53/zone"),
    *_by_id(_DNS, "ChangeResourceRecordSets", "route53/record", "lb/loadBalancer"),
    *_by_id(_S3, "PutBucketLifecycleConfiguration", "s3/bucketLifecycleConfiguration", "s3/bucket"),
    *_by_id(_S3, "PutObjectLockConfiguration", "s3/bucketObjectLockConfiguration", "s3/bucket"),
    *_by_id(_S3, "PutBucketOwnershipControls", "s3/bucketOwnershipControls", "s3/bucket"),
    *_by_id(_S3, "PutBucketPolicy", "s3/bucketPolicy", "s3/bucket"),
    *_by_id(_S3, "PutPublicAccessBlock", "s3/bucketPublicAccessBlock", "s3/bucket"),
    *_by_id(_S3, "PutBucketReplication", "s3/bucketReplicationConfig", "s3/bucket", "iam/role"),
    *_by_id(_S3, "PutBucketEncryption", "s3/bucketServerSideEncryptionConfiguration", "s3/bucket", "kms/key"),
    *_by_id(_S3, "PutBucketVersioning", "s3/bucketVersioning", "s3/bucket"),
    *_by_id("AmazonECR/latest/APIReference", "PutLifecyclePolicy", "ecr/lifecyclePolicy", "ecr/repository"),
)
