"""Who acts on AWS for a region: what settings may say, what is refused, what the provider and the roles get."""

import json
from types import SimpleNamespace

import pulumi
import pulumi_aws as aws
import pytest
from pydantic import ValidationError

from stacks.aws_providers import provider_arguments, role_boundaries
from stacks.aws_settings import AwsSettings
from stacks.check_accounts import check_accounts
from tests.engine import build, named, only

ROLE = "arn:aws:iam::123456789012:role/deploy"
BOUNDARY = "arn:aws:iam::123456789012:policy/bootstrap/mmorpg-dev-boundary"


def place(**values):
    return AwsSettings.model_validate({"region": "us-east-1", **values})


def problems(aws_settings, admins=(ROLE,), edge=None, registry=None):
    region = SimpleNamespace(aws=aws_settings, cluster=SimpleNamespace(admins=admins))
    return check_accounts(SimpleNamespace(regions={"us-east": region}, edge=edge, registry=registry))


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"profile": "games"},
        {"role": ROLE, "session_name": "game-regions"},
        {"role": ROLE, "session_name": "ci@acme", "account_ids": ["123456789012"], "boundary": BOUNDARY},
        {"account_ids": ["012345678901", "123456789012"]},
    ],
)
def test_one_way_into_allowed_accounts_is_accepted(values):
    assert problems(place(**values)) == []


@pytest.mark.parametrize(
    ("edge", "region", "stranger"),
    [
        ({"account_ids": ["210987654321"]}, {"account_ids": ["123456789012"]}, True),
        ({"account_ids": ["210987654321"]}, {"role": ROLE, "session_name": "ci@acme"}, True),
        ({"account_ids": ["123456789012"]}, {"role": ROLE, "session_name": "ci@acme"}, False),
        ({"account_ids": ["210987654321", "123456789012"]}, {"account_ids": ["123456789012"]}, False),
        ({"account_ids": ["210987654321"]}, {}, False),
    ],
)
def test_a_region_that_could_not_write_in_the_zone_that_the_edge_makes_is_refused(edge, region, stranger):
    sentence = (
        "regions.us-east.aws: leads to account 123456789012 and the edge to 210987654321, and records of a zone are "
        "written by its own account alone; give the region a stack of its own, with a zone of its account as "
        "platform.dns_zone"
    )
    found = problems(place(**region), edge=SimpleNamespace(aws=place(**edge)))
    assert found == ([sentence] if stranger else [])


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"account_ids": [123456789012]}, "12 digits in quotes"),
        ({"account_ids": ["12345678901"]}, "12 digits in quotes"),
        ({"account_ids": ["123456789012", "123456789012"]}, "more than once"),
        ({"role": "arn:aws:iam::123456789012:user/me"}, "is no IAM role"),
        ({"role": "deploy"}, "is no IAM role"),
        ({"session_name": "a"}, "2 to 64"),
        ({"session_name": "with space"}, "2 to 64"),
        ({"profile": "with space"}, "is no profile"),
        ({"boundary": "arn:aws:iam::aws:policy/AdministratorAccess"}, "is no IAM policy of an account"),
    ],
)
def test_what_aws_would_not_take_is_refused(values, says):
    with pytest.raises(ValidationError, match=says):
        place(**values)


def test_profile_and_role_exclude_each_other():
    (problem,) = problems(place(profile="games", role=ROLE, session_name="ci"))
    assert problem.startswith("regions.us-east.aws.role:")
    assert '"games"' in problem


def test_role_and_session_name_go_together():
    assert "CloudTrail" in problems(place(role=ROLE))[0]
    assert "no role" in problems(place(session_name="ci"))[0]


def test_a_role_of_an_account_that_is_not_allowed_is_refused_before_anything_runs():
    (problem,) = problems(place(role=ROLE, session_name="ci", account_ids=["210987654321"]))
    assert "account 123456789012" in problem
    assert "210987654321" in problem


def test_a_role_that_has_no_rights_in_the_cluster_it_makes_is_refused():
    (problem,) = problems(place(role=ROLE, session_name="ci"), admins=())
    assert "cluster.admins" in problem


@pytest.mark.parametrize("part", ["edge", "registry"])
def test_the_accounts_of_edge_and_registry_are_checked_too(part):
    stands = SimpleNamespace(aws=place(boundary=BOUNDARY, account_ids=["210987654321"]))
    (problem,) = problems(place(), **{part: stands})
    assert problem.startswith(f"{part}.aws.boundary:")


def arguments(settings):
    return provider_arguments(settings, game="mmorpg", region="us-east", stack="prod")


def test_the_provider_gets_its_nested_inputs_under_the_names_that_it_knows():
    settings = place(role=ROLE, session_name="ci", account_ids=["123456789012"])
    provider = only(
        build(lambda: aws.Provider("us-east-aws", **arguments(settings))),
        "pulumi:providers:aws",
    )
    nested = {name: decoded(provider.inputs[name]) for name in ("assumeRoles", "allowedAccountIds", "defaultTags")}
    assert nested == {
        "assumeRoles": [{"roleArn": ROLE, "sessionName": "ci"}],
        "allowedAccountIds": ["123456789012"],
        "defaultTags": {"tags": {"game": "mmorpg", "region": "us-east", "stack": "prod"}},
    }
    assert provider.inputs["region"] == "us-east-1"


def decoded(value):
    return json.loads(value) if isinstance(value, str) else value


def test_a_provider_without_account_settings_gets_only_its_region_and_the_tags_of_birth():
    assert sorted(arguments(place())) == ["default_tags", "region"]
    assert arguments(place(profile="games"))["profile"] == "games"


def test_every_role_below_the_region_is_bounded_and_nothing_else_is_touched():
    def program():
        opts = pulumi.ResourceOptions(transformations=role_boundaries(place(boundary=BOUNDARY)))
        region = pulumi.ComponentResource("gameregions:stacks:GameRegion", "us-east", None, opts)
        child = pulumi.ResourceOptions(parent=region)
        aws.iam.Role("us-east-nodes", assume_role_policy="{}", opts=child)
        aws.sqs.Queue("us-east-queue", opts=child)

    built = build(program)
    assert named(built, "us-east-nodes").inputs["permissionsBoundary"] == BOUNDARY
    assert "permissionsBoundary" not in named(built, "us-east-queue").inputs
    assert role_boundaries(place()) == []
