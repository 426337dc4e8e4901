"""Binary logs: one member archives at a time, everything once, and again whatever another member left out."""

from datetime import timedelta
from pathlib import Path

import pytest

from components.data.backup.runtime import catalog
from components.data.backup.runtime.archive import Archive, archive_once, is_archiver, what_to_upload
from components.data.backup.runtime.archiver import Archives, Progress, round_of, write_login
from components.data.backup.runtime.gtids import GtidSet
from components.data.backup.runtime.s3 import S3Error
from components.data.backup.runtime.server import Client, Log, Member, Server, SqlError
from tests.components.data.backup.histories import START, Folder, at, log, upto


def member(number: int, role: str = "SECONDARY", state: str = "ONLINE") -> Member:
    return Member(f"s{number}", f"mysql-{number}.mysql-headless.mmorpg-game.svc.cluster.local", state, role)


def archivers(*members: Member) -> list[str]:
    return [one.server for one in members if is_archiver(one.server, members)]


def test_the_online_secondary_of_the_lowest_ordinal_archives_and_nobody_else():
    assert archivers(member(0, "PRIMARY"), member(1), member(2)) == ["s1"]
    assert archivers(member(0), member(1, "PRIMARY"), member(2)) == ["s0"]
    assert archivers(member(0, "PRIMARY"), member(1, state="RECOVERING"), member(2)) == ["s2"]


def test_a_primary_that_is_left_alone_archives_itself():
    assert archivers(member(2, "PRIMARY")) == ["s2"]
    assert archivers(member(0, "PRIMARY"), member(1, state="UNREACHABLE"), member(2, state="RECOVERING")) == ["s0"]


def test_ten_comes_after_nine():
    assert archivers(member(10), member(9), member(0, "PRIMARY")) == ["s9"]


def test_a_server_outside_any_group_archives_nothing():
    assert archivers() == []
    assert archivers(member(0, "", "OFFLINE")) == []


def test_each_closed_log_with_something_new_is_uploaded_once_and_in_order():
    closed = [log(1, 0, 10), log(2, 10, 10), log(3, 10, 25), log(4, 25, 40)]
    assert what_to_upload(closed, GtidSet()) == [closed[0], closed[2], closed[3]], "the second holds nothing"
    assert what_to_upload(closed, upto(25)) == [closed[3]]
    assert what_to_upload(closed, upto(40)) == []


def test_what_another_member_archived_halfway_through_a_log_is_uploaded_with_that_log():
    assert what_to_upload([log(7, 10, 30, "s2")], upto(20)) == [log(7, 10, 30, "s2")]


class FakeServer(Server):
    """A server whose logs are in memory; `flush_logs` closes the one that is written."""

    def __init__(self, folder: Path, uuid: str = "s1") -> None:
        super().__init__(Client([]))
        self.__dict__.update(
            own=uuid, folder=folder, begins=[upto(0)], done=upto(0), lost=upto(0), failing=False, flushes=0
        )
        self._write(1)

    def _write(self, number: int) -> None:
        (self.folder / f"binlog.{number:06d}").write_bytes(b"x" * number)

    def uuid(self) -> str:
        return str(self.own)

    def members(self) -> list[Member]:
        return [Member(self.own, "mysql-1.h", "ONLINE", "SECONDARY")]

    def executed(self) -> GtidSet:
        if self.failing:
            raise SqlError("gone away")
        return self.done

    def purged(self) -> GtidSet:
        found: GtidSet = self.lost
        return found

    def flush_logs(self) -> None:
        self.begins.append(self.done)
        self.__dict__["flushes"] += 1
        self._write(len(self.begins))

    def logs(self) -> list[Log]:
        return [Log(f"binlog.{number:06d}", number) for number in range(1, len(self.begins) + 1)]

    def previous(self, file: str) -> GtidSet:
        return self.begins[int(file.rpartition(".")[2]) - 1]

    def write(self, last: int) -> None:
        self.__dict__["done"] = upto(last)


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "bucket")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def archive(store: Folder, now=None) -> Archive:
    return Archive(store, "mysql", now) if now else Archive(store, "mysql")


def test_a_round_closes_the_log_uploads_it_and_then_says_so_in_the_index(store: Folder, data: Path):
    server, mine = FakeServer(data), archive(store)
    server.write(5)
    (uploaded,) = archive_once(server, mine, data)
    assert (str(uploaded.previous), uploaded.upto) == ("", upto(5))
    log_key, index_key = store.puts
    assert log_key.startswith("mysql/binlog/s1/")
    assert index_key.startswith("mysql/index/"), "a row of the index always has its log"
    assert catalog.binlogs(store, "mysql", START - timedelta(days=9999)) == [catalog.binlog_of(store.get(index_key))], (
        "what is put reads back"
    )


def test_a_quiet_server_closes_no_log_at_all(store: Folder, data: Path):
    server, mine = FakeServer(data), archive(store)
    assert archive_once(server, mine, data) == []
    server.write(5)
    archive_once(server, mine, data)
    for _ in range(3):
        assert archive_once(server, mine, data) == []
    assert (server.flushes, len(store.puts)) == (1, 2)


def test_a_member_that_takes_over_uploads_what_is_missing_and_not_what_is_there(store: Folder, data: Path):
    first, second = FakeServer(data), FakeServer(data, "s2")
    first.write(5)
    archive_once(first, archive(store), data)
    second.write(5)
    mine = archive(store)
    assert archive_once(second, mine, data) == [], "the first one archived it"
    second.flush_logs()
    second.write(9)
    (uploaded,) = archive_once(second, mine, data)
    assert (uploaded.server, uploaded.previous, uploaded.upto) == ("s2", upto(5), upto(9))


def test_what_a_copied_server_never_had_in_a_log_is_nothing_to_archive(store: Folder, data: Path):
    copied = FakeServer(data)
    copied.__dict__["lost"] = upto(100)
    copied.write(100)
    assert archive_once(copied, archive(store), data) == []
    assert copied.flushes == 0


def test_a_member_that_was_copied_anew_overwrites_no_log_of_its_former_self(store: Folder, data: Path):
    server, mine = FakeServer(data), archive(store)
    server.write(5)
    archive_once(server, mine, data)
    anew = FakeServer(data)  # the same UUID, and binlog.000001 again
    anew.begins[0] = upto(5)
    anew.write(8)
    import os

    later = (START + timedelta(hours=1)).timestamp()
    os.utime(data / "binlog.000001", (later, later))
    archive_once(anew, mine, data)
    logs = [key for key in store.puts if "/binlog/" in key]
    assert len(logs) == len(set(logs)) == 2


def test_rows_older_than_the_servers_own_logs_are_not_read(store: Folder, data: Path):
    for number, minutes in ((1, 0), (2, 60 * 24 * 10)):
        one = log(number, number - 1, number, minutes=minutes)
        (data / one.file).write_bytes(b"x")
        catalog.put_binlog(store, "mysql", one, data / one.file)
    found = archive(store, lambda: at(60 * 24 * 11)).content()
    assert found == upto(2) - upto(1)


def test_a_round_that_fails_counts_and_leaves_the_last_good_moment(store: Folder, data: Path, monkeypatch, capsys):
    server, progress = FakeServer(data), Progress()
    server.write(3)
    assert round_of(server, Archives(store, "mysql"), data, progress, lambda: 1000.0)
    assert (progress.active, progress.complete, progress.logs, progress.size) == (True, 1000.0, 1, 1)
    server.__dict__["failing"] = True
    assert not round_of(server, Archives(store, "mysql"), data, progress, lambda: 1300.0)
    assert (progress.complete, progress.failures) == (1000.0, 1)
    assert "gone away" in capsys.readouterr().err
    server.__dict__["failing"] = False

    def refuses(*_: object) -> int:
        raise S3Error("403")

    monkeypatch.setattr(store, "put", refuses)
    server.write(4)
    assert not round_of(server, Archives(store, "mysql"), data, progress, lambda: 1600.0)
    assert progress.complete == 1000.0
    assert "mysql_archive_complete_timestamp_seconds 1000" in progress.text()
    assert "mysql_archive_failures_total 2" in progress.text()


def test_what_a_group_does_after_a_restore_is_archived_although_its_numbers_were_there_before(store, data: Path):
    server, progress, archives = FakeServer(data), Progress(), Archives(store, "mysql")
    server.write(9)
    round_of(server, archives, data, progress, lambda: 1.0)
    assert catalog.timeline(store, "mysql") == "mysql/t0"
    catalog.begin_timeline(store, "mysql", at(60))
    # Brought back to transaction 5; what are now 6 to 9 is something else.
    back = FakeServer(data)
    back.write(9)
    round_of(back, archives, data, progress, lambda: 2.0)
    old, new = (catalog.binlogs(store, f"mysql/{one}", at(-9e6)) for one in ("t0", "20261129T030000Z"))
    assert (
        [(one.file, one.upto) for one in old] == [(one.file, one.upto) for one in new] == [("binlog.000001", upto(9))]
    )
    assert progress.logs == 2


def test_a_log_whose_upload_broke_off_is_uploaded_in_the_next_round(store: Folder, data: Path, monkeypatch):
    server, mine = FakeServer(data), archive(store)
    server.write(5)
    whole = store.put

    def breaks(key: str, content: Path | bytes) -> int:
        if "/index/" in key:
            raise S3Error("broken")
        return whole(key, content)

    monkeypatch.setattr(store, "put", breaks)
    with pytest.raises(S3Error):
        archive_once(server, mine, data)
    monkeypatch.setattr(store, "put", whole)
    assert [one.upto for one in archive_once(server, mine, data)] == [upto(5)]


def test_the_option_file_is_its_owners_alone_and_holds_any_password(tmp_path: Path):
    (tmp_path / "password").write_text('a"b\\c#d\n')
    write_login(tmp_path / "login", "backup", tmp_path / "password", Path("/etc/mysql/tls/ca.crt"))
    assert (tmp_path / "login").stat().st_mode & 0o777 == 0o600
    text = (tmp_path / "login").read_text()
    assert 'password="a\\"b\\\\c#d"' in text
    assert "ssl-mode=VERIFY_CA" in text
