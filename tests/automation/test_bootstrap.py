"""What a stack's first contact with AWS makes, on the embedded cloud: bucket, key, and the role of CI."""

import io
import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from rich.console import Console

from automation import bootstrap as first_contact
from automation import stacks_of_project as project
from automation.bootstrap_identity import boundary
from automation.bootstrap_policies import GITHUB, Names, boundary_policy, deploy_policy
from automation.errors import BadUsage, Refused
from tests.embedded.aws_types.conftest import door, endpoint  # noqa: F401 - fixtures

ACCOUNT = "123456789012"
REPOSITORY = "acme/mmorpg"
NAMES = Names(game="mmorpg", stack="dev", account=ACCOUNT, region="eu-west-1")
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-000000000000"
ROLES = tuple(f"arn:aws:iam::{number}:role/deploy" for number in (111111111111, 222222222222, 333333333333))


@pytest.fixture
def session(endpoint):  # noqa: F811 - the fixture's endpoint
    return session_in(endpoint, NAMES.region)


def session_in(endpoint, region):  # noqa: F811
    return SimpleNamespace(client=lambda service: endpoint.client(service, region))


def make(session, roles=()):
    return first_contact.make(session, NAMES, REPOSITORY, roles)


def statement(document, sid):
    (found,) = [one for one in document["Statement"] if one["Sid"] == sid]
    return found


def test_the_second_run_changes_nothing(session):
    assert len(make(session)) == 14
    assert make(session) == []


def test_the_state_is_versioned_encrypted_with_its_own_key_private_and_read_by_tls_alone(session):
    make(session)
    s3, kms = session.client("s3"), session.client("kms")
    bucket = {"Bucket": "mmorpg-dev-state-123456789012"}
    key = kms.describe_key(KeyId="alias/mmorpg-dev-state")["KeyMetadata"]["Arn"]
    assert s3.get_bucket_versioning(**bucket)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_encryption(**bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    blocked = s3.get_public_access_block(**bucket)["PublicAccessBlockConfiguration"]
    assert len(blocked) == 4
    assert all(blocked.values())
    only_tls = statement(json.loads(s3.get_bucket_policy(**bucket)["Policy"]), "OnlyTls")
    assert (only_tls["Effect"], only_tls["Principal"]) == ("Deny", "*")
    assert only_tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    (lifecycle,) = s3.get_bucket_lifecycle_configuration(**bucket)["Rules"]
    assert lifecycle["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90, "NewerNoncurrentVersions": 10}
    assert "Expiration" not in lifecycle, "the state itself never expires"
    assert s3.get_bucket_location(**bucket)["LocationConstraint"] == "eu-west-1"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


def test_only_the_repositorys_environment_of_the_stacks_name_takes_on_the_role(session):
    make(session)
    role = session.client("iam").get_role(RoleName="mmorpg-dev-deploy")["Role"]
    trust = statement(role["AssumeRolePolicyDocument"], "GitHub")
    assert trust["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"}
    assert trust["Condition"] == {
        "StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com", f"{GITHUB}:sub": "repo:acme/mmorpg:environment:dev"}
    }
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == NAMES.boundary_arn
    assert role["Arn"] == NAMES.role_arn


def test_what_somebody_took_away_is_mended_and_said(session):
    make(session)
    iam, s3 = session.client("iam"), session.client("s3")
    s3.put_bucket_versioning(Bucket=NAMES.bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_policy(Bucket=NAMES.bucket)
    iam.delete_role_permissions_boundary(RoleName=NAMES.role)
    iam.delete_role_policy(RoleName=NAMES.role, PolicyName="deploy")
    iam.remove_client_id_from_open_id_connect_provider(
        OpenIDConnectProviderArn=NAMES.provider_arn, ClientID="sts.amazonaws.com"
    )
    assert make(session) == [
        f"set the versioning of {NAMES.bucket}",
        f"set the policy (only TLS) of {NAMES.bucket}",
        f"let the OIDC provider {GITHUB} speak for sts.amazonaws.com",
        f"bounded {NAMES.role_arn}",
        f"set the rights of {NAMES.role_arn}",
    ]
    assert make(session) == []


def test_another_repository_takes_the_place_of_the_first(session):
    make(session)
    assert first_contact.make(session, NAMES, "acme/other", ()) == [f"set who may take on {NAMES.role_arn}"]
    role = session.client("iam").get_role(RoleName=NAMES.role)["Role"]
    assert "acme/mmorpg" not in json.dumps(role["AssumeRolePolicyDocument"])


def test_a_key_whose_alias_was_not_made_any_more_is_taken_instead_of_a_second_one(session):
    make(session)
    kms = session.client("kms")
    kms.delete_alias(AliasName=NAMES.alias)
    assert make(session) == [f"made its alias {NAMES.alias}"]
    assert len(kms.list_keys()["Keys"]) == 1


def test_a_key_that_waits_for_its_deletion_is_refused_because_the_state_would_be_lost(session):
    make(session)
    kms = session.client("kms")
    kms.schedule_key_deletion(KeyId=kms.describe_key(KeyId=NAMES.alias)["KeyMetadata"]["KeyId"])
    with pytest.raises(Refused, match=r"PendingDeletion.*cancel-key-deletion"):
        make(session)


def test_a_bucket_in_another_aws_region_is_refused_before_a_key_is_made_here(session, endpoint):  # noqa: F811
    place = {"LocationConstraint": "eu-central-1"}
    session_in(endpoint, "eu-central-1").client("s3").create_bucket(
        Bucket=NAMES.bucket, CreateBucketConfiguration=place
    )
    with pytest.raises(Refused, match="stands in eu-central-1, and the stack's place is now eu-west-1"):
        make(session)
    assert session.client("kms").list_keys()["Keys"] == []


def test_tags_that_others_gave_the_bucket_stay(session):
    make(session)
    s3 = session.client("s3")
    s3.put_bucket_tagging(Bucket=NAMES.bucket, Tagging={"TagSet": [{"Key": "owner", "Value": "games"}]})
    assert make(session) == [f"tagged {NAMES.bucket}"]
    tags = {tag["Key"]: tag["Value"] for tag in s3.get_bucket_tagging(Bucket=NAMES.bucket)["TagSet"]}
    assert tags == {"owner": "games", "game-regions/bootstrap": "mmorpg-dev"}


def test_the_sixth_change_of_the_boundary_finds_room_among_five_versions(session):
    make(session)
    iam = session.client("iam")
    for count in range(6):
        changes: list[str] = []
        boundary(session, NAMES, [f"arn:aws:iam::{ACCOUNT}:role/r{count}"], KEY, changes)
        assert changes == [f"set the permission boundary {NAMES.boundary_arn}"]
    assert len(iam.list_policy_versions(PolicyArn=NAMES.boundary_arn)["Versions"]) == 5


def test_ci_makes_only_roles_that_are_bounded_as_it_is_itself():
    making = statement(deploy_policy(NAMES, ()), "MakeRoles")
    assert {"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"} <= set(making["Action"])
    assert making["Condition"] == {"ArnEquals": {"iam:PermissionsBoundary": NAMES.boundary_arn}}
    assert making["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/mmorpg-*"
    anywhere = [
        action
        for one in deploy_policy(NAMES, ())["Statement"]
        if one["Resource"] == "*"
        for action in one["Action"]
        if action.startswith("iam:")
    ]
    assert sorted(anywhere) == ["iam:CreateServiceLinkedRole", "iam:Get*", "iam:List*"]


def test_the_boundary_never_lets_go_of_itself_the_state_or_its_key():
    never = [one for one in boundary_policy(NAMES, (), KEY)["Statement"] if one["Effect"] == "Deny"]
    refused = {(action, resource) for one in never for action in one["Action"] for resource in listed(one["Resource"])}
    assert ("iam:Put*", f"arn:aws:iam::{ACCOUNT}:role/bootstrap/*") in refused
    assert ("iam:Create*", f"arn:aws:iam::{ACCOUNT}:policy/bootstrap/*") in refused
    assert ("iam:Update*", NAMES.provider_arn) in refused
    assert ("iam:DeleteRolePermissionsBoundary", "*") in refused
    assert ("kms:ScheduleKeyDeletion", KEY) in refused
    assert ("s3:DeleteBucket*", f"arn:aws:s3:::{NAMES.bucket}") in refused
    assert ("s3:DeleteObjectVersion", f"arn:aws:s3:::{NAMES.bucket}/*") in refused


def listed(value):
    return [value] if isinstance(value, str) else value


@pytest.mark.parametrize("roles", [(), ROLES])
def test_no_policy_gives_everything_on_everything_and_each_fits_its_limit(roles):
    rights, bound = deploy_policy(NAMES, roles), boundary_policy(NAMES, roles, KEY)
    for one in (*rights["Statement"], *bound["Statement"]):
        assert "*" not in one["Action"]
    assert len(json.dumps(rights)) < 10_240, "inline policies of a role"
    assert len(json.dumps(bound)) < 6_144, "a managed policy"
    assumed = [one["Resource"] for one in rights["Statement"] if "sts:AssumeRole" in one["Action"]]
    assert assumed == ([list(ROLES)] if roles else [])


def chosen(cloud):
    return project.ChosenStack("dev", project.choose("dev").settings, cloud)


@pytest.fixture
def run(endpoint, monkeypatch):  # noqa: F811
    """Run the command on a cloud that only says it is AWS; what it printed."""

    @contextmanager
    def sessions(_):
        yield SimpleNamespace(with_access=lambda access: session_in(endpoint, access.region))

    monkeypatch.setattr(first_contact, "_sessions", sessions)

    def go(cloud="embedded", repository=REPOSITORY, yes=False, terminal=False):
        out = io.StringIO()
        console = Console(file=out, force_terminal=terminal, width=200, color_system=None)
        first_contact.bootstrap(chosen(cloud), repository, yes=yes, console=console)
        return out.getvalue()

    return go


def test_what_to_put_where_is_printed(run):
    text = run()
    assert "pulumi login 's3://mmorpg-dev-state-123456789012?region=us-east-1'" in text
    assert "--secrets-provider='awskms://alias/mmorpg-dev-state?region=us-east-1'" in text
    assert "arn:aws:iam::123456789012:role/bootstrap/mmorpg-dev-deploy" in text
    assert "nothing to change" not in text
    assert "nothing to change" in run()


def test_aws_is_not_touched_without_a_yes(run, session, monkeypatch):
    with pytest.raises(Refused, match="no terminal to ask at; add --yes"):
        run(cloud="aws")
    monkeypatch.setattr(first_contact.Confirm, "ask", lambda *_, **__: False)
    with pytest.raises(Refused, match="not confirmed, nothing was changed"):
        run(cloud="aws", terminal=True)
    assert session.client("s3").list_buckets()["Buckets"] == []
    assert f"account {ACCOUNT}" in run(cloud="aws", yes=True)
    assert len(session.client("s3").list_buckets()["Buckets"]) == 1


def test_a_repository_with_the_ids_of_githubs_newer_tokens_is_trusted_by_them(run, session):
    text = run(repository="acme@123/mmorpg@456")
    role = session.client("iam").get_role(RoleName="mmorpg-dev-deploy")["Role"]
    subject = statement(role["AssumeRolePolicyDocument"], "GitHub")["Condition"]["StringEquals"][f"{GITHUB}:sub"]
    assert subject == "repo:acme@123/mmorpg@456:environment:dev"
    assert "In acme/mmorpg on GitHub, an environment dev" in text


@pytest.mark.parametrize(
    "repository",
    [
        *("acme", "acme/", "acme/mmorpg:ref", "acme/*", "https://github.com/acme/mmorpg"),
        *("acme@123/mmorpg", "acme/mmorpg@456", "acme@x/mmorpg@y"),
    ],
)
def test_what_is_no_repository_is_refused(run, repository):
    with pytest.raises(BadUsage, match="OWNER/NAME"):
        run(repository=repository)


def test_a_name_that_is_too_long_for_a_bucket_is_refused(session):
    long = project.ChosenStack("a" * 45, project.choose("dev").settings, "embedded")
    with pytest.raises(BadUsage, match="cannot be a bucket's name"):
        first_contact.names_of(session, long, first_contact.place_of(long.settings))
