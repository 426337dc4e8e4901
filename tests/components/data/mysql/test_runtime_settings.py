"""What the pod's environment says."""

import pytest

from components.data.mysql.runtime.settings import read_settings

POD = {
    "POD_NAME": "mysql-1",
    "POD_NAMESPACE": "game",
    "POD_IP": "10.0.3.4",
    "MYSQL_REPLICAS": "3",
    "MYSQL_SERVICE": "mysql-headless",
    "KUBERNETES_SERVICE_HOST": "172.20.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
}


def test_members_are_called_by_the_names_that_their_certificates_hold():
    settings = read_settings(POD)
    assert settings.hosts == tuple(f"mysql-{n}.mysql-headless.game.svc.cluster.local" for n in range(3))
    assert (settings.ordinal, settings.others, settings.pod_of(2)) == (1, (0, 2), "mysql-2")
    assert settings.local.socket == "/var/run/mysqld/mysqld.sock"
    peer = settings.peer(2, "secret")
    assert (peer.user, peer.host, peer.port, peer.ca_file) == (
        "monitor",
        "mysql-2.mysql-headless.game.svc.cluster.local",
        3306,
        "/etc/mysql/tls/ca.crt",
    )


def test_an_ipv6_address_of_the_api_server_stands_in_brackets():
    assert read_settings({**POD, "KUBERNETES_SERVICE_HOST": "fd00::1"}).api == "https://[fd00::1]:443"


def test_a_pod_without_its_name_does_not_run():
    with pytest.raises(KeyError, match="POD_NAME"):
        read_settings({name: value for name, value in POD.items() if name != "POD_NAME"})
