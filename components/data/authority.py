"""DataAuthority: who signs the certificates by which data systems and their clients know each other."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

NAME = "data-authority"  # of the authority's certificate and its Secret; clients mount its ca.crt
ISSUER = "data-issuer"  # Certificates name it
API_VERSION = "cert-manager.io/v1"
# Ten years and no renewal of the key: every client holds the authority's certificate, and all would have to be given
# another one before the first server shows it.
AUTHORITY_HOURS = 87_600
CERTIFICATE_HOURS, RENEW_HOURS = 2_160, 720  # ninety days, renewed when thirty are left


@dataclass(frozen=True, kw_only=True)
class DataAuthorityArgs:
    """`namespace` is the game's; `after` holds cert-manager, whose webhook judges certificates and issuers."""

    namespace: pulumi.Input[str]
    protect: bool
    after: tuple[pulumi.Resource, ...] = ()


class DataAuthority(pulumi.ComponentResource):
    """A certificate authority of the namespace's own. `issuer` is the name of its Issuer."""

    issuer: pulumi.Output[str]

    def __init__(self, name: str, args: DataAuthorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:DataAuthority", name, None, opts)
        self._name, self._args = name, args
        root = self._object("data-root", "Issuer", "data-root", {"selfSigned": {}}, args.after)
        authority = self._object(NAME, "Certificate", NAME, authority_spec(), (root,), protect=args.protect)
        issuer = self._object(ISSUER, "Issuer", ISSUER, {"ca": {"secretName": NAME}}, (authority,))
        self.issuer = issuer.metadata["name"]
        self.register_outputs({"issuer": self.issuer})

    def _object(
        self,
        role: str,
        kind: str,
        object_name: str,
        spec: dict[str, Any],
        after: tuple[pulumi.Resource, ...],
        *,
        protect: bool = False,
    ) -> k8s.apiextensions.CustomResource:
        return k8s.apiextensions.CustomResource(
            f"{self._name}-{role}",
            api_version=API_VERSION,
            kind=kind,
            metadata=k8s.meta.v1.ObjectMetaArgs(name=object_name, namespace=self._args.namespace),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after), protect=protect),
        )


def authority_spec() -> dict[str, Any]:
    """The authority's own certificate (cert-manager.io/v1 Certificate)."""
    return {
        "isCA": True,
        "commonName": "game-regions data",
        "secretName": NAME,
        "duration": f"{AUTHORITY_HOURS}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Never"},
        "issuerRef": {"name": "data-root", "kind": "Issuer"},
    }


def certificate_spec(secret: str, names: list[pulumi.Input[str]], issuer: pulumi.Input[str]) -> dict[str, Any]:
    """A certificate for `names` (DNS), of servers and clients alike; Secret `secret` gets ca.crt, tls.crt, tls.key."""
    return {
        "secretName": secret,
        "dnsNames": names,
        "duration": f"{CERTIFICATE_HOURS}h",
        "renewBefore": f"{RENEW_HOURS}h",
        "privateKey": {"algorithm": "ECDSA", "size": 256, "rotationPolicy": "Always"},
        "usages": ["server auth", "client auth"],
        "issuerRef": {"name": issuer, "kind": "Issuer"},
    }
