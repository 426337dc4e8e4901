"""CertManager: certificates for what ends TLS inside the cluster, and the authority that issues them."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import CERT_MANAGER, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.dns_zone import DnsZone, zone_arn
from components.platform.namespaces import platform_namespace
from components.platform.pod_identity import PodIdentity, pod_identity

NAME = "cert-manager"  # of the namespace, the release and the service account
ISSUER = "letsencrypt-prod"  # Certificates name it
LETS_ENCRYPT = "https://acme-v02.api.letsencrypt.org/directory"


@dataclass(frozen=True, kw_only=True)
class Acme:
    """Let's Encrypt writes to `email` before a certificate runs out; names are proved by records in `zone`."""

    email: str
    zone: DnsZone


@dataclass(frozen=True, kw_only=True)
class CertManagerArgs:
    """`prefix` is the cluster's name, `region` AWS's; without `acme` there is no issuer and no right on AWS."""

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    acme: Acme | None
    after: tuple[pulumi.Resource, ...] = ()


class CertManager(pulumi.ComponentResource):
    """cert-manager. `ready` must be there before any Certificate or Issuer: its webhook judges them all.

    `issuer` is the ClusterIssuer letsencrypt-prod, None without `acme`.
    """

    ready: pulumi.Resource
    issuer: pulumi.Resource | None

    def __init__(self, name: str, args: CertManagerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:CertManager", name, None, opts)
        namespace = platform_namespace(f"{name}-{NAME}", NAME, "restricted", self, after=args.after)
        rights = self._rights(name, args, args.acme) if args.acme else ()
        self.ready = install(
            f"{name}-{NAME}",
            CERT_MANAGER,
            name=NAME,
            namespace=namespace.metadata.name,
            values=cert_manager_values(),
            parent=self,
            after=(*rights, *args.after),
        )
        self.issuer = self._issuer(name, args, args.acme) if args.acme else None
        self.register_outputs({})

    def _rights(self, name: str, args: CertManagerArgs, acme: Acme) -> tuple[pulumi.Resource, ...]:
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller=NAME,
            namespace=NAME,
            service_account=NAME,
            rights=cert_manager_statements(acme.zone),
        )
        return pod_identity(name, identity, self)

    def _issuer(self, name: str, args: CertManagerArgs, acme: Acme) -> pulumi.Resource:
        issuer: pulumi.Resource = k8s.apiextensions.CustomResource(
            f"{name}-{ISSUER}",
            api_version="cert-manager.io/v1",
            kind="ClusterIssuer",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=ISSUER),
            spec=issuer_spec(acme, args.region),
            # The release counts as installed when its start-up check has made a certificate through the webhook.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.ready]),
        )
        return issuer


def cert_manager_statements(zone: DnsZone) -> list[dict[str, Any]]:
    """Rights to prove names of the one zone: TXT records and nothing else.

    Source: cert-manager.io/docs/configuration/acme/dns01/route53, less ListHostedZonesByName: the issuer names its
    zone by id.
    """
    return [
        {"Effect": "Allow", "Action": ["route53:GetChange"], "Resource": "arn:aws:route53:::change/*"},
        {"Effect": "Allow", "Action": ["route53:ListResourceRecordSets"], "Resource": zone_arn(zone)},
        {
            "Effect": "Allow",
            "Action": ["route53:ChangeResourceRecordSets"],
            "Resource": zone_arn(zone),
            "Condition": {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}},
        },
    ]


def cert_manager_values() -> dict[str, Any]:
    """Two of everything, spread over the zones: without a webhook nobody can change a certificate."""
    return {
        "crds": {"enabled": True},
        "global": {"priorityClassName": CLUSTER_CRITICAL},
        "serviceAccount": {"create": True, "name": NAME},
        **_replicas("controller", "256Mi"),
        "webhook": _replicas("webhook", "128Mi"),
        # It holds every Secret and webhook of the cluster in memory.
        "cainjector": _replicas("cainjector", "512Mi"),
    }


def _replicas(component: str, memory_limit: str) -> dict[str, Any]:
    return {
        "replicaCount": 2,
        "podDisruptionBudget": {"enabled": True},
        "topologySpreadConstraints": zone_spread({"app.kubernetes.io/component": component}),
        "resources": container_resources("20m", "64Mi", memory_limit),
    }


def issuer_spec(acme: Acme, region: str) -> dict[str, Any]:
    """The issuer of names in the zone, proved by DNS: neither a port nor a load balancer has to be open for it."""
    return {
        "acme": {
            "server": LETS_ENCRYPT,
            "email": acme.email,
            "privateKeySecretRef": {"name": ISSUER},
            "solvers": [
                {
                    "selector": {"dnsZones": [acme.zone.domain]},
                    "dns01": {"route53": {"region": region, "hostedZoneID": acme.zone.zone_id}},
                }
            ],
        }
    }
