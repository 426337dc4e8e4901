"""The package that pods run needs nothing but a Python, and asks Kubernetes for zones."""

import ast
import subprocess
import sys
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from automation.drills.data.redis_stand_ins import KubernetesApi
from components.data.redis import runtime
from components.data.redis.config import RedisConfig, pod_files
from components.data.redis.failover import failover_seconds
from components.data.redis.runtime.kube import Zones, zones_from
from components.data.redis.runtime.slots import balance, is_even, shares

FOLDER = Path(runtime.__file__).parent
ZONES = {"redis-cluster-0": "eu-west-1a", "redis-cluster-1": "eu-west-1b"}


@pytest.fixture
def api(tmp_path: Path) -> Iterator[KubernetesApi]:
    running = KubernetesApi(dict(ZONES), tmp_path, "127.0.0.1")
    yield running
    running.close()


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.name)
def test_every_module_imports_the_standard_library_and_its_neighbours_only(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert all(name.name.partition(".")[0] in sys.stdlib_module_names for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 1 or (node.module or "").partition(".")[0] in sys.stdlib_module_names


@pytest.mark.parametrize("module", ["bootstrap", "healer", "scale_in"])
def test_each_program_starts_where_its_files_are_mounted_and_says_what_it_lacks(module: str, tmp_path: Path):
    for path, text in pod_files(RedisConfig()).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); import runtime.{module}"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stderr == ""


def test_zones_come_from_the_nodes_of_the_pods(api: KubernetesApi):
    zones = zones_from({"KUBERNETES_API": api.url, "POD_NAMESPACE": "mmorpg-game", "REDIS_TOKEN": str(api.token)})
    assert zones.of((*ZONES, "redis-cluster-2")) == ZONES, "a pod without a node is left out"


def test_a_wrong_token_is_an_error_and_no_zone(api: KubernetesApi):
    (api.token / "token").write_text("somebody-else")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        Zones(api.url, "mmorpg-game", api.token).of(tuple(ZONES))


def test_shares_of_three_masters_are_the_usual_ones():
    assert [(share[0], share[-1]) for share in shares(3)] == [(0, 5460), (5461, 10_922), (10_923, 16_383)]


def test_as_few_slots_move_as_make_it_even():
    owned = {"a": range(5461), "b": range(5461, 10_923), "c": range(10_923, 16_384), "d": range(0)}
    assert not is_even({pod: list(slots) for pod, slots in owned.items()})
    moves = balance({pod: list(slots) for pod, slots in owned.items()})
    assert {move.target for move in moves} == {"d"}
    assert sum(len(move.slots) for move in moves) == 4096
    assert balance({"a": list(range(8192)), "b": list(range(8192, 16_384))}) == []


def test_a_failover_takes_what_was_measured_and_less_than_promised():
    parts = failover_seconds(5000)
    assert (parts.silence, parts.detection, parts.agreement, parts.election) == (2.5, 5.0, 2.5, 1.0)
    assert parts.usual == 8.25, "8.1 s were measured"
    assert parts.longest == 11.0, "promised are 23 s"
