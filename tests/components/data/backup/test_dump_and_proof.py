"""A dump is there once all of it is; a restore is one when the server has just what was archived."""

from pathlib import Path

import pytest

from components.data.backup.runtime import catalog
from components.data.backup.runtime.dump import dump_once
from components.data.backup.runtime.gtids import GtidSet
from components.data.backup.runtime.prove import NotRestored, prove
from components.data.backup.runtime.restore import fetch_and_load, plan_restore
from components.data.backup.runtime.s3 import S3Error
from components.data.backup.runtime.server import Row, _plain
from components.data.backup.runtime.upload import NothingToUpload, upload
from tests.components.data.backup.histories import START, Folder, at, log, upto


class Tool:
    """Writes two files, and remembers what it loaded."""

    loaded: list[str] = []

    def dump(self, folder: Path) -> GtidSet:
        (folder / "game").mkdir(parents=True)
        (folder / "@.json").write_text("{}")
        (folder / "game" / "world@@0.tsv.zst").write_text("rows")
        return upto(7)

    def load(self, folder: Path) -> None:
        self.loaded = sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_dump_lies_below_its_moment_and_its_manifest_comes_last(tmp_path: Path):
    store = Folder(tmp_path / "bucket")
    made = dump_once(Tool(), store, "mysql", tmp_path / "work" / "dump", lambda: START)
    assert store.puts[-1] == "mysql/manifest/20261129T020000Z.json"
    assert sorted(store.puts[:-1]) == [
        "mysql/dump/20261129T020000Z/data/@.json",
        "mysql/dump/20261129T020000Z/data/game/world@@0.tsv.zst",
    ]
    assert catalog.dumps(store, "mysql") == [made]
    assert (made.gtids, made.size) == (upto(7), 6)


def test_a_dump_of_which_one_file_was_refused_is_none(tmp_path: Path, monkeypatch):
    store = Folder(tmp_path / "bucket")
    whole = store.put

    def refuses(key: str, content: Path | bytes) -> int:
        if key.endswith(".zst"):
            raise S3Error("no")
        return whole(key, content)

    monkeypatch.setattr(store, "put", refuses)
    with pytest.raises(S3Error):
        dump_once(Tool(), store, "mysql", tmp_path / "dump", lambda: START)
    assert catalog.dumps(store, "mysql") == []


def test_what_is_left_for_the_replay_is_numbered_in_its_order(tmp_path: Path):
    store, tool = Folder(tmp_path / "bucket"), Tool()
    dump_once(tool, store, "mysql", tmp_path / "work" / "dump", lambda: START)
    logs = [log(9, 5, 12, "s2", 1), log(4, 10, 30, "s1", 2)]
    (tmp_path / "log").write_bytes(b"log")
    for one in logs:
        catalog.put_binlog(store, "mysql", one, tmp_path / "log")
    plan = plan_restore(catalog.dumps(store, "mysql"), catalog.binlogs(store, "mysql", at(-60)), at(1.5))
    done = fetch_and_load(plan, tool, store, "mysql", tmp_path / "restore")
    assert tool.loaded == ["@.json", "world@@0.tsv.zst"]
    assert [path.name for path in sorted((tmp_path / "restore" / "logs").iterdir())] == [
        "00001-binlog.000009",
        "00002-binlog.000004",
    ]
    assert (tmp_path / "restore" / "exclude").read_text() == str(upto(7))
    assert (tmp_path / "restore" / "stop").read_text() == "2026-11-29 02:01:30"
    assert done.fetched == 12


class Answers:
    """A restored server: what it has executed, and a table."""

    def __init__(self, executed: GtidSet, tables: list[Row] | None = None) -> None:
        self.executed, self.asked = executed, list[str]()
        self.tables = [("game", "players")] if tables is None else tables

    def query(self, statement: str) -> list[Row]:
        self.asked.append(statement)
        if "gtid_executed" in statement:
            return [(str(self.executed),)]
        if "information_schema" in statement:
            return self.tables
        return [("42",)]


def test_a_server_that_has_all_that_was_archived_is_proved_with_its_rows():
    proof = prove(Answers(upto(9)), upto(9), stopped=False)
    assert proof.rows == {"game.players": 42}


def test_a_transaction_that_is_missing_or_too_many_is_named():
    with pytest.raises(NotRestored, match=r":8-9 were archived and are not there"):
        prove(Answers(upto(7)), upto(9), stopped=False)
    with pytest.raises(NotRestored, match=r":10 are there and were never archived"):
        prove(Answers(upto(10)), upto(9), stopped=True)
    assert prove(Answers(upto(7)), upto(9), stopped=True).executed == upto(7)


def test_a_server_without_a_table_is_no_restore():
    with pytest.raises(NotRestored, match="no table of anybody's"):
        prove(Answers(upto(9), []), upto(9), stopped=False)


def test_nothing_to_upload_is_an_error_and_not_an_empty_backup(tmp_path: Path):
    store = Folder(tmp_path / "bucket")
    (tmp_path / "work").mkdir()
    with pytest.raises(NothingToUpload):
        upload(store, "redis", tmp_path / "work", START)
    (tmp_path / "work" / "a.rdb").write_bytes(b"REDIS")
    assert upload(store, "redis", tmp_path / "work", START) == {"redis/dump/20261129T020000Z/a.rdb": 5}


def test_what_the_client_escapes_is_read_as_it_was_meant():
    assert _plain(r"a:1-5,\nb:7\t\\n") == "a:1-5,\nb:7\t\\n"
