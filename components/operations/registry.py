"""ImageRegistry: the game's own images in one AWS region, sent on from there to others."""

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

# What lost its tag or never got one: layers of broken pushes. Images with a tag stay, for the oldest may still be what
# a world runs.
UNTAGGED_DAYS = 14


@dataclass(frozen=True, kw_only=True)
class ImageRegistryArgs:
    """Repositories are `<game>/<name>`. Images pushed here go on to the AWS regions `replicate_to`, by the same digest.

    A registry has one replication configuration, so of all registries of an account in an AWS region only one, the home
    that images are pushed to, may name other regions.
    """

    game: str
    repositories: tuple[str, ...]
    replicate_to: tuple[str, ...]
    protect: bool

    def __post_init__(self) -> None:
        if not self.repositories:
            raise ValueError("registry repositories: none given, so there is nothing to replicate; name at least one")


class ImageRegistry(pulumi.ComponentResource):
    """Repositories whose tags never move, scanned at each push; `urls` are their addresses by name."""

    urls: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: ImageRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:ImageRegistry", name, None, opts)
        self._name = name

        made = {repository: self._repository(args, repository) for repository in args.repositories}
        if args.replicate_to:
            self._replication(args, made[args.repositories[0]].registry_id)

        self.urls = {repository: it.repository_url for repository, it in made.items()}
        self.register_outputs({"urls": self.urls})

    def _repository(self, args: ImageRegistryArgs, name: str) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{self._name}-{name}",
            name=f"{args.game}/{name}",
            # A version is what it was, in every region and for ever; so a tag says as much as a digest.
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            # Protection is what guards the images; once it is lifted by name, they go with the repository.
            force_delete=True,
            opts=pulumi.ResourceOptions(parent=self, protect=args.protect),
        )
        aws.ecr.LifecyclePolicy(
            f"{self._name}-{name}",
            repository=repository.name,
            policy=json.dumps(untagged_goes(), sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return repository

    def _replication(self, args: ImageRegistryArgs, account_id: pulumi.Output[str]) -> None:
        destination = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleDestinationArgs
        only_game = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleRepositoryFilterArgs(
            filter=f"{args.game}/", filter_type="PREFIX_MATCH"
        )
        rule = aws.ecr.ReplicationConfigurationReplicationConfigurationRuleArgs(
            destinations=[destination(region=region, registry_id=account_id) for region in args.replicate_to],
            repository_filters=[only_game],
        )
        aws.ecr.ReplicationConfiguration(
            f"{self._name}-replication",
            replication_configuration=aws.ecr.ReplicationConfigurationReplicationConfigurationArgs(rules=[rule]),
            opts=pulumi.ResourceOptions(parent=self),
        )


def untagged_goes() -> dict[str, object]:
    """The lifecycle policy; images that a list for several architectures names stay as long as the list.

    docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    """
    selection = {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": UNTAGGED_DAYS,
    }
    rule = {
        "rulePriority": 1,
        "description": f"untagged images go after {UNTAGGED_DAYS} days",
        "selection": selection,
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
