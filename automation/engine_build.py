"""Builds the Pulumi CLI from Go modules and keeps the result, checked, outside the checkout."""

import contextlib
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from automation.errors import Refused
from automation.progress import Progress

PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
CACHE_VARIABLE = "GAME_REGIONS_CACHE"
USUAL_GO_FOLDER = "/usr/local/go/bin"  # where go.dev says to unpack it; often not on PATH
BUILD_SECONDS = 20 * 60  # ten times what two cores take, modules included
STEP = "building the Pulumi CLI from Go modules (once, about two minutes on two cores):"

# Compile time, tried on two cores with empty caches (203 s of processor time with Go's defaults, 166 s with these):
# debug symbols, which -s -w drops again at the end, are not made at all; and clients of clouds and formatters, which
# never run hot here, are not inlined. Without inlining anywhere it is 142 s, but each `up` costs a fifth more.
_COMPILER_FLAGS = (
    "all=-dwarf=false",
    "github.com/aws/...=-dwarf=false -l",
    "github.com/Azure/...=-dwarf=false -l",
    "cloud.google.com/...=-dwarf=false -l",
    "google.golang.org/api/...=-dwarf=false -l",
    "go.opentelemetry.io/...=-dwarf=false -l",
    "github.com/alecthomas/...=-dwarf=false -l",
    "github.com/go-git/...=-dwarf=false -l",
)
_FULL_DISK = "no space left on device"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What goes into one build: equal recipes give the same binary."""

    modules: Path  # folder of go.mod and go.sum
    go: Path
    go_version: str  # "go1.26.8"

    @property
    def pulumi_version(self) -> str:
        """The version of the CLI that go.mod pins, as in "3.225.0"."""
        return _line(self.modules / "go.mod", r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)")

    @property
    def linker_flags(self) -> str:
        # Without the version the Automation API cannot tell what it talks to.
        stamp = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
        return f"-s -w -X {stamp}={self.pulumi_version}"

    @property
    def key(self) -> str:
        """Hex SHA-256 over everything that shapes the binary."""
        digest = hashlib.sha256()
        for name in ("go.mod", "go.sum"):
            digest.update((self.modules / name).read_bytes())
        shape = (self.go_version, self.linker_flags, *_COMPILER_FLAGS, sys.platform, platform.machine())
        digest.update("\0".join(shape).encode())
        return digest.hexdigest()


def needed_go(modules: Path) -> str:
    """The oldest Go that can build these modules, as in "1.25.6"."""
    return _line(modules / "go.mod", r"^go (\S+)")


def find_recipe(modules: Path) -> Recipe | None:
    """How to build on this machine, or None where there is no Go or only one too old."""
    found = shutil.which("go") or shutil.which("go", path=USUAL_GO_FOLDER)
    if found is None:
        return None
    version = _go_version(Path(found))
    if version is None or _numbers(version) < _numbers(needed_go(modules)):
        return None
    return Recipe(modules=modules, go=Path(found), go_version=version)


def cache_folder() -> Path:
    """Where builds are kept between checkouts; CI points the variable at a folder that it saves."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "game-regions"


def cached_binary(recipe: Recipe) -> Path | None:
    """The kept build of this recipe if it still is what was built; a damaged one is thrown away."""
    binary = _kept(recipe)
    record = binary.with_suffix(".sha256")
    if not binary.is_file():
        return None
    if record.is_file() and record.read_text().strip() == file_digest(binary):
        return binary
    shutil.rmtree(binary.parent, ignore_errors=True)
    return None


def build(recipe: Recipe, progress: Progress, *, log: Path) -> Path:
    """Build into the cache and return the binary. Raises Refused, naming `log`, if Go fails or takes too long."""
    binary = _kept(recipe)
    try:
        binary.parent.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=binary.parent) as folder:
            partial = Path(folder) / "pulumi"
            _run_go(recipe, partial, progress, log)
            # The record first: a binary without one is never trusted.
            binary.with_suffix(".sha256").write_text(file_digest(partial) + "\n")
            partial.replace(binary)
    except OSError as error:
        raise Refused(f"the Pulumi CLI could not be built in {binary.parent}: {error.strerror}") from error
    return binary


def file_digest(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _kept(recipe: Recipe) -> Path:
    return cache_folder() / "engine" / recipe.key[:32] / "pulumi"


def _run_go(recipe: Recipe, target: Path, progress: Progress, log: Path) -> None:
    arguments = [str(recipe.go), "build", "-v", "-trimpath", *(f"-gcflags={flags}" for flags in _COMPILER_FLAGS)]
    arguments += [f"-ldflags={recipe.linker_flags}", "-o", str(target), PACKAGE]
    # The Go that is there, or none: a toolchain fetched on the side would be neither pinned nor bounded.
    # Without cgo no C compiler is needed.
    environment = {
        **os.environ,
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOWORK": "off",
    }
    with log.open("w") as report, _bounded(arguments, recipe.modules, environment) as go:
        started = time.monotonic()
        compiled = 0
        for line in go.stderr or ():
            report.write(line)
            fetched = line.startswith("go: downloading")
            compiled += not fetched
            doing = "downloading modules" if fetched else f"{compiled} packages compiled"
            progress(STEP, f"{doing}, {time.monotonic() - started:.0f} s")
        code = go.wait()
    if code != 0:
        raise Refused(_reason(log, code), "install Pulumi on PATH, or read the log")


@contextlib.contextmanager
def _bounded(arguments: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process group that does not outlive this block, nor BUILD_SECONDS."""
    process = subprocess.Popen(
        arguments,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    def end() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(BUILD_SECONDS, end)
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        end()
        process.communicate()


def _reason(log: Path, code: int) -> str:
    text = log.read_text(errors="replace")
    if _FULL_DISK in text:
        return f"building the Pulumi CLI stopped because the disk is full, see {log}"
    if code == -signal.SIGKILL:
        return (
            f"building the Pulumi CLI was killed, after {BUILD_SECONDS // 60} minutes or for lack of memory, see {log}"
        )
    if re.search(r"dial tcp|no such host|i/o timeout", text):
        return f"building the Pulumi CLI failed because its Go modules could not be downloaded, see {log}"
    return f"building the Pulumi CLI failed, see {log}"


def _go_version(go: Path) -> str | None:
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    try:
        # From the root folder: a go.mod that asks for a newer Go must not make the question fail.
        answer = subprocess.run(
            [go, "version"], cwd="/", env=environment, capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\bgo\d+\.\d+(\.\d+)?", answer.stdout)
    return found.group() if found else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _line(file: Path, pattern: str) -> str:
    found = re.search(pattern, file.read_text(), re.MULTILINE)
    if found is None:
        raise Refused(f"{file} has no line like {pattern!r}, so the Pulumi CLI cannot be built")
    return found.group(1)
