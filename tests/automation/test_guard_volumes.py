"""A volume never shrinks: refused at preview, whoever allows what."""

from typing import Any

import pytest

from automation.guard import Step, objections
from automation.guard_volumes import CLAIM, CLAIM_PATCH, STATEFUL_SET, shrinks


def claim(size: object, name: str = "data") -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"resources": {"requests": {"storage": size}}}}


def stateful_set(size: object) -> dict[str, Any]:
    return {"spec": {"volumeClaimTemplates": [claim("1Gi", "logs"), claim(size)]}}


@pytest.mark.parametrize("type_", [CLAIM, CLAIM_PATCH])
@pytest.mark.parametrize(("had", "wanted"), [("50Gi", "49Gi"), ("1Ti", "1000Gi"), ("2Gi", "2047Mi")])
def test_a_claim_that_asks_for_less_is_refused(type_: str, had: str, wanted: str):
    sentence = shrinks(type_, claim(had), claim(wanted))
    assert sentence == (
        f"would ask for {wanted} of storage where the claim has {had}, and a volume never shrinks; keep {had}, or "
        "restore a backup into a smaller one of another name"
    )


def test_a_template_that_asks_for_less_is_refused_by_the_name_of_its_claim():
    assert "where the claim of data has 50Gi" in str(shrinks(STATEFUL_SET, stateful_set("50Gi"), stateful_set("20Gi")))


@pytest.mark.parametrize(
    ("had", "wanted"), [("50Gi", "50Gi"), ("50Gi", "51200Mi"), ("50Gi", "80Gi"), ("1024Gi", "1Ti")]
)
def test_what_grows_or_stays_passes(had: str, wanted: str):
    assert shrinks(CLAIM_PATCH, claim(had), claim(wanted)) is None
    assert shrinks(STATEFUL_SET, stateful_set(had), stateful_set(wanted)) is None


@pytest.mark.parametrize(
    ("type_", "part", "field", "volume"),
    [
        ("kubernetes:postgresql.cnpg.io/v1:Cluster", "storage", "size", "each data volume"),
        ("kubernetes:postgresql.cnpg.io/v1:Cluster", "walStorage", "size", "each WAL volume"),
        ("kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster", "persistence", "storage", "each volume"),
    ],
)
def test_what_an_operator_makes_volumes_for_shrinks_no_more_than_a_claim(
    type_: str, part: str, field: str, volume: str
):
    def sized(size: str) -> dict[str, Any]:
        return {"spec": {part: {field: size, "storageClassName": "fast-ssd"}}}

    assert f"for 20Gi of storage where {volume} has 50Gi" in str(shrinks(type_, sized("50Gi"), sized("20Gi")))
    assert shrinks(type_, sized("50Gi"), sized("80Gi")) is None


@pytest.mark.parametrize("unknown", [None, "", {"$ref": "urn"}, "04da6b54-80e4-46f7-96ec-b56ff0331ba9"])
def test_what_is_not_known_yet_is_not_judged(unknown: object):
    assert shrinks(CLAIM_PATCH, claim("50Gi"), claim(unknown)) is None
    assert shrinks(CLAIM_PATCH, claim(unknown), claim("50Gi")) is None


@pytest.mark.parametrize("inputs", [None, {}, {"spec": None}, {"spec": {"volumeClaimTemplates": None}}])
def test_a_resource_without_claims_is_not_judged(inputs: dict[str, Any] | None):
    for type_ in (CLAIM, STATEFUL_SET, "kubernetes:core/v1:Pod"):
        assert shrinks(type_, inputs, claim("1Gi")) is None


def test_the_guard_refuses_it_and_no_name_lifts_that():
    urn = f"urn:pulumi:prod::game-regions::{CLAIM_PATCH}::us-east-data-mysql-0"
    step = Step(operation="update", urn=urn, type=CLAIM_PATCH, old=claim("50Gi"), new=claim("20Gi"))
    (found,) = objections([step], regions=["us-east"], allowed=[urn])
    assert found.sentence.startswith("us-east-data-mysql-0 would ask for 20Gi of storage")
    assert not found.liftable


def test_a_claim_that_is_made_or_taken_away_is_no_shrinking():
    for operation in ("create", "delete"):
        step = Step(
            operation=operation, urn="urn:x::us-east-data", type=CLAIM_PATCH, old=claim("50Gi"), new=claim("1Gi")
        )
        assert objections([step], regions=["us-east"]) == []
