"""The programs of the embedded control plane: from the cache, or built once from the modules in tools/control-plane.

Modules that cannot be built together stand in folders of their own: each asks for other versions of Kubernetes' parts.
"""

import shutil
from pathlib import Path

from rich.console import Console
from semver import VersionInfo

from automation.engine import PROJECT
from automation.errors import Refused
from automation.go_build import Product, Recipe, build, cache_folder, cached, find_recipe, line_of
from automation.locks import locked
from automation.progress import Progress, terminal_progress

_BUILD_BYTES = 5 * 2**30  # Go's modules, what it keeps of compiling them, and the programs
_NO_DEBUG_SYMBOLS = "all=-dwarf=false"  # -s -w would drop them again at the end
_REMEDY = "read the log, or rehearse without a control plane"
_WAITING = "waiting for another run that builds the control plane"


def products(project: Path = PROJECT) -> tuple[Product, ...]:
    """What is built."""
    folder = project / "tools" / "control-plane"
    return (_kubernetes(folder / "kubernetes"), _etcd_and_kwok(folder / "etcd-kwok"), _karpenter(folder / "karpenter"))


def find_programs(project: Path = PROJECT) -> dict[str, Path] | None:
    """Path of each program by its name; None where one would have to be built. Changes nothing but damaged ones."""
    found: dict[str, Path] = {}
    for product in products(project):
        recipe = find_recipe(product)
        folder = cached(recipe) if recipe else None
        if folder is None:
            return None
        found |= _paths(product, folder)
    return found


def ensure_programs(console: Console, project: Path = PROJECT) -> dict[str, Path]:
    """Path of each program by its name, built if need be, telling `console` what takes long.

    Raises Refused with the remedy where one cannot be built.
    """
    found = find_programs(project)
    if found is not None:
        return found
    with (
        terminal_progress(console) as progress,
        locked(project / ".regions" / "control-plane-build.lock", waiting=lambda: progress(_WAITING, "")),
    ):
        found = {}
        for recipe in _recipes(project):
            found |= _paths(recipe.product, _obtain(recipe, project, progress))
        return found


def _recipes(project: Path) -> list[Recipe]:
    """How to build each; Refused before the first is built if there is one that cannot be."""
    wanted = products(project)
    found = [recipe for product in wanted if (recipe := find_recipe(product)) is not None]
    if len(found) < len(wanted):
        go = max((product.needed_go for product in wanted), key=VersionInfo.parse)
        raise Refused(
            f"there is no Go {go} or newer to build the control plane",
            f"install Go {go} or newer (https://go.dev/dl), or rehearse without a control plane",
        )
    return found


def _obtain(recipe: Recipe, project: Path, progress: Progress) -> Path:
    kept = cached(recipe)  # whoever held the lock meanwhile may have built it
    if kept is not None:
        return kept
    _refuse_full_disk(recipe.product)
    return build(recipe, progress, log=project / ".regions" / f"{recipe.product.modules.name}-build.log")


def _paths(product: Product, folder: Path) -> dict[str, Path]:
    return {name: folder / name for name in product.programs}


def _refuse_full_disk(product: Product) -> None:
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if free < _BUILD_BYTES:
        raise Refused(
            f"{cache} has {free // 2**20} MiB free and building {product.title} takes up to {_BUILD_BYTES // 2**20}",
            "free some space and run this again",
        )


def _kubernetes(modules: Path) -> Product:
    version = line_of(modules / "go.mod", r"k8s\.io/kubernetes (v\S+)")
    major, minor, _ = version.removeprefix("v").split(".")
    # Without these, clients cannot read which version the server has.
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamps.items())
    names = ("kube-apiserver", "kube-controller-manager", "kube-scheduler")
    return Product(
        title=f"Kubernetes {version.removeprefix('v')}",
        kind="kubernetes",
        modules=modules,
        programs={name: f"k8s.io/kubernetes/cmd/{name}" for name in names},
        linker_flags=f"-s -w {flags}",
        compiler_flags=(_NO_DEBUG_SYMBOLS,),
        duration="about five minutes",
        remedy=_REMEDY,
    )


def _etcd_and_kwok(modules: Path) -> Product:
    return Product(
        title="etcd and kwok",
        kind="etcd-kwok",
        modules=modules,
        programs={"etcd": "go.etcd.io/etcd/server/v3", "kwok": "sigs.k8s.io/kwok/cmd/kwok"},
        linker_flags="-s -w",
        compiler_flags=(_NO_DEBUG_SYMBOLS,),
        duration="about two minutes",
        remedy=_REMEDY,
    )


def _karpenter(modules: Path) -> Product:
    return Product(
        title="Karpenter over Node objects",
        kind="karpenter",
        modules=modules,
        programs={"karpenter": "gameregions.dev/tools/control-plane/karpenter"},  # a program of ours
        linker_flags="-s -w",
        compiler_flags=(_NO_DEBUG_SYMBOLS,),
        duration="about three minutes",
        remedy=_REMEDY,
    )
