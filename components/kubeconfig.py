"""Pure text: how a client reaches an EKS cluster and proves who it is."""

from typing import Any

import pulumi


def kubeconfig(
    cluster_name: str,
    region: str,
    endpoint: pulumi.Input[str],
    certificate: pulumi.Input[str],
    *,
    profile: str | None = None,
    role: str | None = None,
) -> pulumi.Output[str]:
    """A kubeconfig as JSON (which is YAML), secret; `certificate` is the cluster's CA in base64.

    It holds no token, which would be stale in the state after 15 minutes: each client asks the AWS CLI for its own,
    with the `profile` or as the `role` (ARN) of the AWS provider, or else as the environment says.
    """
    # docs.aws.amazon.com/cli/latest/reference/eks/get-token.html
    as_profile = [] if profile is None else ["--profile", profile]
    as_role = [] if role is None else ["--role-arn", role]
    login: dict[str, Any] = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": [
            *("--region", region, *as_profile),
            *("eks", "get-token", "--cluster-name", cluster_name, *as_role, "--output", "json"),
        ],
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": cluster_name,
        "clusters": [
            {
                "name": cluster_name,
                "cluster": {"server": endpoint, "certificate-authority-data": certificate},
            }
        ],
        "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": cluster_name}}],
        "users": [{"name": cluster_name, "user": {"exec": login}}],
    }
    return pulumi.Output.secret(pulumi.Output.json_dumps(document, sort_keys=True))
