"""Rows, dump and logs of a real MySQL server, brought back to a moment on another, by what the pods run."""

from pathlib import Path

import pytest

from automation.data_servers import DataServers, find_servers
from automation.drills.data.restore import run_drill

FOUND = find_servers()
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(isinstance(FOUND, str), reason=FOUND if isinstance(FOUND, str) else ""),
]


def test_every_row_of_the_moment_is_back_and_none_after_it(tmp_path: Path):
    assert isinstance(FOUND, DataServers)
    report = run_drill(FOUND, tmp_path, mebibytes=8, told=lambda said: None)
    moment, end = report.restored
    rows = 8 * 1024 * 1024 // 1000
    assert moment.rows == rows + 2 * (rows // 2), "run_drill itself compares phases and checksums"
    assert end.rows == moment.rows + 1000
    assert report.archived == moment.logs == end.logs == 2
