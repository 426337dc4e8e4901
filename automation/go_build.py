"""Builds programs from Go modules and keeps them, checked, outside the checkout."""

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from automation.errors import Refused
from automation.progress import Progress

CACHE_VARIABLE = "GAME_REGIONS_CACHE"
USUAL_GO_FOLDER = "/usr/local/go/bin"  # where go.dev says to unpack it; often not on PATH
BUILD_SECONDS = 20 * 60  # several times what two cores take, modules included
_FULL_DISK = "no space left on device"


@dataclass(frozen=True, kw_only=True)
class Product:
    """What one folder of Go modules is built into."""

    title: str  # in sentences: "the Pulumi CLI"
    kind: str  # folder of the cache
    modules: Path  # folder of go.mod and go.sum
    programs: Mapping[str, str]  # file name of a program -> its package
    linker_flags: str
    compiler_flags: tuple[str, ...]
    duration: str  # "about two minutes"
    remedy: str  # where a build fails: "install ..., or read the log"

    @property
    def needed_go(self) -> str:
        """The oldest Go that can build these modules, as in "1.25.6"."""
        return line_of(self.modules / "go.mod", r"^go (\S+)")

    @property
    def step(self) -> str:
        """What progress says."""
        return f"building {self.title} from Go modules (once, {self.duration} on two cores):"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What goes into one build: equal recipes give the same programs."""

    product: Product
    go: Path
    go_version: str  # "go1.26.8"

    @property
    def key(self) -> str:
        """Hex SHA-256 over everything that shapes the programs; their packages stand in go.mod as tools."""
        digest = hashlib.sha256()
        modules = self.product.modules
        for file in (modules / "go.mod", modules / "go.sum", *sorted(modules.rglob("*.go"))):
            digest.update(file.read_bytes())
        flags = (self.product.linker_flags, *self.product.compiler_flags)
        digest.update("\0".join((self.go_version, *flags, sys.platform, platform.machine())).encode())
        return digest.hexdigest()


def find_recipe(product: Product) -> Recipe | None:
    """How to build on this machine, or None where there is no Go or only one too old."""
    found = shutil.which("go") or shutil.which("go", path=USUAL_GO_FOLDER)
    if found is None:
        return None
    version = _go_version(Path(found))
    if version is None or _numbers(version) < _numbers(product.needed_go):
        return None
    return Recipe(product=product, go=Path(found), go_version=version)


def cache_folder() -> Path:
    """Where builds are kept between checkouts; CI points the variable at a folder that it saves."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "game-regions"


def cached(recipe: Recipe) -> Path | None:
    """The folder of this recipe's kept programs if they still are what was built; damaged ones are thrown away."""
    folder = _kept(recipe)
    if not folder.is_dir():
        return None
    if all(_is_intact(folder / name) for name in recipe.product.programs):
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    return None


def build(recipe: Recipe, progress: Progress, *, log: Path) -> Path:
    """Build into the cache and return the folder. Raises Refused, naming `log`, if Go fails or takes too long."""
    folder = _kept(recipe)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            _run_go(recipe, Path(place), progress, log)
            for name, package in recipe.product.programs.items():
                partial = Path(place) / _go_s_name(package)
                # The record first: a program without one is never trusted.
                _record(folder / name).write_text(file_digest(partial) + "\n")
                partial.replace(folder / name)
    except OSError as error:
        raise Refused(f"{recipe.product.title} could not be built in {folder}: {error.strerror}") from error
    return folder


def file_digest(file: Path) -> str:
    """Hex SHA-256 of a file."""
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def line_of(file: Path, pattern: str) -> str:
    """What the pattern's group finds in a go.mod; Refused if it finds nothing."""
    found = re.search(pattern, file.read_text(), re.MULTILINE)
    if found is None:
        raise Refused(f"{file} has no line like {pattern!r}, so what it is for cannot be built")
    return found.group(1)


def _kept(recipe: Recipe) -> Path:
    return cache_folder() / recipe.product.kind / recipe.key[:32]


def _is_intact(program: Path) -> bool:
    record = _record(program)
    return program.is_file() and record.is_file() and record.read_text().strip() == file_digest(program)


def _record(program: Path) -> Path:
    return program.with_name(f"{program.name}.sha256")


def _go_s_name(package: str) -> str:
    """What `go build` calls the program: the last part of the package's path that is not a major version."""
    return next(part for part in reversed(package.split("/")) if not re.fullmatch(r"v\d+", part))


def _run_go(recipe: Recipe, folder: Path, progress: Progress, log: Path) -> None:
    product = recipe.product
    arguments = [str(recipe.go), "build", "-v", "-trimpath", *(f"-gcflags={flags}" for flags in product.compiler_flags)]
    arguments += [f"-ldflags={product.linker_flags}", "-o", f"{folder}/", *product.programs.values()]
    # The Go that is there, or none: a toolchain fetched on the side would be neither pinned nor bounded.
    # Without cgo no C compiler is needed.
    environment = {
        **os.environ,
        "GOTOOLCHAIN": "local",
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOWORK": "off",
    }
    with log.open("w") as report, _bounded(arguments, product.modules, environment) as go:
        started = time.monotonic()
        compiled = 0
        for line in go.stderr or ():
            report.write(line)
            fetched = line.startswith("go: downloading")
            compiled += not fetched
            doing = "downloading modules" if fetched else f"{compiled} packages compiled"
            progress(product.step, f"{doing}, {time.monotonic() - started:.0f} s")
        code = go.wait()
    if code != 0:
        raise Refused(_reason(product, log, code), product.remedy)


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


def _reason(product: Product, log: Path, code: int) -> str:
    building = f"building {product.title}"
    text = log.read_text(errors="replace")
    if _FULL_DISK in text:
        return f"{building} stopped because the disk is full, see {log}"
    if code == -signal.SIGKILL:
        return f"{building} was killed, after {BUILD_SECONDS // 60} minutes or for lack of memory, see {log}"
    if re.search(r"dial tcp|no such host|i/o timeout", text):
        return f"{building} failed because its Go modules could not be downloaded, see {log}"
    return f"{building} failed, see {log}"


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
