"""What a cloud computes: the outputs of each resource type beyond its own inputs.

The recorder answers with these and with the inputs; any other output stays unknown, and a value that needs
it is refused, so that a forgotten row is an error and never a silent None. Names are the wire names of the
pinned SDKs (pulumi_aws 7, pulumi_kubernetes 4, pulumi_random 4).
"""

# Property paths by type token; "id" belongs to every resource and is not listed.
COMPUTED: dict[str, tuple[str, ...]] = {
    "aws:cloudwatch/eventRule:EventRule": ("arn", "name"),
    "aws:cloudwatch/logGroup:LogGroup": ("arn", "name"),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ("arn", "name", "description", "ownerId"),
    "aws:ec2/eip:Eip": ("allocationId", "arn", "privateIp", "publicDns", "publicIp"),
    "aws:ec2/internetGateway:InternetGateway": ("arn", "ownerId"),
    "aws:ec2/launchTemplate:LaunchTemplate": ("arn", "defaultVersion", "latestVersion", "name"),
    "aws:ec2/natGateway:NatGateway": ("associationId", "networkInterfaceId", "privateIp", "publicIp"),
    "aws:ec2/route:Route": ("origin", "state"),
    "aws:ec2/routeTable:RouteTable": ("arn", "ownerId"),
    "aws:ec2/securityGroup:SecurityGroup": ("arn", "description", "name", "ownerId"),
    "aws:ec2/subnet:Subnet": ("arn", "availabilityZone", "availabilityZoneId", "ownerId"),
    "aws:ec2/vpc:Vpc": (
        "arn",
        "defaultNetworkAclId",
        "defaultRouteTableId",
        "defaultSecurityGroupId",
        "dhcpOptionsId",
        "mainRouteTableId",
        "ownerId",
    ),
    "aws:ecr/repository:Repository": ("arn", "name", "registryId", "repositoryUrl"),
    "aws:eks/accessEntry:AccessEntry": ("accessEntryArn", "createdAt", "modifiedAt", "userName"),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": ("associatedAt", "modifiedAt"),
    "aws:eks/addon:Addon": ("addonVersion", "arn", "createdAt", "modifiedAt"),
    "aws:eks/cluster:Cluster": (
        "arn",
        "certificateAuthority.data",
        "createdAt",
        "endpoint",
        "identities[0].oidcs[0].issuer",
        "name",
        "platformVersion",
        "status",
        "version",
        "vpcConfig.clusterSecurityGroupId",
        "vpcConfig.vpcId",
    ),
    "aws:eks/nodeGroup:NodeGroup": (
        "amiType",
        "arn",
        "nodeGroupName",
        "releaseVersion",
        "resources[0].autoscalingGroups[0].name",
        "status",
        "version",
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("associationArn", "associationId"),
    "aws:iam/role:Role": ("arn", "createDate", "name", "uniqueId"),
    "aws:iam/rolePolicy:RolePolicy": ("name",),
    "aws:kms/alias:Alias": ("arn", "name", "targetKeyArn"),
    "aws:kms/key:Key": ("arn", "keyId"),
    "aws:lb/listener:Listener": ("arn",),
    "aws:lb/loadBalancer:LoadBalancer": ("arn", "arnSuffix", "dnsName", "vpcId", "zoneId"),
    "aws:lb/targetGroup:TargetGroup": ("arn", "arnSuffix", "name"),
    "aws:route53/record:Record": ("fqdn",),
    "aws:route53/zone:Zone": (
        "arn",
        "nameServers[0]",
        "nameServers[1]",
        "nameServers[2]",
        "nameServers[3]",
        "primaryNameServer",
        "zoneId",
    ),
    "aws:s3/bucket:Bucket": ("arn", "bucket", "bucketRegion"),
    "aws:sqs/queue:Queue": ("arn", "name", "url"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ("arn", "securityGroupRuleId"),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ("arn", "securityGroupRuleId"),
    "kubernetes:helm.sh/v3:Release": (
        "name",
        "namespace",
        "status.name",
        "status.namespace",
        "status.version",
    ),
    "random:index/randomPassword:RandomPassword": ("bcryptHash", "result"),
    "random:index/randomUuid:RandomUuid": ("result",),
}

_KUBERNETES_OBJECT = ("metadata.name", "metadata.namespace", "metadata.uid")


def computed(type_: str) -> tuple[str, ...]:
    """Property paths that the cloud adds to a resource of this type; none for components."""
    if type_ in COMPUTED:
        return COMPUTED[type_]
    return _KUBERNETES_OBJECT if type_.startswith("kubernetes:") else ()
