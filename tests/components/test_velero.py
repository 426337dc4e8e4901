"""Velero: the whole namespace but what the cluster makes by itself, moved out of the region's disks, without a key."""

import dataclasses
import json
from typing import Any

import pytest

from components.operations.velero import DERIVED, Velero, VeleroArgs
from plan.recorder import Recording
from tests.charts import RELEASE, check_release, needs_charts
from tests.engine import build, named, only

PLUGIN = "velero/velero-plugin-for-aws:v1.14.3"
ARGS = VeleroArgs(
    prefix="mmorpg-us-east",
    cluster_name="mmorpg-us-east",
    region="us-east-1",
    namespace="mmorpg-game",
    bucket="mmorpg-us-east-backup-123456789012",
    bucket_arn="arn:aws:s3:::mmorpg-us-east-backup-123456789012",
    key_arn="arn:aws:kms:us-east-1:123456789012:key/0a1b2c3d-0000-0000-0000-000000000000",
    plugin_image=PLUGIN,
    hour=2,
    retention_days=30,
)


def velero(**changes: Any) -> Recording:
    return build(lambda: Velero("us-east", dataclasses.replace(ARGS, **changes)))


def values(**changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = only(velero(**changes), RELEASE).resolved["values"]
    return found


def test_the_namespace_is_backed_up_at_two_every_night_and_kept_for_thirty_days():
    daily = values()["schedules"]["daily"]
    assert (daily["schedule"], daily["template"]["ttl"]) == ("0 2 * * *", "720h0m0s")
    assert daily["template"]["includedNamespaces"] == ["mmorpg-game"]
    assert "includedResources" not in daily["template"], "four kinds are no game that could be restored"


def test_nothing_is_in_a_backup_that_would_mislead_who_reads_it():
    excluded = set(values()["schedules"]["daily"]["template"]["excludedResources"])
    assert excluded == set(DERIVED)
    assert {"leases.coordination.k8s.io", "nodes", "nodeclaims.karpenter.sh", "nodepools.karpenter.sh"} < excluded
    assert excluded.isdisjoint({"secrets", "configmaps", "persistentvolumeclaims", "statefulsets.apps", "services"})


def test_volumes_are_moved_into_the_bucket_since_snapshots_stay_in_their_region():
    found = values()
    assert found["configuration"]["features"] == "EnableCSI"
    assert found["configuration"]["uploaderType"] == "kopia"
    assert found["schedules"]["daily"]["template"]["snapshotMoveData"] is True
    assert (found["deployNodeAgent"], found["snapshotsEnabled"]) == (True, False)
    assert found["nodeAgent"]["tolerations"] == [{"operator": "Exists"}], "databases stand on tainted nodes"


def test_no_credential_is_anywhere_and_the_role_sees_its_own_keys_alone():
    built = velero()
    found = only(built, RELEASE).resolved["values"]
    assert found["credentials"] == {"useSecret": False}
    association = only(built, "aws:eks/podIdentityAssociation:PodIdentityAssociation").resolved
    assert (association["namespace"], association["serviceAccount"]) == ("velero", "velero")
    assert found["serviceAccount"]["server"]["name"] == "velero"
    rights = json.loads(only(built, "aws:iam/rolePolicy:RolePolicy").resolved["policy"])["Statement"]
    assert rights[0]["Resource"] == f"{ARGS.bucket_arn}/velero/*"
    assert not [action for statement in rights for action in statement["Action"] if action.startswith("ec2:")]


def test_the_plug_in_without_which_there_is_no_provider_aws_is_pinned():
    (container,) = values()["initContainers"]
    assert container["image"] == PLUGIN
    assert container["volumeMounts"] == [{"mountPath": "/target", "name": "plugins"}]
    assert values()["kubectl"]["image"]["tag"] == "v1.34.5"


def test_rights_are_there_before_the_first_pod():
    built = velero()
    release = only(built, RELEASE)
    for type_ in ("aws:iam/rolePolicy:RolePolicy", "aws:eks/podIdentityAssociation:PodIdentityAssociation"):
        assert named(built, "us-east-velero", type_).urn in release.depends_on


def test_five_resources_are_all_that_it_takes():
    assert len([resource for resource in velero().resources if resource.is_leaf]) == 5


@needs_charts
def test_every_value_is_one_that_the_chart_takes():
    assert check_release(only(velero(), RELEASE).resolved) == []


def test_an_hour_that_no_day_has_is_refused():
    with pytest.raises(ValueError, match="24 is no hour of a day"):
        dataclasses.replace(ARGS, hour=24)
