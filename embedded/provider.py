"""What a provider of the embedded cloud is: a `Handler` with check, diff, create, read, update and delete.

Handlers see plain JSON-like Python values (whole numbers as ints, secrets unwrapped, unknown values as `UNKNOWN`);
`embedded.servicer` translates between them and the engine's gRPC protocol and puts secret marks back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Values = dict[str, Any]


class _Unknown:
    """Stands for a value that is not yet known; only in previews."""

    _only: _Unknown | None = None

    def __new__(cls) -> _Unknown:
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __deepcopy__(self, _memo: object) -> _Unknown:
        return self


UNKNOWN: Final = _Unknown()


def contains_unknown(value: object) -> bool:
    """True if `value` is or holds a value that is not yet known."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(contains_unknown(item) for item in value)
    return False


@dataclass(frozen=True)
class Target:
    """The resource a call is about: its URN, plain type token, logical name and, in check, the engine's random seed.

    `seconds`: in create, update and delete the time that the program gives it (customTimeouts); 0: the provider's own.
    """

    urn: str
    type: str
    name: str
    random_seed: bytes = b""
    seconds: float = 0.0

    @classmethod
    def of(cls, urn: str, random_seed: bytes = b"", seconds: float = 0.0) -> Target:
        """Split a URN; the type chain of a component's child ends in the resource's own type."""
        _, _, chain, name = urn.split("::", 3)
        return cls(urn, chain.rsplit("$", 1)[-1], name, random_seed, seconds)


@dataclass(frozen=True)
class Failure:
    """An input that check refuses: the property's path and one sentence."""

    property: str
    reason: str


@dataclass(frozen=True)
class Replacement:
    """Which changed paths cannot be updated in place, and whether the old object must go before the new one comes."""

    paths: tuple[str, ...] = ()
    delete_first: bool = False


class ProviderError(Exception):
    """A refusal of the cloud, in one sentence; the engine prints it without a traceback."""


class PartialFailure(ProviderError):
    """The object exists but is not healthy (an add-on DEGRADED): the engine records it and repairs it later."""

    def __init__(self, resource_id: str, outputs: Values, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.resource_id = resource_id
        self.outputs = outputs
        self.reasons = reasons


class Handler(ABC):
    """One provider resource's view of its cloud. Methods are synchronous and may run in any thread."""

    @abstractmethod
    def configure(self, settings: Values) -> None:
        """Take the provider's inputs (nested JSON texts decoded); may hold UNKNOWN in a preview."""

    @abstractmethod
    def check(self, target: Target, old: Values | None, new: Values) -> tuple[Values, list[Failure]]:
        """Complete (defaults, automatic names) and validate inputs."""

    @abstractmethod
    def replacement(
        self, target: Target, resource_id: str, old_inputs: Values, new_inputs: Values, changed: list[str]
    ) -> Replacement:
        """Say which of the changed property paths replace the resource."""

    @abstractmethod
    def create(self, target: Target, inputs: Values) -> tuple[str, Values]:
        """Make the object; its id and outputs."""

    @abstractmethod
    def update(
        self, target: Target, resource_id: str, old_inputs: Values, old_outputs: Values, new_inputs: Values
    ) -> Values:
        """Change the object in place; its outputs."""

    @abstractmethod
    def read(
        self, target: Target, resource_id: str, inputs: Values | None, outputs: Values | None
    ) -> tuple[str, Values, Values] | None:
        """Id, inputs and outputs as the cloud has them now; None if the object is gone. `inputs` None: an import."""

    @abstractmethod
    def delete(self, target: Target, resource_id: str, inputs: Values, outputs: Values) -> None:
        """Delete the object; no error if it is gone already."""

    def preview(self, target: Target, inputs: Values) -> Values:
        """Outputs known before a create; what is left out is unknown to the program."""
        del target
        return inputs

    def preview_update(self, target: Target, old_outputs: Values, new_inputs: Values) -> Values:
        """Outputs known before an update."""
        del target
        return old_outputs | new_inputs

    def secret_properties(self, target: Target) -> frozenset[str]:
        """Properties that are secret whatever the program says; an import has no marks of the program to go by."""
        del target
        return frozenset()

    def provider_replacement(self, old: Values, new: Values) -> Replacement:
        """Which changed settings of the provider itself replace it, and with it everything it manages."""
        del old, new
        return Replacement()
