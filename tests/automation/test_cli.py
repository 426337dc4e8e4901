"""What the command line says and with which exit code; nothing here starts an engine."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from automation import cli, stacks_of_project
from automation.reference_tables import all_commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project folder with the shipped stack files."""
    for path in ROOT.glob("Pulumi*.yaml"):
        shutil.copy2(path, tmp_path)
    monkeypatch.setattr(stacks_of_project, "ROOT", tmp_path)
    return tmp_path


def regions(capsys, *arguments):
    """Exit code, standard output and standard error (its wrapped lines joined) of one command."""
    before = sys.argv
    sys.argv = ["regions", *arguments]
    try:
        with pytest.raises(SystemExit) as stop:
            cli.main()
    finally:
        sys.argv = before
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def edit(root, stack, old, new):
    path = root / f"Pulumi.{stack}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def tree(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def refused(capsys, root, *arguments):
    """Run a command that must be refused with exit 2, one line, no traceback, and nothing changed."""
    before = tree(root)
    code, out, err = regions(capsys, *arguments)
    assert code == 2, err
    assert out == ""
    assert "Traceback" not in err
    assert err.count("\n") == 1, err
    assert tree(root) == before
    return err


@pytest.mark.parametrize(
    "command", ["up", "preview", "destroy", "refresh", "recover", "orphans", "outputs", "plan", "env"]
)
@pytest.mark.parametrize("name", ["nope", "Prod", "../prod", "a b", "x" * 101])
def test_a_bad_stack_name_is_refused_with_the_names_there_are(capsys, root, command, name):
    error = refused(capsys, root, command, name)
    assert "this project has dev, local, prod" in error


def test_a_misspelt_key_is_refused_with_its_path_and_the_nearest_known_key(capsys, root):
    edit(root, "dev", "zones:", "zoness:")
    error = refused(capsys, root, "up", "dev")
    assert "regions.us-east.network.zoness" in error
    assert "zones" in error.replace("zoness", "")


def test_overlapping_networks_are_refused_with_both_regions(capsys, root):
    text = (root / "Pulumi.prod.yaml").read_text()
    first, second = [
        line.split("cidr: ")[1].split(",")[0].split()[0] for line in text.splitlines() if "cidr: " in line
    ][:2]
    edit(root, "prod", f"cidr: {second}", f"cidr: {first}")
    error = refused(capsys, root, "up", "prod")
    assert "us-east" in error
    assert "us-west" in error
    assert "overlap" in error


def test_a_minimum_above_its_maximum_is_refused(capsys, root):
    edit(root, "local", "{instance_types: [m7i.large], min_size: 1", "{instance_types: [m7i.large], min_size: 9")
    error = refused(capsys, root, "up", "local")
    assert "min_size" in error
    assert "9" in error


def test_an_unknown_zone_is_refused_with_the_zones_there_are(capsys, root):
    edit(root, "local", "us-east-1b", "us-east-1x")
    error = refused(capsys, root, "up", "local")
    assert "us-east-1x" in error
    assert "us-east-1f" in error


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"config: [", b"- a\n- b\n", b""])
def test_an_unreadable_stack_file_is_refused(capsys, root, content):
    (root / "Pulumi.dev.yaml").write_bytes(content)
    assert "Pulumi.dev.yaml" in refused(capsys, root, "up", "dev")


def test_a_stack_file_that_is_a_folder_is_refused(capsys, root):
    (root / "Pulumi.dev.yaml").unlink()
    (root / "Pulumi.dev.yaml").mkdir()
    assert "Pulumi.dev.yaml" in refused(capsys, root, "up", "dev")


def test_an_unknown_option_is_bad_usage(capsys, root):
    del root
    code, _, error = regions(capsys, "up", "local", "--frce")
    assert code == 2
    assert "--frce" in error


def test_the_plan_of_a_stack_is_one_json_object_on_standard_output(capsys, root):
    del root
    code, out, _ = regions(capsys, "plan", "local", "--json")
    assert code == 0
    plan = json.loads(out)
    assert (plan["schema"], plan["stack"], plan["regions"]) == (1, "local", ["local"])


def test_the_plan_shows_how_full_the_nodes_of_each_pool_are_and_what_a_lost_zone_takes(capsys, root):
    del root
    code, _, shown = regions(capsys, "plan", "local")
    assert code == 0
    (game,) = [line for line in shown.splitlines() if "c7i.xlarge" in line]
    assert game.split("│")[1:6] == [" game   ", " c7i.xlarge ", "     2 ", "   10 ", "      1.0 "]
    assert "local: 4000 seats; without us-east-1a 2000, pods that wait: 1\n" in shown


def test_the_plan_says_whose_support_by_eks_has_ended(capsys, root):
    edit(root, "dev", 'version: "1.35"', 'version: "1.33"')
    code, _, shown = regions(capsys, "plan", "dev")
    assert code == 0
    assert 'warning: regions.us-east.cluster.version: standard support of "1.33" ended on 2026-07-29, and' in shown


@pytest.mark.parametrize("command", ["up", "destroy"])
def test_a_real_cloud_is_not_touched_without_a_yes_where_nobody_can_be_asked(capsys, root, command):
    before = tree(root)
    code, _, error = regions(capsys, command, "dev")
    assert code == 1
    assert error == f"error: {command} dev would touch AWS and there is no terminal to ask at; add --yes\n"
    assert tree(root) == before


def test_every_command_has_help(capsys, root):
    del root
    commands = [*all_commands()]
    assert set(commands) == {
        "up", "preview", "destroy", "refresh", "recover", "orphans", "move", "outputs", "plan", "render", "env",
        "doctor", "bootstrap", "test", "bench", "drill kill", "drill destroy",
        "drill az-loss", "drill node-loss", "drill drain", "drill rolling-update", "drill quota", "drill upgrade",
        "drill mysql", "drill redis", "drill rabbitmq", "drill restore",
        "drill drift", "drill restart",
        "control-plane start", "control-plane status", "control-plane stop", "control-plane kubeconfig",
    }  # fmt: skip
    for command in commands:
        if command != "test":  # its arguments, --help too, are pytest's
            code, out, _ = regions(capsys, *command.split(), "--help")
            assert code == 0
            assert "Usage" in out
