"""The command line of each program, by the flags that matter and why."""

from pathlib import Path

import yaml

from embedded.control_plane import commands
from embedded.control_plane.kubeconfig import kubeconfig
from embedded.kubernetes.addresses import _SERVICES
from embedded.kubernetes.kubeconfig import server_host

PKI = Path("/region/pki")
PROGRAM = Path("/cache/program")
KUBECONFIG = Path("/region/kubeconfig")


def flags(line: list[str]) -> dict[str, str]:
    assert line[0] == str(PROGRAM)
    assert all(each.startswith("--") and "=" in each for each in line[1:])
    return dict(each[2:].split("=", 1) for each in line[1:])


def api() -> dict[str, str]:
    return flags(
        commands.kube_apiserver(
            PROGRAM, PKI, Path("/region/tokens"), "https://127.0.0.1:1", Path("/etcd/pki"), "/us-1", 2
        )
    )


def every_line() -> list[dict[str, str]]:
    return [
        flags(commands.etcd(PROGRAM, Path("/data"), PKI, 1, 2)),
        api(),
        flags(commands.kube_controller_manager(PROGRAM, PKI, KUBECONFIG, 3)),
        flags(commands.kube_scheduler(PROGRAM, PKI, KUBECONFIG, 4)),
        flags(commands.kwok(PROGRAM, KUBECONFIG, 5)),
    ]


def test_nothing_listens_beyond_loopback() -> None:
    addresses = {
        name: value
        for line in every_line()
        for name, value in line.items()
        if name.endswith(("address", "listen-client-urls", "listen-peer-urls"))
    }
    assert len(addresses) == 5
    for name, value in addresses.items():
        assert value.removeprefix("https://").partition(":")[0] == "127.0.0.1", name


def test_etcd_takes_only_clients_and_peers_with_a_certificate() -> None:
    etcd = every_line()[0]
    assert etcd["client-cert-auth"] == etcd["peer-client-cert-auth"] == "true"
    assert etcd["trusted-ca-file"] == etcd["peer-trusted-ca-file"] == "/region/pki/ca.crt"
    assert etcd["listen-peer-urls"] == etcd["initial-advertise-peer-urls"] == "https://127.0.0.1:2"
    assert etcd["unsafe-no-fsync"] == "true"


def test_regions_share_an_etcd_by_prefix() -> None:
    assert api()["etcd-prefix"] == "/us-1"
    assert api()["etcd-certfile"] == "/etcd/pki/client.crt"


def test_the_api_server_starts_where_there_is_no_network() -> None:
    assert (api()["advertise-address"], api()["endpoint-reconciler-type"]) == ("127.0.0.1", "none")


def test_services_lie_where_the_embedded_clusters_have_them() -> None:
    assert api()["service-cluster-ip-range"] == str(_SERVICES)
    assert str(_SERVICES[1]) == commands.KUBERNETES_SERVICE


def test_the_api_server_checks_rights_and_takes_the_token() -> None:
    assert api()["authorization-mode"] == "Node,RBAC"
    assert api()["token-auth-file"] == "/region/tokens"
    assert api()["service-account-signing-key-file"] == "/region/pki/service-accounts.key"


def test_controllers_act_with_their_own_rights_and_leave_out_the_cloud_s() -> None:
    controllers = every_line()[2]
    assert controllers["use-service-account-credentials"] == "true"
    assert controllers["controllers"] == (
        "*,-node-ipam-controller,-node-route-controller,-cloud-node-lifecycle-controller"
    )
    assert controllers["leader-elect"] == "false"


def test_kwok_is_the_kubelet_of_every_node() -> None:
    kwok = every_line()[4]
    assert kwok == {"kubeconfig": "/region/kubeconfig", "manage-all-nodes": "true", "server-address": "127.0.0.1:5"}


def test_a_node_of_which_nothing_is_heard_for_a_while_keeps_its_pods_ready() -> None:
    assert every_line()[2]["node-monitor-grace-period"] == "1h"


def test_karpenter_takes_our_instance_types_and_alone_needs_no_election() -> None:
    karpenter = flags(commands.karpenter(PROGRAM, Path("/types.json"), 6, 7))
    assert karpenter["instance-types-file-path"] == "/types.json"
    assert (karpenter["metrics-port"], karpenter["health-probe-port"]) == ("6", "7")
    assert karpenter["disable-leader-election"] == "true"


def test_a_kubeconfig_holds_server_authority_and_user() -> None:
    text = kubeconfig("us", "https://127.0.0.1:6443", b"PEM", {"token": "secret"})
    read = yaml.safe_load(text)
    assert read["current-context"] == "us"
    assert read["clusters"][0]["cluster"] == {
        "server": "https://127.0.0.1:6443",
        "certificate-authority-data": "UEVN",
    }
    assert read["users"][0]["user"] == {"token": "secret"}
    assert server_host(text) == "127.0.0.1"
