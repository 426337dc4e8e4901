"""What this machine has of what game-regions needs. Looks, and neither starts nor changes anything."""

import fcntl
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from automation import engine, engine_install, environment, go_build, language_host
from automation.engine_build import pulumi_cli
from automation.network import reachable

ENOUGH_DISK = 4 * 2**30  # bytes: Python packages 0.8 GB, Go modules and build cache 2.5 GB, the CLI twice
_UP = "run ./regions up local, which installs or builds it"

Status = Literal["ok", "missing", "warn"]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing looked for; `remedy` is what to do where `status` is not ok."""

    name: str
    status: Status
    detail: str
    remedy: str | None = None


def examine(project: Path = engine.PROJECT) -> list[Fact]:
    """All facts, in the order in which a person would want them. Takes about 2 seconds without network."""
    checks: list[Callable[[Path], Fact]] = [
        _python,
        _packages,
        _engine,
        _language_host,
        _go,
        _network,
        _aws,
        _kubectl,
        _disk,
        _stacks,
        _clouds,
    ]
    # Some wait for an answer, from the network or from a program: together they take as long as the slowest.
    with ThreadPoolExecutor(len(checks)) as pool:
        return list(pool.map(lambda check: check(project), checks))


def _python(_: Path) -> Fact:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Fact(name="Python", status="ok", detail=f"{version}, {sys.executable}")


def _packages(_: Path) -> Fact:
    if environment.is_up_to_date("runtime"):
        return Fact(name="Python packages", status="ok", detail="as requirements.txt pins them")
    detail = "not those that requirements.txt pins, as far as the launcher knows"
    return Fact(name="Python packages", status="warn", detail=detail, remedy="start through ./regions, not python")


def _engine(project: Path) -> Fact:
    look = engine.search(project)
    if look.engine is not None:
        where = "PATH" if look.engine.origin == "PATH" else "the project"
        return Fact(name="Pulumi CLI", status="ok", detail=f"{look.engine.version} of {where}, {look.engine.path}")
    detail = "; ".join(look.passed_over) or "none on PATH or in .regions/bin"
    return Fact(name="Pulumi CLI", status="missing", detail=f"{detail}; needed: {engine.MINIMUM}", remedy=_UP)


def _language_host(project: Path) -> Fact:
    name = "Python language host"
    found = engine.find_engine(project)
    if found is None:
        return Fact(name=name, status="missing", detail="comes with the Pulumi CLI", remedy=_UP)
    # The project's own CLI finds its own first, whatever an older Pulumi has put on PATH.
    known = language_host.stands_beside if found.origin == "project" else language_host.has_release_host
    if known(found.path):
        return Fact(name=name, status="ok", detail="Pulumi's own")
    return Fact(name=name, status="ok", detail="the project's own stands in for Pulumi's")


def _go(project: Path) -> Fact:
    cli = pulumi_cli(project / "tools" / "pulumi")
    recipe = go_build.find_recipe(cli)
    if recipe is not None:
        return Fact(name="Go", status="ok", detail=f"{recipe.go_version.removeprefix('go')}, {recipe.go}")
    needed = cli.needed_go
    remedy = f"install Go {needed} or newer, if the Pulumi CLI has to be built here"
    return Fact(name="Go", status="warn", detail=f"no Go {needed} or newer", remedy=remedy)


def _network(_: Path) -> Fact:
    host = engine_install.HOST
    if reachable(host):
        return Fact(name="Network", status="ok", detail=f"{host} can be reached")
    remedy = "needed only to install the Pulumi CLI and for real clouds; a proxy is read from https_proxy"
    return Fact(name="Network", status="warn", detail=f"{host} cannot be reached within 2 seconds", remedy=remedy)


def _aws(_: Path) -> Fact:
    return _tool("aws", "AWS CLI", "install it for stacks on AWS, whose kubeconfig asks it for tokens")


def _kubectl(_: Path) -> Fact:
    return _tool("kubectl", "kubectl", "install it to look into clusters yourself; game-regions does not need it")


def _tool(program: str, name: str, remedy: str) -> Fact:
    found = shutil.which(program)
    if found is not None:
        return Fact(name=name, status="ok", detail=found)
    return Fact(name=name, status="warn", detail="not on PATH", remedy=remedy)


def _disk(project: Path) -> Fact:
    free = shutil.disk_usage(project).free
    detail = f"{free / 2**30:.1f} GiB free at {project}"
    if free >= ENOUGH_DISK:
        return Fact(name="Disk", status="ok", detail=detail)
    remedy = f"free some: a first start with a build of the CLI takes up to {ENOUGH_DISK / 2**30:.0f} GiB"
    return Fact(name="Disk", status="warn", detail=detail, remedy=remedy)


def _stacks(project: Path) -> Fact:
    names = [folder.parent.name for folder in sorted((project / ".regions").glob("*/state"))]
    return Fact(name="Embedded stacks", status="ok", detail=", ".join(names) or "none")


def _clouds(project: Path) -> Fact:
    running = [lock.parents[1].name for lock in sorted((project / ".regions").glob("*/cloud/lock")) if _is_held(lock)]
    if not running:
        return Fact(name="Embedded clouds", status="ok", detail="none is running")
    detail = f"running for {', '.join(running)}"
    remedy = "nothing to do: it ends with the command that uses it"
    return Fact(name="Embedded clouds", status="warn", detail=detail, remedy=remedy)


def _is_held(lock: Path) -> bool:
    """Whether a running embedded cloud holds its lock; a shared lock let go at once disturbs none that starts."""
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
