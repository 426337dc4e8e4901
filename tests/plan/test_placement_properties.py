"""Whatever pods and pools there are: no node is overcommitted, no rule of a pod or a node is broken, nobody is lost."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from components.kube.placement import HOST, ZONE
from plan.placement.filters import chosen, untolerated
from plan.placement.region import Placement, lose_zone, place_pods
from plan.placement.shapes import Choice, Node, Pod, Pool, Room, Spread, Term

ZONES = ("a", "b", "c")
APPS = ("world", "chat", "store")
TAINT = {"key": "game-server", "value": "true", "effect": "NoSchedule"}
TOLERATION = {"key": "game-server", "operator": "Equal", "value": "true", "effect": "NoSchedule"}


def choice(cpu: int) -> Choice:
    """A type with CPU in thousands and as much memory as pods; a tenth is the machine's own."""
    machine = Room(cpu, cpu * 1000, 8)
    labels = {"node.kubernetes.io/instance-type": f"t.{cpu}"}
    return Choice(instance_type=f"t.{cpu}", room=Room(cpu * 9 // 10, cpu * 900, 8), machine=machine, labels=labels)


@st.composite
def pools(draw: st.DrawFn) -> list[Pool]:
    made = []
    for index in range(draw(st.integers(1, 3))):
        nodes = draw(st.integers(0, 3))
        karpenter = draw(st.booleans())
        sizes = (1000, 2000, 4000) if karpenter else (draw(st.sampled_from((1000, 2000))),)
        made.append(
            Pool(
                name=f"pool{index}",
                of=f"pool{index}",
                labels={"pool": f"pool{index}"},
                taints=(TAINT,) if draw(st.booleans()) else (),
                zones=tuple(draw(st.sets(st.sampled_from(ZONES), min_size=1))),
                choices=tuple(choice(size) for size in sizes),
                nodes=0 if karpenter else nodes,
                most=None if karpenter else nodes + draw(st.integers(0, 2)),
                limits=Room(6000, 6_000_000, 0) if karpenter else None,
            )
        )
    return made


def of_app(app: str, key: str) -> Term:
    return Term(key, {"matchLabels": {"app": app}}, ("game",))


@st.composite
def workload(draw: st.DrawFn, number: int) -> list[Pod]:
    app = draw(st.sampled_from(APPS))
    selector = {"matchLabels": {"app": app}}
    spread = Spread(ZONE, selector, 1, hard=draw(st.booleans()))
    bound = draw(st.booleans())
    return [
        Pod(
            name=f"{app}{number}-{index}",
            namespace="game",
            owner=f"Deployment game/{app}{number}",
            urn="urn",
            labels={"app": app},
            asks=Room(draw(st.integers(0, 1200)), draw(st.integers(0, 1_200_000)), 1),
            priority=draw(st.integers(0, 2)),
            node_selector=draw(st.sampled_from([{}, {}, {"pool": "pool0"}])),
            tolerations=(TOLERATION,) if draw(st.booleans()) else (),
            apart=(of_app(draw(st.sampled_from(APPS)), draw(st.sampled_from([HOST, ZONE]))),)
            if draw(st.booleans())
            else (),
            spreads=(spread,) if draw(st.booleans()) else (),
            volumes=(f"game/data-{app}{number}-{index}",) if bound else (),
        )
        for index in range(draw(st.integers(1, 4)))
    ]


@st.composite
def pods(draw: st.DrawFn) -> list[Pod]:
    found = [pod for number in range(draw(st.integers(1, 4))) for pod in draw(workload(number))]
    everywhere = Pod(
        name="log",
        namespace="kube-system",
        owner="DaemonSet kube-system/log",
        urn="urn",
        labels={"app": "log"},
        asks=Room(50, 50_000, 1),
        tolerations=({"operator": "Exists"},),
        everywhere=True,
    )
    return [*found, everywhere]


def labels(node: Node) -> dict[str, str]:
    return node.labels_as(node.choice)


def assert_lawful(placement: Placement) -> None:
    """Every rule holds for every pod that has a node, and every pool keeps its bounds."""
    for node in placement.nodes:
        total = (
            Room(*(sum(figures) for figures in zip(*(pod.asks for pod in node.pods), strict=True)))
            if node.pods
            else Room(0, 0, 0)
        )
        assert node.used == total
        assert node.choice.room.holds(total), "a node is overcommitted"
        assert node.choice in node.pool.choices
        for pod in node.pods:
            assert untolerated(pod, node.pool.taints) is None, "a taint is ignored"
            assert chosen(pod, labels(node)), "a node selector is ignored"
            assert all(placement.volume_zones[claim] == node.zone for claim in pod.volumes), "a volume has moved"
    _assert_apart(placement)
    for pool in placement.pools:
        mine = [node for node in placement.nodes if node.pool is pool]
        assert pool.most is None or len(mine) <= max(pool.most, pool.nodes)
        if pool.limits is not None:
            assert sum(node.choice.machine.cpu for node in mine) <= pool.limits.cpu


def _assert_apart(placement: Placement) -> None:
    standing = [(pod, labels(node)) for node in placement.nodes for pod in node.pods]
    for pod, here in standing:
        for term in pod.apart:
            beside = [
                other
                for other, there in standing
                if other is not pod
                and other.labels["app"] == term.selector["matchLabels"]["app"]
                and there[term.key] == here[term.key]
            ]
            assert beside == [], "anti-affinity is ignored"


def names(placement: Placement) -> Counter[str]:
    """All pods but those of every node, whether they have a node or not."""
    placed = [pod for node in placement.nodes for pod in node.pods]
    waiting = [pending.pod for pending in placement.pending]
    return Counter(pod.name for pod in [*placed, *waiting] if not pod.everywhere)


@given(pools(), pods())
def test_pods_stand_only_where_every_rule_lets_them_and_none_is_lost_or_doubled(made: list[Pool], asked: list[Pod]):
    placement = place_pods("us-east", made, asked)
    assert_lawful(placement)
    assert names(placement) == Counter(pod.name for pod in asked if not pod.everywhere)


@given(pools(), pods())
def test_a_pod_without_a_rule_is_pending_only_where_no_node_has_room_for_it(made: list[Pool], asked: list[Pod]):
    placement = place_pods("us-east", made, asked)
    forbidding = [term for pod in asked for term in pod.apart]
    for pod in (pending.pod for pending in placement.pending):
        if (
            pod.everywhere
            or pod.apart
            or any(term.selector["matchLabels"]["app"] == pod.labels["app"] for term in forbidding)
        ):
            continue
        if any(spread.hard for spread in pod.spreads):
            continue
        for node in placement.nodes:
            allowed = untolerated(pod, node.pool.taints) is None and chosen(pod, labels(node))
            assert not (allowed and node.choice.room.holds(node.used.plus(pod.asks)))


@given(pools(), pods())
def test_the_same_pods_in_another_order_stand_in_the_same_places(made: list[Pool], asked: list[Pod]):
    def places(placement: Placement) -> dict[str, str]:
        return {pod.name: node.name for node in placement.nodes for pod in node.pods}

    assert places(place_pods("us-east", made, asked)) == places(place_pods("us-east", made, list(reversed(asked))))


@given(pools(), pods(), st.sampled_from(ZONES))
def test_without_a_zone_nobody_stands_there_and_nobody_elsewhere_has_moved(
    made: list[Pool], asked: list[Pod], zone: str
):
    before = place_pods("us-east", made, asked)
    after = lose_zone(before, zone)
    assert_lawful(after)
    assert zone not in {node.zone for node in after.nodes}
    assert names(after) == names(before)
    stayed = {pod.name: node.name for node in before.nodes if node.zone != zone for pod in node.pods}
    there = {pod.name: node.name for node in after.nodes for pod in node.pods}
    assert stayed.items() <= there.items()
    for pending in after.pending:
        if pending.volume_zone == zone:
            assert pending.pod.volumes, "only a pod with a volume waits for one"


def test_a_hard_spread_never_puts_two_more_pods_into_one_zone_than_into_another():
    one = Pool(
        name="p",
        of="p",
        labels={},
        taints=(),
        zones=ZONES,
        choices=(choice(4000),),
        nodes=3,
        most=3,
    )
    rule: dict[str, Any] = {"matchLabels": {"app": "chat"}}
    wanted = [
        Pod(
            name=f"chat-{index}",
            namespace="game",
            owner="Deployment game/chat",
            urn="urn",
            labels={"app": "chat"},
            asks=Room(1000 if index else 3000, 1, 1),
            spreads=(Spread(ZONE, rule, 1, hard=True),),
        )
        for index in range(8)
    ]
    placement = place_pods("us-east", [one], wanted)
    counts = placement.running()["Deployment game/chat"]
    assert max(counts.values()) - min(counts.values()) <= 1
    assert [pending.reason for pending in placement.pending] == [
        "of 3 nodes 2 in a place that has more than its share of such pods, 1 short of CPU (1000m asked)"
    ] * len(placement.pending)
    assert len(placement.pending) == 3, "the zone with the large pod is full at one, so the others stop at two"
