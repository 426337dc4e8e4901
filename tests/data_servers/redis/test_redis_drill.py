"""The whole drill, with fewer failovers."""

from pathlib import Path

import pytest

from automation.data_servers import DataServers
from automation.drills.data.redis import run
from automation.drills.live.verdict import Verdict

pytestmark = [pytest.mark.servers, pytest.mark.drill]


def test_every_promise_holds_on_real_servers(servers: DataServers, tmp_path: Path):
    told: list[str] = []
    verdict = Verdict(told=told.append)
    run(servers, tmp_path, verdict, failovers=3)
    assert verdict.broken == []
    assert len(verdict.held) == 8
    assert verdict.figures["redis"]["lost_writes"] <= 100, "of a client that writes alone, what one master had not sent"
