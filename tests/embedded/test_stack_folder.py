"""The interlock: embedded providers work only inside their own stack."""

import pytest

from embedded.stack_folder import Interlock, StackFolder, access_key_id


@pytest.fixture
def folder(tmp_path):
    folder = StackFolder(tmp_path / "local")
    folder.token()
    return folder


def environment(folder):
    return {"PULUMI_BACKEND_URL": folder.backend_url, "GAME_REGIONS_TOKEN": folder.token()}


def test_backend_and_token_of_one_stack_open_it(folder):
    assert StackFolder.of_environment(environment(folder)) == folder


@pytest.mark.parametrize("backend", ["", "s3://state", "https://api.pulumi.com", "file:///home/me"])
def test_any_other_backend_is_refused(folder, backend):
    with pytest.raises(Interlock, match="work only on the backend of an embedded stack"):
        StackFolder.of_environment(environment(folder) | {"PULUMI_BACKEND_URL": backend})


def test_the_token_of_another_stack_is_refused(folder, tmp_path):
    other = StackFolder(tmp_path / "dev").token()
    with pytest.raises(Interlock, match=r"GAME_REGIONS_TOKEN is not the token of .*local"):
        StackFolder.of_environment(environment(folder) | {"GAME_REGIONS_TOKEN": other})


def test_a_missing_token_is_refused(folder):
    with pytest.raises(Interlock, match="GAME_REGIONS_TOKEN"):
        StackFolder.of_environment({"PULUMI_BACKEND_URL": folder.backend_url})


def test_the_token_is_made_once_and_readable_by_its_owner_only(folder):
    assert folder.token() == folder.token()
    assert folder.token_file.stat().st_mode & 0o077 == 0


def test_the_access_key_has_the_shape_of_an_aws_key(folder):
    assert len(access_key_id(folder.token())) == 20
    assert access_key_id(folder.token()).startswith("AKIA")
