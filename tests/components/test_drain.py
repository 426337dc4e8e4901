"""The drain formula: every timer from one place, in an order in which nobody is cut off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.game.drain import DrainTimers, drain_timers
from components.game.sessions import DRAIN

SECONDS = st.integers(min_value=0, max_value=100_000)
WINDOWS = st.integers(min_value=0, max_value=3600)


def test_the_figures_of_the_games_own_pods():
    assert (
        DrainTimers(
            pre_stop_seconds=135,
            deregistration_delay_seconds=1800,
            pod_grace_seconds=2005,
            node_grace_seconds=2125,
        )
        == DRAIN
    )


@given(window=WINDOWS, save=SECONDS, reconcile=SECONDS)
def test_each_timer_outlasts_what_it_must_wait_for(window: int, save: int, reconcile: int):
    timers = drain_timers(window_seconds=window, save_seconds=save, reconcile_seconds=reconcile)
    assert timers.pre_stop_seconds >= 120 + reconcile, "an NLB sends new connections for two minutes more"
    assert window <= timers.deregistration_delay_seconds <= 3600
    assert timers.pod_grace_seconds > timers.pre_stop_seconds + window + save, "the kill never comes in a save"
    assert timers.node_grace_seconds > timers.pod_grace_seconds, "the node never goes before its last pod"


def test_a_short_window_asks_for_no_delay_that_a_load_balancer_does_not_keep():
    assert drain_timers(window_seconds=5, save_seconds=0, reconcile_seconds=0).deregistration_delay_seconds == 120


def test_the_longest_window_is_an_hour():
    longest = drain_timers(window_seconds=3600, save_seconds=60, reconcile_seconds=15)
    assert (longest.deregistration_delay_seconds, longest.pod_grace_seconds) == (3600, 3805)


def test_a_session_that_no_load_balancer_can_drain_is_refused_with_the_ways_out():
    with pytest.raises(ValueError) as caught:
        drain_timers(window_seconds=3601, save_seconds=60, reconcile_seconds=15)
    assert str(caught.value) == (
        "drain window: 3601 s is above the 3600 s that an NLB keeps the connections of a target it lets go; "
        "let longer sessions log in again elsewhere, or give each pod an address of its own"
    )


@pytest.mark.parametrize("name", ["window", "save", "reconcile"])
def test_time_does_not_run_backwards(name: str):
    figures = {"window": 1, "save": 1, "reconcile": 1, name: -1}
    with pytest.raises(ValueError, match="-1 s is below 0"):
        drain_timers(**{f"{key}_seconds": value for key, value in figures.items()})
