"""FlowLogs: who spoke to whom in the VPC, kept in CloudWatch."""

from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from components.policies import policy

SERVICE = "vpc-flow-logs.amazonaws.com"
# Records are gathered for ten minutes, the longer of AWS's two choices: a tenth of the records of one minute.
AGGREGATION_SECONDS = 600


@dataclass(frozen=True, kw_only=True)
class FlowLogsArgs:
    """`traffic` is what is recorded; `account_id` and `region` bind the role to this VPC's own logs."""

    prefix: str
    region: str
    account_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    traffic: Literal["ALL", "REJECT"]
    retention_days: int


class FlowLogs(pulumi.ComponentResource):
    """A log group, the role that writes it, and the flow log of a whole VPC."""

    def __init__(self, name: str, args: FlowLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:network:FlowLogs", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        group = self._group(name, args)
        role, rights = self._role(name, args, group)
        aws.ec2.FlowLog(
            f"{name}-flow-log",
            vpc_id=args.vpc_id,
            traffic_type=args.traffic,
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=AGGREGATION_SECONDS,
            tags={"Name": args.prefix},
            # A log made before its role may write is made all the same, and loses what it should have recorded.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )
        self.register_outputs({})

    def _group(self, name: str, args: FlowLogsArgs) -> aws.cloudwatch.LogGroup:
        return aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            name=f"/aws/vpc/{args.prefix}/flow-logs",
            retention_in_days=args.retention_days,
            tags={"Name": f"{args.prefix}-flow-logs"},
            opts=self._child,
        )

    def _role(
        self, name: str, args: FlowLogsArgs, group: aws.cloudwatch.LogGroup
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        role = aws.iam.Role(
            f"{name}-flow-logs",
            name=f"{args.prefix}-flow-logs",
            description=f"Flow logs of {args.prefix}",
            assume_role_policy=policy(trust_statements(args.region, args.account_id)),
            opts=self._child,
        )
        rights = aws.iam.RolePolicy(
            f"{name}-flow-logs",
            name="write-flow-logs",
            role=role.name,
            policy=policy(write_statements(group.arn)),
            opts=self._child,
        )
        return role, rights


def trust_statements(region: str, account: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Trust for flow logs of this account and region alone.

    docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    return [
        {
            "Effect": "Allow",
            "Principal": {"Service": SERVICE},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {
                    "aws:SourceArn": pulumi.Output.concat("arn:aws:ec2:", region, ":", account, ":vpc-flow-log/*")
                },
            },
        }
    ]


def write_statements(group_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Rights to write the one log group; none to make it, since it is made here with its retention."""
    return [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": pulumi.Output.concat(group_arn, ":*"),
        },
        # A list of groups is of all or of none.
        {"Effect": "Allow", "Action": ["logs:DescribeLogGroups"], "Resource": "*"},
    ]
