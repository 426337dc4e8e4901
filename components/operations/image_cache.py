"""ImageCache: other people's images, kept in the region from the first time that a node asks for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policies import policy, trust
from components.tags import CLUSTER_TAG


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """`url` is what ECR calls the registry; one that is `closed` gives nothing without a credential."""

    folder: str
    url: str
    closed: bool = False


# By the host that begins an image's name. docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
UPSTREAMS: Mapping[str, Upstream] = MappingProxyType(
    {
        "public.ecr.aws": Upstream(folder="ecr", url="public.ecr.aws"),
        "registry.k8s.io": Upstream(folder="k8s", url="registry.k8s.io"),
        "quay.io": Upstream(folder="quay", url="quay.io"),
        "docker.io": Upstream(folder="hub", url="registry-1.docker.io", closed=True),
        "ghcr.io": Upstream(folder="ghcr", url="ghcr.io", closed=True),
    }
)
# Old versions that no node asked for in a while; whatever goes is fetched again when it is asked for.
KEPT_IMAGES = 20


@dataclass(frozen=True, kw_only=True)
class ImageCacheArgs:
    """Cached images lie below `<prefix>/`. `credentials` are ARNs of secrets in Secrets Manager by upstream folder.

    The secrets' names begin with `ecr-pullthroughcache/`, or ECR refuses them. `tags` go on every repository that ECR
    makes, which the provider's default tags do not reach.
    """

    prefix: str
    region: str
    account_id: pulumi.Input[str]
    credentials: Mapping[str, str]
    tags: Mapping[str, str]


class ImageCache(pulumi.ComponentResource):
    """A rule for each upstream that is open or has a credential, and how and by whom its repositories are made."""

    def __init__(self, name: str, args: ImageCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:ImageCache", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        template = self._template(args)
        for host, folder in cached_folders(args.prefix, args.credentials).items():
            self._rule(args, UPSTREAMS[host], folder, template)
        self.register_outputs({})

    def _template(self, args: ImageCacheArgs) -> aws.ecr.RepositoryCreationTemplate:
        role, rights = self._role(args)
        return aws.ecr.RepositoryCreationTemplate(
            f"{self._name}-image-cache",
            prefix=args.prefix,
            applied_fors=["PULL_THROUGH_CACHE"],
            description=f"Cached images of {args.prefix}",
            # What was fetched once under a tag is what every later node gets, whatever the upstream does to the tag.
            image_tag_mutability="IMMUTABLE",
            lifecycle_policy=json.dumps(newest_stay(), sort_keys=True),
            custom_role_arn=role.arn,
            # Repositories outlive their region: by the first of these tags they are found and told from orphans.
            resource_tags={CLUSTER_TAG: args.prefix, **args.tags},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[rights]),
        )

    def _role(self, args: ImageCacheArgs) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """Who makes repositories with tags, which ECR does only by a role of ours.

        docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-custom.html
        """
        name = f"{self._name}-image-cache"
        role = aws.iam.Role(
            name,
            name=f"{args.prefix}-image-cache",
            description=f"Makes the repositories of {args.prefix}'s cached images",
            assume_role_policy=trust("ecr.amazonaws.com"),
            opts=self._child,
        )
        actions = ["ecr:CreateRepository", "ecr:TagResource"]
        document = policy([_on_repositories(actions, args.region, args.account_id, args.prefix)])
        return role, aws.iam.RolePolicy(
            name, name="make-repositories", role=role.name, policy=document, opts=self._child
        )

    def _rule(
        self, args: ImageCacheArgs, upstream: Upstream, folder: str, template: aws.ecr.RepositoryCreationTemplate
    ) -> None:
        aws.ecr.PullThroughCacheRule(
            f"{self._name}-image-cache-{upstream.folder}",
            ecr_repository_prefix=folder,
            upstream_registry_url=upstream.url,
            credential_arn=args.credentials.get(upstream.folder),
            # A repository made before there is a template keeps ECR's own settings.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[template]),
        )


def cached_folders(prefix: str, credentials: Mapping[str, str]) -> dict[str, str]:
    """Where images are cached, by their own host: those of open hosts, and of closed ones with a credential."""
    return {
        host: f"{prefix}/{upstream.folder}"
        for host, upstream in UPSTREAMS.items()
        if not upstream.closed or upstream.folder in credentials
    }


def fill_policy(region: str, account_id: pulumi.Input[str], prefix: str) -> pulumi.Output[str]:
    """What a node needs beyond pulling: the first pull makes the repository and fetches the image.

    docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
    """
    actions = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"]
    return policy([_on_repositories(actions, region, account_id, prefix)])


def _on_repositories(actions: list[str], region: str, account_id: pulumi.Input[str], prefix: str) -> dict[str, Any]:
    repositories = pulumi.Output.concat("arn:aws:ecr:", region, ":", account_id, ":repository/", prefix, "/*")
    return {"Effect": "Allow", "Action": actions, "Resource": repositories}


def newest_stay() -> dict[str, object]:
    """The lifecycle policy. It counts untagged images too: what is pulled by digest has no tag in the cache."""
    rule = {
        "rulePriority": 1,
        "description": f"the newest {KEPT_IMAGES} images stay",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES},
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
