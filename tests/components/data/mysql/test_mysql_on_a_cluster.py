"""Group and copy on the embedded cluster: accepted in the order of their edges, and grown in place."""

import copy
import dataclasses
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest

from components.data.authority import DataAuthority, DataAuthorityArgs
from components.data.mysql.component import Mysql
from components.data.mysql.replica import MysqlReplica
from components.operations.priorities import LADDER, Priorities, PrioritiesArgs
from components.platform.platform import Platform
from components.platform.storage import Storage, StorageArgs
from tests.components.data.mysql.recordings import ARGS, REPLICA_ARGS
from tests.components.platform.test_platform import ARGS as PLATFORM
from tests.components.platform.test_platform_on_a_cluster import in_order
from tests.embedded.kubernetes.cluster_world import Made, World
from tests.engine import build

CLAIMS = ["data-mysql-0", "data-mysql-1", "data-mysql-2", "data-mysql-replica-0"]
NAMESPACE = "mmorpg-game"
KEPT = "kubernetes:core/v1:PersistentVolumeClaimPatch"


def program() -> None:
    platform = Platform("us-east", PLATFORM)
    storage = Storage("us-east", StorageArgs(cluster_name=PLATFORM.prefix))
    priorities = Priorities("us-east", PrioritiesArgs(ladder=LADDER))
    namespace = k8s.core.v1.Namespace(
        "us-east-namespace", metadata={"name": NAMESPACE}, opts=pulumi.ResourceOptions(depends_on=[platform])
    )
    authority = DataAuthority(
        "us-east", DataAuthorityArgs(namespace=NAMESPACE, protect=True, after=(platform, namespace))
    )
    ground = dataclasses.replace(
        ARGS.ground, namespace=namespace.metadata.name, after=(platform, storage, priorities, authority)
    )
    Mysql("us-east", dataclasses.replace(ARGS, ground=ground))
    MysqlReplica("us-east", dataclasses.replace(REPLICA_ARGS, ground=ground))


@pytest.fixture
def made(tmp_path: Path) -> tuple[World, list[Made]]:
    world = World(tmp_path)
    return world, [world.make(r.type, r.resolved, r.name) for r in in_order(build(program).resources)]


def size(world: World, claim: str) -> Any:
    return world.get("v1", "PersistentVolumeClaim", claim, NAMESPACE)["spec"]["resources"]["requests"]["storage"]


def test_everything_is_accepted_in_the_order_of_its_edges_and_only_data_is_left(made: tuple[World, list[Made]]):
    world, objects = made
    assert world.names("apps/v1", "StatefulSet", NAMESPACE) == ["mysql", "mysql-replica"]
    assert world.names("v1", "PersistentVolumeClaim", NAMESPACE) == CLAIMS
    for one in reversed(objects):
        if one.target.type not in (KEPT, "kubernetes:core/v1:Namespace"):  # the former stay: retainOnDelete
            world.handler.delete(one.target, one.id, one.inputs, one.outputs)
    assert world.names("v1", "Service", NAMESPACE) == []
    # cert-manager lets go of no Secret, so that a certificate made anew is no new key for everybody.
    assert world.names("v1", "Secret", NAMESPACE) == ["data-authority", "mysql-replica-tls", "mysql-tls"]
    assert world.names("v1", "PersistentVolumeClaim", NAMESPACE) == CLAIMS


def test_more_storage_grows_the_claims_in_place(made: tuple[World, list[Made]]):
    world, objects = made
    patches = [one for one in objects if one.target.type == KEPT]
    assert {size(world, claim) for claim in CLAIMS} == {"50Gi"}
    for patch in patches:
        wanted = copy.deepcopy(patch.inputs)
        wanted["spec"]["resources"]["requests"]["storage"] = "80Gi"
        world.change(patch, wanted)
    assert {size(world, claim) for claim in CLAIMS} == {"80Gi"}
