"""When control planes are started, ended and erased."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from embedded.control_plane_choice import ControlPlaneChoice
from embedded.kubernetes.api import ClusterFacts
from embedded.kubernetes.errors import Unreachable
from embedded.kubernetes.live import clusters as live
from embedded.kubernetes.live.clusters import LiveClusters
from embedded.stack_folder import StackFolder

HOST, NEXT_HOST = (f"{ident}.gr7.us-east-1.eks.amazonaws.com" for ident in ("abc", "def"))
CHOICE = ControlPlaneChoice(programs={}, regions={"game-us-east": "us-east"}, aws_regions=("us-east-1",))


@dataclass
class World:
    """What AWS says, what was done with control planes, and whether one is running by itself."""

    folder: StackFolder
    url: str
    facts: dict[str, ClusterFacts] = field(default_factory=lambda: {HOST: ClusterFacts("game-us-east", "1.35")})
    did: list[str] = field(default_factory=list)
    running: bool = False

    def clusters(self) -> LiveClusters:
        return LiveClusters(self.folder, CHOICE, lambda host: self.facts.get(host.lower()), lambda *_: None)


@dataclass(frozen=True)
class FakeHandle:
    url: str
    ca: Path = Path()
    token: str = "token"


@pytest.fixture
def world(server, monkeypatch, tmp_path):
    made = World(StackFolder(tmp_path), server.url)

    class FakePlane:
        def __init__(self, folder, region):
            self.region = region
            self.folder = folder.root / "control-plane" / region

        def handle(self):
            return FakeHandle(made.url) if made.running else None

        def start(self, programs):
            del programs
            made.did.append(f"start {self.region}")
            self.folder.mkdir(parents=True, exist_ok=True)
            return FakeHandle(made.url)

        def stop(self, *, erase=False):
            made.did.append(f"{'erase' if erase else 'stop'} {self.region}")

    class FakeKeeper:
        def __init__(self, *_, **__):
            pass

        def start(self):
            made.did.append("keep")

        def stop(self):
            made.did.append("leave")

        def problems(self):
            return ["no capacity"]

        def lose_zones(self, *zones):
            made.did += [f"lose {zone}" for zone in zones]

    monkeypatch.setattr(live, "ControlPlane", FakePlane)
    monkeypatch.setattr(live, "Keeper", FakeKeeper)
    monkeypatch.setattr(live, "furnish", lambda server, version: None)
    monkeypatch.setattr(live, "made_by_users", lambda server: [{"kind": "Secret", "name": "forgotten"}])
    monkeypatch.setattr(live, "Server", lambda *_: server.client)
    return made


def test_a_control_plane_is_started_once_under_the_regions_own_name_and_ends_with_the_cloud(world):
    clusters = world.clusters()
    assert clusters.api(HOST.upper()) is clusters.api(HOST)
    clusters.close()
    assert world.did == ["start us-east", "keep", "leave", "stop us-east"]


def test_a_cluster_that_aws_does_not_have_is_unreachable_and_nothing_is_started(world):
    with pytest.raises(Unreachable, match="no such host"):
        world.clusters().api(NEXT_HOST)
    assert world.did == []


def test_a_control_plane_that_somebody_started_by_hand_stays_up(world):
    world.running = True
    clusters = world.clusters()
    clusters.api(HOST)
    clusters.close()
    assert world.did == ["start us-east", "keep", "leave"]


def test_a_deleted_cluster_is_erased_and_what_it_still_held_is_told(world):
    clusters = world.clusters()
    clusters.api(HOST)
    assert [item["name"] for item in clusters.inventory()] == ["forgotten"]
    world.facts.clear()
    assert clusters.inventory() == []
    assert clusters.gone() == [{"host": HOST, "kind": "Secret", "name": "forgotten"}]
    clusters.close()
    assert world.did == ["start us-east", "keep", "leave", "erase us-east"]


def test_a_new_cluster_of_the_same_region_begins_empty(world):
    clusters = world.clusters()
    clusters.api(HOST)
    clusters.close()
    world.facts = {NEXT_HOST: ClusterFacts("game-us-east", "1.35")}
    world.did.clear()
    world.clusters().api(NEXT_HOST)
    assert world.did == ["erase us-east", "start us-east", "keep"]


def test_the_report_names_the_region_of_what_does_not_go_as_it_should(world):
    clusters = world.clusters()
    clusters.api(HOST)
    assert clusters.report() == {"permissive": [], "warnings": [], "problems": ["us-east: no capacity"]}


def test_a_lost_zone_is_lost_to_clusters_that_stand_and_to_those_that_come(world):
    world.facts[NEXT_HOST] = ClusterFacts("game-us-east", "1.35")
    clusters = world.clusters()
    clusters.api(HOST)
    clusters.lose_zones(["us-east-1a"])
    assert world.did == ["start us-east", "keep", "lose us-east-1a"]
    world.did.clear()
    clusters.api(NEXT_HOST)
    assert world.did == ["erase us-east", "start us-east", "lose us-east-1a", "keep"]
