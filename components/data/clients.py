"""What a pod needs that asks data systems: who it is to their network policies, and where it finds each of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s

from components.kube.labels import client_of

CONNECTIONS = "/app/connections"  # a folder for each system in it, with its connection and its authority's ca.crt


@dataclass(frozen=True, kw_only=True)
class DataClient:
    """A system as its clients see it: `connection` and `tls` name Secrets of their namespace.

    `environment` is what the game's processes read besides, by name. `ready` must be there before such a pod.
    """

    system: str
    connection: pulumi.Input[str]
    tls: str
    environment: tuple[tuple[str, str], ...] = ()
    ready: tuple[pulumi.Resource, ...] = ()


def folder(system: str) -> str:
    """Where a pod has a system's connection, one file for each of its entries, and `ca.crt`."""
    return f"{CONNECTIONS}/{system}"


def client_labels(clients: Sequence[DataClient]) -> dict[str, str]:
    """Labels of a pod that may ask all of these."""
    return {key: value for client in clients for key, value in client_of(client.system).items()}


def client_environment(clients: Sequence[DataClient]) -> list[k8s.core.v1.EnvVarArgs]:
    """Addresses, by the names that the game knows."""
    return [k8s.core.v1.EnvVarArgs(name=name, value=value) for client in clients for name, value in client.environment]


def client_volumes(clients: Sequence[DataClient]) -> list[k8s.core.v1.VolumeArgs]:
    """A volume for each system; of its certificate only the authority's, never the servers' key."""
    return [
        k8s.core.v1.VolumeArgs(
            name=f"connection-{client.system}",
            projected=k8s.core.v1.ProjectedVolumeSourceArgs(
                sources=[
                    k8s.core.v1.VolumeProjectionArgs(secret=k8s.core.v1.SecretProjectionArgs(name=client.connection)),
                    k8s.core.v1.VolumeProjectionArgs(
                        secret=k8s.core.v1.SecretProjectionArgs(
                            name=client.tls, items=[k8s.core.v1.KeyToPathArgs(key="ca.crt", path="ca.crt")]
                        )
                    ),
                ]
            ),
        )
        for client in clients
    ]


def client_mounts(clients: Sequence[DataClient]) -> list[k8s.core.v1.VolumeMountArgs]:
    """Where a container has them."""
    return [
        k8s.core.v1.VolumeMountArgs(
            name=f"connection-{client.system}", mount_path=folder(client.system), read_only=True
        )
        for client in clients
    ]
