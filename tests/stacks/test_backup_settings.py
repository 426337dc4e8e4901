"""Backups by the settings: what may be lost, how long a restore takes, and what breaks either promise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.data.backup.promises import RPO_SECONDS, RTO_SECONDS, arithmetic, rpo_rto
from stacks.backup_settings import BackupSettings
from stacks.check_backup import backup_needs, check_backup


def problems(claim: str = "100Gi", **figures: Any) -> list[str]:
    backup = BackupSettings.model_validate(figures)
    return list(check_backup("regions.us-east.data.backup", backup, aws_region="us-east-1", greatest_claim=claim))


def test_the_games_own_figures_keep_both_promises():
    assert problems() == []
    recovery = rpo_rto(5, 10, 5)
    assert recovery.rpo_seconds == 660 <= RPO_SECONDS
    assert recovery.rto_seconds <= RTO_SECONDS
    assert BackupSettings.model_validate({}).hour == 2


def test_an_archive_that_is_made_too_rarely_is_refused_with_the_arithmetic():
    (problem,) = problems(archive_minutes=8)
    assert problem == (
        "regions.us-east.data.backup.archive_minutes: with 8 up to 480 s (since the last round of the archiver) + "
        "480 s (its member is lost; the round of the next one) + 60 s (upload of one log) = 1020 s are lost, above "
        "the promised 900 s; archive more often"
    )
    assert problems(archive_minutes=7) == []


def test_data_that_no_half_hour_restores_is_refused_with_the_arithmetic():
    (problem,) = problems(expected_gib=40)
    assert "expected_gib: to restore 40 GiB and 5 GiB of logs takes 240 s (start of the pod" in problem
    assert "above the promised 1800 s" in problem


def test_logs_that_no_half_hour_replays_are_refused_too():
    (problem,) = problems(expected_gib=1, daily_log_gib=50)
    assert "(replay of 50 GiB)" in problem


def test_a_disk_that_the_namespace_does_not_allow_is_refused():
    (problem,) = problems(claim="20Gi")
    assert "expected_gib: 10 takes a disk of 24Gi for a restored server, above namespace.limits.claim.max" in problem


@pytest.mark.parametrize(
    ("region", "message"),
    [("us-east-1", "whose loss takes both"), ("us-wets-2", "is not a known AWS region; did you mean")],
)
def test_copies_that_are_lost_with_the_region_or_go_nowhere_are_refused(region: str, message: str):
    (problem,) = problems(copy_to=region)
    assert message in problem
    assert problems(copy_to="us-west-2") == []


@pytest.mark.parametrize("figures", [{"hour": 24}, {"drill_day": 29}, {"archive_minutes": 0}, {"retention_days": 0}])
def test_figures_that_no_clock_or_calendar_has_are_refused(figures: dict[str, int]):
    with pytest.raises(ValidationError):
        BackupSettings.model_validate(figures)


def test_the_quota_holds_both_dumps_and_a_restore_at_once_with_the_disks_that_stand():
    needs = backup_needs(BackupSettings.model_validate({}), members=3, redis=True)
    assert needs["pods"] == 3, "two dumps, and a drill or a restore"
    assert needs["requests.cpu"] == 3 * 50 + 500 + 100 + 2000 + 500
    # Of the last good run and of two tries: a dump's disk of 19 GiB for each system, a drill's 19 and 24; a restore's.
    assert needs["claims"] == 3 * (1 + 1 + 2) + 1
    assert needs["storage"] == (3 * (19 + 19 + 19 + 24) + 19) * 1024**2


def test_without_redis_there_is_one_dump_less():
    backup = BackupSettings.model_validate({})
    both, alone = (backup_needs(backup, members=3, redis=redis) for redis in (True, False))
    assert (both["pods"] - alone["pods"], both["claims"] - alone["claims"]) == (1, 3)


@given(st.integers(1, 60), st.integers(1, 200), st.integers(1, 200))
def test_more_of_anything_never_makes_a_promise_easier(minutes: int, data: int, logs: int):
    now, more = rpo_rto(minutes, data, logs), rpo_rto(minutes + 1, data + 1, logs + 1)
    assert now.rpo_seconds < more.rpo_seconds
    assert now.rto_seconds < more.rto_seconds
    assert now.region_loss_seconds == now.rpo_seconds + 900
    assert arithmetic(now.rto).endswith(f"= {now.rto_seconds} s")
