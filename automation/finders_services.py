"""Finders of load balancers, storage, registries and budgets: by name, for all of these are named by the program."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import boto3

Inputs = Mapping[str, Any]
Finder = Callable[[boto3.Session, str, Inputs], "str | None"]


def _load_balancer(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("elbv2").describe_load_balancers(Names=[inputs["name"]])["LoadBalancers"]
    return str(found[0]["LoadBalancerArn"]) if found else None


def _target_group(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("elbv2").describe_target_groups(Names=[inputs["name"]])["TargetGroups"]
    return str(found[0]["TargetGroupArn"]) if found else None


def _listener(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    """A load balancer has one listener per port."""
    del urn
    pages = session.client("elbv2").get_paginator("describe_listeners")
    found = [it for page in pages.paginate(LoadBalancerArn=inputs["loadBalancerArn"]) for it in page["Listeners"]]
    return next((str(it["ListenerArn"]) for it in found if it["Port"] == inputs["port"]), None)


def _bucket(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    session.client("s3").get_bucket_location(Bucket=inputs["bucket"])
    return str(inputs["bucket"])


def _bucket_versioning(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    status = session.client("s3").get_bucket_versioning(Bucket=inputs["bucket"]).get("Status")
    return str(inputs["bucket"]) if status == inputs["versioningConfiguration"]["status"] else None


def _bucket_lock(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("s3").get_object_lock_configuration(Bucket=inputs["bucket"])
    return str(inputs["bucket"]) if found["ObjectLockConfiguration"].get("Rule") else None


def _bucket_setting(method: str) -> Finder:
    """A setting that S3 answers NoSuch... or ...NotFoundError for while nobody has put it."""

    def finder(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
        del urn
        getattr(session.client("s3"), method)(Bucket=inputs["bucket"])
        return str(inputs["bucket"])

    return finder


def _repository(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    found = session.client("ecr").describe_repositories(repositoryNames=[inputs["name"]])["repositories"]
    return str(found[0]["repositoryName"]) if found else None


def _image_lifecycle(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    return str(session.client("ecr").get_lifecycle_policy(repositoryName=inputs["repository"])["repositoryName"])


def _replication(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn, inputs
    registry = session.client("ecr").describe_registry()
    return str(registry["registryId"]) if registry["replicationConfiguration"]["rules"] else None


def _cache_rule(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    prefix = inputs["ecrRepositoryPrefix"]
    session.client("ecr").describe_pull_through_cache_rules(ecrRepositoryPrefixes=[prefix])
    return str(prefix)


def _creation_template(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    answer = session.client("ecr").describe_repository_creation_templates(prefixes=[inputs["prefix"]])
    return str(inputs["prefix"]) if answer["repositoryCreationTemplates"] else None


def _budget(session: boto3.Session, urn: str, inputs: Inputs) -> str | None:
    del urn
    account = inputs.get("accountId") or session.client("sts").get_caller_identity()["Account"]
    found = session.client("budgets").describe_budget(AccountId=account, BudgetName=inputs["name"])["Budget"]
    return f"{account}:{found['BudgetName']}"


SERVICE_FINDERS: dict[str, Finder] = {
    "aws:lb/loadBalancer:LoadBalancer": _load_balancer,
    "aws:lb/targetGroup:TargetGroup": _target_group,
    "aws:lb/listener:Listener": _listener,
    "aws:s3/bucket:Bucket": _bucket,
    "aws:s3/bucketVersioning:BucketVersioning": _bucket_versioning,
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration": _bucket_lock,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _bucket_setting(
        "get_bucket_encryption"
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _bucket_setting("get_public_access_block"),
    "aws:s3/bucketPolicy:BucketPolicy": _bucket_setting("get_bucket_policy"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _bucket_setting("get_bucket_ownership_controls"),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _bucket_setting(
        "get_bucket_lifecycle_configuration"
    ),
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _bucket_setting("get_bucket_replication"),
    "aws:ecr/repository:Repository": _repository,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": _image_lifecycle,
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": _replication,
    "aws:ecr/pullThroughCacheRule:PullThroughCacheRule": _cache_rule,
    "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate": _creation_template,
    "aws:budgets/budget:Budget": _budget,
}
