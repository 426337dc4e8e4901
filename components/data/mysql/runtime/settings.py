"""What the agent is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .kube import ACCOUNT
from .sql import Target


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`hosts` are the addresses of all members by ordinal, this one's included."""

    pod: str
    ip: str
    hosts: tuple[str, ...]
    port: int
    port_step: int  # from one member's port to the next one's; 0 where each has an address of its own
    run: Path
    tls: Path
    users: Path
    database: str
    api: str
    namespace: str
    account: Path

    @property
    def ordinal(self) -> int:
        """Number of this member."""
        return int(self.pod.rpartition("-")[2])

    @property
    def others(self) -> tuple[int, ...]:
        """Numbers of all other members."""
        return tuple(ordinal for ordinal in range(len(self.hosts)) if ordinal != self.ordinal)

    def pod_of(self, ordinal: int) -> str:
        """Name of a member's pod."""
        return f"{self.pod.rpartition('-')[0]}-{ordinal}"

    def port_of(self, ordinal: int) -> int:
        """Port of a member."""
        return self.port + self.port_step * ordinal

    @property
    def local(self) -> Target:
        """This member's server, over the socket."""
        return Target(user="agent", socket=str(self.run / "mysqld.sock"))

    def peer(self, ordinal: int, password: str) -> Target:
        """Another member's server."""
        return Target(
            user="monitor",
            password=password,
            host=self.hosts[ordinal],
            port=self.port_of(ordinal),
            ca_file=str(self.tls / "ca.crt"),
        )


def read_settings(environment: Mapping[str, str]) -> Settings:
    """From the pod's environment; see the package's docstring. Raises KeyError where a name is missing."""
    pod, namespace = environment["POD_NAME"], environment["POD_NAMESPACE"]
    service = environment.get("MYSQL_SERVICE", "mysql-headless")
    usual = f"{{pod}}.{service}.{namespace}.svc.cluster.local"
    pattern = environment.get("MYSQL_HOST_PATTERN", usual)
    group = pod.rpartition("-")[0]
    api_host, api_port = environment["KUBERNETES_SERVICE_HOST"], environment["KUBERNETES_SERVICE_PORT"]
    if ":" in api_host:
        api_host = f"[{api_host}]"
    return Settings(
        pod=pod,
        ip=environment["POD_IP"],
        hosts=tuple(
            pattern.replace("{pod}", f"{group}-{ordinal}") for ordinal in range(int(environment["MYSQL_REPLICAS"]))
        ),
        port=int(environment.get("MYSQL_PORT", "3306")),
        port_step=int(environment.get("MYSQL_PORT_STEP", "0")),
        run=Path(environment.get("MYSQL_RUN", "/var/run/mysqld")),
        tls=Path(environment.get("MYSQL_TLS", "/etc/mysql/tls")),
        users=Path(environment.get("MYSQL_USERS", "/etc/mysql-users")),
        database=environment.get("MYSQL_DATABASE", "game"),
        api=f"https://{api_host}:{api_port}",
        namespace=namespace,
        account=Path(environment.get("KUBE_ACCOUNT", ACCOUNT)),
    )
