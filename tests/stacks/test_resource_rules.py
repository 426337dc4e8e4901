"""Rules over single resources: what each finds, what it leaves alone, and its sentence."""

import json
from typing import Any

import pytest

from stacks.rules import Finding, ResourceFacts, check_resource, names_secret

STATEFUL_SET = "kubernetes:apps/v1:StatefulSet"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SECRET = "kubernetes:core/v1:Secret"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def facts(type_: str, inputs: dict[str, Any], secrets: tuple[str, ...] = (), **changes: Any) -> ResourceFacts:
    provider = f"us-east-{type_.split(':')[0]}"
    own = {"urn": "urn:x", "provider_name": provider, "region": "us-east", "name": "us-east-thing"}
    return ResourceFacts(type=type_, inputs=inputs, secrets=frozenset(secrets), **{**own, **changes})


def broken(type_: str, inputs: dict[str, Any], secrets: tuple[str, ...] = (), **changes: Any) -> list[str]:
    """Rules that a resource breaks."""
    return [finding.rule for finding in check_resource(facts(type_, inputs, secrets, **changes))]


def pod(**container: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": [{"name": "game-server", **container}]}}}}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_a_finding_is_an_error_at_the_urn_with_a_sentence_that_stands_alone():
    assert check_resource(facts(STATEFUL_SET, pod(image="mmorpg/game-server:latest"))) == [
        Finding(
            "image-not-pinned",
            "error",
            "urn:x",
            'kubernetes:apps/v1:StatefulSet us-east-thing: container "game-server" has the image '
            '"mmorpg/game-server:latest", which has the tag "latest", which changes under running pods; '
            "pin it by a full version such as v2.1.0 or by @sha256:...",
        )
    ]


@pytest.mark.parametrize("kind", ["containers", "initContainers", "ephemeralContainers"])
@pytest.mark.parametrize("image", ["game:latest", "game", "registry:5000/game", "game:2", "game:main"])
def test_an_image_without_a_full_version_is_found_in_every_kind_of_container(kind: str, image: str):
    inputs = {"spec": {"template": {"spec": {kind: [{"name": "a", "image": image}]}}}}
    assert broken(STATEFUL_SET, inputs) == ["image-not-pinned"]


def test_an_image_is_found_wherever_a_kind_keeps_its_pods():
    spec = {"containers": [{"name": "a", "image": "job:latest"}]}
    inputs = {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    assert broken("kubernetes:batch/v1:CronJob", inputs) == ["image-not-pinned"]
    assert broken("kubernetes:core/v1:Pod", {"spec": spec}) == ["image-not-pinned"]


@pytest.mark.parametrize("image", ["game:v2.1.0", f"game@sha256:{'a' * 64}", "${urn:pulumi:x::y::z::w#image}", None, 7])
def test_a_pinned_or_not_yet_known_image_is_left_alone(image: Any):
    assert broken(STATEFUL_SET, pod(image=image)) == []


@pytest.mark.parametrize(
    "statement",
    [
        EVERYTHING,
        {"Effect": "Allow", "Action": ["s3:GetObject", "*"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": "*:*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"},
    ],
)
def test_a_policy_that_allows_everything_is_found_as_text_and_as_a_mapping(statement: dict[str, Any]):
    assert broken(ROLE_POLICY, {"policy": document(statement)}) == ["rights-over-everything"]
    assert broken(ROLE_POLICY, {"policy": {"Statement": statement}}) == ["rights-over-everything"]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::worlds/*"},
        {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
)
def test_a_policy_with_a_bound_is_left_alone(statement: dict[str, Any]):
    assert broken(ROLE_POLICY, {"policy": document(statement)}) == []


def test_the_sentence_about_rights_says_where_they_stand():
    narrow = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    inputs = {"inlinePolicies": [{"name": "a", "policy": document(narrow, EVERYTHING)}]}
    (finding,) = check_resource(facts("aws:iam/role:Role", inputs))
    assert finding.message == (
        'aws:iam/role:Role us-east-thing: inlinePolicies.0.policy allows Action "*" on Resource "*" in statement 2; '
        "name the actions and the resources"
    )


def test_in_a_key_policy_the_star_is_the_key_itself():
    assert broken("aws:kms/key:Key", {"policy": document(EVERYTHING)}) == []


def test_text_that_only_looks_like_a_policy_is_left_alone():
    assert broken(ROLE_POLICY, {"policy": "{not json"}) == []
    assert broken(ROLE_POLICY, {"policy": "{" * 100_000}) == []


def test_attaching_administrator_access_is_as_bad_as_writing_it():
    inputs = {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    assert broken("aws:iam/rolePolicyAttachment:RolePolicyAttachment", inputs) == ["rights-over-everything"]


def test_a_kubernetes_role_over_everything_is_found():
    kind = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
    rule = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}
    assert broken(kind, {"rules": [rule]}) == ["rights-over-everything"]
    assert broken(kind, {"rules": [{**rule, "verbs": ["get"]}]}) == []


@pytest.mark.parametrize("provider", [None, "us-west-aws", "us-east-kubernetes"])
def test_a_provider_that_is_not_the_regions_own_is_found(provider: str | None):
    assert broken("aws:ec2/vpc:Vpc", {}, provider_name=provider) == ["not-own-provider"]


def test_copies_of_backups_have_the_provider_of_their_own_region_and_nothing_else_has():
    chain = "urn:pulumi:prod::game-regions::gameregions:operations:BackupReplication$aws:s3/bucket:Bucket::us-east-copy"
    assert broken("aws:s3/bucket:Bucket", {}, provider_name="us-east-aws-copies", urn=chain) == []
    assert broken("aws:s3/bucket:Bucket", {}, provider_name="us-west-aws-copies", urn=chain) == ["not-own-provider"]
    assert broken("aws:s3/bucket:Bucket", {}, provider_name="us-east-aws-copies") == ["not-own-provider"]


def test_the_sentence_about_a_provider_names_both():
    (finding,) = check_resource(facts("kubernetes:core/v1:Service", {}, provider_name="us-west-kubernetes"))
    assert finding.message.endswith(
        'it uses provider "us-west-kubernetes" instead of its own region\'s "us-east-kubernetes"; '
        "pass that provider to its component"
    )


def test_a_name_that_begins_with_no_region_is_found():
    assert broken("random:index/randomPassword:RandomPassword", {}, region=None) == ["not-own-provider"]


@pytest.mark.parametrize("type_", ["gameregions:stacks:GameRegion", "pulumi:providers:aws"])
def test_components_and_providers_have_no_provider_of_their_own(type_: str):
    assert broken(type_, {}, provider_name=None) == []


def test_a_plain_value_in_a_secret_is_found_beside_a_secret_one():
    inputs = {"stringData": {"key": "a", "other": "b"}, "data": {"x/y": "c"}}
    found = check_resource(facts(SECRET, inputs, ("/stringData/key",)))
    assert [finding.message.split(": ", 1)[1][:34] for finding in found] == [
        'the value of data["x/y"] is not ma',
        'the value of stringData["other"] i',
    ]
    assert broken(SECRET, inputs, ("/stringData", "/data/x~1y")) == []


@pytest.mark.parametrize(
    "key", ["PASSWORD", "MYSQL_ROOT_PASSWORD", "apiKey", "redis.token", "db-credentials", "APIKey", "signing_key"]
)
def test_a_secret_in_a_config_map_or_a_variable_is_found(key: str):
    assert names_secret(key)
    assert broken("kubernetes:core/v1:ConfigMap", {"data": {key: "x"}}) == ["plain-secret"]
    assert broken(STATEFUL_SET, pod(env=[{"name": key, "value": "x"}])) == ["plain-secret"]


@pytest.mark.parametrize("key", ["PASSWORD_FILE", "TOKEN_TTL_SECONDS", "SECRET_NAME", "keyboard", "MONKEY", "", "42"])
def test_a_key_about_a_secret_is_not_one(key: str):
    assert not names_secret(key)


def test_a_variable_that_refers_to_a_secret_is_left_alone():
    source = {"secretKeyRef": {"name": "game-server-secrets", "key": "token"}}
    assert broken(STATEFUL_SET, pod(env=[{"name": "TOKEN", "valueFrom": source}])) == []


def test_a_private_key_in_a_config_map_is_found_under_any_name():
    text = "-----BEGIN EC PRIVATE KEY-----\nx"
    assert broken("kubernetes:core/v1:ConfigMap", {"data": {"ca.pem": text}}) == ["plain-secret"]


def test_no_sentence_shows_the_secret():
    found = check_resource(facts("kubernetes:core/v1:ConfigMap", {"data": {"password": "hunter2"}}))
    assert found
    assert "hunter2" not in found[0].message
