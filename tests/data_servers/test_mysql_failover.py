"""Three real members with the pod's own scripts and agents: what they promise when something goes away.

The bounds are those of a busy machine; `./regions drill mysql` judges by the promised ones.
"""

import time
from contextlib import contextmanager

import pytest

from automation.drills.data.mysql_writer import Writer, lost
from automation.drills.data.waiting import wait
from tests.data_servers.conftest import BUSY, WHOLE_SECONDS

pytestmark = pytest.mark.servers

KILLED_SECONDS, PLANNED_SECONDS = 10, 6


@contextmanager
def writing(group):
    """A client writes throughout; in the end nothing that was acknowledged is lost."""
    writer = Writer(connect=group.client, number=time.monotonic_ns() % 1_000_000_000)
    writer.start()
    try:
        wait("the first write", lambda: writer.acknowledged, 30)
        yield writer
    finally:
        writer.stop()
    wait("a primary", group.primary, 30)
    assert lost(group, [writer]) == 0


def writes_again(writer, since):
    # A second later: an answer that was under way when the event began is none of after it.
    wait("writes are acknowledged again", lambda: writer.writes_since(since + 1), 120)
    time.sleep(0.5)
    return writer.outage(since)


def test_a_group_is_founded_once_and_every_pod_is_labelled(mysql):
    assert mysql.api.objects.founded == 1
    labels = sorted(str(mysql.label(member)) for member in mysql.members)
    assert labels == ["primary", "replica", "replica"]
    for member in mysql.members:
        read_only = mysql.query(member, "SELECT @@super_read_only")
        assert read_only == [(0 if member is mysql.primary() else 1,)]


def test_after_a_kill_of_the_primary_another_member_takes_the_writes(mysql):
    killed = mysql.primary()
    with writing(mysql) as writer:
        since = time.monotonic()
        killed.kill_mysqld()
        assert writes_again(writer, since) <= KILLED_SECONDS * BUSY
        assert mysql.primary() is not killed
        wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)
    assert mysql.api.objects.founded == 1


def test_a_pod_that_is_deleted_hands_its_writes_over_first(mysql):
    deleted = mysql.primary()
    with writing(mysql) as writer:
        since = time.monotonic()
        deleted.delete()
        assert writes_again(writer, since) <= PLANNED_SECONDS * BUSY
        assert mysql.label(deleted) is None
        deleted.start()  # init.sh again, on a data directory that is complete
        wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)
    assert "the data directory is complete" in (deleted.folder / "scripts.log").read_text()


def test_after_an_outage_of_all_the_group_is_founded_again_by_the_member_that_has_everything(mysql):
    before = mysql.primary()
    behind = next(member for member in mysql.members if member is not before)
    with writing(mysql) as writer:
        behind.kill()
        since = time.monotonic()
        writes_again(writer, since)  # which `behind` has not
        count = len(writer.acknowledged)
        for member in mysql.members:
            if member is not behind:
                member.kill()
        mysql.start()
        began = time.monotonic()
        wait("writes are acknowledged again", lambda: writer.writes_since(began), WHOLE_SECONDS)
        assert len(writer.acknowledged) > count
        wait("all are there", mysql.is_whole, WHOLE_SECONDS)
    assert mysql.api.objects.founded == 1


@pytest.mark.drill
def test_a_primary_that_stands_still_is_left_behind_and_does_not_take_its_label_back(mysql):
    paused = mysql.primary()
    with writing(mysql) as writer:
        since = time.monotonic()
        paused.pause()
        try:
            wait("another primary", lambda: mysql.primary() not in (None, paused), 60)
            wait("writes are acknowledged again", lambda: writer.writes_since(since + 1), 60)
        finally:
            paused.resume()
        resumed = time.monotonic()
        while time.monotonic() < resumed + 10:
            assert mysql.label(paused) != "primary"
            time.sleep(0.02)
        wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)


@pytest.mark.drill
def test_members_that_lose_the_majority_take_no_writes(mysql):
    left, *gone = sorted(mysql.members, key=lambda member: member is not mysql.primary())
    for member in gone:
        member.pause()
    try:
        wait("the label is gone", lambda: mysql.primary() is None, 60)
        wait("its clients are sent away", lambda: mysql.query(left, "SELECT @@offline_mode") == [(1,)], 60)
        assert mysql.online(left) <= 1
    finally:
        for member in gone:
            member.resume()
    wait("all are there again", mysql.is_whole, WHOLE_SECONDS)
    assert mysql.api.objects.founded == 1


@pytest.mark.drill
def test_a_member_with_a_lost_disk_gets_the_data_back_from_the_others(mysql):
    lost_one = next(member for member in mysql.members if member is not mysql.primary())
    with writing(mysql):
        lost_one.kill()
        lost_one.wipe()
        lost_one.start()
        wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)
    rows = [mysql.query(member, "CHECKSUM TABLE game.drill_writes") for member in mysql.members]
    wait(
        "every member has the same rows",
        lambda: len({str(mysql.query(member, "CHECKSUM TABLE game.drill_writes")) for member in mysql.members}) == 1,
        60,
    )
    assert rows


@pytest.mark.drill
def test_a_member_whose_gap_nobody_can_fill_is_cloned(mysql):
    primary = mysql.primary()
    empty = next(member for member in mysql.members if member is not primary)
    empty.kill()
    empty.wipe()
    for member in mysql.members:
        if member is not empty:
            mysql.query(member, "FLUSH BINARY LOGS")
            mysql.query(member, "PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 HOUR")
    empty.start()
    wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)
    assert "Clone" in (empty.folder / "mysqld.log").read_text()
    assert (empty.folder / "data" / ".initialized").exists()  # or the next start would make it anew


@pytest.mark.drill
def test_a_member_with_a_transaction_of_its_own_stays_out_and_says_so(mysql):
    errant = next(member for member in mysql.members if member is not mysql.primary())
    errant.pause_agent()
    try:
        mysql.query(errant, "STOP GROUP_REPLICATION")
        mysql.query(errant, "SET GLOBAL super_read_only = OFF")
        mysql.query(errant, "CREATE DATABASE errant")
        mysql.query(errant, "SET GLOBAL super_read_only = ON")
    finally:
        errant.resume()
    wait("the condition", lambda: mysql.condition(errant).startswith("ErrantTransactions"), 60)
    assert mysql.label(errant) is None
    errant.kill()
    errant.wipe()  # what the runbook says
    errant.start()
    wait("it is taken back", mysql.is_whole, WHOLE_SECONDS)
    assert mysql.condition(errant) == ""
