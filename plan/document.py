"""The plan as one JSON document: what `plan STACK --json` prints and what reviewers and tools read."""

import json
from typing import Any

from plan.placement import report
from plan.recorder import Recording, record
from plan.recovery import findings as recovery_findings
from plan.recovery import recovery
from plan.rules import graph_findings
from stacks.program import program
from stacks.rules import Finding
from stacks.settings import StackSettings

SCHEMA = 1


def record_stack(stack: str, settings: StackSettings) -> Recording:
    """The stack's program as recorded; raises SettingsError for what its settings alone forbid."""
    return record(lambda: program(settings), stack=stack, regions=settings.regions)


def plan(stack: str, settings: StackSettings) -> dict[str, Any]:
    """The plan of a stack: resources and findings of the program that these settings give."""
    return document(record_stack(stack, settings), settings)


def document(recording: Recording, settings: StackSettings) -> dict[str, Any]:
    """A recording as a plan, schema 1; regions in the order of the stack file, resources sorted by URN."""
    estimates = report.estimate(recording, settings)
    promised = recovery(settings)
    findings = {
        *recording.findings,
        *graph_findings(recording, list(settings.regions)),
        *report.findings(estimates),
        *recovery_findings(recording.stack, promised),
    }
    return {
        "schema": SCHEMA,
        "stack": recording.stack,
        "regions": list(settings.regions),
        "resources": [resource.document() for resource in recording.resources],
        "findings": [_finding(finding) for finding in sorted(findings, key=_order)],
        "placement": report.document(estimates),
        "recovery": {region: [figure.document() for figure in found] for region, found in promised.items()},
    }


def to_json(plan: dict[str, Any]) -> str:
    """The document as text: keys sorted, two spaces, one newline at the end; the same plan is the same text."""
    return json.dumps(plan, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def errors(plan: dict[str, Any]) -> list[dict[str, str]]:
    """The findings that forbid the plan."""
    return [finding for finding in plan["findings"] if finding["severity"] == "error"]


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "urn": finding.urn,
        "message": finding.message,
    }


def _order(finding: Finding) -> tuple[str, str, str]:
    return finding.urn, finding.rule, finding.message
