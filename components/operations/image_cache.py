"""ImageCache: other people's images, kept in the region from the first time that a node asks for them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
import pulumi_aws as aws

from components.policies import policy


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

    The secrets' names begin with `ecr-pullthroughcache/`, or ECR refuses them. `node_roles` are names of the roles that
    pull, by a label that tells them apart.
    """

    prefix: str
    region: str
    account_id: pulumi.Input[str]
    credentials: Mapping[str, str]
    node_roles: Mapping[str, pulumi.Input[str]]


class ImageCache(pulumi.ComponentResource):
    """A rule for each upstream that is open or has a credential, and how its repositories are made."""

    def __init__(self, name: str, args: ImageCacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:operations:ImageCache", name, None, opts)
        self._name = name
        self._child = pulumi.ResourceOptions(parent=self)

        template = self._template(args)
        for host in cached_hosts(args.credentials):
            self._rule(args, host, template)
        for label, role in args.node_roles.items():
            aws.iam.RolePolicy(
                f"{name}-image-cache-{label}",
                name="fill-image-cache",
                role=role,
                policy=policy(pull_statements(args.region, args.account_id, args.prefix)),
                opts=self._child,
            )
        self.register_outputs({})

    def _template(self, args: ImageCacheArgs) -> aws.ecr.RepositoryCreationTemplate:
        return aws.ecr.RepositoryCreationTemplate(
            f"{self._name}-image-cache",
            prefix=args.prefix,
            applied_fors=["PULL_THROUGH_CACHE"],
            description=f"Cached images of {args.prefix}",
            # What was fetched once under a tag is what every later node gets, whatever the upstream does to the tag.
            image_tag_mutability="IMMUTABLE",
            lifecycle_policy=json.dumps(newest_stay(), sort_keys=True),
            opts=self._child,
        )

    def _rule(self, args: ImageCacheArgs, host: str, template: aws.ecr.RepositoryCreationTemplate) -> None:
        upstream = UPSTREAMS[host]
        aws.ecr.PullThroughCacheRule(
            f"{self._name}-image-cache-{upstream.folder}",
            ecr_repository_prefix=f"{args.prefix}/{upstream.folder}",
            upstream_registry_url=upstream.url,
            credential_arn=args.credentials.get(upstream.folder),
            # A repository made before there is a template keeps ECR's own settings.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[template]),
        )


def cached_hosts(credentials: Mapping[str, str]) -> tuple[str, ...]:
    """Hosts whose images are cached: the open ones and those with a credential."""
    return tuple(host for host, upstream in UPSTREAMS.items() if not upstream.closed or upstream.folder in credentials)


def cached_image(image: str, *, registry: str, prefix: str, credentials: Mapping[str, str]) -> str:
    """The same image, tag and digest and all, as it is called in the cache; unchanged where its host is not cached.

    `registry` is the host `<account>.dkr.ecr.<region>.amazonaws.com`. A name without a host is Docker Hub's.
    """
    first, _, rest = image.partition("/")
    host, path = (first, rest) if rest and ("." in first or ":" in first) else ("docker.io", image)
    if host not in cached_hosts(credentials):
        return image
    if host == "docker.io" and "/" not in path:
        path = f"library/{path}"
    return f"{registry}/{prefix}/{UPSTREAMS[host].folder}/{path}"


def pull_statements(region: str, account_id: pulumi.Input[str], prefix: str) -> list[dict[str, Any]]:
    """What a node needs beyond pulling: the first pull makes the repository and fetches the image.

    docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
    """
    return [
        {
            "Effect": "Allow",
            "Action": ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"],
            "Resource": pulumi.Output.concat("arn:aws:ecr:", region, ":", account_id, ":repository/", prefix, "/*"),
        }
    ]


def newest_stay() -> dict[str, object]:
    """The lifecycle policy. It counts untagged images too: what is pulled by digest has no tag in the cache."""
    rule = {
        "rulePriority": 1,
        "description": f"the newest {KEPT_IMAGES} images stay",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES},
        "action": {"type": "expire"},
    }
    return {"rules": [rule]}
