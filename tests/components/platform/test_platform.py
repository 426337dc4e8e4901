"""Platform: each add-on as its chart takes it, after what it needs, with rights on its own things alone."""

import dataclasses
import json
from typing import Any

import pulumi
import pytest

from components.platform.dns_zone import DnsZone
from components.platform.external_secrets import ExternalSecretsArgs
from components.platform.platform import Platform, PlatformArgs
from plan.recorder import Recording
from tests.charts import RELEASE, check_release, needs_charts
from tests.custom_resources import check_custom_resource, is_custom, needs_crds
from tests.engine import all_of, build, named, only

ASSOCIATION = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
NAMESPACE = "kubernetes:core/v1:Namespace"
NODES = "aws:eks/nodeGroup:NodeGroup"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer"
STORE = "kubernetes:external-secrets.io/v1:ClusterSecretStore"
SNAPSHOTS = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"
ARGS = PlatformArgs(
    prefix="mmorpg-us-east",
    cluster_name="mmorpg-us-east",
    region="us-east-1",
    account_id="123456789012",
    vpc_id="vpc-0a1b2c",
    zone=DnsZone(zone_id="Z0123456789ABC", domain="us-east.mmorpg-game.com"),
    acme_email="platform@mmorpg-game.com",
    secrets_prefix="mmorpg/us-east/",
    readers=("mmorpg-game",),
)
RELEASES = {
    "us-east-load-balancer-controller": ("aws-load-balancer-controller", "kube-system"),
    "us-east-snapshot-controller": ("snapshot-controller", "kube-system"),
    "us-east-cert-manager": ("cert-manager", "cert-manager"),
    "us-east-external-secrets": ("external-secrets", "external-secrets"),
    "us-east-external-dns": ("external-dns", "external-dns"),
}


def platform(**changes: Any) -> Recording:
    def program() -> None:
        nodes = pulumi.CustomResource(NODES, "us-east-pool-system", {})
        Platform("us-east", dataclasses.replace(ARGS, after=(nodes,), **changes))

    return build(program)


@pytest.fixture(scope="module")
def built() -> Recording:
    return platform()


def values(built: Recording, name: str) -> dict[str, Any]:
    return dict(named(built, name, RELEASE).resolved["values"])


def statements(built: Recording, name: str) -> list[dict[str, Any]]:
    return list(json.loads(named(built, name, ROLE_POLICY).resolved["policy"])["Statement"])


def test_every_add_on_is_a_release_by_its_charts_own_name(built: Recording):
    found = {r.name: (r.resolved["chart"], r.resolved["namespace"]) for r in all_of(built, RELEASE)}
    assert found == RELEASES
    assert {r.resolved["name"] for r in all_of(built, RELEASE)} == {chart for chart, _ in RELEASES.values()}


@needs_charts
def test_every_value_is_one_that_the_chart_has(built: Recording):
    assert [problem for release in all_of(built, RELEASE) for problem in check_release(release.resolved)] == []


@needs_crds
def test_every_custom_resource_is_valid_under_its_crd(built: Recording):
    found = [resource for resource in built.resources if is_custom(resource.type)]
    assert {resource.type for resource in found} == {ISSUER, STORE, SNAPSHOTS}
    assert [problem for resource in found for problem in check_custom_resource(resource.resolved)] == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_add_on_waits_for_nodes_and_for_its_rights(built: Recording, release: str):
    before = named(built, release, RELEASE).depends_on
    assert only(built, NODES).urn in before
    for association in all_of(built, ASSOCIATION):
        inputs = association.inputs
        if (inputs["serviceAccount"], inputs["namespace"]) == RELEASES[release]:
            role = named(built, association.name, ROLE)
            assert inputs["roleArn"] == {"$ref": role.urn, "property": "arn"}
            assert {association.urn, named(built, association.name, ROLE_POLICY).urn} <= set(before)


def test_four_controllers_have_rights_and_each_to_the_account_its_pods_run_under(built: Recording):
    accounts = {(a.inputs["namespace"], a.inputs["serviceAccount"]) for a in all_of(built, ASSOCIATION)}
    assert accounts == {(namespace, name) for name, namespace in RELEASES.values() if name != "snapshot-controller"}
    for release, (account, _) in RELEASES.items():
        if account != "snapshot-controller":
            assert values(built, release)["serviceAccount"] == {"create": True, "name": account}
    assert {a.inputs["clusterName"] for a in all_of(built, ASSOCIATION)} == {"mmorpg-us-east"}


def test_no_role_may_do_everything(built: Recording):
    assert [finding for finding in built.findings if finding.rule == "rights-over-everything"] == []
    for role_policy in all_of(built, ROLE_POLICY):
        for statement in json.loads(role_policy.resolved["policy"])["Statement"]:
            assert [action for action in statement["Action"] if "*" in action] == [], role_policy.name


def test_every_namespace_of_its_own_holds_its_pods_to_the_strictest_level(built: Recording):
    for namespace in all_of(built, NAMESPACE):
        assert namespace.inputs["metadata"]["labels"] == {
            f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")
        }
        # A namespace goes when its last pod has, and pods end on nodes.
        assert namespace.depends_on == [only(built, NODES).urn]
    assert len(all_of(built, NAMESPACE)) == 3


def test_what_must_answer_at_all_times_runs_twice_with_a_budget(built: Recording):
    balancer = values(built, "us-east-load-balancer-controller")
    assert (balancer["replicaCount"], balancer["podDisruptionBudget"]) == (2, {"maxUnavailable": 1})
    snapshots = values(built, "us-east-snapshot-controller")["controller"]
    assert (snapshots["replicaCount"], snapshots["pdb"]) == (2, {"maxUnavailable": 1})
    certificates, secrets = values(built, "us-east-cert-manager"), values(built, "us-east-external-secrets")
    for part in (certificates, certificates["webhook"], certificates["cainjector"], secrets, secrets["webhook"]):
        assert part["replicaCount"] == 2
        assert part["podDisruptionBudget"]["enabled"] is True
        assert part["resources"]["requests"].keys() == {"cpu", "memory"}
    assert secrets["leaderElect"] is True, "two operators without a leader would both write"
    assert "podDisruptionBudget" not in secrets["certController"], "over one pod it would only stop a drain"


# The load balancer controller


def test_the_load_balancer_controller_is_told_what_it_cannot_ask_the_node(built: Recording):
    said = values(built, "us-east-load-balancer-controller")
    assert (said["clusterName"], said["region"], said["vpcId"]) == ("mmorpg-us-east", "us-east-1", "vpc-0a1b2c")


def test_no_webhook_stands_in_the_way_of_a_new_service(built: Recording):
    assert values(built, "us-east-load-balancer-controller")["enableServiceMutatorWebhook"] is False


# DNS and certificates


def test_external_dns_takes_away_only_records_of_its_own_cluster_in_its_own_zone(built: Recording):
    said = values(built, "us-east-external-dns")
    assert (said["policy"], said["registry"], said["txtOwnerId"]) == ("sync", "txt", "mmorpg-us-east")
    assert said["domainFilters"] == ["us-east.mmorpg-game.com"]
    assert said["extraArgs"] == {"zone-id-filter": "Z0123456789ABC"}
    writes, lists = statements(built, "us-east-external-dns")
    assert writes["Resource"] == "arn:aws:route53:::hostedzone/Z0123456789ABC"
    assert writes["Action"] == ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"]
    assert (lists["Action"], lists["Resource"]) == (["route53:ListHostedZones"], "*")


def test_cert_manager_may_write_txt_records_of_the_zone_and_nothing_else(built: Recording):
    changes = [s for s in statements(built, "us-east-cert-manager") if "Condition" in s]
    assert changes == [
        {
            "Effect": "Allow",
            "Action": ["route53:ChangeResourceRecordSets"],
            "Resource": "arn:aws:route53:::hostedzone/Z0123456789ABC",
            "Condition": {"ForAllValues:StringEquals": {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}},
        }
    ]


def test_the_issuer_proves_names_of_the_zone_and_comes_after_its_webhook(built: Recording):
    issuer = only(built, ISSUER)
    assert issuer.depends_on == [named(built, "us-east-cert-manager", RELEASE).urn]
    acme = issuer.resolved["spec"]["acme"]
    assert (acme["email"], acme["server"]) == (
        "platform@mmorpg-game.com",
        "https://acme-v02.api.letsencrypt.org/directory",
    )
    assert acme["solvers"] == [
        {
            "selector": {"dnsZones": ["us-east.mmorpg-game.com"]},
            "dns01": {"route53": {"region": "us-east-1", "hostedZoneID": "Z0123456789ABC"}},
        }
    ]


def test_without_a_zone_nothing_touches_dns_and_nobody_issues_certificates():
    built = platform(zone=None)
    assert {r.name for r in all_of(built, RELEASE)} == RELEASES.keys() - {"us-east-external-dns"}
    assert all_of(built, ISSUER) == []
    assert {r.name for r in all_of(built, ROLE)} == {"us-east-load-balancer", "us-east-external-secrets"}


def test_without_an_address_there_are_records_but_no_certificates():
    built = platform(acme_email=None)
    assert all_of(built, ISSUER) == []
    assert "us-east-cert-manager" not in {r.name for r in all_of(built, ROLE)}
    assert named(built, "us-east-external-dns", RELEASE)


# Secrets and snapshots


def test_secrets_are_read_below_the_regions_prefix_and_by_its_readers_alone(built: Recording):
    (statement,) = statements(built, "us-east-external-secrets")
    assert statement["Resource"] == "arn:aws:secretsmanager:us-east-1:123456789012:secret:mmorpg/us-east/*"
    assert statement["Action"] == [
        f"secretsmanager:{call}"
        for call in ("GetResourcePolicy", "GetSecretValue", "DescribeSecret", "ListSecretVersionIds")
    ]
    store = only(built, STORE)
    assert store.depends_on == [named(built, "us-east-external-secrets", RELEASE).urn]
    assert store.resolved["spec"] == {
        "provider": {"aws": {"service": "SecretsManager", "region": "us-east-1"}},
        "conditions": [{"namespaces": ["mmorpg-game"]}],
    }


def test_a_prefix_that_would_open_another_regions_secrets_is_refused():
    with pytest.raises(ValueError, match="'mmorpg/us' ends in the middle of a name; end it with /"):
        ExternalSecretsArgs(
            prefix="mmorpg-us",
            cluster_name="mmorpg-us",
            region="us-east-1",
            account_id="1",
            secrets_prefix="mmorpg/us",
            readers=(),
        )


def test_snapshots_outlive_the_cluster_and_can_be_found_by_it(built: Recording):
    found = only(built, SNAPSHOTS)
    assert found.depends_on == [named(built, "us-east-snapshot-controller", RELEASE).urn]
    assert found.resolved == {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshotClass",
        "metadata": {"name": "ebs-snapshots", "labels": {"velero.io/csi-volumesnapshot-class": "true"}},
        "driver": "ebs.csi.aws.com",
        "deletionPolicy": "Retain",
        "parameters": {"tagSpecification_1": "game-regions/cluster=mmorpg-us-east"},
    }
