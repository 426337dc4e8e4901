"""IAM, KMS, Logs, EKS and Route 53: what the real provider does beyond plain create and delete."""

from __future__ import annotations

import json

import pytest

from embedded.aws.objects import Refused
from embedded.provider import UNKNOWN, PartialFailure
from tests.embedded.aws_types.driver import Engine, trust
from tests.embedded.aws_types.ground import cluster, node_group, role

ROLE = "aws:iam/role:Role"
KEY = "aws:kms/key:Key"
CLUSTER = "aws:eks/cluster:Cluster"
GROUP = "aws:eks/nodeGroup:NodeGroup"
ADDON = "aws:eks/addon:Addon"
ZONE = "aws:route53/zone:Zone"
RECORD = "aws:route53/record:Record"


def test_a_policy_changed_behind_pulumis_back_is_seen(engine: Engine) -> None:
    made = engine.make(ROLE, "r", name="r", assumeRolePolicy=trust("eks.amazonaws.com"))
    engine.client("iam").update_assume_role_policy(RoleName="r", PolicyDocument=trust("ec2.amazonaws.com"))
    found = engine.refreshed(made)
    assert found is not None
    assert json.loads(found.inputs["assumeRolePolicy"]) == json.loads(trust("ec2.amazonaws.com"))


def test_a_policy_that_aws_laid_out_otherwise_keeps_the_programs_words(engine: Engine) -> None:
    laid_out = json.dumps(json.loads(trust("eks.amazonaws.com")), indent=4)
    made = engine.make(ROLE, "r", assumeRolePolicy=laid_out)
    assert made.outputs["assumeRolePolicy"] == laid_out


def test_a_role_that_is_missing_cannot_be_given_a_policy(engine: Engine) -> None:
    with pytest.raises(Refused, match="AWS refuses PutRolePolicy: NoSuchEntity"):
        engine.make("aws:iam/rolePolicy:RolePolicy", role="nobody", name="p", policy=trust("x"))


def test_a_deleted_key_waits_out_its_window_and_counts_as_gone(engine: Engine) -> None:
    made = engine.make(KEY, deletionWindowInDays=7)
    engine.drop(made)
    found = engine.client("kms").describe_key(KeyId=made.id)["KeyMetadata"]
    assert found["KeyState"] == "PendingDeletion"
    assert (found["DeletionDate"] - found["CreationDate"]).days == 7
    assert engine.refreshed(made) is None


def test_a_rotation_switched_off_behind_pulumis_back_is_seen(engine: Engine) -> None:
    made = engine.make(KEY, enableKeyRotation=True)
    engine.client("kms").disable_key_rotation(KeyId=made.id)
    found = engine.refreshed(made)
    assert found is not None
    assert found.inputs["enableKeyRotation"] is False


def test_a_log_group_that_shall_stay_is_not_deleted(engine: Engine) -> None:
    made = engine.make("aws:cloudwatch/logGroup:LogGroup", name="/kept", skipDestroy=True)
    engine.drop(made)
    assert engine.refreshed(made) is not None


def test_a_cluster_tells_what_eks_made(engine: Engine) -> None:
    made = cluster(engine)
    outputs = made.outputs
    assert outputs["endpoint"].endswith(".gr7.us-east-1.eks.amazonaws.com")
    assert outputs["certificateAuthority"]["data"]
    assert outputs["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.amazonaws.com/id/")
    assert outputs["vpcConfig"]["clusterSecurityGroupId"].startswith("sg-")
    assert outputs["vpcConfig"]["vpcId"].startswith("vpc-")
    assert (outputs["status"], outputs["kubernetesNetworkConfig"]["ipFamily"]) == ("ACTIVE", "ipv4")


def test_a_preview_of_a_cluster_leaves_open_what_eks_will_choose(engine: Engine) -> None:
    target = engine.target(CLUSTER, "c")
    inputs = engine.checked(target, {"roleArn": UNKNOWN, "vpcConfig": {"subnetIds": [UNKNOWN]}})
    outputs = engine.handler.preview(target, inputs)
    assert outputs["endpoint"] is outputs["vpcConfig"]["vpcId"] is UNKNOWN
    assert outputs["vpcConfig"]["endpointPublicAccess"] is True


def test_a_preview_of_a_change_keeps_what_eks_chose(engine: Engine) -> None:
    made = cluster(engine)
    network = made.inputs["vpcConfig"] | {"endpointPrivateAccess": True}
    outputs = engine.handler.preview_update(made.target, made.outputs, made.inputs | {"vpcConfig": network})
    assert outputs["vpcConfig"]["clusterSecurityGroupId"] == made.outputs["vpcConfig"]["clusterSecurityGroupId"]
    assert outputs["vpcConfig"]["endpointPrivateAccess"] is True


def test_a_cluster_goes_up_in_place_and_never_down(engine: Engine) -> None:
    made = cluster(engine)
    raised = engine.change(made, **made.inputs | {"version": "1.35"})
    assert raised.outputs["version"] == "1.35"
    with pytest.raises(Refused, match="AWS refuses UpdateClusterVersion: "):
        engine.change(raised, **made.inputs | {"version": "1.34"})


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("roleArn", "arn:aws:iam::123456789012:role/other", "roleArn"),
        ("bootstrapSelfManagedAddons", True, "bootstrapSelfManagedAddons"),
        (
            "accessConfig",
            {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": True},
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
        ),
        ("kubernetesNetworkConfig", {"ipFamily": "ipv6"}, "kubernetesNetworkConfig.ipFamily"),
        ("kubernetesNetworkConfig", {"ipFamily": "ipv4"}, ""),
    ],
)
def test_what_is_fixed_at_birth_replaces_the_cluster(engine: Engine, name: str, value: object, path: str) -> None:
    made = cluster(engine)
    replacement = engine.replaced_by(made, **made.inputs | {name: value})
    assert replacement.paths == ((path,) if path else ())
    assert replacement.delete_first is bool(path)


def test_encryption_can_be_added_but_not_taken_away(engine: Engine) -> None:
    key = engine.make(KEY)
    made = cluster(engine)
    locked = made.inputs | {"encryptionConfig": {"provider": {"keyArn": key.outputs["arn"]}, "resources": ["secrets"]}}
    assert engine.replaced_by(made, **locked).paths == ()
    encrypted = engine.change(made, **locked)
    assert encrypted.outputs["encryptionConfig"]["resources"] == ["secrets"]
    assert engine.replaced_by(encrypted, **made.inputs).paths == ("encryptionConfig",)


def test_an_import_does_not_replace_a_cluster_for_what_eks_never_tells(engine: Engine) -> None:
    made = cluster(engine)
    imported = engine.imported(made)
    assert engine.replaced_by(imported, **made.inputs).paths == ()


def test_a_cluster_changed_behind_pulumis_back_is_seen(engine: Engine) -> None:
    made = cluster(engine)
    private = {"endpointPublicAccess": False, "endpointPrivateAccess": True}
    engine.client("eks").update_cluster_config(name=made.id, resourcesVpcConfig=private)
    found = engine.refreshed(made)
    assert found is not None
    assert found.inputs["vpcConfig"]["endpointPublicAccess"] is False


def test_other_instance_types_replace_a_group_and_its_size_does_not(engine: Engine) -> None:
    owner = cluster(engine)
    engine.make(ADDON, "cni", clusterName=owner.id, addonName="vpc-cni")
    wanted = node_group(engine, owner, instanceTypes=["m7i.large"])
    made = engine.make(GROUP, "system", **wanted)
    assert made.outputs["resources"][0]["autoscalingGroups"][0]["name"].startswith("eks-")
    assert made.id == f"{owner.id}:mmorpg-us-east-system"
    changed = engine.replaced_by(made, **wanted | {"instanceTypes": ["m7i.xlarge"]})
    assert (changed.paths, changed.delete_first) == (("instanceTypes[0]",), True)
    assert (
        engine.replaced_by(made, **wanted | {"scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3}}).paths
        == ()
    )


def test_parameters_that_awss_own_model_forbids_never_leave_the_process(engine: Engine) -> None:
    wanted = node_group(engine, cluster(engine)) | {"scalingConfig": {"minSize": 0, "desiredSize": 0, "maxSize": 0}}
    with pytest.raises(Refused, match=r"AWS refuses CreateNodegroup: ParamValidation: .*maxSize, value: 0"):
        engine.make(GROUP, "system", **wanted)


def test_labels_and_taints_are_changed_by_what_differs(engine: Engine) -> None:
    owner = cluster(engine)
    engine.make(ADDON, "cni", clusterName=owner.id, addonName="vpc-cni")
    taint = {"key": "game-server", "value": "true", "effect": "NO_SCHEDULE"}
    wanted = node_group(engine, owner, labels={"a": "1", "b": "2"}, taints=[taint])
    made = engine.make(GROUP, "game", **wanted)
    engine.change(made, **wanted | {"labels": {"a": "9"}, "taints": []})
    found = engine.client("eks").describe_nodegroup(clusterName=owner.id, nodegroupName="mmorpg-us-east-system")
    assert (found["nodegroup"]["labels"], found["nodegroup"].get("taints", [])) == ({"a": "9"}, [])


def test_an_addon_without_nodes_is_made_but_reported_degraded_until_it_heals(engine: Engine) -> None:
    owner = cluster(engine)
    target = engine.target(ADDON, "coredns")
    inputs = engine.checked(target, {"clusterName": owner.id, "addonName": "coredns"})
    with pytest.raises(PartialFailure, match="DEGRADED: InsufficientNumberOfReplicas") as failure:
        engine.handler.create(target, inputs)
    sick = failure.value
    assert (sick.resource_id, sick.outputs["addonName"]) == (f"{owner.id}:coredns", "coredns")
    engine.make(ADDON, "cni", clusterName=owner.id, addonName="vpc-cni")
    engine.make(GROUP, "system", **node_group(engine, owner))
    outputs = engine.handler.update(target, sick.resource_id, inputs, sick.outputs, inputs)
    assert outputs["addonVersion"].startswith("v1.")


def test_a_zone_lists_its_name_servers_and_goes_only_when_empty(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com")
    assert len(zone.outputs["nameServers"]) == 4
    assert zone.outputs["comment"] == "Managed by Pulumi"
    engine.make(RECORD, zoneId=zone.id, name="a.mmorpg-game.com", type="A", ttl=60, records=["192.0.2.1"])
    with pytest.raises(Refused, match="AWS refuses DeleteHostedZone: HostedZoneNotEmpty"):
        engine.drop(zone)


def test_a_zone_to_be_forced_takes_its_records_with_it(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com", forceDestroy=True)
    engine.make(RECORD, zoneId=zone.id, name="a.mmorpg-game.com", type="A", ttl=60, records=["192.0.2.1"])
    engine.drop(zone)
    assert engine.refreshed(zone) is None


def test_a_record_is_named_by_zone_name_and_type(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com")
    record = engine.make(RECORD, zoneId=zone.id, name="play", type="A", ttl=60, records=["192.0.2.1"])
    assert record.id == f"{zone.id}_play_A"
    assert record.outputs["fqdn"] == "play.mmorpg-game.com"


def test_a_record_that_exists_is_not_taken_over(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com")
    wanted = {"zoneId": zone.id, "name": "play.mmorpg-game.com", "type": "A", "ttl": 60, "records": ["192.0.2.1"]}
    engine.make(RECORD, "one", **wanted)
    with pytest.raises(Refused, match="already exists"):
        engine.make(RECORD, "two", **wanted)
    assert engine.make(RECORD, "three", **wanted, allowOverwrite=True).id.endswith("_play.mmorpg-game.com_A")


def test_a_routed_alias_reads_back_and_imports_by_its_set(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com")
    alias = {"name": "game-1.elb.us-east-1.amazonaws.com", "zoneId": "Z26RNL4JYFTOTI", "evaluateTargetHealth": True}
    wanted = {"zoneId": zone.id, "name": "play.mmorpg-game.com", "type": "A", "aliases": [alias]}
    record = engine.make(RECORD, **wanted, setIdentifier="us_east", latencyRoutingPolicies=[{"region": "us-east-1"}])
    found = engine.imported(record)
    assert found.id == f"{zone.id}_play.mmorpg-game.com_A_us_east"
    assert found.inputs == record.inputs


def test_a_record_changes_its_type_in_one_batch(engine: Engine) -> None:
    zone = engine.make(ZONE, "z", name="mmorpg-game.com")
    wanted = {"zoneId": zone.id, "name": "play.mmorpg-game.com", "ttl": 60}
    record = engine.make(RECORD, **wanted, type="A", records=["192.0.2.1"])
    changed = engine.change(record, **wanted, type="CNAME", records=["other.example.com"])
    assert changed.outputs["type"] == "CNAME"
    sets = engine.client("route53").list_resource_record_sets(HostedZoneId=zone.id)["ResourceRecordSets"]
    assert [item["Type"] for item in sets if item["Name"] == "play.mmorpg-game.com."] == ["CNAME"]


def test_a_role_in_use_by_policies_cannot_be_deleted(engine: Engine) -> None:
    made = role(engine, "node", "ec2.amazonaws.com", "AmazonEKSWorkerNodePolicy")
    with pytest.raises(Refused, match="AWS refuses DeleteRole: DeleteConflict"):
        engine.drop(made)
