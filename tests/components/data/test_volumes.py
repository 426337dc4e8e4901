"""Volumes of data systems: born by a StatefulSet's template, grown by patches of their claims."""

import pulumi_kubernetes as k8s
import pytest

from components.data.claims import claim
from components.data.volumes import GrownVolumes, GrownVolumesArgs, data_claim
from plan.recorder import Recording
from tests.engine import all_of, build, named

PATCH = "kubernetes:core/v1:PersistentVolumeClaimPatch"


@pytest.fixture(scope="module")
def built() -> Recording:
    def program() -> None:
        servers = k8s.apps.v1.StatefulSet(
            "us-east-mysql", metadata={"name": "mysql", "namespace": "game"}, spec={"replicas": 2}
        )
        arguments = GrownVolumesArgs(
            namespace="game", stateful_set="mysql", pods=2, storage_class="fast-ssd", storage_gib=80, owner=servers
        )
        GrownVolumes("us-east", arguments)

    return build(program)


def test_each_pods_claim_is_patched_by_the_name_that_its_controller_gives(built: Recording):
    found = all_of(built, PATCH)
    assert [one.name for one in found] == ["us-east-data-mysql-0", "us-east-data-mysql-1"]
    assert [one.resolved["metadata"]["name"] for one in found] == [claim("mysql", 0), claim("mysql", 1)]
    assert {one.resolved["metadata"]["namespace"] for one in found} == {"game"}


def test_a_patch_is_a_whole_claim_that_a_preview_may_judge_as_new_and_differs_in_nothing_but_the_size(built: Recording):
    born = data_claim({"app": "mysql"}, "fast-ssd", 20)
    assert born.metadata.name == "data"
    for patch in all_of(built, PATCH):
        assert patch.resolved["spec"] == {
            "accessModes": born.spec.access_modes,
            "storageClassName": born.spec.storage_class_name,
            "resources": {"requests": {"storage": "80Gi"}},
        }


def test_patches_take_the_size_over_by_force_and_never_give_it_back(built: Recording):
    owner = named(built, "us-east-mysql").urn
    for patch in all_of(built, PATCH):
        assert patch.resolved["metadata"]["annotations"] == {"pulumi.com/patchForce": "true"}
        assert patch.options["retainOnDelete"] is True, "a claim without a size is refused"
        assert patch.depends_on == [owner], "its controller makes the claims"
