"""The shipped stacks on their nodes: who stands where, what a lost zone takes, and whether every promise holds."""

import pytest

from components.kube.labels import WORKLOAD_LABEL
from components.promises import check
from plan.objects import matches
from plan.placement.report import RegionEstimate, estimate, findings
from plan.placement.workloads import workloads
from plan.recorder import Recording
from stacks.promises import promises
from stacks.settings import StackSettings
from tests.shipped import recording_of, settings_of


@pytest.fixture(scope="module")
def estimates(shipped: Recording, shipped_settings: StackSettings) -> dict[str, RegionEstimate]:
    return estimate(shipped, shipped_settings)


def test_every_pod_of_every_shipped_region_has_a_node(estimates: dict[str, RegionEstimate]):
    assert {name: region.placement.pending for name, region in estimates.items()} == dict.fromkeys(estimates, ())
    assert [finding.message for finding in findings(estimates)] == []


def test_every_region_has_the_nodes_of_its_settings_and_karpenter_adds_none(
    estimates: dict[str, RegionEstimate], shipped_settings: StackSettings
):
    for name, region in estimates.items():
        wanted = {pool: figures.desired_size for pool, figures in shipped_settings.regions[name].node_pools.items()}
        nodes = {use.name: use.nodes for use in region.placement.use() if use.nodes}
        assert nodes == {pool: size for pool, size in wanted.items() if size}


def test_a_world_has_a_node_for_itself_and_data_stands_on_nodes_kept_for_it(
    estimates: dict[str, RegionEstimate], shipped_settings: StackSettings
):
    for name, region in estimates.items():
        namespace = shipped_settings.regions[name].namespace.name
        for node in region.placement.nodes:
            own = [pod.namespace for pod in node.pods if not pod.everywhere]
            match node.pool.labels.get(WORKLOAD_LABEL):
                case "game-server":
                    assert own in ([namespace], [])
                case "database":
                    assert set(own) == {namespace}
                case _:
                    assert namespace not in own


def test_dev_has_a_world_on_each_game_node_and_room_for_little_more_on_the_others():
    placement = estimate(recording_of("dev"), settings_of("dev"))["us-east"].placement
    uses = {use.name: use for use in placement.use()}
    game, system, database, services = (uses[pool] for pool in ("game", "system", "database", "services"))
    assert (game.nodes, game.instance_types, game.pods_per_node) == (3, {"c7i.xlarge": 3}, 1.0)
    # One in each zone: what a lost zone takes with it finds room on the other two.
    assert (system.nodes, system.instance_types) == (3, {"m7i.large": 3})
    assert 60 < system.cpu_percent < 75
    assert (database.nodes, database.instance_types) == (3, {"r7i.xlarge": 3})
    assert 70 < database.cpu_percent < 85
    assert (services.nodes, services.cpu_percent, services.pods_per_node) == (0, 0.0, 0.0)


def test_a_lost_zone_leaves_pods_pending_for_their_volumes_alone(estimates: dict[str, RegionEstimate]):
    for region in estimates.values():
        for zone, after in region.without.items():
            assert {pending.volume_zone for pending in after.pending} <= {zone}
            assert zone not in {node.zone for node in after.nodes}


def test_every_promise_holds_with_all_zones_and_without_any_one(estimates: dict[str, RegionEstimate]):
    for region in estimates.values():
        running = region.placement.running()
        kept = [check(promise, running.get(promise.owner, {}), zone_lost=False) for promise in region.promises]
        assert kept == [None] * len(region.promises)
        assert {zone: region.broken_without(zone) for zone in region.without} == {zone: [] for zone in region.without}


@pytest.mark.parametrize(
    ("region", "seats"),
    [("us-east", (4000, 6000, 6000)), ("us-west", (6000, 6000, 8000)), ("eu-west", (8000, 8000, 8000))],
)
def test_a_lost_zone_of_prod_takes_the_worlds_whose_volumes_lie_in_it(region: str, seats: tuple[int, ...]):
    found = estimate(recording_of("prod"), settings_of("prod"))[region]
    worlds = found.promises[0]
    left = [sum(after.running()[worlds.owner].values()) * worlds.seats_each for after in found.without.values()]
    assert tuple(left) == seats


def test_every_workload_has_one_promise_of_its_own_size(shipped: Recording, shipped_settings: StackSettings):
    promised = promises(shipped_settings)
    for name in shipped_settings.regions:
        found = {
            one.owner: one.replicas for one in workloads(shipped, name) if one.kind in ("Deployment", "StatefulSet")
        }
        declared = [(promise.owner, promise.replicas) for promise in promised[name]]
        assert dict(declared) == found, f"declare each workload of {name} in a promises.py beside its component"
        assert len(declared) == len(found)


def test_the_spread_of_every_pod_counts_the_pod_itself(estimates: dict[str, RegionEstimate]):
    for region in estimates.values():
        for node in region.placement.nodes:
            for pod in node.pods:
                terms = [*pod.spreads, *pod.apart, *pod.apart_if_possible]
                assert all(matches(term.selector, pod.labels) for term in terms), pod.name
