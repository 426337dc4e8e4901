"""A real PostgreSQL of the pods' version takes what the Cluster says: parameters, rules of access, first database."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from automation.data_servers import DataServers, with_usr
from automation.drills.data.certificates import Authority
from automation.drills.data.waiting import wait
from components.data.postgres.cluster import PostgresSize, cluster_spec
from components.data.postgres.names import PRIMARY_SERVICE
from stacks.data_images import POSTGRES
from tests.data_servers.conftest import needs_networks

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="PostgreSQL does not run as root, and only root leaves it")
pytestmark = [pytest.mark.servers, needs_networks, needs_root]

START_SECONDS = 60
SIZE = PostgresSize(cpu="500m", cpu_limit="2", memory_gib=2, storage_gib=50, wal_gib=10)
SPEC: dict[str, Any] = cluster_spec(
    image=POSTGRES,
    size=SIZE,
    database="game",
    owner="game",
    storage_class="fast-ssd",
    priority_class="game-databases",
    backup=False,
)
PARAMETERS: dict[str, str] = SPEC["postgresql"]["parameters"]
PASSWORD = "of-a-test"
# As the operator puts them around the Cluster's own: pkg/postgres of cloudnative-pg.
RULES = ["local all all peer map=local", *SPEC["postgresql"]["pg_hba"], "host all all all scram-sha-256"]


class Server:
    """With the packages' own /usr, as nobody, on a port of loopback and a socket in its folder."""

    def __init__(self, servers: DataServers, folder: Path) -> None:
        self._usr, self.folder, self.data = servers.postgres, folder, folder / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        for passed in (folder, folder.parent, folder.parent.parent):
            passed.chmod(0o711)
        os.chown(folder, NOBODY, NOBODY)

    def command(self, program: str, *words: str) -> list[str]:
        """A program as nobody."""
        become = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups"
        return with_usr(self._usr, [f"/usr/lib/postgresql/18/bin/{program}", *words], prefix=become)

    def run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        """What a program says."""
        own = {"PATH": "/usr/bin", "LANG": "C.UTF-8", "HOME": str(self.folder)}
        command = self.command(program, *words)
        return subprocess.run(command, env=own, cwd=self.folder, capture_output=True, text=True, timeout=60)

    def ask(self, statement: str) -> str:
        """Of the server, as its owner on the socket."""
        address = ("-h", str(self.folder), "-p", str(self.port), "-U", "postgres")
        said = self.run("psql", *address, "-At", "-c", statement)
        assert said.returncode == 0, said.stderr
        return said.stdout.strip()

    def as_client(self, options: str) -> subprocess.CompletedProcess[str]:
        """Whether a client's connection is encrypted, by a URI as clients have it."""
        uri = f"postgresql://game:{PASSWORD}@{PRIMARY_SERVICE}:{self.port}/game?hostaddr=127.0.0.1&{options}"
        return self.run("psql", uri, "-At", "-c", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


def prepare(server: Server) -> None:
    """As the Cluster's initdb says, with its parameters and rules, and a certificate of its Service."""
    first = SPEC["bootstrap"]["initdb"]
    words = [f"--encoding={first['encoding']}", f"--lc-collate={first['localeCollate']}", "--username=postgres"]
    words += [f"--lc-ctype={first['localeCType']}", *(["--data-checksums"] if first["dataChecksums"] else [])]
    made = server.run("initdb", "-D", str(server.data), *words)
    assert made.returncode == 0, made.stderr
    tls = server.folder / "tls"
    Authority().issue(tls, [PRIMARY_SERVICE], [])
    for name in (".", "tls.key", "tls.crt", "ca.crt"):
        os.chown(tls / name, NOBODY, NOBODY)
    (tls / "tls.key").chmod(0o600)
    by_operator = {
        "ssl": "on",
        "ssl_cert_file": f"{tls}/tls.crt",
        "ssl_key_file": f"{tls}/tls.key",
        "unix_socket_directories": str(server.folder),
        "listen_addresses": "127.0.0.1",
        "port": str(server.port),
    }
    lines = [f"{name} = '{value}'\n" for name, value in (by_operator | PARAMETERS).items()]
    (server.data / "postgresql.conf").write_text("".join(lines))
    (server.data / "pg_ident.conf").write_text("local nobody postgres\n")
    (server.data / "pg_hba.conf").write_text("".join(f"{rule}\n" for rule in RULES))


@pytest.fixture(scope="module")
def server(servers: DataServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Up, with the game's own database and user."""
    server = Server(servers, tmp_path_factory.mktemp("postgres"))
    prepare(server)
    command = server.command("postgres", "-D", str(server.data))
    with (server.folder / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as running:
        try:
            ready = ("pg_isready", "-h", str(server.folder), "-p", str(server.port))
            wait("PostgreSQL answers", lambda: server.run(*ready).returncode == 0, START_SECONDS)
            server.ask(f"CREATE USER game PASSWORD '{PASSWORD}'")
            server.ask("CREATE DATABASE game OWNER game")
            yield server
        finally:
            running.terminate()


def test_the_server_is_of_the_version_that_pods_run(servers: DataServers):
    assert f":{servers.postgres_version}-" in POSTGRES


def test_every_parameter_is_one_that_the_server_knows_and_applies(server: Server):
    assert server.ask("SELECT name, setting, error FROM pg_file_settings WHERE NOT applied OR error IS NOT NULL") == ""
    applied = server.ask("SELECT name FROM pg_file_settings WHERE applied").split()
    assert set(PARAMETERS) <= set(applied)
    assert server.ask("SHOW shared_buffers") == "512MB", "a quarter of 2 GiB"


def test_the_first_database_is_made_as_the_cluster_says(server: Server):
    encoding = "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = 'game'"
    assert server.ask(encoding) == "UTF8|C|C"
    assert server.ask("SHOW data_checksums") == "on"


def test_a_client_is_let_in_by_tls_alone(server: Server):
    assert server.ask("SELECT count(*) FROM pg_hba_file_rules WHERE error IS NOT NULL") == "0"
    let_in = server.as_client(f"sslmode=verify-full&sslrootcert={server.folder}/tls/ca.crt")
    assert (let_in.stdout, let_in.stderr) == ("t\n", "")
    refused = server.as_client("sslmode=disable")
    assert refused.returncode == 2
    assert 'rejects connection for host "127.0.0.1", user "game", database "game", no encryption' in refused.stderr
