"""Pure: what the pods that already stand mean for one more: affinity, anti-affinity, topology spread."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from components.kube.placement import HOST, ZONE
from plan.objects import matches
from plan.placement.filters import chosen
from plan.placement.shapes import Node, Pod, Spread, Term

_Domain = tuple[str, str]  # topology key and value


def selects(term: Term, pod: Pod) -> bool:
    """Whether a term speaks of a pod."""
    return pod.namespace in term.namespaces and matches(term.selector, pod.labels)


class Neighbours:
    """One pod before the nodes of a cluster, reckoned once: a node is then asked by its labels.

    `labels` are those of each node, in the same order as `nodes`.
    """

    def __init__(self, pod: Pod, nodes: Sequence[Node], labels: Sequence[Mapping[str, str]]) -> None:
        self._pod = pod
        pairs = list(zip(nodes, labels, strict=True))
        self._forbidden = _forbidden(pod, pairs)
        self._keys = {key for key, _ in self._forbidden}
        self._wanted = [(term.key, _domains(term, pairs), selects(term, pod)) for term in pod.together]
        self._unwelcome = [(term.key, _counts(term, pairs)) for term in pod.apart_if_possible]
        self._spreads = [(spread, _spread_counts(spread, pod, pairs)) for spread in pod.spreads]
        self._siblings: Counter[_Domain] = Counter() if pod.spreads else _siblings(pod, pairs)

    def refusal(self, labels: Mapping[str, str]) -> str | None:
        """Why the pods that stand keep this one off a node with these labels."""
        if any((key, labels.get(key)) in self._forbidden for key in self._keys):
            return "with a pod that it must not stand beside"
        for key, domains, itself in self._wanted:
            first = not domains and itself and key in labels  # the first of a group that wants to be together
            if labels.get(key) not in domains and not first:
                return "without the pods that it must stand beside"
        if any(spread.hard and self._skews(spread, counts, labels) for spread, counts in self._spreads):
            return "in a place that has more than its share of such pods"
        return None

    def rank(self, labels: Mapping[str, str]) -> tuple[int, int]:
        """Lower is liked better: pods it would rather stand apart from, then pods it should be spread from."""
        beside = sum(counts[labels.get(key, "")] for key, counts in self._unwelcome)
        if self._spreads:
            return beside, sum(counts[labels.get(spread.key, "")] for spread, counts in self._spreads)
        # kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints, internal default constraints.
        return beside, sum(self._siblings[(key, labels.get(key, ""))] for key in (HOST, ZONE))

    def _skews(self, spread: Spread, counts: Counter[str], labels: Mapping[str, str]) -> bool:
        if spread.key not in labels:
            return True
        itself = 1 if matches(spread.selector, self._pod.labels) else 0
        here = counts[labels[spread.key]] + itself
        fewest = min(counts.values(), default=0) if labels[spread.key] in counts else 0
        return here - fewest > spread.max_skew


_Pairs = Sequence[tuple[Node, Mapping[str, str]]]


def _standing(pairs: _Pairs) -> Iterable[tuple[Pod, Mapping[str, str]]]:
    return ((other, labels) for node, labels in pairs for other in node.pods)


def _domains(term: Term, pairs: _Pairs) -> set[str]:
    return {labels[term.key] for other, labels in _standing(pairs) if term.key in labels and selects(term, other)}


def _counts(term: Term, pairs: _Pairs) -> Counter[str]:
    return Counter(
        labels[term.key] for other, labels in _standing(pairs) if term.key in labels and selects(term, other)
    )


def _forbidden(pod: Pod, pairs: _Pairs) -> set[_Domain]:
    """Domains that its own anti-affinity rules out, and those that anti-affinity of the pods there does."""
    own = {(term.key, value) for term in pod.apart for value in _domains(term, pairs)}
    others = {
        (term.key, labels[term.key])
        for other, labels in _standing(pairs)
        for term in other.apart
        if term.key in labels and selects(term, pod)
    }
    return own | others


def _spread_counts(spread: Spread, pod: Pod, pairs: _Pairs) -> Counter[str]:
    """Pods in each domain; domains count by nodes that the pod chooses, tainted or not (nodeTaintsPolicy: Ignore)."""
    counts: Counter[str] = Counter()
    for node, labels in pairs:
        if spread.key in labels and chosen(pod, labels):
            here = (p for p in node.pods if p.namespace == pod.namespace and matches(spread.selector, p.labels))
            counts[labels[spread.key]] += sum(1 for _ in here)
    return counts


def _siblings(pod: Pod, pairs: _Pairs) -> Counter[_Domain]:
    counts: Counter[_Domain] = Counter()
    for other, labels in _standing(pairs):
        if other.owner == pod.owner:
            counts.update((key, labels[key]) for key in (HOST, ZONE))
    return counts
