"""Real data servers, started once for all tests of a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.data_servers import DataServers, find_servers
from automation.drills.data.mysql_group import Group, running
from automation.drills.data.mysql_writer import make_table
from automation.drills.data.pod_network import refusal
from automation.drills.data.waiting import wait

_REFUSAL = refusal()
needs_networks = pytest.mark.skipif(_REFUSAL is not None, reason=_REFUSAL or "")
WHOLE_SECONDS = 180  # on a machine that does much else
BUSY = 2  # how many times as long as promised a machine may take that runs other tests
LATE = "promised are"  # what a drill says where it took longer


@pytest.fixture(scope="session")
def servers() -> DataServers:
    """The programs; without them the test is skipped with the reason."""
    found = find_servers()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(scope="session")
def mysql_session(servers: DataServers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Group]:
    """Three members with their agents."""
    folder: Path = tmp_path_factory.mktemp("mysql")
    with running(servers, folder) as group:
        wait("the group is ready", group.is_ready, WHOLE_SECONDS)
        make_table(group)
        yield group


@pytest.fixture
def mysql(mysql_session: Group) -> Group:
    """The members, all of them ONLINE, whatever the test before did."""
    wait("the group is whole again", mysql_session.is_whole, WHOLE_SECONDS)
    return mysql_session
