"""Six real Redis servers on loopback, started by the pods' own files."""

from collections.abc import Iterator

import pytest

from automation.data_servers import DataServers
from automation.drills.data.redis_servers import RedisPods

HEAL_SECONDS = 1.0


@pytest.fixture
def pods(servers: DataServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPods]:
    """Six servers that are in no cluster yet."""
    with RedisPods(servers, tmp_path_factory.mktemp("pods"), heal_seconds=HEAL_SECONDS) as running:
        running.start()
        running.wait_until_answering()
        yield running


@pytest.fixture(scope="module")
def cluster(servers: DataServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPods]:
    """A cluster with healers; every test leaves it whole."""
    with RedisPods(servers, tmp_path_factory.mktemp("cluster"), heal_seconds=HEAL_SECONDS) as running:
        running.start()
        running.wait_until_answering()
        done = running.job()
        assert done.returncode == 0, done.stdout
        running.heal()
        running.wait_until_well()
        yield running
