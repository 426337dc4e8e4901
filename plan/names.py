"""Physical names: what a cloud lets exist once, as tuples that are equal where two resources collide."""

from collections.abc import Iterator

from plan.objects import RELEASE
from plan.registration import RecordedResource

# AWS properties that together name an object of a type; the last one is the name itself.
_AWS_NAMES: dict[str, tuple[str, ...]] = {
    "aws:cloudwatch/logGroup:LogGroup": ("name",),
    "aws:ec2/launchTemplate:LaunchTemplate": ("name",),
    "aws:ec2/securityGroup:SecurityGroup": ("vpcId", "name"),
    "aws:eks/accessEntry:AccessEntry": ("clusterName", "principalArn"),
    "aws:eks/addon:Addon": ("clusterName", "addonName"),
    "aws:eks/cluster:Cluster": ("name",),
    "aws:eks/nodeGroup:NodeGroup": ("clusterName", "nodeGroupName"),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": ("clusterName", "namespace", "serviceAccount"),
    "aws:iam/role:Role": ("name",),
    "aws:iam/rolePolicy:RolePolicy": ("role", "name"),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", "policyArn"),
    "aws:kms/alias:Alias": ("name",),
    "aws:route53/record:Record": ("zoneId", "type", "setIdentifier", "name"),
    "aws:route53/zone:Zone": ("name",),
}
# Services with one name space per account instead of one per region.
_GLOBAL = ("aws:iam/", "aws:route53/")


def physical_names(resource: RecordedResource) -> Iterator[tuple[str, ...]]:
    """The names a resource takes: (kind of name, ..., name); nothing where the cloud chooses it."""
    if resource.type == RELEASE:
        yield from _release_name(resource)
    elif resource.type.startswith("kubernetes:") and not resource.type.endswith("Patch"):
        yield from _kubernetes_name(resource)
    elif resource.type in _AWS_NAMES:
        yield from _aws_name(resource)


def _aws_name(resource: RecordedResource) -> Iterator[tuple[str, ...]]:
    properties = _AWS_NAMES[resource.type]
    if resource.resolved.get(properties[-1]):
        # One AWS provider is one region, so the provider tells names of two regions apart.
        scope = "" if resource.type.startswith(_GLOBAL) else resource.provider or ""
        values = (str(resource.resolved.get(name, "")) for name in properties)
        yield (resource.type.rpartition(":")[2], scope, *values)


def _release_name(resource: RecordedResource) -> Iterator[tuple[str, ...]]:
    if resource.resolved.get("name"):
        namespace = str(resource.resolved.get("namespace", "default"))
        yield "Release", resource.provider or "", namespace, str(resource.resolved["name"])


def _kubernetes_name(resource: RecordedResource) -> Iterator[tuple[str, ...]]:
    metadata = resource.resolved.get("metadata") or {}
    if metadata.get("name"):
        group = str(resource.resolved.get("apiVersion", "")).rpartition("/")[0]
        kind = str(resource.resolved.get("kind", resource.type.rpartition(":")[2]))
        yield kind, resource.provider or "", group, str(metadata.get("namespace", "default")), str(metadata["name"])
