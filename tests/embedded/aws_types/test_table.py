"""The table itself: which types it serves, and where each replacement is known from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from embedded.aws.kinds import ListOf
from embedded.aws.properties import Property, Struct
from embedded.aws.types import ROWS, declared_types, row_of
from embedded.aws.types.sources import ASSUMED
from embedded.provider import ProviderError
from tests.embedded.aws_types.examples import EXAMPLES

SERVED = {
    "aws:budgets/budget:Budget": "modelled",
    "aws:cloudwatch/eventRule:EventRule": "executed",
    "aws:cloudwatch/eventTarget:EventTarget": "executed",
    "aws:cloudwatch/logGroup:LogGroup": "executed",
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": "executed",
    "aws:ec2/eip:Eip": "executed",
    "aws:ec2/flowLog:FlowLog": "executed",
    "aws:ec2/internetGateway:InternetGateway": "executed",
    "aws:ec2/launchTemplate:LaunchTemplate": "executed",
    "aws:ec2/natGateway:NatGateway": "executed",
    "aws:ec2/route:Route": "executed",
    "aws:ec2/routeTable:RouteTable": "executed",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "executed",
    "aws:ec2/securityGroup:SecurityGroup": "executed",
    "aws:ec2/subnet:Subnet": "executed",
    "aws:ec2/vpc:Vpc": "executed",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "executed",
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": "executed",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": "executed",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": "executed",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "executed",
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": "modelled",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": "executed",
    "aws:ecr/repository:Repository": "executed",
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": "modelled",
    "aws:eks/accessEntry:AccessEntry": "modelled",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": "modelled",
    "aws:eks/addon:Addon": "modelled",
    "aws:eks/cluster:Cluster": "modelled",
    "aws:eks/nodeGroup:NodeGroup": "modelled",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": "modelled",
    "aws:iam/policy:Policy": "executed",
    "aws:iam/role:Role": "executed",
    "aws:iam/rolePolicy:RolePolicy": "executed",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "executed",
    "aws:kms/alias:Alias": "executed",
    "aws:kms/key:Key": "executed",
    "aws:lb/listener:Listener": "executed",
    "aws:lb/loadBalancer:LoadBalancer": "executed",
    "aws:lb/targetGroup:TargetGroup": "executed",
    "aws:route53/record:Record": "executed",
    "aws:route53/zone:Zone": "executed",
    "aws:s3/bucket:Bucket": "executed",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "executed",
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": "executed",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "executed",
    "aws:s3/bucketPolicy:BucketPolicy": "executed",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "executed",
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": "executed",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": "executed",
    "aws:s3/bucketVersioning:BucketVersioning": "executed",
    "aws:sqs/queue:Queue": "executed",
    "aws:sqs/queuePolicy:QueuePolicy": "executed",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "executed",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "executed",
}

# Properties whose change replaces the resource, nested ones by their path.
REPLACING = {
    "aws:budgets/budget:Budget": {"name", "accountId"},
    "aws:cloudwatch/eventRule:EventRule": {"name"},
    "aws:cloudwatch/eventTarget:EventTarget": {"rule", "targetId"},
    "aws:cloudwatch/logGroup:LogGroup": {"name"},
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {"vpcId"},
    "aws:ec2/eip:Eip": {"domain"},
    "aws:ec2/flowLog:FlowLog": {
        "destinationOptions",
        "iamRoleArn",
        "logDestination",
        "logDestinationType",
        "logFormat",
        "maxAggregationInterval",
        "trafficType",
        "vpcId",
    },
    "aws:ec2/internetGateway:InternetGateway": set(),
    "aws:ec2/launchTemplate:LaunchTemplate": {"name"},
    "aws:ec2/natGateway:NatGateway": {"allocationId", "subnetId", "connectivityType"},
    "aws:ec2/route:Route": {
        "routeTableId",
        "destinationCidrBlock",
        "destinationIpv6CidrBlock",
        "destinationPrefixListId",
    },
    "aws:ec2/routeTable:RouteTable": {"vpcId"},
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {"subnetId"},
    "aws:ec2/securityGroup:SecurityGroup": {"name", "description", "vpcId"},
    "aws:ec2/subnet:Subnet": {"vpcId", "cidrBlock", "availabilityZone"},
    "aws:ec2/vpc:Vpc": {"cidrBlock", "instanceTenancy"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"serviceName", "vpcEndpointType", "vpcId"},
    "aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation": {"cidrBlock", "vpcId"},
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection": {"peerOwnerId", "peerRegion", "peerVpcId", "vpcId"},
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter": {"vpcPeeringConnectionId"},
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"repository", "policy"},
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": {
        "ecrRepositoryPrefix",
        "upstreamRegistryUrl",
        "upstreamRepositoryPrefix",
    },
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": set(),
    "aws:ecr/repository:Repository": {"name", "encryptionConfigurations"},
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": {"prefix"},
    "aws:eks/accessEntry:AccessEntry": {"clusterName", "principalArn", "type"},
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
        "clusterName",
        "principalArn",
        "policyArn",
        "accessScope",
    },
    "aws:eks/addon:Addon": {"addonName", "clusterName"},
    "aws:eks/cluster:Cluster": {
        "name",
        "roleArn",
        "bootstrapSelfManagedAddons",
        "encryptionConfig",
        "accessConfig.bootstrapClusterCreatorAdminPermissions",
        "kubernetesNetworkConfig.ipFamily",
        "kubernetesNetworkConfig.serviceIpv4Cidr",
    },
    "aws:eks/nodeGroup:NodeGroup": {
        "amiType",
        "capacityType",
        "clusterName",
        "diskSize",
        "instanceTypes",
        "launchTemplate.id",
        "launchTemplate.name",
        "nodeGroupName",
        "nodeRoleArn",
        "subnetIds",
    },
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"clusterName", "namespace", "serviceAccount"},
    "aws:iam/policy:Policy": {"name", "path", "description"},
    "aws:iam/role:Role": {"name", "path"},
    "aws:iam/rolePolicy:RolePolicy": {"name", "role"},
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": {"role", "policyArn"},
    "aws:kms/alias:Alias": {"name"},
    "aws:kms/key:Key": {"customerMasterKeySpec", "keyUsage", "multiRegion"},
    "aws:lb/listener:Listener": {"loadBalancerArn"},
    "aws:lb/loadBalancer:LoadBalancer": {"name", "loadBalancerType", "internal", "subnets", "securityGroups"},
    "aws:lb/targetGroup:TargetGroup": {"name", "port", "protocol", "vpcId", "targetType", "ipAddressType"},
    "aws:route53/record:Record": {"zoneId", "name"},
    "aws:route53/zone:Zone": {"name"},
    "aws:s3/bucket:Bucket": {"bucket", "objectLockEnabled"},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"bucket"},
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": {"bucket", "objectLockEnabled"},
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": {"bucket"},
    "aws:s3/bucketPolicy:BucketPolicy": {"bucket"},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {"bucket"},
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": {"bucket"},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {"bucket"},
    "aws:s3/bucketVersioning:BucketVersioning": {"bucket"},
    "aws:sqs/queue:Queue": {"name"},
    "aws:sqs/queuePolicy:QueuePolicy": {"queueUrl"},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "securityGroupId",
        "cidrIpv4",
        "cidrIpv6",
        "prefixListId",
        "referencedSecurityGroupId",
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "securityGroupId",
        "cidrIpv4",
        "cidrIpv6",
        "prefixListId",
        "referencedSecurityGroupId",
    },
}


def _properties(struct: Struct, path: str = "") -> Iterator[tuple[str, Property]]:
    for prop in struct.properties:
        yield f"{path}{prop.name}", prop
        inner = prop.kind.of if isinstance(prop.kind, ListOf) else prop.kind
        if isinstance(inner, Struct):
            yield from _properties(inner, f"{path}{prop.name}.")


def test_every_served_type_is_listed_with_how_it_runs() -> None:
    assert declared_types() == SERVED


def test_every_type_has_an_example() -> None:
    assert EXAMPLES.keys() == ROWS.keys()


def test_a_type_nobody_declared_is_an_error_that_says_so() -> None:
    with pytest.raises(ProviderError, match="aws:dynamodb/table:Table: the embedded cloud does not serve this type"):
        row_of("aws:dynamodb/table:Table")


def test_these_properties_and_no_others_replace(resource_type: str) -> None:
    replacing = {path for path, prop in _properties(ROWS[resource_type].inputs) if prop.replaces}
    assert replacing - {"region"} == REPLACING[resource_type]


def test_every_replacement_names_its_source(resource_type: str) -> None:
    for path, prop in _properties(ROWS[resource_type].inputs):
        if prop.replaces:
            assert prop.replaces.startswith(("terraform-provider-aws ", "AWS API: ", ASSUMED)), path


def test_every_property_is_told_updated_or_replaced(resource_type: str) -> None:
    row = ROWS[resource_type]
    # For the provider rather than for AWS, or for a call that is made for another reason.
    advice = {
        "forceDestroy",
        "forceDelete",
        "skipDestroy",
        "deletionWindowInDays",
        "bypassPolicyLockoutSafetyCheck",
        "updateDefaultVersion",
        "forceUpdateVersion",
        "resolveConflictsOnCreate",
        "resolveConflictsOnUpdate",
        "preserve",
        "allowOverwrite",
        "tags",
        "tagsAll",
        "region",
    }
    updated = {path for update in row.update for path in update.on} | {
        p.partition(".")[0] for u in row.update for p in u.on
    }
    for prop in row.inputs.inputs():
        if prop.name in advice or (prop.replaces and prop.replaces_if is None) or prop.name in updated:
            continue
        assert isinstance(prop.kind, Struct), f"{prop.name}: a change would be recorded, but never made"
        for path, inner in _properties(prop.kind, f"{prop.name}."):
            assert inner.output or inner.replaces or path in updated, path
