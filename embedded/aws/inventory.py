"""Everything somebody made in the embedded account.

What an account brings with it, and what EKS makes and removes by itself, is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import AWSManagedPolicy
from moto.kms.utils import RESERVED_ALIASES

from embedded.aws.account import ACCOUNT_ID, Account
from embedded.aws.models.budgets import Budgets
from embedded.aws.models.ecr import Registry
from embedded.aws.models.eks_state import Eks, EksCluster

OWNED_BY_EKS = "aws:eks:cluster-name"


@dataclass(frozen=True)
class Item:
    """One thing: its service, its type as in its ARN ("vpc"), the id its API knows it by, its region ("" = global)."""

    service: str
    type: str
    id: str
    region: str
    arn: str
    tags: dict[str, str] = field(default_factory=dict, hash=False)


# Type of ARN -> ids of what moto's EC2 of one region holds of it.
_EC2: dict[str, Callable[[Any], Iterable[str]]] = {
    "vpc": lambda ec2: ec2.vpcs,
    "subnet": lambda ec2: [ident for subnets in ec2.subnets.values() for ident in subnets],
    "route-table": lambda ec2: [it.id for it in ec2.route_tables.values() if not it.main_association_id],
    "internet-gateway": lambda ec2: ec2.internet_gateways,
    "egress-only-internet-gateway": lambda ec2: ec2.egress_only_internet_gateways,
    "natgateway": lambda ec2: [it.id for it in ec2.nat_gateways.values() if it.state != "deleted"],
    "elastic-ip": lambda ec2: [it.allocation_id for it in ec2.addresses],
    "network-interface": lambda ec2: _own_interfaces(ec2),
    "security-group": lambda ec2: [it.id for it in _groups(ec2) if it.name != "default" and not _of_eks(ec2, it.id)],
    "network-acl": lambda ec2: [it.id for it in ec2.network_acls.values() if not it.default],
    "launch-template": lambda ec2: ec2.launch_templates,
    "instance": lambda ec2: [it.id for it in ec2.all_instances() if it.state != "terminated"],
    "volume": lambda ec2: ec2.volumes,
    "vpc-endpoint": lambda ec2: ec2.vpc_end_points,
    "vpc-flow-log": lambda ec2: ec2.flow_logs,
    "vpc-peering-connection": lambda ec2: _own_peerings(ec2),
}


def _own_interfaces(ec2: Any) -> list[str]:
    others = {gateway._eni.id for gateway in ec2.nat_gateways.values()}
    others |= {ident for endpoint in ec2.vpc_end_points.values() for ident in endpoint.network_interface_ids}
    return [ident for ident in ec2.enis if ident not in others]


def _own_peerings(ec2: Any) -> list[str]:
    """Those that live and were asked for in this region: the other side is the same connection."""
    living = (it for it in ec2.vpc_pcxs.values() if it._status.code in ("active", "pending-acceptance"))
    return [it.id for it in living if it.vpc.region == ec2.region_name]


def _groups(ec2: Any) -> Iterator[Any]:
    for groups in ec2.groups.values():
        yield from groups.values()


def _of_eks(ec2: Any, ident: str) -> bool:
    return OWNED_BY_EKS in ec2.tags.get(ident, {})


def inventory(account: Account) -> list[Item]:
    """All items but keys that wait for their deletion, sorted by service, type, region and id."""
    found = [
        *_ec2(account),
        *_eks(account),
        *_ecr(account),
        *_budgets(account),
        *_iam(account),
        *_kms(account, pending=False),
        *_route53(account),
        *_regional(account),
    ]
    return sorted(found, key=lambda item: (item.service, item.type, item.region, item.id))


def pending_deletion(account: Account) -> list[Item]:
    """KMS keys that wait for their deletion: AWS keeps them 7 to 30 days, and nobody can hurry it."""
    return sorted(_kms(account, pending=True), key=lambda item: (item.region, item.id))


def _arn(service: str, region: str, rest: str) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT_ID}:{rest}"


def _ec2(account: Account) -> Iterator[Item]:
    for region, ec2 in account.regions("ec2"):
        for kind, ids in _EC2.items():
            for ident in ids(ec2):
                yield Item("ec2", kind, ident, region, _arn("ec2", region, f"{kind}/{ident}"), dict(ec2.tags[ident]))


def _eks(account: Account) -> Iterator[Item]:
    for region, eks in account.models(Eks):
        for cluster in eks.clusters.values():
            yield from _cluster(region, cluster)


def _cluster(region: str, cluster: EksCluster) -> Iterator[Item]:
    def item(kind: str, ident: str, facts: dict[str, Any], arn: str) -> Item:
        return Item("eks", kind, ident, region, facts[arn], facts["tags"])

    yield item("cluster", cluster.name, cluster.facts, "arn")
    for name, facts in cluster.nodegroups.items():
        yield item("nodegroup", f"{cluster.name}:{name}", facts, "nodegroupArn")
    for name, facts in cluster.addons.items():
        yield item("addon", f"{cluster.name}:{name}", facts, "addonArn")
    for principal, entry in cluster.access.items():
        if not entry.own:
            yield item("access-entry", f"{cluster.name}:{principal}", entry.facts, "accessEntryArn")
    for ident, facts in cluster.pod_identities.items():
        if "ownerArn" not in facts:
            yield item("podidentityassociation", ident, facts, "associationArn")


def _ecr(account: Account) -> Iterator[Item]:
    """What a registry is set to; AWS gives these no ARN, so each gets one by its kind and its prefix."""
    for region, registry in account.models(Registry):
        for kind, prefixes in (("pull-through-cache-rule", registry.rules), ("creation-template", registry.templates)):
            for prefix in prefixes:
                yield Item("ecr", kind, prefix, region, _arn("ecr", region, f"{kind}/{prefix}"))
    for region, ecr in account.regions("ecr"):
        if ecr.replication_config["rules"]:
            kind = "replication-configuration"
            yield Item("ecr", kind, ACCOUNT_ID, region, _arn("ecr", region, kind))


def _budgets(account: Account) -> Iterator[Item]:
    for _, model in account.models(Budgets):
        for name, budget in model.budgets.items():
            yield Item("budgets", "budget", name, "", f"arn:aws:budgets::{ACCOUNT_ID}:budget/{name}", budget.tags)


def _iam(account: Account) -> Iterator[Item]:
    for _, iam in account.regions("iam"):
        for role in iam.roles.values():
            if not role.path.startswith("/aws-service-role/"):
                yield Item("iam", "role", role.name, "", role.arn, _pairs(role.tags))
        for policy in iam.managed_policies.values():
            if not isinstance(policy, AWSManagedPolicy):
                yield Item("iam", "policy", policy.name, "", policy.arn, _pairs(policy.tags))
        for profile in iam.instance_profiles.values():
            yield Item("iam", "instance-profile", profile.name, "", profile.arn, _pairs(profile.tags))
        for user in iam.users.values():
            yield Item("iam", "user", user.name, "", user.arn, _pairs(user.tags))
        for provider in iam.open_id_providers.values():
            yield Item("iam", "oidc-provider", provider.url, "", provider.arn, _pairs(provider.tags))


def _pairs(tags: Any) -> dict[str, str]:
    """Tags by key; moto keeps them so, or as a list of pairs, or as such pairs by their key, or None."""
    pairs = tags.items() if isinstance(tags, dict) else [(tag["Key"], tag) for tag in tags or []]
    return {key: str(tag["Value"] if isinstance(tag, dict) else tag) for key, tag in pairs}


def _kms(account: Account, pending: bool) -> Iterator[Item]:
    for region, kms in account.regions("kms"):
        for key in kms.keys.values():
            if (key.key_state == "PendingDeletion") == pending and not key.aliases.keys() & set(RESERVED_ALIASES):
                tags = kms.tagger.get_tag_dict_for_resource(key.id)
                yield Item("kms", "key", key.id, region, key.arn, tags)
                for name in [] if pending else key.aliases:
                    yield Item("kms", "alias", name, region, _arn("kms", region, name))


def _route53(account: Account) -> Iterator[Item]:
    for _, route53 in account.regions("route53"):
        for zone in route53.zones.values():
            ident = zone.resource_id
            tags = dict(route53.list_tags_for_resource(ident))
            yield Item("route53", "hostedzone", ident, "", f"arn:aws:route53:::hostedzone/{ident}", tags)
        for ident in route53.health_checks:
            tags = dict(route53.list_tags_for_resource(ident))
            yield Item("route53", "healthcheck", ident, "", f"arn:aws:route53:::healthcheck/{ident}", tags)


def _tagger(backend: Any, arn: str) -> dict[str, str]:
    tags: dict[str, str] = backend.tagger.get_tag_dict_for_resource(arn)
    return tags


# Service, type of ARN, and what moto's backend of one region (or partition) holds of it: (id, ARN, tags).
_REGIONAL: list[tuple[str, str, Callable[[Any], Iterable[tuple[str, str, dict[str, str]]]]]] = [
    ("logs", "log-group", lambda it: [(one.name, one.arn, _tagger(it, one.arn)) for one in it.groups.values()]),
    ("s3", "bucket", lambda it: [(one.name, one.arn, _tagger(it, one.arn)) for one in it.buckets.values()]),
    ("sqs", "queue", lambda it: [(one.name, one.queue_arn, dict(one.tags or {})) for one in it.queues.values()]),
    ("sns", "topic", lambda it: [(one.name, one.arn, _pairs(one._tags)) for one in it.topics.values()]),
    (
        "events",
        "rule",
        lambda it: [
            (rule.name, rule.arn, _tagger(it, rule.arn))
            for bus in it.event_buses.values()
            for rule in bus.rules.values()
        ],
    ),
    (
        "elbv2",
        "loadbalancer",
        lambda it: [
            (one.name, one.arn, it.tagging_service.get_tag_dict_for_resource(one.arn))
            for one in it.load_balancers.values()
        ],
    ),
    (
        "elbv2",
        "targetgroup",
        lambda it: [
            (one.name, one.arn, it.tagging_service.get_tag_dict_for_resource(one.arn))
            for one in it.target_groups.values()
        ],
    ),
    (
        "elbv2",
        "listener",
        lambda it: [
            (listener.arn, listener.arn, it.tagging_service.get_tag_dict_for_resource(listener.arn))
            for balancer in it.load_balancers.values()
            for listener in balancer.listeners.values()
        ],
    ),
    (
        "autoscaling",
        "autoScalingGroup",
        lambda it: [(one.name, one.arn, _pairs(one.tags)) for one in it.autoscaling_groups.values()],
    ),
    ("ecr", "repository", lambda it: [(one.name, one.arn, _tagger(it, one.arn)) for one in it.repositories.values()]),
    (
        "secretsmanager",
        "secret",
        lambda it: [(one.name, one.arn, _pairs(one.tags)) for one in it.secrets.values()],
    ),
    ("acm", "certificate", lambda it: [(arn, arn, dict(one.tags)) for arn, one in it._certificates.items()]),
]


def _regional(account: Account) -> Iterator[Item]:
    for service, kind, things in _REGIONAL:
        for place, backend in account.regions(service):
            region = "" if place == "aws" else place
            for ident, arn, tags in things(backend):
                yield Item(service, kind, ident, region, arn, tags)
