"""Finding, installing and building the Pulumi CLI; every program here is a small script that stands for a real one."""

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console
from semver import VersionInfo

from automation import engine, engine_install, go_build, language_host
from automation.engine import PROJECT, ensure_engine, find_engine, search
from automation.engine_build import pulumi_version
from automation.errors import Refused

GO_MOD = "module gameregions.dev/tools/pulumi\n\ngo 1.25.6\n\nrequire github.com/pulumi/pulumi/pkg/v3 v3.225.0\n"

# Stands for `go build`: writes a CLI that answers with the pinned version into the folder after -o, and counts.
BUILD = r"""echo built >> "$COUNT"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\necho v3.225.0\n' > "$2/pulumi"
/bin/chmod +x "$2/pulumi"
"""


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_pulumi(path: Path, version: str = "v3.225.0") -> Path:
    return script(path, f"echo {version}")


def fake_go(machine: Path, *, version: str = "go1.26.8", build: str = BUILD) -> Path:
    answer = f'if [ "$1" = version ]; then echo "go version {version} linux/amd64"; exit; fi'
    return script(machine / "bin" / "go", f"{answer}\n{build}")


def ensure(machine: Path) -> engine.Engine:
    return ensure_engine(Console(stderr=True), machine / "project")


def builds(machine: Path) -> int:
    count = machine / "count"
    return len(count.read_text().splitlines()) if count.exists() else 0


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with an empty folder `bin` on PATH and nothing else, no network, no cache, and a project to run."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("GAME_REGIONS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNT", str(tmp_path / "count"))
    monkeypatch.setattr(engine_install, "reachable", lambda host: host == "nowhere")
    monkeypatch.setattr(go_build, "USUAL_GO_FOLDER", str(tmp_path / "none"))
    modules = tmp_path / "project" / "tools" / "pulumi"
    modules.mkdir(parents=True)
    (modules / "go.mod").write_text(GO_MOD)
    (modules / "go.sum").write_text("")
    return tmp_path


@pytest.fixture
def own(machine: Path) -> Path:
    return machine / "project" / ".regions" / "bin" / "pulumi"


def test_a_new_enough_cli_on_path_comes_before_the_project_s_own(machine: Path, own: Path) -> None:
    on_path = fake_pulumi(machine / "bin" / "pulumi", "v3.300.1")
    fake_pulumi(own)
    found = find_engine(machine / "project")
    assert found is not None
    assert (found.path, found.version, found.origin) == (on_path, VersionInfo(3, 300, 1), "PATH")


@pytest.mark.parametrize("version", ["v3.224.9", "v3.225.0-alpha.1", "v4.0.0", "not a version", ""])
def test_an_unfit_cli_on_path_gives_way_to_the_project_s_own(machine: Path, own: Path, version: str) -> None:
    fake_pulumi(machine / "bin" / "pulumi", version)
    fake_pulumi(own)
    found = find_engine(machine / "project")
    assert found is not None
    assert (found.path, found.origin) == (own, "project")


def test_the_project_s_own_stays_its_own_when_env_puts_it_on_path(
    machine: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pulumi(own)
    monkeypatch.setenv("PATH", str(own.parent))
    found = find_engine(machine / "project")
    assert found is not None
    assert found.origin == "project"


def test_a_cli_that_hangs_is_passed_over(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_ANSWER_SECONDS", 0.2)
    hanging = script(machine / "bin" / "pulumi", "exec /bin/sleep 20")
    assert search(machine / "project").passed_over == (f"{hanging} does not answer `pulumi version`",)


@pytest.mark.parametrize(
    ("said", "version"),
    [("v3.225.0", "3.225.0"), ("3.272.1", "3.272.1"), ("v3.226.0-dev.3+ab12", "3.226.0-dev.3+ab12"), ("3.225", None)],
)
def test_versions_are_read_as_the_cli_writes_them(tmp_path: Path, said: str, version: str | None) -> None:
    read = engine.cli_version(fake_pulumi(tmp_path / "pulumi", said))
    assert (str(read) if read else None) == version


def test_with_nothing_there_one_sentence_names_every_way_out(machine: Path) -> None:
    fake_pulumi(machine / "bin" / "pulumi", "v3.100.0")
    with pytest.raises(Refused) as refused:
        ensure(machine)
    said = str(refused.value)
    assert refused.value.exit_code == 1
    assert "\n" not in said
    assert f"{machine / 'bin' / 'pulumi'} is version 3.100.0" in said
    for way in ("install Pulumi 3.225.0 or newer on PATH", "install Go 1.25.6 or newer", "./regions plan"):
        assert way in said


def test_a_go_older_than_go_mod_asks_for_does_not_build(machine: Path) -> None:
    fake_go(machine, version="go1.25.5")
    with pytest.raises(Refused, match=r"no Go 1\.25\.6 or newer"):
        ensure(machine)
    assert builds(machine) == 0


def test_go_builds_once_and_the_next_checkout_takes_it_from_the_cache(machine: Path, own: Path) -> None:
    fake_go(machine)
    made = ensure(machine)
    assert (made.path, made.origin, str(made.version)) == (own, "project", "3.225.0")
    assert (own.parent / "pulumi-language-python").is_file()
    assert not own.is_symlink(), "the engine looks for its language host beside the file a link leads to"
    own.unlink()
    ensure(machine)
    assert builds(machine) == 1


@pytest.mark.parametrize("damage", ["binary", "record"])
def test_a_damaged_binary_in_the_cache_is_built_anew(machine: Path, own: Path, damage: str) -> None:
    fake_go(machine)
    ensure(machine)
    own.unlink()
    (kept,) = (machine / "cache").glob("engine/*/pulumi")
    if damage == "binary":
        kept.write_bytes(kept.read_bytes() + b"\n")
    else:
        kept.with_suffix(".sha256").unlink()
    ensure(machine)
    assert builds(machine) == 2


@pytest.mark.parametrize("changed", ["go.mod", "go.sum", "go"])
def test_the_cache_is_keyed_by_modules_and_toolchain(machine: Path, own: Path, changed: str) -> None:
    fake_go(machine)
    ensure(machine)
    own.unlink()
    if changed == "go":
        fake_go(machine, version="go1.27.0")
    else:
        with (machine / "project" / "tools" / "pulumi" / changed).open("a") as file:
            file.write("\n// changed\n")
    ensure(machine)
    assert builds(machine) == 2


def test_the_build_neither_fetches_a_toolchain_nor_loses_its_version(machine: Path) -> None:
    fake_go(machine, build=f'echo "$GOTOOLCHAIN $CGO_ENABLED $PWD $*" > "$COUNT.how"\n{BUILD}')
    ensure(machine)
    how = (machine / "count.how").read_text()
    assert how.startswith(f"local 0 {machine / 'project' / 'tools' / 'pulumi'} build ")
    assert "common/version.Version=3.225.0" in how
    assert how.split()[-1] == "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("main.go:1: undefined: x", "failed, see"),
        ("write /tmp/x: no space left on device", "because the disk is full"),
        ("dial tcp: lookup proxy.invalid: no such host", "Go modules could not be downloaded"),
    ],
)
def test_a_failed_build_is_one_sentence_with_the_log(machine: Path, output: str, reason: str) -> None:
    fake_go(machine, build=f'echo "{output}" >&2; exit 1')
    with pytest.raises(Refused, match=reason) as refused:
        ensure(machine)
    log = machine / "project" / ".regions" / "engine-build.log"
    assert str(log) in str(refused.value)
    assert output in log.read_text()
    assert list((machine / "cache").glob("engine/*/*")) == [], "a failed build leaves nothing behind"


def test_a_build_that_takes_too_long_is_ended(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_build, "BUILD_SECONDS", 0.3)
    fake_go(machine, build="/bin/sleep 30 & wait")
    started = time.monotonic()
    with pytest.raises(Refused, match="was killed"):
        ensure(machine)
    assert time.monotonic() - started < 10


def test_a_full_disk_is_refused_before_anything_is_built(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_go(machine)
    monkeypatch.setattr(engine, "_COPY_BYTES", 2**60)
    with pytest.raises(Refused, match="MiB free and the Pulumi CLI needs"):
        ensure(machine)
    assert builds(machine) == 0


def test_the_official_installer_comes_before_a_build(machine: Path, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_go(machine)
    monkeypatch.setattr(engine_install, "reachable", lambda host: host == "get.pulumi.com")
    program = "import sys, pathlib, shutil; shutil.copytree(sys.argv[0] or 'release', sys.argv[1] + '/bin')"
    release = fake_pulumi(machine / "release" / "pulumi", "v3.272.0").parent
    script(release / "pulumi-language-python", "echo the release's own")
    monkeypatch.setattr(engine_install, "_PROGRAM", program.replace("sys.argv[0] or 'release'", repr(str(release))))
    assert str(ensure(machine).version) == "3.272.0"
    assert builds(machine) == 0
    assert "the release's own" in (own.parent / "pulumi-language-python").read_text()


@pytest.mark.parametrize("program", ["import time; time.sleep(30)", "raise SystemExit('no release')", "pass"])
def test_an_installer_that_hangs_or_fails_gives_way_to_a_build(
    machine: Path, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    fake_go(machine)
    monkeypatch.setattr(engine_install, "reachable", lambda host: host == "get.pulumi.com")
    monkeypatch.setattr(engine_install, "INSTALL_SECONDS", 0.5)
    monkeypatch.setattr(engine_install, "_PROGRAM", program)
    assert str(ensure(machine).version) == "3.225.0"
    assert builds(machine) == 1


def test_two_runs_at_once_build_once(machine: Path) -> None:
    fake_go(machine, build=f"/bin/sleep 0.5\n{BUILD}")
    command = (
        "import sys; from pathlib import Path; from rich.console import Console\n"
        "from automation import engine, engine_install\n"
        "engine_install.reachable = lambda host: False\n"
        "engine.ensure_engine(Console(stderr=True), Path(sys.argv[1]))"
    )
    arguments = [sys.executable, "-c", command, str(machine / "project")]
    runs = [subprocess.Popen(arguments, cwd=PROJECT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [run.communicate(timeout=60)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    assert builds(machine) == 1


def test_a_release_s_own_language_host_is_left_alone(tmp_path: Path) -> None:
    theirs = script(tmp_path / "pulumi-language-python", "echo theirs")
    assert language_host.install(tmp_path) == theirs
    assert "theirs" in theirs.read_text()
    assert language_host.has_release_host(tmp_path / "pulumi")


def test_a_cli_on_path_without_language_host_is_lent_ours(machine: Path) -> None:
    fake_pulumi(machine / "bin" / "pulumi")
    ensure(machine)
    lent = machine / "project" / ".regions" / "language-host" / "pulumi-language-python"
    assert shutil.which("pulumi-language-python") == str(lent)


def test_the_pinned_cli_is_not_older_than_the_minimum() -> None:
    assert VersionInfo.parse(pulumi_version(PROJECT / "tools" / "pulumi")) >= engine.MINIMUM
