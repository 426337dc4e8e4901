"""Platform on the embedded cluster: what the charts bring is there before what needs it, and goes after it."""

from pathlib import Path

import pytest

from components.platform.platform import Platform
from components.platform.storage import Storage, StorageArgs
from plan.registration import RecordedResource
from tests.components.platform.test_platform import ARGS
from tests.embedded.kubernetes.cluster_world import Made, World
from tests.engine import build


def program() -> None:
    Platform("us-east", ARGS)
    Storage("us-east", StorageArgs(cluster_name=ARGS.prefix))


def in_order(resources: list[RecordedResource]) -> list[RecordedResource]:
    """The cluster's resources, each after those it depends on."""
    waiting = {r.urn: r for r in resources if r.type.startswith("kubernetes:")}
    done: list[RecordedResource] = []
    while waiting:
        free = [r for r in waiting.values() if not waiting.keys() & {*r.depends_on}]
        assert free, "a circle"
        done += free
        for resource in free:
            del waiting[resource.urn]
    return done


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_everything_is_accepted_in_the_order_of_its_edges_and_deleted_in_reverse(world: World):
    made: list[Made] = [world.make(r.type, r.resolved) for r in in_order(build(program).resources)]
    assert world.get("cert-manager.io/v1", "ClusterIssuer", "letsencrypt-prod")
    assert world.get("external-secrets.io/v1", "ClusterSecretStore", "aws-secrets-manager")
    kept = world.get("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", "ebs-snapshots")
    assert (kept["driver"], kept["deletionPolicy"]) == ("ebs.csi.aws.com", "Retain")
    gp2 = world.get("storage.k8s.io/v1", "StorageClass", "gp2")
    assert gp2["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "false"

    for one in reversed(made):
        world.handler.delete(one.target, one.id, one.inputs, one.outputs)
    assert not {"cert-manager", "external-dns", "external-secrets"} & {*world.names("v1", "Namespace")}
    assert world.names("storage.k8s.io/v1", "StorageClass") == ["gp2"], "EKS's own stays"
