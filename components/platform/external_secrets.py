"""ExternalSecrets: brings secrets of AWS Secrets Manager into the cluster, those of the region alone."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

from components.charts import EXTERNAL_SECRETS, install
from components.kube.chart_values import CLUSTER_CRITICAL, container_resources, zone_spread
from components.platform.namespaces import platform_namespace
from components.platform.pod_identity import PodIdentity, pod_identity

NAME = "external-secrets"  # of the namespace, the release and the service account
STORE = "aws-secrets-manager"  # ExternalSecrets name it


@dataclass(frozen=True, kw_only=True)
class ExternalSecretsArgs:
    """`prefix` is the cluster's name, `region` AWS's.

    What may be read are the secrets whose names begin with `secrets_prefix` ("mmorpg/us-east/"), and what may ask are
    the namespaces in `readers`.
    """

    prefix: str
    cluster_name: pulumi.Input[str]
    region: str
    account_id: pulumi.Input[str]
    secrets_prefix: str
    readers: tuple[pulumi.Input[str], ...]
    after: tuple[pulumi.Resource, ...] = ()

    def __post_init__(self) -> None:
        # "mmorpg/us" would also open "mmorpg/us-east/...".
        if not self.secrets_prefix.endswith("/"):
            raise ValueError(
                f"external secrets: secrets_prefix {self.secrets_prefix!r} ends in the middle of a name; end it with /"
            )


class ExternalSecrets(pulumi.ComponentResource):
    """The operator and its store. `ready` must be there before any ExternalSecret, `store` before one that names it."""

    ready: pulumi.Resource
    store: pulumi.Resource

    def __init__(self, name: str, args: ExternalSecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:platform:ExternalSecrets", name, None, opts)
        namespace = platform_namespace(f"{name}-{NAME}", NAME, "restricted", self, after=args.after)
        identity = PodIdentity(
            prefix=args.prefix,
            cluster_name=args.cluster_name,
            controller=NAME,
            namespace=NAME,
            service_account=NAME,
            rights=external_secrets_statements(args),
        )
        self.ready = install(
            f"{name}-{NAME}",
            EXTERNAL_SECRETS,
            name=NAME,
            namespace=namespace.metadata.name,
            values=external_secrets_values(),
            parent=self,
            after=(*pod_identity(name, identity, self), *args.after),
        )
        self.store = k8s.apiextensions.CustomResource(
            f"{name}-{STORE}",
            api_version="external-secrets.io/v1",
            kind="ClusterSecretStore",
            metadata=k8s.meta.v1.ObjectMetaArgs(name=STORE),
            spec=store_spec(args),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.ready]),
        )
        self.register_outputs({})


def external_secrets_statements(args: ExternalSecretsArgs) -> list[dict[str, Any]]:
    """Reading secrets below the prefix. Source: external-secrets.io, provider AWS Secrets Manager, IAM policy."""
    secrets = pulumi.Output.concat(
        f"arn:aws:secretsmanager:{args.region}:", args.account_id, f":secret:{args.secrets_prefix}*"
    )
    actions = ["GetResourcePolicy", "GetSecretValue", "DescribeSecret", "ListSecretVersionIds"]
    return [{"Effect": "Allow", "Action": [f"secretsmanager:{action}" for action in actions], "Resource": secrets}]


def external_secrets_values() -> dict[str, Any]:
    """Two operators, one of which leads, and two webhooks. One that renews the webhook's certificate is enough."""
    return {
        "installCRDs": True,
        "serviceAccount": {"create": True, "name": NAME},
        "leaderElect": True,
        **_replicas(NAME, 2),
        "webhook": _replicas(f"{NAME}-webhook", 2),
        "certController": _replicas(f"{NAME}-cert-controller", 1),
    }


def _replicas(name: str, count: int) -> dict[str, Any]:
    values = {
        "replicaCount": count,
        "priorityClassName": CLUSTER_CRITICAL,
        "topologySpreadConstraints": zone_spread({"app.kubernetes.io/name": name}),
        "resources": container_resources("20m", "64Mi", "256Mi"),
    }
    # A budget over a single pod would only keep its node from being drained.
    return values if count == 1 else {**values, "podDisruptionBudget": {"enabled": True, "minAvailable": 1}}


def store_spec(args: ExternalSecretsArgs) -> dict[str, Any]:
    """Secrets Manager of the region by the operator's own role, for the readers' namespaces alone."""
    return {
        "provider": {"aws": {"service": "SecretsManager", "region": args.region}},
        "conditions": [{"namespaces": list(args.readers)}],
    }
