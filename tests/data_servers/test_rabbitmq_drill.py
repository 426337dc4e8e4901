"""RabbitMQ's nodes with the very files that pods get: they start, and the drill's promises hold."""

from pathlib import Path

import pytest

from automation.data_servers import DataServers
from automation.drills.data.own_network import drill
from automation.drills.data.rabbitmq import CUT_SECONDS, KILLED_SECONDS
from automation.drills.live.verdict import Verdict
from tests.data_servers.conftest import BUSY, LATE, needs_networks

pytestmark = [pytest.mark.servers, needs_networks]


def test_every_promise_holds_on_real_nodes_and_no_confirmed_message_is_lost(servers: DataServers, tmp_path: Path):
    verdict = Verdict(told=lambda _: None)
    drill("rabbitmq", tmp_path / "network", verdict)
    assert [broken for broken in verdict.broken if LATE not in broken] == []
    assert len(verdict.held) + len(verdict.broken) == 8
    figures = verdict.figures["rabbitmq"]
    assert figures["killed_seconds"] <= KILLED_SECONDS * BUSY
    assert figures["cut_seconds"] <= CUT_SECONDS * BUSY
    assert figures["messages_confirmed"] > 1000
    assert figures["messages_lost"] == 0
    log = (tmp_path / "network" / "rabbitmq-server-0.log").read_text()
    assert '"level":"info"' in log, "lines are JSON, as rabbitmq.conf says"
