"""The Pulumi CLI that runs our program: found on this machine, or else installed or built once.

In this order: `pulumi` on PATH; the project's own in .regions/bin; an earlier build in the cache; Pulumi's official
installer; a build from the Go modules that tools/pulumi pins.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pulumi.automation import PulumiCommand
from rich.console import Console
from semver import VersionInfo

from automation import engine_install, go_build, language_host
from automation.engine_build import PROGRAM, pulumi_cli
from automation.errors import Refused
from automation.locks import locked
from automation.progress import Progress, terminal_progress

PROJECT = Path(__file__).resolve().parents[1]
MINIMUM = VersionInfo.parse("3.225.0")  # the oldest on which hooks, plugins by path and transforms were tried
WAYS_OUT = (
    f"install Pulumi {MINIMUM} or newer on PATH (https://www.pulumi.com/docs/install), or install Go {{go}} or newer "
    "and run this again, or use ./regions plan, which needs no engine"
)
_ANSWER_SECONDS = 20.0  # a loaded machine starts the CLI in two
_COPY_BYTES = 300 * 1024 * 1024  # a release of the CLI with its language hosts, unpacked; a build is a third of it

Origin = Literal["PATH", "project"]


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A Pulumi CLI that can run our program."""

    path: Path
    version: VersionInfo
    origin: Origin

    def command(self) -> PulumiCommand:
        """The CLI for the Automation API, which by itself looks only on PATH or for `<root>/bin/pulumi`."""
        return _Command(self)


class _Command(PulumiCommand):
    def __init__(self, engine: Engine) -> None:
        # Not the SDK's constructor: it would start the CLI once more to learn the version that is known here.
        self.command = str(engine.path)
        self.version = engine.version


@dataclass(frozen=True, kw_only=True)
class Search:
    """What a look around found, and why each CLI that is there but unfit was passed over."""

    engine: Engine | None
    passed_over: tuple[str, ...]


def find_engine(project: Path = PROJECT) -> Engine | None:
    """The CLI that is ready to use, or None. Changes nothing on the machine."""
    return search(project).engine


def search(project: Path = PROJECT) -> Search:
    """Look for a CLI on PATH, then in the project."""
    passed_over = []
    for path, origin in _candidates(project):
        version = cli_version(path)
        if version is None:
            passed_over.append(f"{path} does not answer `pulumi version`")
        elif not _fits(version):
            passed_over.append(f"{path} is version {version}")
        else:
            return Search(engine=Engine(path=path, version=version, origin=origin), passed_over=tuple(passed_over))
    return Search(engine=None, passed_over=tuple(passed_over))


def ensure_engine(console: Console, project: Path = PROJECT) -> Engine:
    """The CLI with a Python language host, installed or built if need be, telling `console` what takes long.

    Raises Refused with the ways out where none can be had.
    """
    engine = find_engine(project)
    if engine is None:
        with (
            terminal_progress(console) as progress,
            locked(project / ".regions" / "engine.lock", waiting=lambda: progress(_WAITING, "")),
        ):
            # Whoever held the lock meanwhile has made one.
            engine = find_engine(project) or _obtain(project, progress)
    _give_language_host(engine, project)
    return engine


def cli_version(path: Path) -> VersionInfo | None:
    """What this CLI says its version is; None if it does not run, hangs or says something else."""
    environment = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        answer = subprocess.run(
            [path, "version"],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=True,
        )
        return VersionInfo.parse(answer.stdout.strip().removeprefix("v"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


_WAITING = "waiting for another run that installs the Pulumi CLI"


def _candidates(project: Path) -> list[tuple[Path, Origin]]:
    own = project / ".regions" / "bin" / "pulumi"
    found: list[tuple[Path, Origin]] = []
    on_path = shutil.which("pulumi")
    # `./regions env` puts the project's own on PATH; it stays the project's own.
    if on_path is not None and Path(on_path).absolute() != own:
        found.append((Path(on_path).absolute(), "PATH"))
    if own.is_file():
        found.append((own, "project"))
    return found


def _fits(version: VersionInfo) -> bool:
    # The Automation API refuses another major version than the SDK's.
    return version >= MINIMUM and version.major == MINIMUM.major


def _obtain(project: Path, progress: Progress) -> Engine:
    bin_folder = project / ".regions" / "bin"
    logs = project / ".regions"
    _refuse_full_disk(project)
    recipe = go_build.find_recipe(pulumi_cli(project / "tools" / "pulumi"))
    built = go_build.cached(recipe) if recipe else None
    if built is None and engine_install.install(bin_folder, progress, log=logs / "engine-install.log"):
        engine = find_engine(project)
        if engine is not None:
            return engine
    if recipe is None:
        raise Refused(*_nothing_here(project))
    built = built or go_build.build(recipe, progress, log=logs / "engine-build.log")
    _copy(built / PROGRAM, bin_folder / PROGRAM)
    engine = find_engine(project)
    if engine is None:
        raise Refused(f"the Pulumi CLI built for this project does not run: {'; '.join(search(project).passed_over)}")
    return engine


def _nothing_here(project: Path) -> tuple[str, str]:
    go = pulumi_cli(project / "tools" / "pulumi").needed_go
    passed_over = search(project).passed_over
    there = f"{' and '.join(passed_over)}" if passed_over else "none is on PATH"
    message = (
        f"no Pulumi CLI {MINIMUM} or newer: {there}, {engine_install.HOST} did not give one "
        f"and there is no Go {go} or newer to build it"
    )
    return message, WAYS_OUT.format(go=go)


def _refuse_full_disk(project: Path) -> None:
    free = shutil.disk_usage(project).free
    if free < _COPY_BYTES:
        raise Refused(
            f"{project} has {free // 2**20} MiB free and the Pulumi CLI needs {_COPY_BYTES // 2**20} MiB",
            "free some space and run this again",
        )


def _copy(binary: Path, target: Path) -> None:
    """A copy, not a link: the engine looks for its language host beside the file that the link leads to."""
    partial = target.with_name(f".pulumi.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(binary, partial)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise Refused(f"the Pulumi CLI could not be put into {target.parent}: {error.strerror}") from error


def _give_language_host(engine: Engine, project: Path) -> None:
    if engine.origin == "project":
        language_host.install(engine.path.parent)
    elif not language_host.has_release_host(engine.path):
        _lend_language_host(project)


def _lend_language_host(project: Path) -> None:
    """For a CLI on PATH without one: a folder of the project's goes first on this process's PATH."""
    folder = project / ".regions" / "language-host"
    language_host.install(folder)
    os.environ["PATH"] = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
