"""A wait before a delete: what AWS's answers mean to it, and as whom it asks."""

from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound

from stacks.aws_settings import AwsSettings
from stacks.delete_hooks.access import SettingsAccess
from stacks.delete_hooks.karpenter_nodes import KARPENTER_NODES
from stacks.delete_hooks.load_balancers import LOAD_BALANCERS
from stacks.delete_hooks.network_interfaces import NETWORK_INTERFACES
from stacks.delete_hooks.waits import Doomed, Place, StillStanding, Unreachable, Wait
from tests.delete_waits import ACCOUNT, BALANCERS, REGION, controller, refusal, wait
from tests.shipped import settings_of


def anybody(name: str, place: Place) -> Any:
    """Access for waits that look at nothing."""


def nobody(name: str, place: Place) -> Any:
    """Access for waits that must not even ask for it."""
    raise AssertionError(name)


def failing(*answers: list[str] | Exception) -> Wait:
    """A wait of a minute whose looks answer in turn, the last one for ever."""
    left = list(answers)

    def standing(_session: Any, _doomed: Doomed) -> list[str]:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Wait(
        hook="h",
        what="things",
        remedy="remove them",
        seconds=60,
        guards=lambda type_, inputs: True,
        place=lambda doomed: Place(REGION),
        standing=standing,
    )


@pytest.mark.parametrize("code", ["InvalidSubnetID.NotFound", "ResourceNotFoundException", "LoadBalancerNotFound"])
def test_what_aws_does_not_know_is_gone(code: str):
    time = wait(failing(refusal(code)), BALANCERS, anybody)
    assert (time.pauses, time.warnings) == (0, [])


@pytest.mark.parametrize("error", [NoCredentialsError(), refusal("ExpiredToken"), refusal("AuthFailure")])
def test_where_nobody_can_look_the_delete_goes_on_with_a_warning(error: Exception):
    time = wait(failing(error), BALANCERS, anybody)
    assert time.warnings == [f"eu-west-controller goes without a look for things: {error}"]


def test_what_was_seen_once_is_waited_for_while_aws_cannot_be_reached():
    assert wait(failing(["one"], NoCredentialsError(), []), BALANCERS, anybody).pauses == 2
    with pytest.raises(StillStanding, match="after 1 minutes there are still things: one; remove them"):
        wait(failing(["one"], NoCredentialsError()), BALANCERS, anybody)


@pytest.mark.parametrize("error", [refusal("Throttling"), refusal("InternalError", 500)])
def test_an_error_that_passes_is_waited_out(error: Exception):
    assert wait(failing(error, error, []), BALANCERS, anybody).pauses == 2
    with pytest.raises(StillStanding, match="still things: unknown, since AWS answers"):
        wait(failing(error), BALANCERS, anybody)


def test_a_right_that_is_missing_is_said_at_once():
    with pytest.raises(StillStanding, match=r"eu-west-controller cannot go: things could not be looked up: .*it says"):
        wait(failing(refusal("UnauthorizedOperation", 403)), BALANCERS, anybody)


def test_a_state_that_does_not_say_where_is_a_warning():
    for one in (KARPENTER_NODES, LOAD_BALANCERS, NETWORK_INTERFACES):
        assert "the state does not say in which region of AWS" in wait(one, controller({}), nobody).warnings[0]


class Sessions:
    """boto3's sessions, as far as access goes: who opened them, of which account, and the roles assumed."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.opened: list[dict[str, Any]] = []
        self.assumed: list[dict[str, Any]] = []

    def __call__(self, **options: Any) -> "Sessions":
        if options.get("profile_name") == "missing":
            raise ProfileNotFound(profile="missing")
        self.opened.append(options)
        return self

    def client(self, service: str, **_options: Any) -> Any:
        return self

    def get_caller_identity(self) -> dict[str, str]:
        return {"Account": self.account}

    def assume_role(self, **given: Any) -> dict[str, Any]:
        self.assumed.append(given)
        return {"Credentials": {"AccessKeyId": "AK", "SecretAccessKey": "SK", "SessionToken": "T"}}


def access(sessions: Sessions, cloud: str = "aws", **given: Any) -> SettingsAccess:
    settings = settings_of("local")
    (name,) = settings.regions
    region = settings.regions[name].model_copy(update={"aws": AwsSettings(region=REGION, **given)})
    return SettingsAccess(settings.model_copy(update={"cloud": cloud, "regions": {"eu-west": region}}), sessions)


def test_a_region_is_looked_at_as_its_provider_calls():
    sessions = Sessions()
    access(sessions, profile="game")("eu-west-nodes", Place(REGION, ACCOUNT))
    assert sessions.opened == [{"region_name": REGION, "profile_name": "game"}]
    sessions = Sessions()
    role = f"arn:aws:iam::{ACCOUNT}:role/deploy"
    access(sessions, role=role, session_name="ci")("eu-west-nodes", Place(REGION))
    assert sessions.assumed == [{"RoleArn": role, "RoleSessionName": "ci"}]
    assert sessions.opened[-1]["aws_session_token"] == "T"


def test_a_region_that_the_settings_lost_is_looked_at_as_the_environment_says():
    sessions = Sessions()
    access(sessions, profile="game")("us-east-nodes", Place("us-east-1"))
    assert sessions.opened == [{"region_name": "us-east-1", "profile_name": None}]


def test_on_the_embedded_cloud_everybody_calls_with_the_stack_s_own_key():
    sessions = Sessions()
    access(sessions, cloud="embedded", profile="game")("eu-west-nodes", Place(REGION))
    assert sessions.opened == [{"region_name": REGION, "profile_name": None}]


def test_a_session_serves_many_looks():
    sessions = Sessions()
    to = access(sessions)
    first = to("eu-west-nodes", Place(REGION))
    assert to("eu-west-private-a", Place(REGION, ACCOUNT)) is first
    assert len(sessions.opened) == 1


def test_another_account_or_no_login_is_nobody_s_look():
    with pytest.raises(Unreachable, match="lead to account 123456789012, it is in 210987654321"):
        access(Sessions())("eu-west-nodes", Place(REGION, "210987654321"))
    with pytest.raises(Unreachable, match=r"AWS cannot be reached in eu-west-1: .*missing"):
        access(Sessions(), profile="missing")("eu-west-nodes", Place(REGION))
