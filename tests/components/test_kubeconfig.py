"""A kubeconfig proves who it is in the way of the region's AWS provider."""

import json

import pytest

from components.kubeconfig import kubeconfig
from tests.engine import build

ROLE = "arn:aws:iam::123456789012:role/deploy"
REGION = ["--region", "us-east-1"]
TOKEN = ["eks", "get-token", "--cluster-name", "mmorpg-us-east"]
AS_JSON = ["--output", "json"]


@pytest.mark.parametrize(
    ("access", "arguments"),
    [
        ({}, [*REGION, *TOKEN, *AS_JSON]),
        ({"profile": "games"}, [*REGION, "--profile", "games", *TOKEN, *AS_JSON]),
        ({"role": ROLE}, [*REGION, *TOKEN, "--role-arn", ROLE, *AS_JSON]),
    ],
)
def test_a_kubeconfig_asks_for_its_token_with_the_providers_profile_or_role(access, arguments):
    found = []
    build(lambda: kubeconfig("mmorpg-us-east", "us-east-1", "https://x.test", "Y2E=", **access).apply(found.append))
    (text,) = found
    assert json.loads(text)["users"][0]["user"]["exec"]["args"] == arguments
