"""EdgeDns: the stack's public DNS zone and one delegated zone per region."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# Who may issue certificates for the domain: AWS for load balancers, Let's Encrypt for what runs inside the clusters.
CERTIFICATE_AUTHORITIES = ("amazon.com", "letsencrypt.org")
# An hour: a zone that had to be made anew gets new name servers, and resolvers must notice the same day.
TTL_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class EdgeDnsArgs:
    """`domain` is the stack's zone; each of `regions` gets `<region>.<domain>`."""

    domain: str
    regions: tuple[str, ...]


class EdgeDns(pulumi.ComponentResource):
    """A hosted zone with a zone under it per region, so that each region's records have one owner.

    `name_servers` are the four to enter at the registrar; `region_zone_ids` is keyed by region.
    """

    name_servers: pulumi.Output[list[str]]
    region_zone_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: EdgeDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:edge:EdgeDns", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        zone = self._zone(f"{name}-zone", args.domain)
        self._certificate_authorities(name, args, zone)
        regions = {region: self._region_zone(name, args, zone, region) for region in args.regions}

        self.name_servers = zone.name_servers
        self.region_zone_ids = {region: child.zone_id for region, child in regions.items()}
        self.register_outputs({"name_servers": self.name_servers, "region_zone_ids": self.region_zone_ids})

    def _zone(self, logical_name: str, domain: str) -> aws.route53.Zone:
        return aws.route53.Zone(
            logical_name, name=domain, comment=f"game-regions: {domain}", tags={"Name": domain}, opts=self._child
        )

    def _certificate_authorities(self, name: str, args: EdgeDnsArgs, zone: aws.route53.Zone) -> None:
        # Holds for every name below too, unless a name has CAA records of its own.
        aws.route53.Record(
            f"{name}-certificate-authorities",
            zone_id=zone.zone_id,
            name=args.domain,
            type="CAA",
            ttl=TTL_SECONDS,
            records=[f'0 issue "{authority}"' for authority in CERTIFICATE_AUTHORITIES],
            opts=self._child,
        )

    def _region_zone(self, name: str, args: EdgeDnsArgs, zone: aws.route53.Zone, region: str) -> aws.route53.Zone:
        domain = f"{region}.{args.domain}"
        child = self._zone(f"{name}-zone-{region}", domain)
        aws.route53.Record(
            f"{name}-delegation-{region}",
            zone_id=zone.zone_id,
            name=domain,
            type="NS",
            ttl=TTL_SECONDS,
            records=child.name_servers,
            opts=self._child,
        )
        return child
