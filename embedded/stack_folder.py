"""The folder `.regions/<stack>` of an embedded stack, and the interlock that keeps it apart from real clouds.

Standard library only: the provider executables import this before anything else is on their path.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TOKEN_VARIABLE = "GAME_REGIONS_TOKEN"
BACKEND_VARIABLE = "PULUMI_BACKEND_URL"
PROJECT_NAME = "game-regions"
PROVIDERS = ("aws", "kubernetes", "random")


class Interlock(Exception):
    """The embedded cloud is asked to work outside its own stack; one sentence."""


@dataclass(frozen=True)
class StackFolder:
    """Paths of one embedded stack."""

    root: Path

    @property
    def work(self) -> Path:
        """Copies of Pulumi.yaml and the stack file, on which the engine works."""
        return self.root / "work"

    @property
    def state(self) -> Path:
        """The file backend with the engine's state."""
        return self.root / "state"

    @property
    def state_file(self) -> Path:
        """The engine's state."""
        return self.state / ".pulumi" / "stacks" / PROJECT_NAME / f"{self.root.name}.json"

    @property
    def cloud(self) -> Path:
        """The embedded cloud's journal, snapshot, port, lock and log."""
        return self.root / "cloud"

    @property
    def last_state(self) -> Path:
        """During a run, space for the last readable state; afterwards only where the disk was full."""
        return self.cloud / "last-state"

    @property
    def plugins(self) -> Path:
        """The provider executables."""
        return self.root / "plugins"

    @property
    def token_file(self) -> Path:
        """The secret that the engine's environment must carry."""
        return self.root / "token"

    @property
    def backend_url(self) -> str:
        """Where the engine keeps this stack's state."""
        return f"file://{self.state}"

    def token(self) -> str:
        """The stack's token, made on first use."""
        if not self.token_file.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            write_whole(self.token_file, secrets.token_hex(24), mode=0o600)
        return self.token_file.read_text().strip()

    @classmethod
    def of_environment(cls, environment: Mapping[str, str]) -> StackFolder:
        """The stack an engine's environment belongs to; Interlock if backend and token are not those of one stack."""
        backend = environment.get(BACKEND_VARIABLE, "")
        if not (backend.startswith("file://") and backend.endswith("/state")):
            raise Interlock(
                f"the embedded providers work only on the backend of an embedded stack, {BACKEND_VARIABLE} is "
                f'{backend or "not set"}: use ./regions, or eval "$(./regions env STACK)" first'
            )
        folder = cls(Path(backend.removeprefix("file://")).parent)
        if not folder.token_file.exists() or environment.get(TOKEN_VARIABLE) != folder.token():
            raise Interlock(
                f"{TOKEN_VARIABLE} is not the token of {folder.root}: use ./regions, "
                f'or eval "$(./regions env {folder.root.name})" first'
            )
        return folder


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    draft = path.with_name(f"{path.name}.new")
    draft.touch(mode=mode)
    draft.write_text(text)
    draft.chmod(mode)
    draft.replace(path)


def access_key_id(token: str) -> str:
    """The access key that AWS clients of this stack's embedded cloud sign with; shaped as AWS's own (20 characters)."""
    return "AKIA" + token[:16].upper()
