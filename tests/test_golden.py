"""The URNs of every shipped stack, so that a rename or a move shows in review: it replaces what it renames.

`GOLDEN=write pytest tests/test_golden.py` writes the lists anew; a changed line needs an alias and a line in the
CHANGELOG under "Replaces or moves resources".
"""

import difflib
import os

import pytest

from plan.recorder import Recording
from tests.shipped import ROOT, STACKS

GOLDEN = ROOT / "tests" / "golden"
REWRITE = "GOLDEN=write pytest tests/test_golden.py"


def test_the_urns_are_those_of_the_golden_list(stack: str, shipped: Recording):
    path = GOLDEN / f"{stack}.txt"
    found = [resource.urn for resource in shipped.resources]
    if os.environ.get("GOLDEN") == "write":
        path.write_text("\n".join(found) + "\n", encoding="utf-8")
    listed = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    changes = list(difflib.unified_diff(listed, found, "listed", "found", lineterm="", n=0))
    if changes:
        pytest.fail(
            f"{len(changes)} lines differ from {path.name}. A URN that changes replaces its resource: give it an alias "
            f"or, if that is meant, run `{REWRITE}`.\n" + "\n".join(changes),
            pytrace=False,
        )


def test_there_is_a_golden_list_for_every_shipped_stack_and_no_other():
    assert sorted(path.name for path in GOLDEN.glob("*.txt")) == sorted(f"{name}.txt" for name in STACKS)
    assert sorted(path.name for path in ROOT.glob("Pulumi.*.yaml")) == sorted(f"Pulumi.{name}.yaml" for name in STACKS)
