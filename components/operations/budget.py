"""Budget: what a month of a region may cost, and who hears of it in time."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# The key of the tag by which a region's costs are told apart; every provider puts it on what it makes.
COST_TAG = "region"
# Percent of the month's limit: spent, and expected to be spent by the end of the month.
ACTUAL_PERCENT = (80, 100)
FORECAST_PERCENT = (100,)


@dataclass(frozen=True, kw_only=True)
class BudgetArgs:
    """`region` is the region's name, the value of the tag `region`; `monthly_usd` is in whole US dollars.

    Each of `emails` (1 to 10, the most that AWS takes) gets a mail per threshold and month.
    """

    prefix: str
    region: str
    monthly_usd: int
    emails: tuple[str, ...]


class Budget(pulumi.ComponentResource):
    """A monthly cost budget in the region's own account."""

    def __init__(self, name: str, args: BudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:Budget", name, None, opts)
        aws.budgets.Budget(
            f"{name}-budget",
            name=f"{args.prefix}-monthly",
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(args.monthly_usd),
            limit_unit="USD",
            # One tag only: whether values of several keys widen this filter or narrow it, AWS does not say.
            cost_filters=[
                aws.budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{COST_TAG}${args.region}"])
            ],
            notifications=[
                *(_notification("ACTUAL", percent, args.emails) for percent in ACTUAL_PERCENT),
                *(_notification("FORECASTED", percent, args.emails) for percent in FORECAST_PERCENT),
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _notification(kind: str, percent: int, emails: tuple[str, ...]) -> aws.budgets.BudgetNotificationArgs:
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_email_addresses=list(emails),
    )
