"""From a live object back to what the program said."""

import pytest

from embedded.kubernetes.inputs import refreshed
from embedded.kubernetes.schemas import newest_version, schemas_of


def now(live, old):
    schemas = schemas_of(newest_version())
    kind = schemas.kind("scheduling.k8s.io/v1", "PriorityClass")
    return refreshed(live, old, schemas.shape(kind))


@pytest.mark.parametrize("empty", [False, 0, [], {}])
def test_what_the_server_leaves_out_because_it_is_empty_is_no_drift(empty):
    assert now({"value": 5}, {"value": 5, "globalDefault": empty}) == {"value": 5, "globalDefault": empty}


@pytest.mark.parametrize("stated", [True, 7, "", "text"])
def test_what_somebody_removed_is_drift(stated):
    assert now({"value": 5}, {"value": 5, "description": stated}) == {"value": 5}
