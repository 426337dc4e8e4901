"""Puts our Python language host beside a Pulumi CLI that has none."""

import os
import shlex
import shutil
import sys
from pathlib import Path

NAME = "pulumi-language-python"
_OURS = "game-regions language host"
_HOST = Path(__file__).resolve().parents[1] / "embedded" / "language_host.py"


def has_release_host(pulumi: Path) -> bool:
    """Whether Pulumi's own language host stands beside the CLI or, as the engine also looks there, on PATH."""
    on_path = shutil.which(NAME)
    return stands_beside(pulumi) or (on_path is not None and not _is_ours(Path(on_path)))


def stands_beside(pulumi: Path) -> bool:
    """Whether Pulumi's own language host stands beside the CLI."""
    beside = pulumi.resolve().parent / NAME
    return _is_executable(beside) and not _is_ours(beside)


def install(folder: Path) -> Path:
    """Write the executable into `folder`, unless Pulumi's own is there, and return its path.

    The script names this environment's Python by its absolute path, so that a plain `pulumi` in any shell runs the
    program with the project's packages; it is written again when the project or its environment has moved.
    """
    target = folder / NAME
    if _is_executable(target) and not _is_ours(target):
        return target
    # $PPID is the engine: taken by the shell before Python starts, so that an engine which dies meanwhile is noticed.
    text = (
        f"#!/bin/sh\n# {_OURS}\n"
        "GAME_REGIONS_ENGINE_PID=$PPID\nexport GAME_REGIONS_ENGINE_PID\n"
        f'exec {shlex.quote(sys.executable)} -P {shlex.quote(str(_HOST))} "$@"\n'
    )
    if _is_executable(target) and target.read_text() == text:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{NAME}.{os.getpid()}"
    partial.write_text(text)
    partial.chmod(0o755)
    partial.replace(target)
    return target


def _is_executable(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return _OURS.encode() in file.read(200)
