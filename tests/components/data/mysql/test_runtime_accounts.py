"""What the agents write outside of their own server's data: rights of the accounts, and the record of the group."""

from pathlib import Path
from typing import Any

import pytest

from components.data.mysql.names import LEASE, STATE
from components.data.mysql.runtime.kube import ApiServer
from components.data.mysql.runtime.users import ACCOUNTS
from components.operations.velero import DERIVED


def rights(name: str) -> set[str]:
    (account,) = [one for one in ACCOUNTS if one.name == name]
    return {right for granted in account.grants for right in granted.split(", ")}


def test_who_backs_up_reads_everything_and_the_logs_and_writes_nothing():
    assert {"SELECT", "LOCK TABLES", "BACKUP_ADMIN"} <= rights("backup")
    assert "REPLICATION SLAVE" in rights("backup"), "the archiver asks for SHOW BINARY LOGS and reads along"
    assert not rights("backup") & {"INSERT", "UPDATE", "DELETE", "DROP", "ALTER", "CREATE", "SUPER"}


def test_only_those_of_the_own_machine_may_come_without_tls():
    assert {one.name for one in ACCOUNTS if one.requires == "NONE"} == {
        one.name for one in ACCOUNTS if one.host == "localhost"
    }


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    calls: list[tuple[str, str, Any]] = []

    def call(_self: ApiServer, method: str, path: str, body: Any = None, **_: Any) -> dict[str, Any]:
        calls.append((method, path, body))
        return {}

    monkeypatch.setattr(ApiServer, "_call", call)
    return calls


def test_the_record_of_a_group_is_never_restored_with_the_namespace(sent: list[tuple[str, str, Any]], tmp_path: Path):
    assert ApiServer(url="https://10.0.0.1", namespace="game", account=tmp_path).create_founded()
    ((method, path, body),) = sent
    assert (method, path) == ("POST", "/api/v1/namespaces/game/configmaps")
    assert body["metadata"] == {"name": STATE, "labels": {"velero.io/exclude-from-backup": "true"}}
    assert "leases.coordination.k8s.io" in DERIVED, f"{LEASE} is left out by its kind"
