"""ECR: repositories, their lifecycle policies, and what a registry does with other registries."""

from __future__ import annotations

from typing import Any

from embedded.aws.kinds import BOOL, JSON, POLICY, TEXT_SET, Choice, ListOf, stands_in
from embedded.aws.properties import Property, Struct
from embedded.aws.rows import Autoname, Call, Leaf, Named, Read, Row, Scope, Tagging, Update, given, own_id
from embedded.aws.tags import dropped_keys, has_dropped_tags, has_new_tags, new_tags
from embedded.aws.types.sources import terraform
from embedded.aws.types.tag_pairs import TAG_PAIRS

_REPOSITORY = terraform("ecr/repository.go")
_POLICY = terraform("ecr/lifecycle_policy.go")
_CACHE = terraform("ecr/pull_through_cache_rule.go")


class OnlyOne(ListOf):
    """A list in Pulumi, of which the API takes the one object."""

    def to_api(self, value: Any) -> Any:
        sent = super().to_api(value)
        return sent if stands_in(sent) else next(iter(sent), None)

    def from_api(self, value: Any) -> Any:
        return [self.of.from_api(value)]


_ENCRYPTION = OnlyOne(
    Struct(
        (
            Property(name="encryptionType", kind=Choice(("AES256", "KMS", "KMS_DSSE")), default="AES256"),
            Property(name="kmsKey", computed=True),
        )
    )
)
_SCANNING = Struct((Property(name="scanOnPush", kind=BOOL, required=True),))
_MUTABILITY = Choice(("MUTABLE", "IMMUTABLE"))


def _ask(operation: str, name: str) -> Update:
    parameters = {"repositoryName": own_id, name: given(name)}
    return Update((name,), (Call(operation, parameters),))


def _repository_arn(scope: Scope) -> str:
    return f"arn:aws:ecr:{scope.region}:{scope.account()}:repository/{own_id(scope)}"


REPOSITORY = Row(
    type="aws:ecr/repository:Repository",
    service="ecr",
    identity=Named(("name",)),
    properties=(
        Property(name="name", found="Repository.repositoryName", computed=True, replaces=_REPOSITORY),
        Property(
            name="encryptionConfigurations",
            kind=_ENCRYPTION,
            found="Repository.encryptionConfiguration",
            computed=True,
            replaces=_REPOSITORY,
        ),
        Property(name="imageTagMutability", kind=_MUTABILITY, found="Repository.imageTagMutability", default="MUTABLE"),
        Property(name="imageScanningConfiguration", kind=_SCANNING, found="Repository.imageScanningConfiguration"),
        Property(name="forceDelete", kind=BOOL, default=False),
        Property(name="arn", found="Repository.repositoryArn", output=True),
        Property(name="registryId", found="Repository.registryId", output=True),
        Property(name="repositoryUrl", found="Repository.repositoryUri", output=True),
    ),
    autoname=Autoname("name", limit=256),
    create=(
        Call(
            "CreateRepository",
            {
                "repositoryName": given("name"),
                "encryptionConfiguration": given("encryptionConfigurations"),
                "imageTagMutability": given("imageTagMutability"),
                "imageScanningConfiguration": given("imageScanningConfiguration"),
                "tags": new_tags("Key"),
            },
        ),
    ),
    read=(
        Read("DescribeRepositories", {"repositoryNames": [own_id]}, "repositories[0]", "Repository"),
        Read("ListTagsForResource", {"resourceArn": _repository_arn}, "tags || `[]`", "Tags"),
    ),
    update=(
        _ask("PutImageTagMutability", "imageTagMutability"),
        _ask("PutImageScanningConfiguration", "imageScanningConfiguration"),
    ),
    delete=(Call("DeleteRepository", {"repositoryName": own_id, "force": given("forceDelete")}),),
    tagging=Tagging(
        "Tags",
        "Key",
        add=Call("TagResource", {"resourceArn": _repository_arn, "tags": new_tags("Key")}, when=has_new_tags),
        remove=Call("UntagResource", {"resourceArn": _repository_arn, "tagKeys": dropped_keys}, when=has_dropped_tags),
    ),
)

LIFECYCLE_POLICY = Row(
    type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
    service="ecr",
    identity=Named(("repository",)),
    # A repository has one: deleting the old one last would delete the new one.
    delete_first=True,
    properties=(
        Property(name="repository", found="Policy.repositoryName", required=True, replaces=_POLICY),
        Property(name="policy", kind=JSON, found="Policy.lifecyclePolicyText", required=True, replaces=_POLICY),
        Property(name="registryId", found="Policy.registryId", output=True),
    ),
    create=(
        Call("PutLifecyclePolicy", {"repositoryName": given("repository"), "lifecyclePolicyText": given("policy")}),
    ),
    read=(Read("GetLifecyclePolicy", {"repositoryName": own_id}, "@", "Policy"),),
    delete=(Call("DeleteLifecyclePolicy", {"repositoryName": own_id}),),
)

_DESTINATION = Struct((Property(name="region", required=True), Property(name="registryId", required=True)))
_PREFIX_FILTER = Struct(
    (
        Property(name="filter", required=True),
        Property(name="filterType", kind=Choice(("PREFIX_MATCH",)), required=True),
    )
)
_RULES = Struct(
    (
        Property(
            name="rules",
            kind=ListOf(
                Struct(
                    (
                        Property(name="destinations", kind=ListOf(_DESTINATION), required=True),
                        Property(name="repositoryFilters", kind=ListOf(_PREFIX_FILTER)),
                    )
                )
            ),
            required=True,
        ),
    )
)


class RegistryIdentity:
    """The account: a registry has one replication configuration per region."""

    def of(self, scope: Scope) -> Any:
        return {"$result": "registryId"} if scope.planned else scope.account()

    def parts(self, resource_id: str) -> dict[str, Any]:
        return {"id": resource_id}


_PUT_REPLICATION = Call("PutReplicationConfiguration", {"replicationConfiguration": given("replicationConfiguration")})

REPLICATION = Row(
    type="aws:ecr/replicationConfiguration:ReplicationConfiguration",
    service="ecr",
    identity=RegistryIdentity(),
    properties=(
        Property(
            name="replicationConfiguration", kind=_RULES, found="Registry.replicationConfiguration", required=True
        ),
        Property(name="registryId", found="Registry.registryId", output=True),
    ),
    create=(_PUT_REPLICATION,),
    read=(Read("DescribeRegistry", {}, "[@][?replicationConfiguration.rules] | [0]", "Registry"),),
    update=(Update(("replicationConfiguration",), (_PUT_REPLICATION,)),),
    delete=(Call("PutReplicationConfiguration", {"replicationConfiguration": {"rules": []}}),),
)

PULL_THROUGH_CACHE_RULE = Row(
    type="aws:ecr/pullThroughCacheRule:PullThroughCacheRule",
    service="ecr",
    execution="modelled",
    identity=Named(("ecrRepositoryPrefix",)),
    properties=(
        Property(name="ecrRepositoryPrefix", found="Rule.ecrRepositoryPrefix", required=True, replaces=_CACHE),
        Property(name="upstreamRegistryUrl", found="Rule.upstreamRegistryUrl", required=True, replaces=_CACHE),
        Property(
            name="upstreamRepositoryPrefix", found="Rule.upstreamRepositoryPrefix", default="ROOT", replaces=_CACHE
        ),
        Property(name="credentialArn", found="Rule.credentialArn"),
        Property(name="customRoleArn", found="Rule.customRoleArn"),
        Property(name="registryId", found="Rule.registryId", output=True),
    ),
    create=(
        Call(
            "CreatePullThroughCacheRule",
            {
                "ecrRepositoryPrefix": given("ecrRepositoryPrefix"),
                "upstreamRegistryUrl": given("upstreamRegistryUrl"),
                "upstreamRepositoryPrefix": given("upstreamRepositoryPrefix"),
                "credentialArn": given("credentialArn"),
                "customRoleArn": given("customRoleArn"),
            },
        ),
    ),
    read=(
        Read("DescribePullThroughCacheRules", {"ecrRepositoryPrefixes": [own_id]}, "pullThroughCacheRules[0]", "Rule"),
    ),
    update=(
        Update(
            ("credentialArn", "customRoleArn"),
            (
                Call(
                    "UpdatePullThroughCacheRule",
                    {
                        "ecrRepositoryPrefix": own_id,
                        "credentialArn": given("credentialArn"),
                        "customRoleArn": given("customRoleArn"),
                    },
                ),
            ),
        ),
    ),
    delete=(Call("DeletePullThroughCacheRule", {"ecrRepositoryPrefix": own_id}),),
)


# Property -> name in the API.
_TEMPLATE = {
    "appliedFors": "appliedFor",
    "customRoleArn": "customRoleArn",
    "description": "description",
    "encryptionConfigurations": "encryptionConfiguration",
    "imageTagMutability": "imageTagMutability",
    "lifecyclePolicy": "lifecyclePolicy",
    "repositoryPolicy": "repositoryPolicy",
    "resourceTags": "resourceTags",
}
_SETTINGS: dict[str, Leaf] = {api: given(name) for name, api in _TEMPLATE.items()}


def _or_nothing(name: str) -> Leaf:
    """The input; where it was given before and no longer is, the emptiness that takes it away."""

    def leaf(scope: Scope) -> Any:
        gone = scope.value(name) is None and scope.old.get(name) is not None
        return ([] if name == "resourceTags" else "") if gone else given(name)(scope)

    return leaf


_CHANGES: dict[str, Leaf] = {api: _or_nothing(name) for name, api in _TEMPLATE.items()}

CREATION_TEMPLATE = Row(
    type="aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate",
    service="ecr",
    execution="modelled",
    identity=Named(("prefix",)),
    properties=(
        Property(
            name="prefix",
            found="Template.prefix",
            required=True,
            replaces=terraform("ecr/repository_creation_template.go"),
        ),
        Property(name="appliedFors", kind=TEXT_SET, found="Template.appliedFor", required=True),
        Property(name="customRoleArn", found="Template.customRoleArn"),
        Property(name="description", found="Template.description"),
        Property(
            name="encryptionConfigurations",
            kind=_ENCRYPTION,
            found="Template.encryptionConfiguration",
            computed=True,
        ),
        Property(name="imageTagMutability", kind=_MUTABILITY, found="Template.imageTagMutability", default="MUTABLE"),
        Property(name="lifecyclePolicy", kind=JSON, found="Template.lifecyclePolicy"),
        Property(name="repositoryPolicy", kind=POLICY, found="Template.repositoryPolicy"),
        Property(name="resourceTags", kind=TAG_PAIRS, found="Template.resourceTags"),
        Property(name="registryId", found=lambda scope: scope.account(), output=True),
    ),
    create=(Call("CreateRepositoryCreationTemplate", {"prefix": given("prefix"), **_SETTINGS}),),
    read=(
        Read(
            "DescribeRepositoryCreationTemplates", {"prefixes": [own_id]}, "repositoryCreationTemplates[0]", "Template"
        ),
    ),
    update=(Update(tuple(_TEMPLATE), (Call("UpdateRepositoryCreationTemplate", {"prefix": own_id, **_CHANGES}),)),),
    delete=(Call("DeleteRepositoryCreationTemplate", {"prefix": own_id}),),
)

ROWS = (REPOSITORY, LIFECYCLE_POLICY, REPLICATION, PULL_THROUGH_CACHE_RULE, CREATION_TEMPLATE)
