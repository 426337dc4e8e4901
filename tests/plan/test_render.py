"""Rendered files: where they go, what they hide, and which folders are left alone."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest
import yaml

from embedded.kubernetes.charts import known_crds
from plan.objects import CLUSTER_SCOPED
from plan.recorder import Recording, record
from plan.registration import RecordedResource
from plan.render import MARKER, RenderError, render


def program() -> None:
    """One of each kind of file, in a region and at the edge."""
    aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16")
    aws.route53.Zone("edge-zone", name="mmorpg-game.com")
    space = kubernetes.core.v1.Namespace("us-east-namespace", metadata={"name": "mmorpg"})
    kubernetes.core.v1.Secret(
        "us-east-login",
        metadata={"name": "login", "namespace": space.metadata.name},
        string_data={"user": "worlds", "password": pulumi.Output.secret("hunter2")},
    )
    kubernetes.helm.v3.Release(
        "us-east-charted",
        name="karpenter",
        namespace="kube-system",
        chart="karpenter",
        version="1.2.3",
        repository_opts={"repo": "https://charts.example"},
        values={"replicas": 2, "token": pulumi.Output.secret("hunter2")},
    )


def calls_of(resource: RecordedResource) -> list[dict[str, Any]]:
    return [{"service": "ec2", "operation": "CreateVpc", "parameters": {"CidrBlock": resource.inputs["cidrBlock"]}}]


def no_calls(_: RecordedResource) -> list[dict[str, Any]]:
    return []


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(program, stack="dev", regions=["us-east", "us-west"])


@pytest.fixture
def write(recording: Recording) -> Callable[[Path], int]:
    return lambda folder: render(recording, ["us-east", "us-west"], folder, no_calls)


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_each_object_is_one_file_under_its_namespace_and_region(write: Callable[[Path], int], tmp_path: Path):
    count = write(tmp_path / "out")
    assert _files(tmp_path / "out") == [
        MARKER,
        "edge/aws.json",
        "edge/charts.json",
        "us-east/aws.json",
        "us-east/charts.json",
        "us-east/manifests/_cluster/Namespace-mmorpg.yaml",
        "us-east/manifests/mmorpg/Secret-login.yaml",
        "us-west/aws.json",
        "us-west/charts.json",
    ]
    assert count == 8


def test_a_secret_keeps_its_keys_and_loses_its_values(write: Callable[[Path], int], tmp_path: Path):
    write(tmp_path / "out")
    manifest = yaml.safe_load((tmp_path / "out/us-east/manifests/mmorpg/Secret-login.yaml").read_text())
    assert manifest["stringData"] == {"password": "***", "user": "***"}
    assert manifest["metadata"] == {"name": "login", "namespace": "mmorpg"}
    everything = "".join((tmp_path / "out" / name).read_text() for name in _files(tmp_path / "out"))
    assert "hunter2" not in everything


def test_a_chart_is_listed_with_its_version_repository_and_values(write: Callable[[Path], int], tmp_path: Path):
    write(tmp_path / "out")
    assert json.loads((tmp_path / "out/us-east/charts.json").read_text()) == [
        {
            "name": "karpenter",
            "namespace": "kube-system",
            "chart": "karpenter",
            "version": "1.2.3",
            "repo": "https://charts.example",
            "values": {"replicas": 2, "token": "***"},
        }
    ]
    assert json.loads((tmp_path / "out/us-west/charts.json").read_text()) == []


def test_custom_resources_and_patches_are_files_of_their_own_with_all_their_fields(tmp_path: Path):
    def charted() -> None:
        kubernetes.apiextensions.CustomResource(
            "us-east-pool",
            api_version="karpenter.sh/v1",
            kind="NodePool",
            metadata={"name": "stateless"},
            spec={"limits": {"cpu": 1000}, "disruption": {"consolidateAfter": "30s"}},
        )
        snapshots = {"apiVersion": "snapshot.storage.k8s.io/v1", "kind": "VolumeSnapshotClass", "driver": "ebs"}
        token = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass"
        pulumi.CustomResource(token, "us-east-snapshots", {**snapshots, "metadata": {"name": "ebs"}})
        kubernetes.storage.v1.StorageClassPatch(
            "us-east-gp2", metadata={"name": "gp2", "annotations": {"a": "b"}}, parameters={"type": "gp3"}
        )

    render(record(charted, stack="dev", regions=["us-east"]), ["us-east"], tmp_path / "out", no_calls)
    folder = tmp_path / "out/us-east/manifests/_cluster"
    found = {path.name: yaml.safe_load(path.read_text()) for path in folder.iterdir()}
    assert sorted(found) == ["NodePool-stateless.yaml", "StorageClassPatch-gp2.yaml", "VolumeSnapshotClass-ebs.yaml"]
    assert found["NodePool-stateless.yaml"]["spec"]["disruption"] == {"consolidateAfter": "30s"}
    assert found["VolumeSnapshotClass-ebs.yaml"]["driver"] == "ebs"
    assert found["StorageClassPatch-gp2.yaml"]["kind"] == "StorageClass"


def test_the_custom_kinds_of_the_charts_are_told_apart_by_whether_they_have_a_namespace():
    kinds = {crd.kind: crd.namespaced for crd in known_crds().values()}
    assert {kind for kind, namespaced in kinds.items() if not namespaced} <= CLUSTER_SCOPED
    assert {kind for kind, namespaced in kinds.items() if namespaced} & CLUSTER_SCOPED == set()


def test_aws_resources_are_listed_with_the_calls_that_make_them(recording: Recording, tmp_path: Path):
    render(recording, ["us-east"], tmp_path / "out", lambda r: calls_of(r) if "Vpc" in r.type else [])
    (vpc,) = json.loads((tmp_path / "out/us-east/aws.json").read_text())
    assert vpc == {
        "urn": "urn:pulumi:dev::game-regions::aws:ec2/vpc:Vpc::us-east-vpc",
        "type": "aws:ec2/vpc:Vpc",
        "name": "us-east-vpc",
        "inputs": {"cidrBlock": "10.0.0.0/16"},
        "calls": [{"service": "ec2", "operation": "CreateVpc", "parameters": {"CidrBlock": "10.0.0.0/16"}}],
    }
    (zone,) = json.loads((tmp_path / "out/edge/aws.json").read_text())
    assert zone["name"] == "edge-zone"


def test_a_former_render_is_replaced_as_a_whole(write: Callable[[Path], int], tmp_path: Path):
    write(tmp_path / "out")
    (tmp_path / "out/us-east/manifests/left-over.yaml").write_text("gone: true\n")
    before = {name: (tmp_path / "out" / name).read_bytes() for name in _files(tmp_path / "out")}
    write(tmp_path / "out")
    after = {name: (tmp_path / "out" / name).read_bytes() for name in _files(tmp_path / "out")}
    assert set(before) - set(after) == {"us-east/manifests/left-over.yaml"}
    assert after.items() <= before.items()
    assert [path.name for path in tmp_path.iterdir()] == ["out"], "nothing is left beside the folder"


def test_an_empty_folder_is_used(write: Callable[[Path], int], tmp_path: Path):
    (tmp_path / "out").mkdir()
    assert write(tmp_path / "out") == 8


def test_a_folder_with_files_of_its_own_is_left_alone(write: Callable[[Path], int], tmp_path: Path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RenderError, match="holds files of its own; name a new or empty folder"):
        write(tmp_path)
    assert _files(tmp_path) == ["notes.txt"]


def test_a_file_in_place_of_the_folder_is_refused(write: Callable[[Path], int], tmp_path: Path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(RenderError, match="out is a file"):
        write(tmp_path / "out")


def test_a_refusing_disk_leaves_the_former_render_as_it_was(
    write: Callable[[Path], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path / "out")
    before = _files(tmp_path / "out")
    real = Path.write_text

    def full(self: Path, *args: Any, **kwargs: Any) -> int:
        if self.name == "charts.json":
            raise OSError(28, "No space left on device")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(RenderError, match="No space left on device"):
        write(tmp_path / "out")
    assert _files(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
