"""Platform: the controllers that every other part of a region's cluster builds on, each after what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi

from components.platform.cert_manager import Acme, CertManager, CertManagerArgs
from components.platform.dns_zone import DnsZone
from components.platform.external_dns import ExternalDns, ExternalDnsArgs
from components.platform.external_secrets import ExternalSecrets, ExternalSecretsArgs
from components.platform.load_balancer_controller import LoadBalancerController, LoadBalancerControllerArgs
from components.platform.snapshot_controller import SnapshotController, SnapshotControllerArgs


@dataclass(frozen=True, kw_only=True)
class PlatformArgs:
    """`prefix` is the region's `<game>-<region>` and its cluster's name; `region`, `account_id`, `vpc_id` are AWS's.

    `zone` is the hosted zone that may be written: without it there is no ExternalDNS and, whatever `acme_email`, no
    issuer of certificates. `secrets_prefix` begins the names of the secrets that `readers`, namespaces, may ask for.
    `tags` go on snapshots and load balancers that are made in the cluster. `after` is what pods need: nodes, the Pod
    Identity agent and cluster DNS.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    vpc_id: pulumi.Input[str]
    zone: DnsZone | None
    acme_email: str | None
    secrets_prefix: str
    readers: tuple[pulumi.Input[str], ...]
    tags: Mapping[str, str] = field(default_factory=dict)
    after: tuple[pulumi.Resource, ...] = ()

    @property
    def acme(self) -> Acme | None:
        """Who issues certificates, where there are both a zone to prove names in and somebody to write to."""
        if self.zone is None or self.acme_email is None:
            return None
        return Acme(email=self.acme_email, zone=self.zone)


class Platform(pulumi.ComponentResource):
    """The add-ons, side by side: none of them waits for another, see docs/platform.md.

    Each attribute is what later parts put into their `after`: the add-on's release, the store and the issuer.
    """

    load_balancer_controller: pulumi.Resource
    snapshot_controller: pulumi.Resource
    cert_manager: pulumi.Resource
    issuer: pulumi.Resource | None
    external_secrets: pulumi.Resource
    secret_store: pulumi.Resource
    external_dns: pulumi.Resource | None

    def __init__(self, name: str, args: PlatformArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:Platform", name, None, opts)
        self._child = pulumi.ResourceOptions(parent=self)

        self.load_balancer_controller = self._load_balancer_controller(name, args)
        snapshots = SnapshotControllerArgs(prefix=args.prefix, tags=args.tags, after=args.after)
        self.snapshot_controller = SnapshotController(name, snapshots, self._child).ready
        certificates = self._cert_manager(name, args)
        self.cert_manager, self.issuer = certificates.ready, certificates.issuer
        secrets = self._external_secrets(name, args)
        self.external_secrets, self.secret_store = secrets.ready, secrets.store
        self.external_dns = self._external_dns(name, args, args.zone) if args.zone else None
        self.register_outputs({})

    def _load_balancer_controller(self, name: str, args: PlatformArgs) -> pulumi.Resource:
        controller = LoadBalancerControllerArgs(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            region=args.region,
            vpc_id=args.vpc_id,
            tags=args.tags,
            after=args.after,
        )
        return LoadBalancerController(name, controller, self._child).ready

    def _cert_manager(self, name: str, args: PlatformArgs) -> CertManager:
        certificates = CertManagerArgs(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            region=args.region,
            acme=args.acme,
            after=args.after,
        )
        return CertManager(name, certificates, self._child)

    def _external_secrets(self, name: str, args: PlatformArgs) -> ExternalSecrets:
        secrets = ExternalSecretsArgs(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            region=args.region,
            account_id=args.account_id,
            secrets_prefix=args.secrets_prefix,
            readers=args.readers,
            after=args.after,
        )
        return ExternalSecrets(name, secrets, self._child)

    def _external_dns(self, name: str, args: PlatformArgs, zone: DnsZone) -> pulumi.Resource:
        arguments = ExternalDnsArgs(prefix=args.prefix, cluster_name=args.cluster_name, zone=zone, after=args.after)
        return ExternalDns(name, arguments, self._child).ready
