"""Pure: the files that backup pods mount: the package `runtime` and the shell scripts."""

from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "files" / "backup"
RUNTIME = Path(__file__).parent / "runtime"


def config_map_data() -> dict[str, str]:
    """Content by key; a key has no folder, so `runtime/archive.py` is `runtime-archive.py`."""
    return {key: path.read_text() for key, path in _files().items()}


def paths() -> dict[str, str]:
    """Where each key stands below the mount: `items` of the volume."""
    return {
        key: f"{path.parent.name}/{path.name}" if path.suffix == ".py" else path.name for key, path in _files().items()
    }


def _files() -> dict[str, Path]:
    modules = {f"runtime-{path.name}": path for path in sorted(RUNTIME.glob("*.py"))}
    return {**modules, **{path.name: path for path in sorted(SCRIPTS.glob("*.sh"))}}
