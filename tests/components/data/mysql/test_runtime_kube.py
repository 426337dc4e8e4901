"""What the agent asks the API server, over TLS, against a stand-in that checks versions as the real one does."""

import pytest

from automation.drills.data.certificates import Authority
from automation.drills.data.mysql_api_server import TOKEN, StandIn
from components.data.mysql.runtime.gtids import EMPTY, GtidSet
from components.data.mysql.runtime.kube import CONDITION, ApiServer, KubeError

PODS = "/api/v1/namespaces/game/pods"
STATE = "/api/v1/namespaces/game/configmaps/mysql-cluster-state"
GTIDS = GtidSet.parse("aaaaaaaa-0000-4000-8000-000000000000:1-7")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    folder = tmp_path_factory.mktemp("account")
    Authority().issue(folder / "tls", [], ["127.0.0.1"])
    (folder / "tls" / "ca.crt").rename(folder / "ca.crt")
    (folder / "token").write_text(f"{TOKEN}\n")
    return folder


@pytest.fixture
def server(certificates):
    stand_in = StandIn(certificates / "tls" / "tls.crt", certificates / "tls" / "tls.key", "127.0.0.1")
    stand_in.start()
    yield stand_in
    stand_in.stop()


@pytest.fixture
def clients(server, certificates):
    url = f"https://127.0.0.1:{server.port}"
    return [ApiServer(url=url, namespace="game", account=certificates, clock=Clock()) for _ in range(2)]


def test_labels_and_conditions_are_set_and_taken_and_leave_others_alone(server, clients):
    server.objects.create(PODS, {"metadata": {"name": "mysql-0", "labels": {"app": "mysql"}}})
    kube = clients[0]
    assert kube.role("mysql-0") is None
    kube.set_role("mysql-0", "primary")
    kube.say("mysql-0", "DataLost: restore")
    assert kube.role("mysql-0") == "primary"
    pod = server.objects.get(f"{PODS}/mysql-0")
    assert pod["metadata"]["labels"] == {"app": "mysql", "role": "primary"}
    assert pod["metadata"]["annotations"] == {CONDITION: "DataLost: restore"}
    kube.set_role("mysql-0", None)
    kube.say("mysql-0", None)
    assert server.objects.get(f"{PODS}/mysql-0")["metadata"]["labels"] == {"app": "mysql"}


def test_a_pod_that_is_gone_needs_no_label(clients):
    assert clients[0].role("mysql-9") is None
    clients[0].set_role("mysql-9", None)


def test_of_two_that_found_a_group_one_is_told_so(server, clients):
    one, other = clients
    assert one.founded() is None
    assert one.create_founded()
    assert not other.create_founded()
    assert server.objects.founded == 1
    founded = other.founded()
    assert (founded.recorded, founded.allow_missing) == (EMPTY, frozenset())


def test_what_is_recorded_and_given_up_is_read_back(server, clients):
    clients[0].create_founded()
    clients[0].record(GTIDS)
    server.objects.patch(STATE, {"data": {"allowMissing": "mysql-1, mysql-2"}})
    founded = clients[1].founded()
    assert (founded.recorded, founded.allow_missing) == (GTIDS, frozenset({1, 2}))


def test_one_holds_the_lease_until_it_gives_it_back(clients):
    one, other = clients
    assert one.take_lease("mysql-0", 180)
    assert one.take_lease("mysql-0", 180)
    assert not other.take_lease("mysql-1", 180)
    other.release_lease("mysql-1")  # which is not its own
    assert not other.take_lease("mysql-1", 180)
    one.release_lease("mysql-0")
    assert other.take_lease("mysql-1", 180)


def test_a_lease_that_nobody_renews_ends_by_the_clock_of_the_one_that_waits(clients):
    one, other = clients
    assert one.take_lease("mysql-0", 180)
    other.clock.now = 1000.0  # what its clock shows first does not matter
    assert not other.take_lease("mysql-1", 180)
    other.clock.now += 179
    assert not other.take_lease("mysql-1", 180)
    assert one.take_lease("mysql-0", 180)  # renewed
    other.clock.now += 2
    assert not other.take_lease("mysql-1", 180)
    other.clock.now += 181
    assert other.take_lease("mysql-1", 180)


def test_of_two_that_take_a_free_lease_at_once_one_is_refused(server, clients, monkeypatch):
    one, other = clients
    one.take_lease("mysql-0", 180)
    one.release_lease("mysql-0")
    monkeypatch.setattr(one, "_is_free", lambda *_: other.take_lease("mysql-1", 180))
    assert not one.take_lease("mysql-0", 180)


def test_a_refusal_and_a_silent_server_are_errors(server, clients, certificates, tmp_path):
    for file in ("ca.crt", "token"):
        (tmp_path / file).write_bytes((certificates / file).read_bytes())
    (tmp_path / "token").write_text("another")
    stranger = ApiServer(url=clients[0].url, namespace="game", account=tmp_path)
    with pytest.raises(KubeError) as refused:
        stranger.founded()
    assert refused.value.status == 401
    silent = ApiServer(url="https://127.0.0.1:1", namespace="game", account=certificates)
    with pytest.raises(KubeError) as unheard:
        silent.founded()
    assert unheard.value.status == 0
