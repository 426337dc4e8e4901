"""Pure: what a region's mesh keeps, at the fewest pods that its autoscalers leave."""

from components.mesh.mesh import INGRESS_NAMESPACE, SYSTEM_NAMESPACE
from components.mesh.values import GATEWAY, ISTIOD_NAME, Replicas
from components.promises import Promise, stateless


def mesh_promises(control_plane: Replicas, gateway: Replicas) -> tuple[Promise, ...]:
    """Of the control plane and of the gateway where TLS ends."""
    return (
        stateless(SYSTEM_NAMESPACE, ISTIOD_NAME, control_plane.min),
        stateless(INGRESS_NAMESPACE, GATEWAY, gateway.min),
    )
