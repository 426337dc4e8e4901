"""A real API server's stand-in, and our client of it."""

import pytest

from embedded.kubernetes.live.api import LiveClusterApi
from tests.embedded.kubernetes.live.fake_server import fake_server


@pytest.fixture
def server():
    with fake_server() as fake:
        yield fake


@pytest.fixture
def api(server, tmp_path):
    return LiveClusterApi(server.client, "1.35", tmp_path)
