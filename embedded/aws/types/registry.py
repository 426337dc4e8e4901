"""Every declared AWS resource type; `row_of` finds the row of one."""

from __future__ import annotations

from typing import Literal

from embedded.aws.rows import Row
from embedded.aws.types import (
    budgets,
    ec2_blocks,
    ec2_endpoints,
    ec2_flow_logs,
    ec2_launch,
    ec2_network,
    ec2_peering,
    ec2_routes,
    ec2_security,
    ecr,
    eks,
    eks_access,
    eks_nodes,
    elbv2,
    elbv2_targets,
    events,
    iam,
    iam_policies,
    kms,
    logs,
    route53,
    s3,
    s3_lifecycle,
    s3_replication,
    s3_settings,
    sqs,
)
from embedded.provider import ProviderError

ROWS: dict[str, Row] = {
    row.type: row
    for module in (
        ec2_network,
        ec2_routes,
        ec2_security,
        ec2_launch,
        ec2_blocks,
        ec2_endpoints,
        ec2_flow_logs,
        ec2_peering,
        iam,
        iam_policies,
        kms,
        logs,
        eks,
        eks_nodes,
        eks_access,
        route53,
        sqs,
        events,
        elbv2,
        elbv2_targets,
        s3,
        s3_settings,
        s3_lifecycle,
        s3_replication,
        ecr,
        budgets,
    )
    for row in module.ROWS
}


def row_of(resource_type: str) -> Row:
    """The row of a type such as "aws:ec2/vpc:Vpc"; a type nobody declared is an error."""
    if resource_type not in ROWS:
        raise ProviderError(
            f"{resource_type}: the embedded cloud does not serve this type; declare a row for it in embedded/aws/types"
        )
    return ROWS[resource_type]


def declared_types() -> dict[str, Literal["executed", "modelled", "recorded"]]:
    """Every served type, and whether moto executes it or operations modelled by this project do."""
    return {name: ROWS[name].execution for name in sorted(ROWS)}
