"""The flat program is a fair opponent only if it registers the very same resources."""

import json
import re
from typing import Any

from bench.flat import flat_program
from bench.program_overhead import settings_of
from plan.recorder import Recording, record
from tests.shipped import recording_of


def shape(recording: Recording) -> dict[tuple[str, str], Any]:
    """Inputs, secrets and protection by type and name; a URN counts by its last part, as parents differ."""
    return {
        (found.type, found.name): (
            re.sub(r"urn:pulumi:[^#\"}]*::", "", json.dumps(_without_tag(found.inputs), sort_keys=True)),
            found.secrets,
            found.protect,
            found.provider and found.provider.rpartition("::")[2],
        )
        for found in recording.resources
        if found.custom
    }


def _without_tag(inputs: dict[str, Any]) -> dict[str, Any]:
    # The tag holds the URN in another spelling; it is copied as it is.
    tags = {key: value for key, value in (inputs.get("tags") or {}).items() if key != "game-regions/urn"}
    return {**inputs, "tags": tags}


def test_the_flat_program_registers_the_very_same_resources_and_no_component():
    ours = recording_of("dev")
    flat = record(flat_program(ours), stack="dev", regions=["us-east"])
    assert shape(flat) == shape(ours)
    assert all(found.custom for found in flat.resources)


def test_regions_to_measure_differ_in_name_and_network_only():
    settings = settings_of(3)
    assert list(settings.regions) == ["r01", "r02", "r03"]
    assert len({region.network.cidr for region in settings.regions.values()}) == 3
    assert len({region.worlds for region in settings.regions.values()}) == 1
