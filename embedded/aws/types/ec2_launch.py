"""EC2: launch templates; every change is a new version."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, BOOL_TEXT, INT, TEXT_SET, Choice, ListOf, Range, TextMap, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Autoname, Call, Read, Row, Scope, Update, given, own_id
from embedded.aws.tags import ec2_tagging, shaped, tag_specification, unshaped
from embedded.aws.types.ec2_network import ec2_arn, filters
from embedded.aws.types.sources import terraform

_SWITCH = Choice(("enabled", "disabled"))


class TagPairs(TextMap):
    """A map of tags that the API holds as a list of pairs."""

    def to_api(self, value: Any) -> Any:
        return value if stands_in(value) else shaped(value, "Key")

    def from_api(self, value: Any) -> Any:
        return None if value is None else unshaped(value, "Key")


_EBS = Struct(
    (
        Property(name="volumeSize", api="VolumeSize", kind=INT, computed=True),
        Property(name="volumeType", api="VolumeType", computed=True),
        Property(name="iops", api="Iops", kind=INT, computed=True),
        Property(name="throughput", api="Throughput", kind=INT, computed=True),
        Property(name="encrypted", api="Encrypted", kind=BOOL_TEXT),
        Property(name="kmsKeyId", api="KmsKeyId"),
        Property(name="snapshotId", api="SnapshotId"),
        Property(name="deleteOnTermination", api="DeleteOnTermination", kind=BOOL_TEXT),
    )
)
_BLOCK_DEVICE = Struct(
    (
        Property(name="deviceName", api="DeviceName"),
        Property(name="noDevice", api="NoDevice"),
        Property(name="virtualName", api="VirtualName"),
        Property(name="ebs", api="Ebs", kind=_EBS),
    )
)
_METADATA = Struct(
    (
        Property(name="httpEndpoint", api="HttpEndpoint", kind=_SWITCH, computed=True),
        Property(name="httpTokens", api="HttpTokens", kind=Choice(("optional", "required")), default="optional"),
        Property(name="httpPutResponseHopLimit", api="HttpPutResponseHopLimit", kind=Range(1, 64), computed=True),
        Property(name="httpProtocolIpv6", api="HttpProtocolIpv6", kind=_SWITCH, default="disabled"),
        Property(name="instanceMetadataTags", api="InstanceMetadataTags", kind=_SWITCH, default="disabled"),
    )
)
_MONITORING = Struct((Property(name="enabled", api="Enabled", kind=BOOL),))
_TAG_SPECIFICATION = Struct(
    (
        Property(name="resourceType", api="ResourceType"),
        Property(name="tags", api="Tags", kind=TagPairs()),
    )
)


def _held(member: str) -> str:
    return f"Version.LaunchTemplateData.{member}"


# What a version holds: Pulumi property -> its kind, and its member of LaunchTemplateData.
_DATA = (
    (Property(name="imageId", found=_held("ImageId")), "ImageId"),
    (Property(name="instanceType", found=_held("InstanceType")), "InstanceType"),
    (Property(name="keyName", found=_held("KeyName")), "KeyName"),
    (Property(name="userData", found=_held("UserData")), "UserData"),
    (Property(name="ebsOptimized", kind=BOOL_TEXT, found=_held("EbsOptimized")), "EbsOptimized"),
    (
        Property(name="blockDeviceMappings", kind=ListOf(_BLOCK_DEVICE), found=_held("BlockDeviceMappings")),
        "BlockDeviceMappings",
    ),
    (
        Property(name="metadataOptions", kind=_METADATA, found=_held("MetadataOptions"), computed=True),
        "MetadataOptions",
    ),
    (Property(name="monitoring", kind=_MONITORING, found=_held("Monitoring")), "Monitoring"),
    (Property(name="vpcSecurityGroupIds", kind=TEXT_SET, found=_held("SecurityGroupIds")), "SecurityGroupIds"),
    (
        Property(
            name="tagSpecifications",
            kind=ListOf(_TAG_SPECIFICATION),
            # moto lists the template's own tags among those of what it launches; AWS does not.
            found=_held("TagSpecifications[?ResourceType != 'launch-template']"),
        ),
        "TagSpecifications",
    ),
)
_VERSIONED = (*(prop.name for prop, _ in _DATA), "description")
_CONTENT = {
    "VersionDescription": given("description"),
    "LaunchTemplateData": {member: given(prop.name) for prop, member in _DATA},
}
_NAME = terraform("ec2/ec2_launch_template.go")


def _newest_version(scope: Scope) -> str:
    return str(scope.search("LaunchTemplateVersion.VersionNumber"))


LAUNCH_TEMPLATE = Row(
    type="aws:ec2/launchTemplate:LaunchTemplate",
    service="ec2",
    identity=Assigned(made="LaunchTemplate.LaunchTemplateId", read="LaunchTemplate.LaunchTemplateId"),
    properties=(
        Property(name="name", found="LaunchTemplate.LaunchTemplateName", computed=True, replaces=_NAME),
        Property(name="description", found="Version.VersionDescription"),
        *(prop for prop, _ in _DATA),
        Property(name="updateDefaultVersion", kind=BOOL),
        Property(
            name="latestVersion",
            kind=INT,
            found="LaunchTemplate.LatestVersionNumber",
            output=True,
            moves_with=_VERSIONED,
        ),
        Property(
            name="defaultVersion",
            kind=INT,
            found="LaunchTemplate.DefaultVersionNumber",
            output=True,
            moves_with=_VERSIONED,
        ),
        Property(name="arn", found=ec2_arn("launch-template"), output=True),
    ),
    autoname=Autoname("name", limit=125),
    create=(
        Call(
            "CreateLaunchTemplate",
            {
                "LaunchTemplateName": given("name"),
                **_CONTENT,
                "TagSpecifications": tag_specification("launch-template"),
            },
        ),
    ),
    read=(
        Read("DescribeLaunchTemplates", {"LaunchTemplateIds": [own_id]}, "LaunchTemplates[0]", "LaunchTemplate"),
        Read(
            "DescribeLaunchTemplateVersions",
            {"LaunchTemplateId": own_id, "Versions": ["$Latest"]},
            "LaunchTemplateVersions[0]",
            "Version",
        ),
        # moto's launch template shows the tags it was made with, never those added later.
        Read("DescribeTags", {"Filters": filters(resource_id=own_id)}, "Tags", "Tags"),
    ),
    update=(
        Update(
            _VERSIONED,
            (
                Call("CreateLaunchTemplateVersion", {"LaunchTemplateId": own_id, **_CONTENT}),
                Call(
                    "ModifyLaunchTemplate",
                    {"LaunchTemplateId": own_id, "DefaultVersion": _newest_version},
                    when=lambda scope: bool(scope.value("updateDefaultVersion")),
                ),
            ),
        ),
    ),
    delete=(Call("DeleteLaunchTemplate", {"LaunchTemplateId": own_id}),),
    tagging=ec2_tagging("Tags"),
)

ROWS = (LAUNCH_TEMPLATE,)
