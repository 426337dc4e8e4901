"""The hosted zone that a region's controllers may write."""

from dataclasses import dataclass

import pulumi


@dataclass(frozen=True, kw_only=True)
class DnsZone:
    """A public Route 53 zone: `zone_id` is AWS's ("Z0123456789ABC"), `domain` its name without a dot at the end."""

    zone_id: pulumi.Input[str]
    domain: str


def zone_arn(zone: DnsZone) -> pulumi.Output[str]:
    """The zone as IAM names it."""
    return pulumi.Output.concat("arn:aws:route53:::hostedzone/", zone.zone_id)
