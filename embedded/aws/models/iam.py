"""IAM: trust policies, which moto wrongly allows no action but three, and the clients of an OIDC provider."""

from __future__ import annotations

from typing import Any

from embedded.aws.account import Account
from embedded.aws.errors import AwsError
from embedded.aws.protocol import Call


def update_assume_role_policy(account: Account, call: Call) -> dict[str, Any]:
    """UpdateAssumeRolePolicy: moto refuses sts:TagSession, which every trust of pod identities needs.

    https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html
    """
    role = account.moto("iam", call.region).get_role(call.parameters["RoleName"])
    role.assume_role_policy_document = call.parameters["PolicyDocument"]
    return {}


def add_client_id_to_open_id_connect_provider(account: Account, call: Call) -> dict[str, Any]:
    """AddClientIDToOpenIDConnectProvider; one that is there already is no error."""
    clients = _clients(account, call)
    if call.parameters["ClientID"] not in clients:
        clients.append(call.parameters["ClientID"])
    return {}


def remove_client_id_from_open_id_connect_provider(account: Account, call: Call) -> dict[str, Any]:
    """RemoveClientIDFromOpenIDConnectProvider; one that is not there is no error."""
    clients = _clients(account, call)
    if call.parameters["ClientID"] in clients:
        clients.remove(call.parameters["ClientID"])
    return {}


def _clients(account: Account, call: Call) -> list[str]:
    arn = call.parameters["OpenIDConnectProviderArn"]
    provider = account.moto("iam", call.region).open_id_providers.get(arn)
    if provider is None:
        raise AwsError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", 404)
    clients: list[str] = provider.client_id_list
    return clients
