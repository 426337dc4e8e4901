"""redis.conf, users.acl and what a stack may add."""

import subprocess
from hashlib import sha256

import pytest

from components.data.redis.config import (
    KNOWN,
    MIB,
    REMOVED,
    USERS,
    RedisConfig,
    maxmemory_mib,
    pod_files,
    redis_conf,
    setting_problem,
    users_acl,
)

PASSWORDS = {user: [f"new-{user}", f"old-{user}"] for user in USERS}


def settings_of(text: str) -> dict[str, str]:
    lines = (line.partition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in lines}


def test_the_configuration_says_what_the_cluster_rests_on():
    conf = settings_of(redis_conf(RedisConfig()))
    assert conf["cluster-enabled"] == "yes", "the switch without its value stops the server"
    assert conf["cluster-node-timeout"] == "5000"
    assert conf["cluster-config-file"] == "/data/nodes.conf"
    assert conf["appendonly"] == "yes"
    assert (conf["port"], conf["tls-port"]) == ("0", "6379"), "TLS only"
    assert (conf["tls-cluster"], conf["tls-replication"]) == ("yes", "yes")
    assert conf["cluster-allow-replica-migration"] == "no", "pairs stay over two zones each"
    assert conf["cluster-preferred-endpoint-type"] == "hostname"
    assert conf["maxmemory-policy"] == "volatile-lru", "queues and sessions without an expiry are kept"


def test_data_gets_seventy_percent_of_the_limit_less_the_backlog():
    assert maxmemory_mib(1024 * MIB) == 652, "70 % of 1 GiB is 716 MiB, of which 64 are the backlog's"
    assert settings_of(redis_conf(RedisConfig(memory_limit_bytes=2048 * MIB)))["maxmemory"] == "1369mb"


def test_added_settings_come_last_so_that_they_count():
    conf = redis_conf(RedisConfig(extra={"timeout": "300", "hz": "20"}))
    assert conf.endswith("\nhz 20\ntimeout 300\n")


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("maxclients", "50", "is not within 100 and 10000; give a number between them"),
        ("maxclients", "many", "is not a whole number; give one from 100 to 10000"),
        ("maxmemory-policy", "allkeys-lru", "is not one of noeviction, volatile-lru"),
        ("appendfsync", "no", "is not one of always, everysec; choose one of them"),
        ("requirepass", "x", "is no setting of this Redis any more; remove it: passwords belong to the users app"),
        ("hash-max-ziplist-entries", "9", "is no setting of this Redis any more; use hash-max-listpack-entries"),
        ("cluster-node-timeout", "9", "is the cluster's own, and its failover or its data rest on it; remove it"),
        ("masterauth", "x", "is the cluster's own"),
        ("dir", "/tmp", "is the cluster's own"),
        ("query-cache", "1", "is not known; remove it or choose of activedefrag, appendfsync"),
    ],
)
def test_settings_that_may_not_be_added_are_refused(name: str, value: str, problem: str):
    assert problem in (setting_problem(name, value) or "")
    with pytest.raises(ValueError, match=f'redis setting {name} "{value}"'):
        RedisConfig(extra={name: value})


def test_known_settings_pass_and_none_is_both_known_and_removed():
    assert setting_problem("slowlog-log-slower-than", "-1") is None
    assert setting_problem("maxmemory-policy", "volatile-ttl") is None
    assert not KNOWN.keys() & REMOVED.keys()


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"node_timeout_ms": 500}, "500 ms is not within 1000 and 15000; a shorter one fails over at every pause"),
        ({"node_timeout_ms": 60_000}, "60000 ms is not within 1000 and 15000"),
        ({"memory_limit_bytes": 128 * MIB}, "128 MiB leave too little beside the backlog of 64 MiB; give at least 256"),
    ],
)
def test_figures_out_of_bounds_are_refused(changed: dict[str, int], problem: str):
    with pytest.raises(ValueError, match=problem):
        RedisConfig(**changed)


def test_the_list_of_users_holds_digests_of_both_passwords_and_nothing_else():
    lines = users_acl(PASSWORDS).splitlines()
    assert lines[0] == "user default off resetchannels -@all"
    assert [line.split()[1] for line in lines[1:]] == list(USERS)
    assert all(line.startswith("user ") for line in lines), "the server takes no other lines"
    for user, line in zip(USERS, lines[1:], strict=True):
        words = line.split()
        assert [word for word in words if word[0] == "#"] == [
            f"#{sha256(p.encode()).hexdigest()}" for p in PASSWORDS[user]
        ]
        assert f"new-{user}" not in line


def test_games_see_their_keys_and_the_matchmaking_queue_and_have_no_dangerous_commands():
    app = users_acl(PASSWORDS).splitlines()[1].split()
    assert [word for word in app if word[0] == "~"] == ["~game:*", "~matchmaking_queue"]
    assert {"-@admin", "-@dangerous", "+cluster|slots", "+cluster|shards"} <= set(app)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"app": []}, "redis user app: 0 passwords; give the current one and at most the former"),
        ({"app": ["a", "b", "c"]}, "redis user app: 3 passwords"),
        ({"guest": ["x"]}, "give passwords of app, repl, exporter, backup, admin"),
    ],
)
def test_users_without_a_password_or_unknown_ones_are_refused(changed: dict[str, list[str]], problem: str):
    with pytest.raises(ValueError, match=problem):
        users_acl(PASSWORDS | changed)


def test_a_pod_finds_its_configuration_its_scripts_and_the_package_that_runs_beside_it():
    files = pod_files(RedisConfig())
    assert {
        "redis.conf",
        "entrypoint.sh",
        "probe.sh",
        "prestop.sh",
        "runtime/healer.py",
        "runtime/bootstrap.py",
    } <= set(files)
    assert sum(len(text.encode()) for text in files.values()) < 2**20, "a ConfigMap holds 1 MiB"


@pytest.mark.parametrize("script", ["entrypoint.sh", "probe.sh", "prestop.sh"])
def test_the_scripts_are_plain_shell(script: str):
    text = pod_files(RedisConfig())[script]
    assert subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True).stderr == ""
