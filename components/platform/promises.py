"""Pure: what the platform's controllers keep."""

from components.platform import (
    cert_manager,
    cluster_autoscaler,
    external_dns,
    external_secrets,
    load_balancer_controller,
    snapshot_controller,
)
from components.promises import Promise, stateless

CLUSTER_AUTOSCALER = (stateless(cluster_autoscaler.NAMESPACE, f"{cluster_autoscaler.NAME}-aws-cluster-autoscaler", 2),)
_SECRETS, _CERTIFICATES = external_secrets.NAME, cert_manager.NAME


def platform_promises(*, with_zone: bool) -> tuple[Promise, ...]:
    """Of all controllers; external-dns is there only with a hosted zone to write."""
    names = (stateless(external_dns.NAME, external_dns.NAME, 1),) if with_zone else ()
    return (
        stateless(load_balancer_controller.NAMESPACE, load_balancer_controller.NAME, 2),
        stateless(snapshot_controller.NAMESPACE, snapshot_controller.NAME, 2),
        stateless(_SECRETS, _SECRETS, 2),
        stateless(_SECRETS, f"{_SECRETS}-webhook", 2),
        stateless(_SECRETS, f"{_SECRETS}-cert-controller", 1),
        stateless(_CERTIFICATES, _CERTIFICATES, 2),
        stateless(_CERTIFICATES, f"{_CERTIFICATES}-webhook", 2),
        stateless(_CERTIFICATES, f"{_CERTIFICATES}-cainjector", 2),
        *names,
    )
