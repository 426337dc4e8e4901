"""What a command loads before it does anything: the cloud SDKs take seconds, and few commands need them here."""

import subprocess
import sys

import pytest

from automation.stacks_of_project import ROOT


@pytest.mark.parametrize("module", ["stacks.settings", "automation.cli", "automation.lifecycle"])
def test_settings_and_commands_are_loaded_without_the_cloud_sdks(module: str):
    code = f"import sys, {module}; print(sorted({{'pulumi_aws', 'pulumi_kubernetes'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
