"""Whether the game namespace's quota holds its worlds, at their greatest number, and the data systems beside them."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from stacks.data_needs import Needs, data_needs
from stacks.quantities import cpu_text, kibibytes, memory_text, millicores
from stacks.settings_errors import shown

if TYPE_CHECKING:
    from stacks.settings import RegionSettings, StackSettings

_GIB = 1024**2  # in KiB
# Objects that do not grow with the worlds: the headless Service; the worlds' ConfigMap and the kube-root-ca.crt that
# Kubernetes puts into every namespace; the worlds' Secret.
_OF_WORLDS = {"services": 1, "config_maps": 2, "secrets": 1, "load_balancers": 0}


def check_quota(settings: "StackSettings") -> Iterator[str]:
    """What each region's quota does not hold, one sentence for each of its fields."""
    for name, region in settings.regions.items():
        base, beside = f"regions.{name}.namespace.quota", data_needs(region)
        yield from _amounts(base, region, beside)
        yield from _objects(base, region, beside)


def _amounts(base: str, region: "RegionSettings", beside: Mapping[str, Needs]) -> Iterator[str]:
    quota, worlds = region.namespace.quota, region.worlds
    count = worlds.max_count
    amounts: list[tuple[str, int, int, Callable[[int], str]]] = [
        ("requests.cpu", millicores(quota.requests.cpu), millicores(worlds.requests.cpu), cpu_text),
        ("requests.memory", kibibytes(quota.requests.memory), kibibytes(worlds.requests.memory), memory_text),
        ("limits.cpu", millicores(quota.limits.cpu), millicores(worlds.limits.cpu), cpu_text),
        ("limits.memory", kibibytes(quota.limits.memory), kibibytes(worlds.limits.memory), memory_text),
        ("storage", kibibytes(quota.storage), worlds.storage_gib * _GIB, memory_text),
        ("claims", quota.claims, 1, str),
        ("pods", quota.pods, 1, str),
    ]
    for field, given, each, text in amounts:
        more = _parts(field, beside)
        need = count * each + sum(more.values())
        if given < need:
            others = f" beside {_listed(more, text)}" if more else ""
            yield (
                f"{base}.{field}: {shown(text(given))} does not hold {count} worlds of {text(each)} each{others}; "
                f"raise it to {text(need)} or lower worlds.max_count"
            )


def _objects(base: str, region: "RegionSettings", beside: Mapping[str, Needs]) -> Iterator[str]:
    for field, own in _OF_WORLDS.items():
        given, more = getattr(region.namespace.quota, field), _parts(field, beside)
        need = own + sum(more.values())
        if given < need:
            others = f" ({own}) and {_listed(more, str)}" if more else ""
            yield f"{base}.{field}: {given} is below the {need} that the worlds{others} need; give at least {need}"


def _parts(field: str, beside: Mapping[str, Needs]) -> dict[str, int]:
    return {system: needs[field] for system, needs in beside.items() if needs.get(field)}


def _listed(parts: Mapping[str, int], text: Callable[[int], str]) -> str:
    return ", ".join(f"{text(amount)} of {system}" for system, amount in parts.items())
