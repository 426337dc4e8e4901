"""What data systems themselves require: the rows of `plan.necessary` about certificates, claims and definitions."""

from components.data.redis.names import BOOTSTRAP, STATEFUL_SET
from plan.data_links import (
    defining_its_kind,
    issuing_what_pods_mount,
    making_its_claim,
    of_its_authority,
    signing,
)
from plan.links import in_region
from plan.needs import ANY_OBJECT, Need, Which, with_template
from plan.values import lookup


def _named(beginning: str) -> Which:
    return lambda resource: str(lookup(resource.resolved, "metadata", "name")).startswith(beginning)


_KUBERNETES = "kubernetes.io/docs/concepts"
_CERTIFICATE, _ISSUER = (f"kubernetes:cert-manager.io/v1:{kind}" for kind in ("Certificate", "Issuer"))
_CERT_MANAGER_DOCS = "cert-manager.io/docs"
DATA: tuple[Need, ...] = (
    Need(
        dependent=ANY_OBJECT,
        needed=_CERTIFICATE,
        link=issuing_what_pods_mount,
        when=with_template,
        source=f"{_CERT_MANAGER_DOCS}/usage/certificate",
    ),
    Need(dependent=_CERTIFICATE, needed=_ISSUER, link=signing, source=f"{_CERT_MANAGER_DOCS}/configuration"),
    Need(
        dependent=_ISSUER, needed=_CERTIFICATE, link=of_its_authority, source=f"{_CERT_MANAGER_DOCS}/configuration/ca"
    ),
    Need(
        dependent="kubernetes:core/v1:PersistentVolumeClaimPatch",
        needed="kubernetes:apps/v1:StatefulSet",
        link=making_its_claim,
        source=f"{_KUBERNETES}/workloads/controllers/statefulset",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed="kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition",
        link=defining_its_kind,
        source=f"{_KUBERNETES}/extend-kubernetes/api-extension/custom-resources",
    ),
    # All servers must answer before slots and replicas can be given out.
    Need(
        dependent="kubernetes:batch/v1:Job",
        needed="kubernetes:apps/v1:StatefulSet",
        link=in_region,
        when=_named(BOOTSTRAP),
        of=_named(STATEFUL_SET),
        source="redis.io/docs/latest/operate/oss_and_stack/management/scaling (create a Redis Cluster)",
    ),
)
