"""The plan as JSON: its shape, and that the same settings always give the same bytes."""

import json
import os
import subprocess
import sys
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from plan import document as document_module
from plan.document import document, errors, plan, to_json
from plan.recorder import Recording
from stacks.settings import StackSettings
from tests.shipped import ROOT, recording_of, settings_of

KEYS = {
    "urn",
    "type",
    "name",
    "parent",
    "provider",
    "region",
    "inputs",
    "secrets",
    "dependsOn",
    "protect",
    "options",
}
OPTIONS = {
    "aliases",
    "ignoreChanges",
    "replaceOnChanges",
    "deleteBeforeReplace",
    "deletedWith",
    "retainOnDelete",
    "customTimeouts",
    "hooks",
}


@pytest.fixture(scope="module")
def shipped_plan(shipped: Recording, shipped_settings: StackSettings) -> dict[str, Any]:
    return document(shipped, shipped_settings)


def test_the_plan_is_one_object_of_schema_1(shipped_plan: dict[str, Any], stack: str, shipped_settings: StackSettings):
    assert set(shipped_plan) == {"schema", "stack", "regions", "resources", "findings", "placement", "recovery"}
    assert shipped_plan["schema"] == 1
    assert shipped_plan["stack"] == stack
    assert shipped_plan["regions"] == list(shipped_settings.regions), "regions stand in the order of the file"


def test_every_resource_has_every_key(shipped_plan: dict[str, Any]):
    for resource in shipped_plan["resources"]:
        assert set(resource) == KEYS
        assert set(resource["options"]) == OPTIONS


def test_resources_are_sorted_and_each_stands_once(shipped_plan: dict[str, Any]):
    urns = [resource["urn"] for resource in shipped_plan["resources"]]
    assert urns == sorted(set(urns))


def test_the_stack_itself_is_not_listed(shipped_plan: dict[str, Any]):
    assert not [r for r in shipped_plan["resources"] if r["type"] == "pulumi:pulumi:Stack"]


def test_every_urn_that_a_resource_names_is_a_resource_of_the_plan(shipped_plan: dict[str, Any]):
    urns = {resource["urn"] for resource in shipped_plan["resources"]}
    for resource in shipped_plan["resources"]:
        named = {resource["parent"], resource["provider"], *resource["dependsOn"], *_referred(resource["inputs"])}
        assert named - {None} <= urns, resource["urn"]


def test_what_an_input_refers_to_is_among_the_dependencies(shipped_plan: dict[str, Any]):
    for resource in shipped_plan["resources"]:
        assert set(_referred(resource["inputs"])) <= set(resource["dependsOn"]), resource["urn"]
        assert resource["dependsOn"] == sorted(set(resource["dependsOn"]))


def test_every_pointer_leads_to_a_secret_and_every_secret_is_pointed_at(shipped_plan: dict[str, Any]):
    for resource in shipped_plan["resources"]:
        assert sorted(_hidden(resource["inputs"], "")) == resource["secrets"], resource["urn"]


def _referred(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value["$ref"]] if "$ref" in value else [urn for item in value.values() for urn in _referred(item)]
    return [urn for item in value for urn in _referred(item)] if isinstance(value, list) else []


def _hidden(value: Any, pointer: str) -> list[str]:
    if isinstance(value, dict):
        steps = ((key.replace("~", "~0").replace("/", "~1"), item) for key, item in value.items())
        return [found for step, item in steps for found in _hidden(item, f"{pointer}/{step}")]
    if isinstance(value, list):
        return [found for at, item in enumerate(value) for found in _hidden(item, f"{pointer}/{at}")]
    return [pointer] if value == "[secret]" else []


def test_the_text_is_sorted_utf_8_json(shipped_plan: dict[str, Any]):
    text = to_json({**shipped_plan, "stack": "größe"})
    assert '"stack": "größe"' in text
    assert json.loads(text)["resources"] == shipped_plan["resources"]
    assert text == to_json(json.loads(text)), "keys are sorted at every depth"


PRINT_PLAN = """
import sys
from pathlib import Path
from plan.document import plan, to_json
from stacks.settings import parse_settings, read_stack_file
settings = parse_settings(read_stack_file(Path("Pulumi.prod.yaml")))
sys.stdout.buffer.write(to_json(plan("prod", settings)).encode())
"""


def test_another_process_prints_the_same_bytes():
    here = to_json(document(recording_of("prod"), settings_of("prod"))).encode()
    other_order_of_sets = {**os.environ, "PYTHONHASHSEED": "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"}
    there = subprocess.run(
        [sys.executable, "-c", PRINT_PLAN], cwd=ROOT, env=other_order_of_sets, stdout=subprocess.PIPE, check=True
    )
    assert there.stdout == here


def test_findings_of_both_kinds_are_listed_in_order_and_errors_can_be_told(monkeypatch: pytest.MonkeyPatch):
    def program(_: StackSettings) -> None:
        region = pulumi.ComponentResource("gameregions:test:Region", "us-east", None)
        provider = aws.Provider("us-east-aws", region="us-east-1", opts=pulumi.ResourceOptions(parent=region))
        every = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}], "Version": "2012-10-17"}'
        aws.iam.RolePolicy("us-east-all", role="r", policy=every, opts=pulumi.ResourceOptions(provider=provider))

    monkeypatch.setattr(document_module, "program", program)
    found = plan("dev", settings_of("dev"))
    assert [(finding["rule"], finding["severity"]) for finding in found["findings"]] == [
        ("component-parent", "error"),
        ("rights-over-everything", "error"),
    ]
    assert set(found["findings"][0]) == {"rule", "severity", "urn", "message"}
    assert errors(found) == found["findings"]
