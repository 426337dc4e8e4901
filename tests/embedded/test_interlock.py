"""Real and embedded clouds are kept apart."""

import pytest

from embedded.interlock import refuse_wrong_cloud
from embedded.stack_folder import Interlock, StackFolder


def test_aws_is_refused_where_an_embedded_token_is_set():
    with pytest.raises(Interlock, match="would touch AWS, but GAME_REGIONS_TOKEN"):
        refuse_wrong_cloud("aws", {"GAME_REGIONS_TOKEN": "x"})


def test_aws_is_refused_where_its_endpoint_is_this_machine():
    with pytest.raises(Interlock, match="AWS_ENDPOINT_URL is http://127\\.0\\.0\\.1:4000"):
        refuse_wrong_cloud("aws", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4000"})


def test_aws_is_refused_while_an_embedded_provider_is_on_the_path(tmp_path):
    plugin = tmp_path / "pulumi-resource-aws"
    plugin.write_text("#!/bin/sh\nexec python -IS /project/embedded/plugin.py aws\n")
    plugin.chmod(0o755)
    with pytest.raises(Interlock, match=r"embedded provider .*pulumi-resource-aws is on PATH"):
        refuse_wrong_cloud("aws", {"PATH": str(tmp_path)})


def test_aws_is_let_through_beside_a_real_provider(tmp_path):
    plugin = tmp_path / "pulumi-resource-aws"
    plugin.write_bytes(b"\x7fELF")
    plugin.chmod(0o755)
    refuse_wrong_cloud("aws", {"PATH": str(tmp_path)})


def test_the_embedded_cloud_is_refused_outside_its_own_stack():
    with pytest.raises(Interlock, match="work only on the backend of an embedded stack"):
        refuse_wrong_cloud("embedded", {"PULUMI_BACKEND_URL": "s3://state"})


def test_the_embedded_cloud_is_let_through_in_its_own_stack(tmp_path):
    folder = StackFolder(tmp_path / "local")
    environment = {"PULUMI_BACKEND_URL": folder.backend_url, "GAME_REGIONS_TOKEN": folder.token()}
    refuse_wrong_cloud("embedded", environment)
