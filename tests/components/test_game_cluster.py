"""GameCluster: who gets in, what is encrypted and logged, and what the Kubernetes provider hangs on."""

import base64
import dataclasses
import json
from typing import Any

import pulumi
import pytest

from components.cluster import GameCluster, GameClusterArgs, principal_label
from components.kubeconfig import kubeconfig
from plan.recorder import Recording
from tests.engine import all_of, build, named, only

CLUSTER = "aws:eks/cluster:Cluster"
KEY = "aws:kms/key:Key"
ADMIN = "arn:aws:iam::123456789012:role/platform-admin"
SECOND = "arn:aws:iam::210987654321:role/aws-reserved/sso.amazonaws.com/platform-admin"
ARGS = GameClusterArgs(
    cluster_name="mmorpg-us-east",
    region="us-east-1",
    version="1.35",
    account_id="123456789012",
    subnets={"us-east-1a": "subnet-a", "us-east-1b": "subnet-b"},
    public_access_cidrs=("203.0.113.0/24",),
    admins=(ADMIN,),
    log_retention_days=30,
    protect=True,
)


def cluster(**changes: Any) -> Recording:
    return build(lambda: GameCluster("us-east", dataclasses.replace(ARGS, **changes)))


def test_the_creator_gets_no_rights_and_nothing_unmanaged_is_installed():
    inputs = only(cluster(), CLUSTER).inputs
    assert inputs["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }, "both can only be said at birth"
    assert inputs["bootstrapSelfManagedAddons"] is False
    assert (inputs["name"], inputs["version"]) == ("mmorpg-us-east", "1.35")


def test_the_api_server_answers_inside_the_vpc_and_to_listed_blocks_only():
    assert only(cluster(), CLUSTER).inputs["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "endpointPrivateAccess": True,
        "endpointPublicAccess": True,
        "publicAccessCidrs": ["203.0.113.0/24"],
    }


def test_without_listed_blocks_the_api_server_answers_inside_the_vpc_only():
    assert only(cluster(public_access_cidrs=()), CLUSTER).inputs["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "endpointPrivateAccess": True,
        "endpointPublicAccess": False,
    }


@pytest.mark.parametrize(("support", "said"), [("standard", "STANDARD"), ("extended", "EXTENDED")])
def test_the_cluster_slides_into_extended_support_only_where_asked(support: str, said: str):
    assert only(cluster(support=support), CLUSTER).inputs["upgradePolicy"] == {"supportType": said}


def test_the_control_plane_is_of_the_tier_given_and_can_be_shifted_out_of_a_zone():
    inputs = only(cluster(control_plane_tier="tier-xl"), CLUSTER).inputs
    assert inputs["controlPlaneScalingConfig"] == {"tier": "tier-xl"}
    assert inputs["zonalShiftConfig"] == {"enabled": True}


def test_the_group_that_eks_makes_is_known_to_the_rules_of_the_nodes():
    def program() -> None:
        made = GameCluster("us-east", ARGS)
        pulumi.CustomResource("aws:test/rule:Rule", "us-east-rule", {"group": made.security_group})

    built = build(program)
    assert named(built, "us-east-rule").inputs["group"] == {
        "$ref": only(built, CLUSTER).urn,
        "property": "vpcConfig.clusterSecurityGroupId",
    }


def test_secrets_are_encrypted_with_a_rotating_key_of_the_regions_own():
    built = cluster()
    key = only(built, KEY)
    assert only(built, CLUSTER).inputs["encryptionConfig"] == {
        "provider": {"keyArn": {"$ref": key.urn, "property": "arn"}},
        "resources": ["secrets"],
    }
    assert (key.inputs["enableKeyRotation"], key.inputs["deletionWindowInDays"]) == (True, 30)
    alias = only(built, "aws:kms/alias:Alias").inputs
    assert alias == {
        "name": "alias/mmorpg-us-east-secrets",
        "targetKeyId": {"$ref": key.urn, "property": "keyId"},
    }


def test_the_account_can_always_change_the_keys_policy_and_the_cluster_may_only_use_it():
    built = cluster()
    account, user = json.loads(only(built, KEY).resolved["policy"])["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert account["Action"] == ["kms:*"]
    assert user["Principal"] == {"AWS": f"${{{only(built, 'aws:iam/role:Role').urn}#arn}}"}
    assert not {"kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:*"} & set(user["Action"])


def test_the_log_group_is_there_before_the_cluster_and_keeps_logs_for_the_days_given():
    built = cluster()
    group = only(built, "aws:cloudwatch/logGroup:LogGroup")
    assert group.inputs == {"name": "/aws/eks/mmorpg-us-east/cluster", "retentionInDays": 30}
    assert group.urn in only(built, CLUSTER).depends_on, "else EKS makes it, without an end to its logs"
    assert set(only(built, CLUSTER).inputs["enabledClusterLogTypes"]) == {
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    }


def test_the_role_has_its_policy_for_as_long_as_the_cluster_lives():
    built = cluster()
    role, attachment = (
        only(built, "aws:iam/role:Role"),
        only(built, "aws:iam/rolePolicyAttachment:RolePolicyAttachment"),
    )
    (statement,) = json.loads(role.resolved["assumeRolePolicy"])["Statement"]
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    assert attachment.resolved == {
        "role": "mmorpg-us-east-cluster",
        "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
    }
    assert attachment.urn in only(built, CLUSTER).depends_on


def test_each_admin_has_an_entry_and_the_cluster_wide_policy():
    built = cluster(admins=(ADMIN, SECOND))
    entries = {entry.inputs["principalArn"]: entry for entry in all_of(built, "aws:eks/accessEntry:AccessEntry")}
    policies = all_of(built, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert set(entries) == {policy.inputs["principalArn"] for policy in policies} == {ADMIN, SECOND}
    for policy in policies:
        assert policy.inputs["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")
        assert policy.inputs["accessScope"] == {"type": "cluster"}
        assert entries[policy.inputs["principalArn"]].urn in policy.depends_on, "it names the entry by text only"


def test_another_admin_leaves_the_first_ones_entry_as_it_is():
    old, new = cluster().by_urn(), cluster(admins=(SECOND, ADMIN)).by_urn()
    assert {urn: resource.inputs for urn, resource in old.items()} == {urn: new[urn].inputs for urn in old}


def test_a_viewer_sees_everything_but_secrets():
    built = cluster(viewers=(SECOND,))
    policy = named(built, "us-east-viewer-210987654321-role-platform-admin")
    assert policy.inputs["policyArn"] == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    assert policy.inputs["principalArn"] == SECOND
    entry = named(built, "us-east-access-210987654321-role-platform-admin")
    assert entry.urn in policy.depends_on
    assert policy.urn not in only(built, "pulumi:providers:kubernetes").depends_on, "nothing is deployed as a viewer"


def test_a_viewer_who_becomes_an_admin_keeps_the_entry_of_which_eks_takes_one():
    viewer, admin = cluster(viewers=(SECOND,)), cluster(admins=(ADMIN, SECOND))
    entry = "us-east-access-210987654321-role-platform-admin"
    assert named(viewer, entry).inputs == named(admin, entry).inputs


def test_an_entry_made_under_its_former_name_is_kept():
    (alias,) = named(cluster(), "us-east-access-123456789012-role-platform-admin").options["aliases"]
    assert "us-east-admin-123456789012-role-platform-admin" in str(alias)


def test_a_principal_cannot_be_admin_and_viewer_at_once():
    with pytest.raises(ValueError, match=rf"cluster viewers: {ADMIN} is an admin already; name each principal once"):
        dataclasses.replace(ARGS, viewers=(ADMIN,))


def test_admins_of_the_same_name_in_two_accounts_are_told_apart():
    assert principal_label(ADMIN) == "123456789012-role-platform-admin"
    assert principal_label(SECOND) == "210987654321-role-platform-admin"


def test_a_cluster_that_nobody_could_enter_is_refused():
    with pytest.raises(ValueError, match="cluster admins: none given"):
        dataclasses.replace(ARGS, admins=())


def test_the_kubernetes_provider_stays_the_same_whatever_the_kubeconfig_says():
    built = cluster()
    provider = only(built, "pulumi:providers:kubernetes")
    assert provider.name == "us-east-kubernetes"
    assert provider.inputs["clusterIdentifier"] == "mmorpg-us-east", "a text, so a preview never replaces every object"
    assert provider.inputs["enableConfigMapMutable"] == provider.inputs["enableSecretMutable"] == "true"
    assert "/kubeconfig" in provider.secrets


def test_the_kubernetes_provider_waits_until_it_is_let_in():
    built = cluster()
    association = only(built, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation")
    assert association.urn in only(built, "pulumi:providers:kubernetes").depends_on


def test_a_kubeconfig_asks_for_a_fresh_token_and_holds_none():
    found: list[dict[str, Any]] = []
    authority = base64.b64encode(b"certificate").decode()

    def program() -> dict[str, pulumi.Output[str]]:
        text = kubeconfig("mmorpg-us-east", "us-east-1", "https://example.test", authority)
        text.apply(lambda value: found.append(json.loads(value)))
        return {"kubeconfig": text}

    assert build(program).outputs == {"kubeconfig": "[secret]"}
    (config,) = found
    assert config["clusters"][0]["cluster"] == {
        "server": "https://example.test",
        "certificate-authority-data": authority,
    }
    assert config["users"][0]["user"]["exec"]["args"] == [
        "--region",
        "us-east-1",
        "eks",
        "get-token",
        "--cluster-name",
        "mmorpg-us-east",
        "--output",
        "json",
    ]
    assert "token" not in config["users"][0]["user"]


@pytest.mark.parametrize("protect", [True, False])
def test_cluster_and_key_are_protected_exactly_where_asked(protect: bool):
    built = cluster(protect=protect)
    assert only(built, CLUSTER).protect is only(built, KEY).protect is protect
    assert only(built, CLUSTER).inputs["deletionProtection"] is protect
