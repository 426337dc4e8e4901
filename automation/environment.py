"""Makes `.venv` and installs what the requirement files pin. Run by the launcher, before anything is installed.

Hence the standard library only, and `automation.locks`, which needs no more.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from automation.locks import locked

PROJECT = Path(__file__).resolve().parents[1]
REQUIREMENTS = {
    "runtime": ("constraints.txt", "requirements.txt"),
    "dev": ("constraints.txt", "requirements.txt", "requirements-dev.txt"),
}


def main() -> None:
    packages = sys.argv[1]
    log = PROJECT / ".regions" / "environment.log"
    try:
        with locked(PROJECT / ".regions" / "environment.lock", waiting=lambda: _say(_WAITING)):
            if not is_up_to_date(packages):
                _say("installing the Python packages (once, about half a minute)")
                _install(packages, log)
    except KeyboardInterrupt:
        _stop("interrupted while the Python packages were being installed; run this again to continue")
    except OSError as error:
        _stop(f"the Python environment could not be made in {PROJECT / '.venv'}: {error.strerror}")


def is_up_to_date(packages: str) -> bool:
    """Whether `.venv` holds what the requirement files say now; the launcher compares the same two things."""
    record = _record(packages)
    return _python().is_file() and record.is_file() and record.read_bytes() == _wanted(packages)


def _install(packages: str, log: Path) -> None:
    for each in REQUIREMENTS:
        _record(each).unlink(missing_ok=True)
    uv = shutil.which("uv")
    with log.open("w") as report:
        if not _python().is_file():
            without_pip = ["--without-pip"] if uv else []
            made = [sys.executable, "-m", "venv", "--clear", *without_pip, str(PROJECT / ".venv")]
            if subprocess.call(made, stdout=report, stderr=report) != 0:
                _stop(f"{sys.executable} could not make an environment (on Debian: install python3-venv), see {log}")
        if subprocess.call(_installer(uv, packages), stdout=report, stderr=report) != 0:
            _stop(_reason(log))
    for each, files in REQUIREMENTS.items():
        if set(files) <= set(REQUIREMENTS[packages]):
            _record(each).write_bytes(_wanted(each))


def _installer(uv: str | None, packages: str) -> list[str]:
    last = str(PROJECT / REQUIREMENTS[packages][-1])  # it includes the files before it
    if uv:
        return [uv, "pip", "install", "--quiet", "--python", str(_python()), "-r", last]
    # Compiling all of pulumi_aws takes longer than the rest together, and almost none of it is ever imported.
    quiet = ["--quiet", "--no-compile", "--no-input", "--disable-pip-version-check"]
    return [str(_python()), "-m", "pip", "install", *quiet, "-r", last]


def _reason(log: Path) -> str:
    text = log.read_text(errors="replace")
    if "No space left on device" in text:
        return f"the Python packages could not be installed because the disk is full, see {log}"
    if any(sign in text for sign in ("NewConnectionError", "Failed to establish", "dns error", "Connection refused")):
        return f"the Python packages could not be installed because the package index cannot be reached, see {log}"
    return f"the Python packages could not be installed, see {log}"


def _python() -> Path:
    return PROJECT / ".venv" / "bin" / "python"


def _record(packages: str) -> Path:
    return PROJECT / ".venv" / f"installed-{packages}.txt"


def _wanted(packages: str) -> bytes:
    return b"".join((PROJECT / name).read_bytes() for name in REQUIREMENTS[packages])


_WAITING = "waiting for another ./regions that installs the Python packages"


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _stop(text: str) -> NoReturn:
    _say(f"regions: {text}")
    sys.exit(1)


if __name__ == "__main__":
    main()
