"""What a command does before and after its work: the cloud SDKs take seconds to load, and to take apart again."""

import subprocess
import sys

import pytest

from automation.stacks_of_project import ROOT

LEAVES_A_CYCLE = """
import atexit
from embedded.start_up import collect_rarely

class Cycle:
    def __init__(self):
        self.itself = self

    def __del__(self):
        print("taken apart")

collect_rarely()
atexit.register(print, "at exit")
Cycle()
"""


@pytest.mark.parametrize("module", ["stacks.settings", "automation.cli", "automation.lifecycle"])
def test_settings_and_commands_are_loaded_without_the_cloud_sdks(module: str):
    code = f"import sys, {module}; print(sorted({{'pulumi_aws', 'pulumi_kubernetes'}} & set(sys.modules)))"
    assert said_by(code) == "[]"


@pytest.mark.parametrize("module", ["automation.cli", "automation.lifecycle"])
def test_a_command_is_loaded_without_what_only_the_virtual_clock_needs(module: str):
    code = f"import sys, {module}; print(sorted({{'plan.makespan', 'plan.recorder'}} & set(sys.modules)))"
    assert said_by(code) == "[]"


def test_the_end_of_a_process_does_what_was_asked_of_it_and_takes_no_object_apart():
    assert said_by(LEAVES_A_CYCLE) == "at exit"


def said_by(code: str) -> str:
    """What Python prints that runs `code` in the project, to its very end."""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
