"""Six real Redis servers on loopback, started by the pods' own files."""

from collections.abc import Iterator

import pytest

from automation.drills.data.redis_servers import RedisPods, server_path
from automation.errors import BadUsage

HEAL_SECONDS = 1.0


@pytest.fixture(scope="session")
def servers() -> None:
    """Skips where the programs are not."""
    try:
        server_path()
    except BadUsage as missing:
        pytest.skip(str(missing))


@pytest.fixture
def pods(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPods]:
    """Six servers that are in no cluster yet."""
    with RedisPods(tmp_path_factory.mktemp("pods"), heal_seconds=HEAL_SECONDS) as running:
        running.start()
        running.wait_until_answering()
        yield running


@pytest.fixture(scope="module")
def cluster(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisPods]:
    """A cluster with healers; every test leaves it whole."""
    with RedisPods(tmp_path_factory.mktemp("cluster"), heal_seconds=HEAL_SECONDS) as running:
        running.start()
        running.wait_until_answering()
        done = running.job()
        assert done.returncode == 0, done.stdout
        running.heal()
        running.wait_until_well()
        yield running
