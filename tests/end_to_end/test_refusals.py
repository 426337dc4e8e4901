"""What stops a run before or in the middle: one sentence, nothing half done, and the next run goes on from there."""

import http.server
import threading

import pytest

from tests.end_to_end.conftest import one_sentence

pytestmark = pytest.mark.engine


def test_a_port_in_use_is_refused_with_the_port_and_nothing_is_started(project):
    project.ok("env", "local")
    port = int((project.folder("local") / "cloud" / "port").read_text())
    other = http.server.HTTPServer(("127.0.0.1", port), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    try:
        done = project.run("up", "local")
    finally:
        other.shutdown()
        other.server_close()
    assert done.returncode == 1
    assert f"port {port} of the embedded cloud of local is in use by another program" in one_sentence(done)
    assert not list((project.folder("local") / "state").rglob("*.json"))
    assert project.processes_left() == []


def test_a_machine_without_an_engine_is_refused_with_the_ways_out(project, tmp_path):
    (project.root / ".regions" / "bin" / "pulumi").unlink()
    modules = project.root / "tools" / "pulumi" / "go.mod"
    modules.write_text(modules.read_text().replace("\ngo 1.", "\ngo 99."))  # newer than any Go this machine can have
    bare = {"PATH": "/usr/bin:/bin", "GAME_REGIONS_CACHE": str(tmp_path / "cache")}
    done = project.run("up", "local", environment=bare)
    assert done.returncode == 1
    error = one_sentence(done)
    for way_out in ("install Pulumi", "install Go 99.", "./regions plan"):
        assert way_out in error
    assert not (project.folder("local")).exists()
    assert project.run("plan", "local", environment=bare).returncode == 0


def test_an_image_called_latest_is_refused_by_the_engine_in_the_plans_own_sentence(project):
    project.edit("local", "mmorpg/game-server:v2.1.0", "mmorpg/game-server:latest")
    done, planned = project.run("up", "local"), project.run("plan", "local")
    assert (done.returncode, planned.returncode) == (2, 2)
    assert one_sentence(done) == one_sentence(planned)
    assert "latest" in one_sentence(done)


@pytest.mark.drill
def test_rights_over_everything_are_refused_by_the_engine_in_the_plans_own_sentence(project):
    policies = project.root / "components" / "platform" / "ebs_csi.py"
    policies.write_text(
        policies.read_text()
        + "\n\n_make = EbsCsi.__init__\n"
        + "def _with_star(self, name, *rest):\n"
        + "    _make(self, name, *rest)\n"
        + "    import json\n    import pulumi_aws as aws\n"
        + "    star = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}\n"
        + "    aws.iam.RolePolicy(f'{name}-star', role='x', policy=json.dumps(star),\n"
        + "                       opts=pulumi.ResourceOptions(parent=self))\n"
        + "EbsCsi.__init__ = _with_star\n"
    )
    planned, ours = project.run("plan", "local"), project.run("preview", "local")
    plain = project.pulumi("local", "preview")
    assert (planned.returncode, ours.returncode, plain.returncode) == (1, 1, 255)
    sentence = one_sentence(planned).removeprefix("error: ")
    assert 'policy allows Action "*" on Resource "*"' in sentence
    assert sentence in one_sentence(ours)
    assert sentence in plain.stdout + plain.stderr
