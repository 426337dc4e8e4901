"""GlobalEdge: what stands above a stack's regions."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.edge.dns import EdgeDns, EdgeDnsArgs
from components.platform.dns_zone import DnsZone
from stacks.settings import EdgeSettings


@dataclass(frozen=True, kw_only=True)
class GlobalEdgeArgs:
    """`regions` are plain names, so that the edge can stand in another stack than its regions."""

    settings: EdgeSettings
    regions: tuple[str, ...]


class GlobalEdge(pulumi.ComponentResource):
    """The stack's DNS, through the edge's own aws provider that the caller passes."""

    name_servers: pulumi.Output[list[str]]
    region_zones: dict[str, DnsZone]
    """Each region's own delegated zone, by region."""

    def __init__(self, name: str, args: GlobalEdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:stacks:GlobalEdge", name, None, opts)
        self._domain = args.settings.domain

        dns = EdgeDns(
            name,
            EdgeDnsArgs(domain=args.settings.domain, regions=args.regions),
            pulumi.ResourceOptions(parent=self),
        )
        self.name_servers = dns.name_servers
        self.region_zones = {
            region: DnsZone(zone_id=zone_id, domain=f"{region}.{self._domain}")
            for region, zone_id in dns.region_zone_ids.items()
        }
        self.register_outputs(self.facts())

    def facts(self) -> dict[str, Any]:
        """The edge's outputs by name; `name_servers` are to be entered at the domain's registrar."""
        return {"domain": self._domain, "name_servers": self.name_servers}
