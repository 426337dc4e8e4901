"""In which account an aws provider of the embedded cloud may act, and how its wrong inputs show."""

import pytest

from embedded.aws.handler import AwsHandler
from embedded.provider import UNKNOWN, ProviderError

OWN = "123456789012"  # the embedded account's
OTHER = "210987654321"


def role(account, **more):
    return {"roleArn": f"arn:aws:iam::{account}:role/deploy", "sessionName": "ci", **more}


def configure(endpoint, **settings):
    AwsHandler(endpoint).configure({"region": "us-east-1", **settings})


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"allowedAccountIds": [OTHER, OWN]},
        {"profile": "games", "allowedAccountIds": [OWN]},
        {"assumeRoles": [role(OTHER)]},
        {"assumeRoles": [role(OTHER)], "allowedAccountIds": [OTHER]},
        {"assumeRoles": UNKNOWN, "allowedAccountIds": [OTHER]},
        {"allowedAccountIds": UNKNOWN},
    ],
)
def test_a_provider_may_act_in_an_account_that_it_allows(endpoint, settings):
    configure(endpoint, **settings)


@pytest.mark.parametrize(
    ("settings", "account"),
    [
        ({"allowedAccountIds": [OTHER]}, OWN),
        ({"assumeRoles": [role(OTHER)], "allowedAccountIds": [OWN]}, OTHER),
        ({"assumeRoles": [role(OWN), role(OTHER)], "allowedAccountIds": [OWN]}, OTHER),
    ],
)
def test_a_wrong_account_is_refused_as_aws_provider_refuses_it_and_nothing_is_changed(endpoint, settings, account):
    calls = []
    endpoint.on_call.append(lambda stage, call: calls.append(call.operation))
    with pytest.raises(ProviderError, match=f"AWS account ID not allowed: {account}"):
        configure(endpoint, **settings)
    assert set(calls) <= {"GetCallerIdentity"}


def test_a_key_that_the_real_provider_would_drop_is_refused(endpoint):
    with pytest.raises(ProviderError, match=r"assumeRoles\[0\]: 'role_arn' is nothing that an assumed role has"):
        configure(endpoint, assumeRoles=[{"role_arn": f"arn:aws:iam::{OWN}:role/deploy"}])


def test_a_role_that_is_none_is_refused(endpoint):
    with pytest.raises(ProviderError, match=r"assumeRoles\[0\].roleArn: 'deploy' is no role's ARN"):
        configure(endpoint, assumeRoles=[{"roleArn": "deploy"}])
