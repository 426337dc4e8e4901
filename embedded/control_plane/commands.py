"""The command line of each program: what differs from a plain cluster's defaults, and why."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from embedded.control_plane.ports import HOST

# EKS's second choice for Services, as the embedded cloud's own Kubernetes has it (embedded/kubernetes/addresses.py).
SERVICES = "172.20.0.0/16"
KUBERNETES_SERVICE = "172.20.0.1"  # the first address of the range is the API server's
ISSUER = "https://kubernetes.default.svc"

# What a cloud does for nodes; kwok and our own loops stand for it here.
_NOT_RUN = ("node-ipam-controller", "node-route-controller", "cloud-node-lifecycle-controller")
# A region comes up in seconds here, not in minutes: the controllers' own throttles (20 requests a second) are for
# clusters with other users.
_REQUESTS = {"kube-api-qps": "200", "kube-api-burst": "400"}


def etcd(program: Path, data: Path, certificates: Path, client_port: int, peer_port: int) -> list[str]:
    """etcd with one member; what it acknowledges may be lost when the machine, not when a process, dies."""
    client, peer = f"https://{HOST}:{client_port}", f"https://{HOST}:{peer_port}"
    flags: dict[str, str | Path] = {
        "name": "etcd",
        "data-dir": data,
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": f"etcd={peer}",
        "log-level": "warn",
        "unsafe-no-fsync": "true",
    }
    for listener in ("", "peer-"):
        flags[f"{listener}client-cert-auth"] = "true"
        flags[f"{listener}trusted-ca-file"] = certificates / "ca.crt"
        flags[f"{listener}cert-file"] = certificates / "server.crt"
        flags[f"{listener}key-file"] = certificates / "server.key"
    return _line(program, flags)


def kube_apiserver(
    program: Path, certificates: Path, tokens: Path, etcd_url: str, etcd_certificates: Path, prefix: str, port: int
) -> list[str]:
    """The API server of one region, whose objects lie in etcd under `prefix`."""
    return _line(
        program,
        {
            "etcd-servers": etcd_url,
            "etcd-prefix": prefix,
            "etcd-cafile": etcd_certificates / "ca.crt",
            "etcd-certfile": etcd_certificates / "client.crt",
            "etcd-keyfile": etcd_certificates / "client.key",
            **_serving(certificates, port),
            # Without these it looks for the machine's own address, and does not start where there is no network.
            "advertise-address": HOST,
            "endpoint-reconciler-type": "none",
            "service-cluster-ip-range": SERVICES,
            "client-ca-file": certificates / "ca.crt",
            "token-auth-file": tokens,
            "service-account-issuer": ISSUER,
            "service-account-key-file": certificates / "service-accounts.pub",
            "service-account-signing-key-file": certificates / "service-accounts.key",
            "authorization-mode": "Node,RBAC",
            "allow-privileged": "true",
            # Charts' ServiceAccounts are not made here, and a pod without its own would be refused.
            "disable-admission-plugins": "ServiceAccount",
            "profiling": "false",
        },
    )


def kube_controller_manager(program: Path, certificates: Path, kubeconfig: Path, port: int) -> list[str]:
    """The controllers, each with its own ServiceAccount's rights, as on EKS."""
    return _line(
        program,
        {
            "kubeconfig": kubeconfig,
            **_serving(certificates, port),
            "controllers": ",".join(["*", *(f"-{name}" for name in _NOT_RUN)]),
            "use-service-account-credentials": "true",
            "service-account-private-key-file": certificates / "service-accounts.key",
            "root-ca-file": certificates / "ca.crt",
            "leader-elect": "false",
            "profiling": "false",
            # kwok says only now and then that a node lives. After 50 s of silence its pods would count as not ready,
            # and for ever: kwok never says otherwise. Nodes that are lost are deleted here.
            "node-monitor-grace-period": "1h",
            **_REQUESTS,
        },
    )


def kube_scheduler(program: Path, certificates: Path, kubeconfig: Path, port: int) -> list[str]:
    """The scheduler, with Kubernetes' default plugins."""
    return _line(
        program,
        {
            "kubeconfig": kubeconfig,
            **_serving(certificates, port),
            "leader-elect": "false",
            "profiling": "false",
            **_REQUESTS,
        },
    )


def kwok(program: Path, kubeconfig: Path, port: int) -> list[str]:
    """The kubelet of every node there is."""
    return _line(program, {"kubeconfig": kubeconfig, "manage-all-nodes": "true", "server-address": f"{HOST}:{port}"})


def karpenter(program: Path, instance_types: Path, metrics_port: int, health_port: int) -> list[str]:
    """Karpenter's core over its kwok provider, which makes nodes of the types in a JSON file."""
    return _line(
        program,
        {
            "instance-types-file-path": instance_types,
            "metrics-port": str(metrics_port),
            "health-probe-port": str(health_port),
            "disable-leader-election": "true",
            "log-level": "error",
        },
    )


def _serving(certificates: Path, port: int) -> dict[str, str | Path]:
    return {
        "bind-address": HOST,
        "secure-port": str(port),
        "permit-address-sharing": "true",  # a port that we used a moment ago is ours
        "tls-cert-file": certificates / "server.crt",
        "tls-private-key-file": certificates / "server.key",
    }


def _line(program: Path, flags: Mapping[str, str | Path]) -> list[str]:
    return [str(program), *(f"--{name}={value}" for name, value in flags.items())]
