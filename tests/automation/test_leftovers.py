"""What is left of a stack is found by its tags in every service, and called declared or an orphan."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from pulumi.automation import ConfigValue
from rich.console import Console

from automation import leftovers as reports
from automation.aws_sessions import Access
from automation.errors import Refused
from automation.former_places import Former, former_of
from automation.leftovers import State, leftovers
from components.tags import CLUSTER_TAG
from stacks.tags import URN_TAG
from tests.embedded.aws_types.conftest import door, endpoint, engine  # noqa: F401 - fixtures
from tests.embedded.aws_types.driver import REGION
from tests.embedded.aws_types.examples import EXAMPLES
from tests.shipped import settings_of

URN = "urn:pulumi:local::game-regions::x$y::z"  # whose tag the examples carry
TODAY = datetime.now(UTC).date()


class Doors(boto3.Session):
    """A session whose clients are the embedded endpoint's."""

    def __init__(self, engine, region):  # noqa: F811 - the fixture's engine
        super().__init__(region_name=region)
        self._engine = engine

    def client(self, service):
        return self._engine.endpoint.client(service, self.region_name)


def look(engine, state=None, former=None, locked_out=()):  # noqa: F811
    """What is left of `local` beside this state; every access leads to the one account, but for those locked out."""

    def with_access(access):
        if access in locked_out:
            raise Refused(f"AWS cannot be reached in {access.region}: no such role")
        return Doors(engine, access.region)

    chosen = SimpleNamespace(name="local", settings=settings_of("local"))
    return leftovers(chosen, SimpleNamespace(with_access=with_access), State(state or {}), former or Former())


def key(engine, *, deleted=True):  # noqa: F811
    tags = [{"TagKey": URN_TAG, "TagValue": URN.replace("$", "@")}]
    found = engine.client("kms").create_key(Tags=tags)["KeyMetadata"]
    if deleted:
        engine.client("kms").schedule_key_deletion(KeyId=found["KeyId"], PendingWindowInDays=30)
    return found


def volume(engine, cluster):  # noqa: F811
    tags = [{"ResourceType": "volume", "Tags": [{"Key": CLUSTER_TAG, "Value": cluster}]}]
    asked = {"AvailabilityZone": f"{REGION}a", "Size": 10, "VolumeType": "gp3", "TagSpecifications": tags}
    return engine.client("ec2").create_volume(**asked)["VolumeId"]


def backup_bucket(engine, **days):  # noqa: F811
    s3 = engine.client("s3")
    s3.create_bucket(Bucket="mmorpg-local-backup", ObjectLockEnabledForBucket=True)
    s3.put_bucket_tagging(
        Bucket="mmorpg-local-backup", Tagging={"TagSet": [{"Key": URN_TAG, "Value": URN.replace("$", "@")}]}
    )
    s3.put_object_lock_configuration(
        Bucket="mmorpg-local-backup",
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", **days}},
        },
    )
    return s3


def test_a_default_group_goes_with_its_network_and_is_no_orphan(engine):  # noqa: F811
    made = engine.make("aws:ec2/vpc:Vpc", **EXAMPLES["aws:ec2/vpc:Vpc"](engine).wanted)
    group = made.outputs["defaultSecurityGroupId"]
    tag = {"Key": URN_TAG, "Value": URN.replace("$", "@")}
    engine.client("ec2").create_tags(Resources=[group], Tags=[tag])
    assert [one.id for one in look(engine).orphans if one.type == "security-group"] == [group]
    engine.drop(made)
    assert look(engine).orphans == []


def test_objects_of_another_stack_and_of_living_clusters_are_nobodys_business(engine):  # noqa: F811
    tag = {"Key": URN_TAG, "Value": "urn:pulumi:prod::game-regions::x@y::z"}
    vpc = engine.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    engine.client("ec2").create_tags(Resources=[vpc], Tags=[tag])
    volume(engine, "mmorpg-elsewhere")
    volume(engine, "mmorpg-local")
    living = {"resources": [{"type": "aws:eks/cluster:Cluster", "id": "mmorpg-local"}]}
    found = look(engine, living)
    assert (found.declared, found.orphans) == ([], [])


@pytest.mark.parametrize(("game", "orphans"), [("mmorpg", 2), ("other", 0)])
def test_a_stack_of_the_same_name_that_is_another_games_is_nobodys_business(engine, game, orphans):  # noqa: F811
    ec2, kms = engine.client("ec2"), engine.client("kms")
    urn = URN.replace("$", "@")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": URN_TAG, "Value": urn}, {"Key": "game", "Value": game}])
    kms.create_key(Tags=[{"TagKey": URN_TAG, "TagValue": urn}, {"TagKey": "game", "TagValue": game}])
    assert len(look(engine).orphans) == orphans


def test_a_second_object_with_the_urn_of_one_that_the_state_holds_is_an_orphan(engine):  # noqa: F811
    first, second = key(engine, deleted=False), key(engine, deleted=False)
    state = {"resources": [{"type": "aws:kms/key:Key", "urn": URN, "id": first["KeyId"], "outputs": {}}]}
    assert [one.arn for one in look(engine, state).orphans] == [second["Arn"]]


def test_a_key_that_waits_for_its_deletion_is_declared_free_and_until_its_day(engine):  # noqa: F811
    made = key(engine)
    found = look(engine)
    assert found.orphans == []
    [declared] = found.declared
    assert (declared.arn, declared.monthly_usd, declared.yearly_usd) == (made["Arn"], 0.0, 0.0)
    assert declared.expires in (TODAY + timedelta(days=30), TODAY + timedelta(days=31))  # past midnight meanwhile
    assert "cancel-key-deletion" in declared.sentence
    assert declared.report()["expires"] == declared.expires.isoformat()


def test_a_volume_of_a_cluster_that_is_gone_is_declared_with_what_it_costs(engine):  # noqa: F811
    ident = volume(engine, "mmorpg-local")
    [declared] = look(engine).declared
    assert (declared.id, declared.monthly_usd, declared.yearly_usd, declared.expires) == (ident, 0.8, 9.6, None)


def test_a_snapshot_is_declared_with_the_most_that_it_can_cost(engine):  # noqa: F811
    made = engine.client("ec2").create_volume(AvailabilityZone=f"{REGION}a", Size=10)["VolumeId"]
    tags = [{"ResourceType": "snapshot", "Tags": [{"Key": CLUSTER_TAG, "Value": "mmorpg-local"}]}]
    engine.client("ec2").create_snapshot(VolumeId=made, TagSpecifications=tags)
    [declared] = look(engine).declared
    assert (declared.type, declared.monthly_usd) == ("snapshot", 0.5)


def test_a_cached_repository_is_declared_with_what_its_images_cost_and_the_games_own_is_not(engine):  # noqa: F811
    ecr = engine.client("ecr")
    for name, tag in (("mmorpg-local/quay/it", (CLUSTER_TAG, "mmorpg-local")), ("mmorpg/it", (URN_TAG, URN))):
        key, value = tag
        ecr.create_repository(repositoryName=name, tags=[{"Key": key, "Value": value.replace("$", "@")}])
    found = look(engine)
    assert [(one.id, one.monthly_usd, one.expires) for one in found.declared] == [("mmorpg-local/quay/it", 0.0, None)]
    assert [one.id for one in found.orphans] == ["mmorpg/it"]


def test_an_empty_locked_bucket_is_free_and_one_with_backups_costs_by_the_gib_until_the_last_lock_ends(
    engine,  # noqa: F811
):
    s3 = backup_bucket(engine, Days=30)
    [empty] = look(engine).declared
    assert (empty.monthly_usd, empty.expires) == (0.0, None)
    s3.put_object(Bucket="mmorpg-local-backup", Key="monday", Body=b"worlds")
    [full] = look(engine).declared
    assert (full.monthly_usd, full.yearly_usd, full.usd_per_gib_month) == (None, None, 0.023)
    assert full.expires in (TODAY + timedelta(days=30), TODAY + timedelta(days=31))
    assert "locked for 30 days" in full.sentence


def test_a_bucket_without_lock_that_was_left_is_an_orphan(engine):  # noqa: F811
    engine.make(
        "aws:s3/bucket:Bucket", **EXAMPLES["aws:s3/bucket:Bucket"](engine).wanted | {"objectLockEnabled": False}
    )
    found = look(engine)
    assert [one.type for one in found.orphans] == ["bucket"]
    assert found.declared == []


def test_what_a_controller_of_a_cluster_that_is_gone_left_is_an_orphan(engine):  # noqa: F811
    vpc = engine.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = engine.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    engine.client("ec2").create_tags(
        Resources=[subnet], Tags=[{"Key": "kubernetes.io/cluster/mmorpg-local", "Value": "shared"}]
    )
    made = engine.client("ec2").create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    engine.client("ec2").create_tags(
        Resources=[made], Tags=[{"Key": "kubernetes.io/cluster/mmorpg-local", "Value": "owned"}]
    )
    assert [(one.id, one.made_by) for one in look(engine).orphans] == [(made, "mmorpg-local")]


FRANKFURT = Access(region="eu-central-1", role="arn:aws:iam::123456789012:role/deploy", session_name="regions")


def history():
    """The settings of two runs: the region that one of them had is gone from the other."""
    role = {"region": "eu-central-1", "role": FRANKFURT.role, "session_name": "regions"}
    for regions in ({"local": {"aws": {"region": REGION}}}, {"eu": {"aws": role}}):
        yield {
            "game-regions:game": ConfigValue("mmorpg"),
            "game-regions:regions": ConfigValue(json.dumps(regions)),
        }


def test_places_and_clusters_of_a_region_that_was_taken_out_are_known_by_the_settings_of_former_runs():
    found = former_of(history())
    assert found.accesses == (Access(region=REGION), FRANKFURT)
    assert found.clusters == {"mmorpg-local", "mmorpg-eu"}


def test_what_is_left_where_a_region_stood_that_was_taken_out_is_found(engine):  # noqa: F811
    elsewhere = engine.endpoint.client("ec2", "eu-central-1")
    vpc = elsewhere.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    elsewhere.create_tags(Resources=[vpc], Tags=[{"Key": URN_TAG, "Value": URN.replace("$", "@")}])
    tags = [{"ResourceType": "volume", "Tags": [{"Key": CLUSTER_TAG, "Value": "mmorpg-eu"}]}]
    asked = {"AvailabilityZone": "eu-central-1a", "Size": 10, "VolumeType": "gp3", "TagSpecifications": tags}
    kept = elsewhere.create_volume(**asked)["VolumeId"]
    assert look(engine).orphans == look(engine).declared == []
    found = look(engine, former=former_of(history()))
    assert ([one.id for one in found.orphans], [one.id for one in found.declared]) == ([vpc], [kept])


def test_a_place_of_former_days_that_lets_nobody_in_is_said_and_one_of_today_ends_the_search(engine):  # noqa: F811
    found = look(engine, former=former_of(history()), locked_out=[FRANKFURT])
    assert found.unseen == ["AWS cannot be reached in eu-central-1: no such role"]
    with pytest.raises(Refused, match="AWS cannot be reached in us-east-1"):
        look(engine, locked_out=[Access(region=REGION)])


def test_what_a_living_cluster_has_made_is_not_of_the_stack_that_had_its_region_once(engine):  # noqa: F811
    cluster = engine.make("aws:eks/cluster:Cluster", **EXAMPLES["aws:eks/cluster:Cluster"](engine).wanted)
    volume(engine, cluster.id)
    former = Former(clusters=frozenset({cluster.id}))
    assert look(engine, former=former).declared == []
    engine.drop(cluster)
    assert [one.type for one in look(engine, former=former).declared if one.type == "volume"] == ["volume"]


def test_an_endpoint_of_a_network_is_looked_for_among_all_of_its_region(engine):  # noqa: F811
    made = engine.make("aws:ec2/vpcEndpoint:VpcEndpoint", **EXAMPLES["aws:ec2/vpcEndpoint:VpcEndpoint"](engine).wanted)
    assert made.id in [one.id for one in look(engine).orphans]


LOCAL = SimpleNamespace(name="local", settings=settings_of("local"))


def test_while_an_interrupted_run_is_unsettled_nothing_is_called_an_orphan():
    exported = SimpleNamespace(deployment={"pending_operations": [{"type": "creating"}]})
    session = SimpleNamespace(stack=SimpleNamespace(export_stack=lambda: exported))
    with pytest.raises(Refused, match=r"\./regions recover local settles it"):
        reports.orphans_now(LOCAL, session)


def test_a_destroy_is_done_though_aws_does_not_tell_what_is_left(monkeypatch):
    def unreachable(*_):
        raise EndpointConnectionError(endpoint_url="https://tagging.us-east-1.amazonaws.com")

    monkeypatch.setattr(reports, "leftovers", unreachable)
    monkeypatch.setattr(reports, "former_places", lambda session: Former())
    monkeypatch.setattr(reports, "sessions_of", lambda session: None)
    said = io.StringIO()
    assert reports.leftovers_of_destroyed(LOCAL, None, {}, Console(file=said, width=400)) is None
    assert "warning: what is left could not be looked for" in said.getvalue()
    assert "./regions orphans local" in said.getvalue()
