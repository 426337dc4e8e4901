"""BackupAccess: what whoever backs data up needs first: scripts, an account, rights to its keys of the bucket."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

from components.data.backup.files import config_map_data
from components.data.backup.names import (
    ACCOUNT,
    CONFIG_MAP,
    CONTROLLER,
    MYSQL_ACCOUNT,
    MYSQL_ROOT,
    MYSQL_SELECTOR,
    REDIS_ROOT,
    SELECTOR,
)
from components.data.backup.policies import from_monitoring, to_bucket
from components.data.ground import DataGround
from components.kube.checksum import checksum
from components.platform.pod_identity import pod_role
from components.policies import policy


@dataclass(frozen=True, kw_only=True)
class BackupAccessArgs:
    """`bucket_arn` and `key_arn` are of the backup bucket."""

    ground: DataGround
    cluster_name: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    key_arn: pulumi.Input[str]


class BackupAccess(pulumi.ComponentResource):
    """Before MySQL, whose own pods archive: credentials are put into a pod when it is admitted.

    `scripts` is the checksum of what such a pod mounts.
    """

    scripts: str

    def __init__(self, name: str, args: BackupAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:BackupAccess", name, None, opts)
        self._name, self._args, self._ground = name, args, args.ground
        self._child = pulumi.ResourceOptions(parent=self)
        data = config_map_data()
        self.scripts = checksum(data)
        k8s.core.v1.ConfigMap(f"{name}-{CONFIG_MAP}", metadata=self._metadata(CONFIG_MAP), data=data, opts=self._child)
        k8s.core.v1.ServiceAccount(
            f"{name}-{ACCOUNT}",
            metadata=self._metadata(ACCOUNT),
            automount_service_account_token=False,
            opts=self._child,
        )
        self._rights()
        self._policies()
        self.register_outputs({})

    def _rights(self) -> None:
        """One role for the Jobs and for MySQL's own pods: both write what the other may read."""
        logical_name, prefix = f"{self._name}-{CONTROLLER}", self._ground.prefix
        role = pod_role(logical_name, f"{prefix}-{CONTROLLER}", f"Backups of the data of {prefix}", self._child)
        statements = backup_statements(self._args.bucket_arn, self._args.key_arn)
        aws.iam.RolePolicy(logical_name, role=role.name, name=CONTROLLER, policy=policy(statements), opts=self._child)
        for account in (ACCOUNT, MYSQL_ACCOUNT):
            aws.eks.PodIdentityAssociation(
                f"{self._name}-{CONTROLLER}-{account}",
                cluster_name=self._args.cluster_name,
                namespace=self._ground.namespace,
                service_account=account,
                role_arn=role.arn,
                opts=self._child,
            )

    def _policies(self) -> None:
        out = k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=SELECTOR),
            policy_types=["Egress"],
            egress=to_bucket(),
        )
        archivers = k8s.networking.v1.NetworkPolicySpecArgs(
            pod_selector=k8s.meta.v1.LabelSelectorArgs(match_labels=MYSQL_SELECTOR),
            policy_types=["Egress", "Ingress"],
            egress=to_bucket(),
            ingress=from_monitoring(),
        )
        self._policy("data-backup", out)
        self._policy("mysql-archivers", archivers)

    def _policy(self, object_name: str, spec: k8s.networking.v1.NetworkPolicySpecArgs) -> None:
        k8s.networking.v1.NetworkPolicy(
            f"{self._name}-{object_name}", metadata=self._metadata(object_name), spec=spec, opts=self._child
        )

    def _metadata(self, object_name: str) -> k8s.meta.v1.ObjectMetaArgs:
        return k8s.meta.v1.ObjectMetaArgs(
            name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
        )


def backup_statements(bucket_arn: pulumi.Input[str], key_arn: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Writing and reading the data's own keys; deleting none: the bucket itself drops what is old."""
    prefixes = (MYSQL_ROOT, REDIS_ROOT)
    objects = [pulumi.Output.concat(bucket_arn, f"/{prefix}/*") for prefix in prefixes]
    return [
        {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": objects},
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": bucket_arn,
            "Condition": {"StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in prefixes]}},
        },
        {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": key_arn},
    ]
