"""ExternalDns: keeps the records of a region's DNS zone in step with the cluster's Services."""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.charts import EXTERNAL_DNS, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources
from components.platform.dns_zone import DnsZone, zone_arn
from components.platform.namespaces import platform_namespace
from components.platform.pod_identity import PodIdentity, pod_identity

NAME = "external-dns"  # of the namespace, the release and the service account


@dataclass(frozen=True, kw_only=True)
class ExternalDnsArgs:
    """`prefix` is the cluster's name, by which its records are told from others'; `zone` is all it may write."""

    prefix: str
    cluster_name: pulumi.Input[str]
    zone: DnsZone
    after: tuple[pulumi.Resource, ...] = ()


class ExternalDns(pulumi.ComponentResource):
    """ExternalDNS for one zone. `ready` must outlive the Services whose records it takes away."""

    ready: pulumi.Resource

    def __init__(self, name: str, args: ExternalDnsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:ExternalDns", name, None, opts)
        namespace = platform_namespace(f"{name}-{NAME}", NAME, "restricted", self, after=args.after)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller=NAME,
            namespace=NAME,
            service_account=NAME,
            rights=external_dns_statements(args.zone),
        )
        self.ready = install(
            f"{name}-{NAME}",
            EXTERNAL_DNS,
            name=NAME,
            namespace=namespace.metadata.name,
            values=external_dns_values(args),
            parent=self,
            after=(*pod_identity(name, identity, self), *args.after),
        )
        self.register_outputs({})


def external_dns_statements(zone: DnsZone) -> list[dict[str, Any]]:
    """Rights on the one zone. Source: docs/tutorials/aws.md of kubernetes-sigs/external-dns, its zones named."""
    return [
        {
            "Effect": "Allow",
            "Action": ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"],
            "Resource": zone_arn(zone),
        },
        # Route 53 scopes this call to nothing smaller.
        {"Effect": "Allow", "Action": ["route53:ListHostedZones"], "Resource": "*"},
    ]


def external_dns_values(args: ExternalDnsArgs) -> dict[str, Any]:
    """One replica: the software elects no leader, and a minute without it changes no record."""
    return {
        "provider": {"name": "aws"},
        "serviceAccount": {"create": True, "name": NAME},
        # Services alone: a source whose kinds the cluster does not have yet ends the process at its start.
        "sources": ["service"],
        # A record that outlives its load balancer leads to whoever gets the address next, and keeps the zone from being
        # deleted. Only records marked with this cluster's name are ever taken away.
        "policy": "sync",
        "registry": "txt",
        "txtOwnerId": args.prefix,
        "domainFilters": [args.zone.domain],
        "extraArgs": {"zone-id-filter": args.zone.zone_id},
        "triggerLoopOnEvent": True,
        "logFormat": "json",
        "resources": container_resources("20m", "64Mi", "128Mi"),
        "priorityClassName": CLUSTER_CRITICAL,
    }
