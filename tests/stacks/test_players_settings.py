"""Settings of the entrance, the mesh, the scaler and the monitoring: defaults, bounds, and what must agree."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from stacks.check_players import check_players
from stacks.entrance_settings import EntranceSettings
from stacks.mesh_settings import MeshSettings, ScalingSettings
from stacks.monitoring_settings import MonitoringSettings
from stacks.settings_errors import sentences


def problems(
    *,
    entrance: dict[str, Any] | None = None,
    mesh: dict[str, Any] | None = None,
    platform: object = True,
    existing: object = None,
) -> list[str]:
    """What the check says of one region."""
    region = SimpleNamespace(
        entrance=None if entrance is None else EntranceSettings.model_validate({"cross_zone": True, **entrance}),
        mesh=None if mesh is None else MeshSettings.model_validate(mesh),
        platform=platform,
        network=SimpleNamespace(existing=existing),
    )
    return check_players(SimpleNamespace(regions={"us-east": region}))  # type: ignore[arg-type]


def refusals(settings: Any, values: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        settings.model_validate(values)
    return sentences(refused.value, settings)


def test_an_entrance_is_open_to_everybody_and_sends_to_the_one_generation_unless_told_otherwise():
    entrance = EntranceSettings.model_validate({"cross_zone": False})
    assert [str(block) for block in entrance.client_cidrs] == ["0.0.0.0/0"]
    assert (entrance.weights, entrance.generation, entrance.minimum_healthy) == ({"a": 100}, "a", 1)


def test_the_figures_of_mesh_monitoring_and_scaler_are_the_published_ones():
    mesh = MeshSettings.model_validate({})
    assert (mesh.control_plane.min, mesh.control_plane.max, mesh.gateway.min, mesh.gateway.max) == (2, 5, 3, 10)
    monitoring = MonitoringSettings.model_validate({})
    assert (monitoring.retention_days, monitoring.volume_gib, monitoring.replicas) == (30, 50, 2)
    assert ScalingSettings.model_validate({}).replicas == 2


def test_a_region_with_none_of_them_has_nothing_to_agree_on():
    assert problems() == problems(entrance={}, mesh={}) == []


@pytest.mark.parametrize(
    ("settings", "values", "setting"),
    [
        (EntranceSettings, {}, "cross_zone"),
        (EntranceSettings, {"cross_zone": "yes"}, "cross_zone"),
        (EntranceSettings, {"cross_zone": True, "weights": {}}, "weights"),
        (EntranceSettings, {"cross_zone": True, "weights": {"a": 1000}}, "weights.a"),
        (EntranceSettings, {"cross_zone": True, "weights": {"green": 1}}, "weights.green"),
        (EntranceSettings, {"cross_zone": True, "generation": "c"}, "generation"),
        (EntranceSettings, {"cross_zone": True, "minimum_healthy": 0}, "minimum_healthy"),
        (EntranceSettings, {"cross_zone": True, "client_cidrs": []}, "client_cidrs"),
        (
            EntranceSettings,
            {"cross_zone": True, "client_cidrs": [f"203.0.{block}.0/24" for block in range(21)]},
            "client_cidrs",
        ),
        (MeshSettings, {"gateway": {"min": 1, "max": 3}}, "gateway.min"),
        (MonitoringSettings, {"replicas": 3}, "replicas"),
        (MonitoringSettings, {"volume_gib": 5}, "volume_gib"),
        (ScalingSettings, {"replicas": 1}, "replicas"),
    ],
)
def test_a_figure_out_of_its_bounds_is_refused_by_name(settings: Any, values: dict[str, Any], setting: str):
    (sentence,) = refusals(settings, values)
    assert sentence.startswith(setting)


def test_a_generation_without_a_weight_is_refused():
    assert "\n".join(problems(mesh={}, entrance={"generation": "b"})) == (
        'regions.us-east.entrance.generation: "b" has no weight beside a; add it to regions.us-east.entrance.weights, '
        "with 0 for no players yet"
    )


def test_a_new_generation_may_wait_for_players_with_a_weight_of_0():
    assert problems(mesh={}, entrance={"weights": {"a": 100, "b": 0}, "generation": "b"}) == []


def test_weights_that_send_to_nobody_are_refused():
    assert "\n".join(problems(mesh={}, entrance={"weights": {"a": 0, "b": 0}})) == (
        "regions.us-east.entrance.weights: every weight (a, b) is 0, so no player would get in; give one generation "
        "more than 0, or close the region with worlds.count 0"
    )


def test_an_entrance_without_the_controller_that_binds_pods_is_refused():
    (sentence,) = problems(entrance={}, mesh={}, platform=None)
    assert sentence == (
        "regions.us-east.entrance: no load balancer controller would bind pods to it, since regions.us-east.platform "
        "is missing; add platform, {} will do"
    )


def test_an_entrance_without_the_mesh_whose_gateway_answers_on_443_is_refused():
    (sentence,) = problems(entrance={}, mesh=None)
    assert sentence == (
        "regions.us-east.entrance: nothing would answer on its TCP 443, since regions.us-east.mesh is missing; "
        "add mesh, {} will do"
    )


def test_an_entrance_in_a_landing_zone_without_public_subnets_is_refused():
    (sentence,) = problems(entrance={}, mesh={}, existing=SimpleNamespace(public={}))
    assert "regions.us-east.network.existing.public has no subnet for it to stand in" in sentence
    assert problems(entrance={}, mesh={}, existing=SimpleNamespace(public={"us-east-1a": "subnet-1"})) == []


def test_an_autoscaler_with_its_bounds_crossed_is_refused():
    assert problems(mesh={"control_plane": {"min": 6, "max": 5}}) == [
        "regions.us-east.mesh.control_plane.min: 6 is above its max of 5; lower min or raise max"
    ]
