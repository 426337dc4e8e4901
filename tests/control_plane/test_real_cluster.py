"""The real programs: a region's API server accepts and refuses, controllers and scheduler act, nodes are kwok's."""

import http.client
import json
import os
import signal
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException
from rich.console import Console

from automation.control_plane_build import ensure_programs
from automation.errors import Refused
from embedded.control_plane.plane import ControlPlane, Handle
from embedded.stack_folder import StackFolder

pytestmark = pytest.mark.control_plane

REGION_MEMORY = 1.5 * 2**30
SECONDS = 60.0
LABELS = {"app": "gate"}


@pytest.fixture(scope="module")
def programs() -> dict[str, Path]:
    try:
        return ensure_programs(Console(stderr=True))
    except Refused as refused:
        pytest.skip(f"the control plane's programs are not built and cannot be: {refused}")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> StackFolder:
    return StackFolder(tmp_path_factory.mktemp("dev"))


@pytest.fixture(scope="module")
def plane(stack: StackFolder, programs: dict[str, Path]) -> Iterator[ControlPlane]:
    plane = ControlPlane(stack, "us")
    plane.start(programs)
    yield plane
    plane.stop(erase=True)


@pytest.fixture
def core(plane: ControlPlane, programs: dict[str, Path]) -> Iterator[client.CoreV1Api]:
    with connected(plane.start(programs)) as api:
        yield client.CoreV1Api(api)


def connected(handle: Handle) -> client.ApiClient:
    return config.new_client_from_config(str(handle.kubeconfig))


def post(plane: ControlPlane, path: str, body: dict[str, Any]) -> tuple[int, str]:
    """Status and answer, with nothing between us and the server that checks the body."""
    handle = plane.handle()
    assert handle is not None
    server = http.client.HTTPSConnection(
        handle.url.removeprefix("https://"), context=ssl.create_default_context(cafile=handle.ca)
    )
    headers = {"Authorization": f"Bearer {handle.token}", "Content-Type": "application/json"}
    try:
        server.request("POST", path, json.dumps(body), headers)
        answer = server.getresponse()
        return answer.status, answer.read().decode()
    finally:
        server.close()


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def node(name: str, zone: str) -> dict[str, Any]:
    room = {"cpu": "4", "memory": "16Gi", "pods": "10"}
    labels = {"kubernetes.io/hostname": name, "topology.kubernetes.io/zone": zone}
    return {"metadata": {"name": name, "labels": labels}, "status": {"capacity": room, "allocatable": room}}


def deployment(replicas: int) -> dict[str, Any]:
    container = {"name": "gate", "image": "gate:1", "resources": {"requests": {"cpu": "100m"}}}
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": LABELS}, "template": template}
    return {"metadata": {"name": "gate"}, "spec": spec}


def running(core: client.CoreV1Api) -> int:
    pods = core.list_namespaced_pod("default", label_selector="app=gate").items
    ready = [
        pod
        for pod in pods
        for condition in pod.status.conditions or []
        if (condition.type, condition.status) == ("Ready", "True") and not pod.metadata.deletion_timestamp
    ]
    return len(ready)


def test_it_is_the_pinned_version_and_says_so_to_a_client_that_checks_certificates(plane: ControlPlane) -> None:
    handle = plane.handle()
    assert handle is not None
    with connected(handle) as api:
        version = client.VersionApi(api).get_code()
    assert (version.git_version, version.major, version.minor) == ("v1.35.0", "1", "35")


def test_one_region_holds_less_than_one_and_a_half_gibibytes(plane: ControlPlane) -> None:
    held = {process.name: process.memory() for process in (plane.store.process, *plane.processes())}
    assert len(held) == 5
    assert 0 < sum(held.values()) < REGION_MEMORY, held


def test_who_has_no_token_may_nothing(plane: ControlPlane) -> None:
    handle = plane.handle()
    assert handle is not None
    settings = client.Configuration(host=handle.url)
    settings.ssl_ca_cert = str(handle.ca)
    with client.ApiClient(settings) as api, pytest.raises(ApiException) as refused:
        client.CoreV1Api(api).list_namespace()
    assert refused.value.status == 403


def test_a_field_that_kubernetes_does_not_know_is_refused(plane: ControlPlane) -> None:
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dtaa": {"a": "b"}}
    status, answer = post(plane, "/api/v1/namespaces/default/configmaps?fieldValidation=Strict", body)
    assert status == 400
    assert 'unknown field "dtaa"' in json.loads(answer)["message"]


def test_pods_of_a_deployment_run_on_nodes_that_are_only_objects(core: client.CoreV1Api) -> None:
    for name, zone in (("n1", "a"), ("n2", "b")):
        core.create_node(node(name, zone))
    assert eventually(lambda: not any(each.spec.taints for each in core.list_node().items))  # both are ready
    apps = client.AppsV1Api(core.api_client)
    apps.create_namespaced_deployment("default", deployment(3))
    assert eventually(lambda: running(core) == 3)
    pods = core.list_namespaced_pod("default", label_selector="app=gate").items
    assert {pod.spec.node_name for pod in pods} == {"n1", "n2"}


def test_after_a_stop_the_next_start_has_what_was_there(
    core: client.CoreV1Api, plane: ControlPlane, programs: dict[str, Path]
) -> None:
    core.create_namespaced_config_map("default", {"metadata": {"name": "kept"}, "data": {"a": "b"}})
    plane.stop()
    assert plane.processes() == []
    with connected(plane.start(programs)) as api:
        kept = client.CoreV1Api(api).read_namespaced_config_map("kept", "default")
    assert kept.data == {"a": "b"}


def test_a_killed_api_server_is_started_again_and_the_controllers_go_on(
    core: client.CoreV1Api, plane: ControlPlane, programs: dict[str, Path]
) -> None:
    server = next(process for process in plane.processes() if process.name == "kube-apiserver")
    pid = server.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: plane.handle() is None)
    with connected(plane.start(programs)) as api:
        client.AppsV1Api(api).patch_namespaced_deployment("gate", "default", {"spec": {"replicas": 5}})
        assert eventually(lambda: running(client.CoreV1Api(api)) == 5)


def test_regions_on_one_etcd_do_not_see_each_other_s_objects(
    core: client.CoreV1Api, plane: ControlPlane, stack: StackFolder, programs: dict[str, Path]
) -> None:
    other = ControlPlane(stack, "eu")
    try:
        with connected(other.start(programs)) as api:
            assert client.CoreV1Api(api).list_node().items == []
            assert client.AppsV1Api(api).list_deployment_for_all_namespaces().items == []
        assert other.store.process.pid() == plane.store.process.pid()
    finally:
        other.stop(erase=True)
    assert len(core.list_node().items) == 2
