"""A copy of the project whose stack has real control planes, held up while a drill looks at it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from automation.drills.live.region import LiveRegion
from automation.drills.live.waits import until
from automation.drills.rehearsal import UNBROKEN, Rehearsal, copy_project
from automation.stacks_of_project import ChosenStack
from embedded.client import Attachment, attach, lose_zones
from embedded.control_plane.plane import ControlPlane
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.live.server import Server
from embedded.stack_folder import StackFolder
from plan.document import record_stack
from plan.placement import operators
from plan.placement.charts import manifests
from plan.placement.report import estimate

_START_SECONDS: Final = 180.0  # control planes of all regions, one after the other where cores are few


class LiveStack:
    """One stack, in a copy of the project. `told` hears what is going on."""

    def __init__(self, chosen: ChosenStack, rehearsal: Rehearsal, told: Callable[[str], None]) -> None:
        self.name = chosen.name
        self.settings = chosen.settings
        self.rehearsal = rehearsal
        self.told = told
        self._hold: Attachment | None = None

    @property
    def folder(self) -> StackFolder:
        """Where the copy has the stack."""
        return StackFolder(self.rehearsal.folder(self.name))

    def bring_up(self) -> tuple[LiveRegion, ...]:
        """Bring the stack up from nothing and hold its cloud, so that control planes and nodes stay; its regions."""
        began = time.monotonic()
        report = self.up("--control-plane")
        self._hold = attach(self.folder)
        self.told(f"up: {report['changes'].get('create', 0)} resources made in {time.monotonic() - began:.0f} s")
        recording = record_stack(self.name, self.settings)
        estimates = estimate(recording, self.settings)
        return tuple(
            LiveRegion(
                name=name,
                settings=settings,
                server=self.server(name),
                estimate=estimates[name],
                charts=[
                    *(one for each in recording.resources if each.region == name for one in manifests(each)),
                    *operators.manifests(recording, name),
                ],
            )
            for name, settings in self.settings.regions.items()
        )

    def up(self, *arguments: str) -> dict[str, Any]:
        """`./regions up` of the copy, which must succeed; its report."""
        return self.rehearsal.report("up", self.name, "--embedded", "--yes", *arguments, environment=UNBROKEN)

    def refresh(self) -> dict[str, Any]:
        """`./regions refresh` of the copy; its report."""
        return self.rehearsal.report("refresh", self.name, "--embedded", environment=UNBROKEN)

    def plane(self, region: str) -> ControlPlane:
        """The control plane of a region."""
        return ControlPlane(self.folder, region)

    def server(self, region: str) -> Server:
        """The API server of a region, once it answers."""
        until(f"the API server of {region}", _START_SECONDS, lambda: self._silent(region))
        server = self.answering(region)
        if server is None:
            raise AssertionError(f"the API server of {region} ended as soon as it had answered")
        return server

    def answering(self, region: str) -> Server | None:
        """The API server of a region while it runs."""
        handle = self.plane(region).handle()
        return None if handle is None else Server(handle.url, str(handle.ca), handle.token, region)

    def lose_zones(self, *zones: str) -> None:
        """From now on AWS has no capacity in these zones."""
        if self._hold is None:
            raise AssertionError(f"{self.name} is not up, so it has no zones to lose")
        lose_zones(self.folder, self._hold, zones)

    def edit(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the copy's stack file: `change` is given what it says of each region, by name."""
        import yaml

        file = self.rehearsal.root / f"Pulumi.{self.name}.yaml"
        content = yaml.safe_load(file.read_text())
        change(content["config"]["game-regions:regions"])
        file.write_text(yaml.safe_dump(content, sort_keys=False))

    def close(self) -> None:
        """Let the cloud go, and end what is left of the control planes."""
        if self._hold is not None:
            self._hold.close()
        self.rehearsal.processes_left()
        for region in self.settings.regions:
            self.plane(region).stop(erase=True)

    def _silent(self, region: str) -> list[str]:
        server = self.answering(region)
        if server is None:
            return ["it does not run"]
        try:
            server.ask("GET", "/api/v1/namespaces")
        except ApiError as refusal:
            return [refusal.message]
        return []


@contextmanager
def live_stack(chosen: ChosenStack, place: Path, told: Callable[[str], None]) -> Iterator[LiveStack]:
    """A stack that is not up yet, in a copy of the project under `place`; all its processes end with the drill."""
    stack = LiveStack(chosen, copy_project(place / "1"), told)
    try:
        yield stack
    finally:
        stack.close()
