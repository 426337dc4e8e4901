"""The control plane's programs are built once and found again; a small script stands for Go."""

from pathlib import Path

import pytest
from rich.console import Console

from automation import control_plane_build, go_build
from automation.control_plane_build import ensure_programs, find_programs, products
from automation.engine import PROJECT
from automation.errors import Refused
from tests.control_plane.stand_ins import NAMES, script

# Stands for `go build`: names each program as Go does, and counts.
BUILD = r"""echo "$*" >> "$COUNT"
while [ "$1" != -o ]; do shift; done
folder=$2; shift 2
for package; do
    name=${package##*/}
    [ "$name" != v3 ] || name=server
    printf '#!/bin/sh\necho %s\n' "$package" > "$folder/$name"
done
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with our modules, an empty cache and nothing but `bin` on PATH."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("GAME_REGIONS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))
    monkeypatch.setattr(go_build, "USUAL_GO_FOLDER", str(tmp_path / "none"))
    for product in products(PROJECT):
        modules = tmp_path / product.modules.relative_to(PROJECT)
        modules.mkdir(parents=True)
        for name in ("go.mod", "go.sum"):
            (modules / name).write_bytes((product.modules / name).read_bytes())
    (tmp_path / "bin").mkdir()
    return tmp_path


def fake_go(machine: Path, *, version: str = "go1.26.8", build: str = BUILD) -> None:
    answer = f'if [ "$1" = version ]; then echo "go version {version} linux/amd64"; exit; fi'
    script(machine / "bin" / "go", f"#!/bin/sh\n{answer}\n{build}")


def ensure(machine: Path) -> dict[str, Path]:
    return ensure_programs(Console(stderr=True), machine)


def builds(machine: Path) -> list[str]:
    count = machine / "count"
    return count.read_text().splitlines() if count.exists() else []


def test_every_program_is_built_from_its_own_package_and_under_its_own_name(machine: Path) -> None:
    fake_go(machine)
    programs = ensure(machine)
    assert sorted(programs) == sorted(NAMES)
    packages = {name: path.read_text().split()[-1] for name, path in programs.items()}
    assert packages == {
        "etcd": "go.etcd.io/etcd/server/v3",
        "karpenter": "gameregions.dev/tools/control-plane/karpenter",
        "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
        "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
        "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
        "kwok": "sigs.k8s.io/kwok/cmd/kwok",
    }


def test_what_is_built_is_what_go_mod_names_as_tools() -> None:
    for product in products(PROJECT):
        text = (product.modules / "go.mod").read_text()
        for package in product.programs.values():
            assert f"tool {package}\n" in text or f"\t{package}\n" in text, package


def test_the_server_can_say_its_version(machine: Path) -> None:
    fake_go(machine)
    ensure(machine)
    kubernetes = builds(machine)[0]
    for stamp in ("gitVersion=v1.35.0", "gitMajor=1", "gitMinor=35"):
        assert f"-X k8s.io/component-base/version.{stamp}" in kubernetes


def test_three_builds_are_enough_for_ever(machine: Path) -> None:
    fake_go(machine)
    assert find_programs(machine) is None
    first = ensure(machine)
    assert ensure(machine) == find_programs(machine) == first
    assert len(builds(machine)) == 3


@pytest.mark.parametrize("damage", ["program", "record", "gone"])
def test_one_damaged_program_is_built_anew_with_its_module_only(machine: Path, damage: str) -> None:
    fake_go(machine)
    kwok = ensure(machine)["kwok"]
    if damage == "program":
        kwok.write_text("damaged")
    elif damage == "record":
        kwok.with_name("kwok.sha256").unlink()
    else:
        kwok.unlink()
    assert find_programs(machine) is None
    ensure(machine)
    assert [line.rsplit(" ", 1)[1] for line in builds(machine)[3:]] == ["sigs.k8s.io/kwok/cmd/kwok"]


@pytest.mark.parametrize("file", ["go.mod", "go.sum", "main.go"])
def test_another_file_beside_go_mod_is_another_build(machine: Path, file: str) -> None:
    fake_go(machine)
    ensure(machine)
    with (machine / "tools" / "control-plane" / "karpenter" / file).open("a") as opened:
        opened.write("\n")
    ensure(machine)
    assert len(builds(machine)) == 4


@pytest.mark.parametrize("version", [None, "go1.24.13", "go1.26.5"])
def test_without_a_go_that_is_new_enough_for_all_none_is_built(machine: Path, version: str | None) -> None:
    if version:
        fake_go(machine, version=version)
    with pytest.raises(Refused) as refused:
        ensure(machine)
    said = str(refused.value)
    assert "there is no Go 1.26.6 or newer to build the control plane; install Go 1.26.6 or newer" in said
    assert "\n" not in said
    assert builds(machine) == []


def test_without_network_the_sentence_says_so_and_names_the_log(machine: Path) -> None:
    fake_go(machine, build="echo 'dial tcp: lookup proxy.golang.org: no such host' >&2; exit 1")
    with pytest.raises(Refused, match=r"Kubernetes 1\.35\.0 failed because its Go modules could not be downloaded"):
        ensure(machine)
    assert (machine / ".regions" / "kubernetes-build.log").read_text().startswith("dial tcp")


def test_a_full_disk_is_refused_before_anything_is_built(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_go(machine)
    monkeypatch.setattr(control_plane_build, "_BUILD_BYTES", 2**60)
    with pytest.raises(Refused, match=r"MiB free and building Kubernetes 1\.35\.0 takes up to"):
        ensure(machine)
    assert builds(machine) == []
