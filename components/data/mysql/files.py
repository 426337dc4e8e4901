"""Pure: what the ConfigMap of a pod of MySQL holds, and where each file of it stands in the pod."""

from collections.abc import Mapping
from pathlib import Path

from components.data.mysql.config import FILES, ServerFigures, render_config

OPTIONS_KEY = "my.cnf"
SCRIPTS = ("init.sh", "probe.sh", "prestop.sh")
FOLLOWER = "follow.sh"
_REPLICA_FILES = FILES.parent / "mysql-replica"
_RUNTIME = Path(__file__).parent / "runtime"


def config_map_data(figures: ServerFigures, variables: Mapping[str, str | int | float | bool]) -> dict[str, str]:
    """Text by key: the options, the scripts, and the agent's modules, which are the very files that tests import."""
    return {
        OPTIONS_KEY: render_config(figures, variables),
        **{name: (FILES / name).read_text(encoding="utf-8") for name in SCRIPTS},
        **{_key(module): module.read_text(encoding="utf-8") for module in _modules()},
    }


def paths() -> dict[str, str]:
    """Path below the mount by key: modules stand in a package `runtime`, all else beside it."""
    return {
        OPTIONS_KEY: OPTIONS_KEY,
        **{name: name for name in SCRIPTS},
        **{_key(module): f"runtime/{module.name}" for module in _modules()},
    }


def follower_data() -> dict[str, str]:
    """What the pod of a copy has besides, by key."""
    return {FOLLOWER: (_REPLICA_FILES / FOLLOWER).read_text(encoding="utf-8")}


def _modules() -> list[Path]:
    return sorted(_RUNTIME.glob("*.py"))


def _key(module: Path) -> str:
    return f"runtime-{module.name}"  # a ConfigMap's keys have no slash
