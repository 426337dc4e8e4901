"""OIDC providers of IAM over the API: for whom they speak."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

ARN = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
CLIENT = {"OpenIDConnectProviderArn": ARN, "ClientID": "sts.amazonaws.com"}


def clients(aws):
    return aws.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=ARN)["ClientIDList"]


def test_clients_come_and_go_and_doing_either_twice_is_no_error(aws):
    aws.iam.create_open_id_connect_provider(Url="https://token.actions.githubusercontent.com", ClientIDList=["other"])
    for _ in range(2):
        aws.iam.add_client_id_to_open_id_connect_provider(**CLIENT)
        assert clients(aws) == ["other", "sts.amazonaws.com"]
    for _ in range(2):
        aws.iam.remove_client_id_from_open_id_connect_provider(**CLIENT)
        assert clients(aws) == ["other"]


def test_a_provider_that_is_not_there_speaks_for_nobody(aws):
    with pytest.raises(ClientError, match="NoSuchEntity"):
        aws.iam.add_client_id_to_open_id_connect_provider(**CLIENT)
