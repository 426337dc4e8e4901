"""A thin face over the plan's recorder for tests of components.

    built = build(lambda: RedisCluster("us-east-redis", ARGS))
    assert only(built, "kubernetes:apps/v1:StatefulSet").resolved["spec"]["replicas"] == 6

Values in `.inputs` that come from another resource are {"$ref": URN, "property": "metadata.name"};
`.resolved` has the same values as texts, with names that the program itself gave filled in.
"""

from collections.abc import Callable, Iterable, Mapping

from plan.recorder import Recording, record
from plan.registration import RecordedResource

STACK = "test"


def build(
    program: Callable[[], object],
    config: Mapping[str, str] | None = None,
    regions: Iterable[str] = ("us-east",),
) -> Recording:
    """Run a program and return everything it registered; what it raises is raised here.

    `.findings` are those of the rules over single resources; `regions` are the names that logical names begin with.
    """
    return record(program, stack=STACK, config=config, regions=regions)


def all_of(built: Recording, type_: str) -> list[RecordedResource]:
    """Every resource of a type token, sorted by URN."""
    return [resource for resource in built.resources if resource.type == type_]


def only(built: Recording, type_: str) -> RecordedResource:
    """The one resource of a type token; fails with what there is if there are none or several."""
    found = all_of(built, type_)
    assert len(found) == 1, f"{len(found)} of {type_}, not one; registered: {names(built)}"
    return found[0]


def named(built: Recording, name: str, type_: str = "") -> RecordedResource:
    """The one resource with a logical name (and a type token, where several share the name)."""
    found = [r for r in built.resources if r.name == name and type_ in ("", r.type)]
    assert len(found) == 1, f"{len(found)} named {name!r}, not one; registered: {names(built)}"
    return found[0]


def names(built: Recording) -> list[tuple[str, str]]:
    """(type, logical name) of everything registered."""
    return [(resource.type, resource.name) for resource in built.resources]
