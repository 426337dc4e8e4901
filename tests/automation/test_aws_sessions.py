"""As whom plain boto3 sessions of recovery and bootstrap act; nothing here reaches AWS."""

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ProfileNotFound

from automation.aws_sessions import Access, AwsSessions
from automation.errors import Refused

ROLE = "arn:aws:iam::210987654321:role/deploy"


class Started:
    """Stands for boto3.Session: keeps what it was started with, and is in the account of its role."""

    def __init__(self, log, **options):
        self.log, self.options = log, options
        log.append(("session", options))

    def client(self, service):
        assert service == "sts"
        return SimpleNamespace(assume_role=self.assume_role, get_caller_identity=self.identity)

    def assume_role(self, **given):
        self.log.append(("assume_role", given))
        return {"Credentials": {"AccessKeyId": "AKIA", "SecretAccessKey": "secret", "SessionToken": "token"}}

    def identity(self):
        self.log.append(("identity", {}))
        return {"Account": "210987654321" if "aws_session_token" in self.options else "123456789012"}


def opened(inputs):
    log = []
    session = AwsSessions(None, {}, start=lambda **options: Started(log, **options)).of(inputs)
    return session, log


def test_a_session_uses_its_providers_profile():
    _, log = opened({"region": "us-east-1", "profile": "games"})
    assert log == [("session", {"region_name": "us-east-1", "profile_name": "games"})]


def test_a_session_takes_on_its_providers_role_under_its_name():
    roles = json.dumps([{"roleArn": ROLE, "sessionName": "game-regions"}])  # as the engine keeps nested inputs
    session, log = opened({"region": "eu-west-1", "assumeRoles": roles})
    assert log[1] == ("assume_role", {"RoleArn": ROLE, "RoleSessionName": "game-regions"})
    assert session.options["aws_session_token"] == "token"
    assert session.options["region_name"] == "eu-west-1"


def test_a_session_in_another_account_than_the_allowed_ones_is_refused():
    with pytest.raises(Refused, match="AWS account ID not allowed: 123456789012; the stack file allows 210987654321"):
        opened({"region": "us-east-1", "allowedAccountIds": '["210987654321"]'})


def test_the_roles_account_counts_and_not_that_of_the_credentials_behind_it():
    roles = json.dumps([{"roleArn": ROLE, "sessionName": "game-regions"}])
    _, log = opened({"region": "us-east-1", "assumeRoles": roles, "allowedAccountIds": '["210987654321"]'})
    assert log[-1] == ("identity", {})


def test_credentials_that_are_missing_end_in_a_sentence():
    def start(**_):
        raise ProfileNotFound(profile="games")

    with pytest.raises(Refused, match=r"us-east-1: The config profile \(games\) could not be found"):
        AwsSessions(None, {}, start=start).with_access(Access(region="us-east-1", profile="games"))


def test_on_the_embedded_cloud_everybody_signs_with_the_stacks_own_key():
    environment = {"AWS_ACCESS_KEY_ID": "AKIAOFTHESTACK", "AWS_SECRET_ACCESS_KEY": "secret"}
    cloud = SimpleNamespace(url="http://127.0.0.1:1")
    session = AwsSessions(cloud, environment).with_access(Access(region="us-east-1", profile="nobody", role=ROLE))
    assert session.get_credentials().access_key == "AKIAOFTHESTACK"
    assert session.client("s3").meta.endpoint_url == "http://127.0.0.1:1"


def test_two_roles_in_one_region_have_two_sessions():
    sessions = AwsSessions(None, {}, start=lambda **options: Started([], **options))
    one, other = (Access(region="us-east-1", role=f"{ROLE}{end}", session_name="x1") for end in "ab")
    assert sessions.with_access(one) is sessions.with_access(one)
    assert sessions.with_access(one) is not sessions.with_access(other)
