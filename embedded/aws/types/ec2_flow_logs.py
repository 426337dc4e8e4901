"""EC2: flow logs of a VPC."""

from __future__ import annotations

from embedded.aws.kinds import BOOL, Choice
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Assigned, Call, Read, Row, given, own_id
from embedded.aws.tags import ec2_tagging, tag_specification
from embedded.aws.types.ec2_network import ec2_arn
from embedded.aws.types.sources import terraform

_SOURCE = terraform("ec2/vpc_flow_log.go")

_OPTIONS = Struct(
    (
        Property(name="fileFormat", api="FileFormat", kind=Choice(("plain-text", "parquet")), default="plain-text"),
        Property(name="hiveCompatiblePartitions", api="HiveCompatiblePartitions", kind=BOOL, default=False),
        Property(name="perHourPartition", api="PerHourPartition", kind=BOOL, default=False),
    )
)

FLOW_LOG = Row(
    type="aws:ec2/flowLog:FlowLog",
    service="ec2",
    identity=Assigned(made="FlowLogIds[0]", read="FlowLog.FlowLogId"),
    # Of whole VPCs only. AWS changes nothing but the tags of a flow log.
    properties=(
        Property(name="vpcId", found="FlowLog.ResourceId", required=True, replaces=_SOURCE),
        Property(
            name="trafficType",
            kind=Choice(("ACCEPT", "REJECT", "ALL")),
            found="FlowLog.TrafficType",
            required=True,
            replaces=_SOURCE,
        ),
        Property(
            name="logDestinationType",
            kind=Choice(("cloud-watch-logs", "s3")),
            found="FlowLog.LogDestinationType",
            default="cloud-watch-logs",
            replaces=_SOURCE,
        ),
        Property(name="logDestination", found="FlowLog.LogDestination", required=True, replaces=_SOURCE),
        Property(name="iamRoleArn", found="FlowLog.DeliverLogsPermissionArn", replaces=_SOURCE),
        Property(
            name="maxAggregationInterval",
            kind=Choice((60, 600)),
            found="FlowLog.MaxAggregationInterval",
            default=600,
            replaces=_SOURCE,
        ),
        Property(name="logFormat", found="FlowLog.LogFormat", computed=True, replaces=_SOURCE),
        Property(name="destinationOptions", kind=_OPTIONS, found="FlowLog.DestinationOptions", replaces=_SOURCE),
        Property(name="arn", found=ec2_arn("vpc-flow-log"), output=True),
    ),
    create=(
        Call(
            "CreateFlowLogs",
            {
                "ResourceIds": [given("vpcId")],
                "ResourceType": "VPC",
                "TrafficType": given("trafficType"),
                "LogDestinationType": given("logDestinationType"),
                "LogDestination": given("logDestination"),
                "DeliverLogsPermissionArn": given("iamRoleArn"),
                "MaxAggregationInterval": given("maxAggregationInterval"),
                "LogFormat": given("logFormat"),
                "DestinationOptions": given("destinationOptions"),
                "TagSpecifications": tag_specification("vpc-flow-log"),
            },
        ),
    ),
    read=(Read("DescribeFlowLogs", {"FlowLogIds": [own_id]}, "FlowLogs[0]", "FlowLog"),),
    delete=(Call("DeleteFlowLogs", {"FlowLogIds": [own_id]}),),
    tagging=ec2_tagging("FlowLog.Tags"),
)

ROWS = (FLOW_LOG,)
