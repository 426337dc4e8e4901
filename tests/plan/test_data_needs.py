"""What must be there before data systems of the shipped dev stack: who signs, who makes claims, who defines kinds."""

from collections.abc import Mapping

import pytest

from plan.data_needs import DATA
from plan.necessary import necessary_edges
from tests.plan.test_necessary import kind_of, of
from tests.shipped import recording_of

BACKUP_JOBS = ("mysql-dump", "redis-dump", "mysql-restore-drill", "mysql-restore")


@pytest.fixture(scope="module")
def needed() -> Mapping[str, frozenset[str]]:
    return necessary_edges(recording_of("dev"))


@pytest.mark.parametrize(
    ("kind", "name", "certificate"),
    [
        ("StatefulSet", "mysql", "mysql-certificate"),
        ("StatefulSet", "redis", "redis-certificate"),
        ("StatefulSet", "worlds", "rabbitmq-tls"),
        ("Job", "redis-bootstrap", "redis-certificate"),
    ],
)
def test_pods_need_the_certificates_whose_secrets_they_mount(needed, kind: str, name: str, certificate: str):
    assert f"Certificate {certificate}" in of(needed, kind, name)


@pytest.mark.parametrize(
    ("kind", "name", "first"),
    [
        ("Certificate", "mysql-certificate", "Issuer data-issuer"),
        ("Issuer", "data-issuer", "Certificate data-authority"),
        ("Certificate", "data-authority", "Issuer data-root"),
        ("Issuer", "data-root", None),  # it signs itself
    ],
)
def test_who_is_signed_needs_who_signs_and_nobody_else(needed, kind: str, name: str, first: str | None):
    found = {item for item in of(needed, kind, name) if item.partition(" ")[0] in ("Certificate", "Issuer")}
    assert found == ({first} if first else set())


def test_a_patch_of_a_claim_needs_the_one_set_whose_controller_makes_it(needed):
    patches = [urn for urn in needed if kind_of(urn) == "PersistentVolumeClaimPatch"]
    assert len(patches) == 9, "three of MySQL, six of Redis"
    for urn in patches:
        name = urn.rpartition("::us-east-")[2]
        sets = {item for item in of(needed, "PersistentVolumeClaimPatch", name) if item.startswith("StatefulSet")}
        assert sets == {"StatefulSet redis" if "redis" in name else "StatefulSet mysql"}


def test_a_broker_needs_the_definition_of_its_kind_that_the_program_makes(needed):
    assert "CustomResourceDefinition rabbitmq-definition" in of(needed, "RabbitmqCluster", "rabbitmq")
    assert "Release cloudnative-pg" in of(needed, "Cluster", "postgres"), "a chart brings the other"


def test_a_cluster_of_redis_is_founded_when_its_servers_are_there(needed):
    found = of(needed, "Job", "redis-bootstrap")
    assert {item for item in found if item.startswith("StatefulSet")} == {"StatefulSet redis"}


@pytest.mark.parametrize("name", BACKUP_JOBS)
def test_a_job_of_the_clock_needs_nothing_that_its_later_pods_name(needed, name: str):
    assert {item.partition(" ")[0] for item in of(needed, "CronJob", name)} == {
        *("AccessPolicyAssociation", "Cluster", "Namespace")
    }


def test_every_row_says_where_it_is_written():
    assert all("/" in need.source for need in DATA)


def test_every_row_finds_something_in_the_dev_stack(needed):
    """A row that finds nothing is a rule that nobody is held to."""
    recording = recording_of("dev")
    types = {resource.urn: resource.type for resource in recording.resources}
    found = {(types[urn], types[other]) for urn, others in needed.items() for other in others}
    for need in DATA:
        assert any(
            (dependent == need.dependent or dependent.startswith("kubernetes:")) and other == need.needed
            for dependent, other in found
        ), need
