"""ECR: pull-through cache rules and repository creation templates, which moto lacks; replication to several regions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call

Facts = dict[str, Any]


@dataclass
class Registry:
    """The registry of one region: rules and templates by their prefix, as ECR answers them."""

    rules: dict[str, Facts] = field(default_factory=dict)
    templates: dict[str, Facts] = field(default_factory=dict)


def _registry(account: Account, call: Call) -> Registry:
    return account.model(Registry, call.region)


def create_pull_through_cache_rule(account: Account, call: Call) -> Facts:
    """CreatePullThroughCacheRule."""
    given, rules = call.parameters, _registry(account, call).rules
    prefix, now = given["ecrRepositoryPrefix"], utcnow()
    if prefix in rules:
        message = f"Pull through cache rule already exists for the ECR repository prefix '{prefix}'"
        raise AwsError("PullThroughCacheRuleAlreadyExistsException", message)
    kept = ("ecrRepositoryPrefix", "upstreamRegistryUrl", "upstreamRegistry", "credentialArn", "customRoleArn")
    rule = {name: given[name] for name in kept if name in given}
    rule["upstreamRepositoryPrefix"] = given.get("upstreamRepositoryPrefix", "ROOT")
    rules[prefix] = rule | {"registryId": ACCOUNT_ID, "createdAt": now, "updatedAt": now}
    return dict(rules[prefix])


def describe_pull_through_cache_rules(account: Account, call: Call) -> Facts:
    """DescribePullThroughCacheRules: those of some prefixes, or all."""
    rules = _registry(account, call).rules
    prefixes = call.parameters.get("ecrRepositoryPrefixes") or sorted(rules)
    return {"pullThroughCacheRules": [_rule(rules, prefix) for prefix in prefixes]}


def _rule(rules: dict[str, Facts], prefix: str) -> Facts:
    if prefix not in rules:
        message = f"The pull through cache rule with the ECR repository prefix '{prefix}' does not exist"
        raise AwsError("PullThroughCacheRuleNotFoundException", message)
    return rules[prefix]


def update_pull_through_cache_rule(account: Account, call: Call) -> Facts:
    """UpdatePullThroughCacheRule: its credential and its role; what is not given is gone."""
    given = call.parameters
    rule = _rule(_registry(account, call).rules, given["ecrRepositoryPrefix"])
    for name in ("credentialArn", "customRoleArn"):
        rule.pop(name, None)
        if name in given:
            rule[name] = given[name]
    rule["updatedAt"] = utcnow()
    return dict(rule)


def delete_pull_through_cache_rule(account: Account, call: Call) -> Facts:
    """DeletePullThroughCacheRule: what was cached stays."""
    rules = _registry(account, call).rules
    rule = _rule(rules, call.parameters["ecrRepositoryPrefix"])
    del rules[rule["ecrRepositoryPrefix"]]
    return rule


def create_repository_creation_template(account: Account, call: Call) -> Facts:
    """CreateRepositoryCreationTemplate."""
    given, templates = call.parameters, _registry(account, call).templates
    if given["prefix"] in templates:
        message = f"The repository creation template with the prefix '{given['prefix']}' already exists"
        raise AwsError("TemplateAlreadyExistsException", message)
    now = utcnow()
    usual = {"imageTagMutability": "MUTABLE", "encryptionConfiguration": {"encryptionType": "AES256"}}
    templates[given["prefix"]] = usual | given | {"createdAt": now, "updatedAt": now}
    return _answer(templates[given["prefix"]])


def _answer(template: Facts) -> Facts:
    return {"registryId": ACCOUNT_ID, "repositoryCreationTemplate": dict(template)}


def describe_repository_creation_templates(account: Account, call: Call) -> Facts:
    """DescribeRepositoryCreationTemplates: those of some prefixes, or all; an unknown prefix finds nothing."""
    templates = _registry(account, call).templates
    prefixes = call.parameters.get("prefixes") or sorted(templates)
    found = [templates[prefix] for prefix in prefixes if prefix in templates]
    return {"registryId": ACCOUNT_ID, "repositoryCreationTemplates": found}


def _template(account: Account, call: Call) -> Facts:
    prefix, templates = call.parameters["prefix"], _registry(account, call).templates
    if prefix not in templates:
        message = f"The repository creation template with the prefix '{prefix}' does not exist"
        raise AwsError("TemplateNotFoundException", message)
    return templates[prefix]


def update_repository_creation_template(account: Account, call: Call) -> Facts:
    """UpdateRepositoryCreationTemplate: what is given; an empty text or list takes the old one away."""
    template = _template(account, call)
    template.update(call.parameters | {"updatedAt": utcnow()})
    for name in [name for name, value in template.items() if value in ("", [])]:
        del template[name]
    return _answer(template)


def delete_repository_creation_template(account: Account, call: Call) -> Facts:
    """DeleteRepositoryCreationTemplate."""
    template = _template(account, call)
    del _registry(account, call).templates[template["prefix"]]
    return _answer(template)


def put_replication_configuration(account: Account, call: Call) -> Facts:
    """PutReplicationConfiguration: up to ten rules; moto lets only one be. No rules switch replication off."""
    configuration = call.parameters["replicationConfiguration"]
    account.moto("ecr", call.region).replication_config = configuration
    return {"replicationConfiguration": configuration}
