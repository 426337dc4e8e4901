"""Pure: the files that Redis pods run by: redis.conf, users.acl, scripts, and the package `runtime`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

PORT: Final = 6379
BUS_PORT: Final = PORT + 10_000  # fixed by the server
NODE_TIMEOUT_MS: Final = 5000
MEMORY_REQUEST, MEMORY_LIMIT = "512Mi", "1Gi"
MIB: Final = 2**20
MEMORY_LIMIT_BYTES: Final = 1024 * MIB
# Of the limit; the rest is for the copies that a fork makes while it writes, and for clients' buffers.
DATA_SHARE_PERCENT: Final = 70
BACKLOG_MIB: Final = 64  # of writes that a replica may have missed; the server counts it beside maxmemory
LEAST_MEMORY_BYTES: Final = 256 * MIB
LEAST_TIMEOUT_MS, MOST_TIMEOUT_MS = 1000, 15_000

USERS: Final = ("app", "repl", "exporter", "backup", "admin")
# What games may touch: their own keys, and the queue that the matchmaking workers are scaled by.
APP_KEYS: Final = ("game:*", "matchmaking_queue")
# Of one user at a time: while passwords rotate, the former still opens.
MOST_PASSWORDS: Final = 2

_FILES: Final = Path(__file__).parents[2] / "files" / "redis"
_RUNTIME: Final = Path(__file__).parent / "runtime"
SCRIPTS: Final = ("entrypoint.sh", "probe.sh", "prestop.sh")


@dataclass(frozen=True)
class Bounds:
    """A setting that is a whole number from `least` to `most`."""

    least: int
    most: int

    def problem(self, value: str) -> str | None:
        """The end of a sentence, None where `value` is within the bounds."""
        if not value.isascii() or not value.removeprefix("-").isdigit() or value.startswith("--"):
            return f"is not a whole number; give one from {self.least} to {self.most}"
        if not self.least <= int(value) <= self.most:
            return f"is not within {self.least} and {self.most}; give a number between them"
        return None


@dataclass(frozen=True)
class Choice:
    """A setting that is one of `values`."""

    values: tuple[str, ...]

    def problem(self, value: str) -> str | None:
        """The end of a sentence, None where `value` is one of the choices."""
        return None if value in self.values else f"is not one of {', '.join(self.values)}; choose one of them"


YES_NO: Final = Choice(("yes", "no"))
# What a stack may add to redis.conf, as Valkey 8.1 knows it.
KNOWN: Final[Mapping[str, Bounds | Choice]] = MappingProxyType(
    {
        "activedefrag": YES_NO,
        "appendfsync": Choice(("always", "everysec")),  # "no" would lose half a minute of acknowledged writes
        "auto-aof-rewrite-percentage": Bounds(10, 1000),
        "hash-max-listpack-entries": Bounds(1, 65_536),
        "hash-max-listpack-value": Bounds(1, 65_536),
        "hz": Bounds(1, 100),
        "io-threads": Bounds(1, 8),
        "latency-monitor-threshold": Bounds(0, 60_000),
        "lfu-decay-time": Bounds(0, 1440),
        "lfu-log-factor": Bounds(0, 255),
        "list-compress-depth": Bounds(0, 100),
        "maxclients": Bounds(100, 10_000),
        "maxmemory-policy": Choice(
            ("noeviction", "volatile-lru", "volatile-lfu", "volatile-ttl", "volatile-random")
        ),  # allkeys-* would evict sessions and queues
        "maxmemory-samples": Bounds(1, 64),
        "set-max-intset-entries": Bounds(1, 65_536),
        "slowlog-log-slower-than": Bounds(-1, 10_000_000),
        "slowlog-max-len": Bounds(1, 100_000),
        "tcp-keepalive": Bounds(1, 3600),
        "timeout": Bounds(0, 86_400),
        "zset-max-listpack-entries": Bounds(1, 65_536),
        "zset-max-listpack-value": Bounds(1, 65_536),
    }
)
# Names that older guides show, and what says the same today.
REMOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "gopher-enabled": "remove it: the server has no Gopher",
        "hash-max-ziplist-entries": "use hash-max-listpack-entries",
        "hash-max-ziplist-value": "use hash-max-listpack-value",
        "hash-max-zipmap-entries": "use hash-max-listpack-entries",
        "io-threads-do-reads": "use io-threads alone",
        "list-max-ziplist-entries": "remove it: lists are bounded by their size",
        "list-max-ziplist-value": "remove it: lists are bounded by their size",
        "rename-command": "remove it: the users of users.acl have no dangerous commands",
        "requirepass": "remove it: passwords belong to the users app, repl, exporter and admin",
        "slave-priority": "remove it: either node of a pair may be its master",
        "vm-enabled": "remove it: Redis has no virtual memory since 2.6",
        "zset-max-ziplist-entries": "use zset-max-listpack-entries",
        "zset-max-ziplist-value": "use zset-max-listpack-value",
    }
)


def setting_problem(name: str, value: str) -> str | None:
    """Why `name value` may not be added to redis.conf: the end of a sentence that began with them, None if it may."""
    if name in KNOWN:
        return KNOWN[name].problem(value)
    if name in REMOVED:
        return f"is no setting of this Redis any more; {REMOVED[name]}"
    if name in _own_names():
        return "is the cluster's own, and its failover or its data rest on it; remove it"
    return f"is not known; remove it or choose of {', '.join(KNOWN)}"


@dataclass(frozen=True, kw_only=True)
class RedisConfig:
    """What differs between clusters. `extra` are settings by name that `setting_problem` lets pass."""

    node_timeout_ms: int = NODE_TIMEOUT_MS
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not LEAST_TIMEOUT_MS <= self.node_timeout_ms <= MOST_TIMEOUT_MS:
            raise ValueError(
                f"redis node timeout: {self.node_timeout_ms} ms is not within {LEAST_TIMEOUT_MS} and "
                f"{MOST_TIMEOUT_MS}; a shorter one fails over at every pause, a longer one breaks the promised failover"
            )
        if self.memory_limit_bytes < LEAST_MEMORY_BYTES:
            raise ValueError(
                f"redis memory limit: {self.memory_limit_bytes // MIB} MiB leave too little beside the backlog of "
                f"{BACKLOG_MIB} MiB; give at least {LEAST_MEMORY_BYTES // MIB} MiB"
            )
        for name, value in self.extra.items():
            if problem := setting_problem(name, value):
                raise ValueError(f'redis setting {name} "{value}" {problem}')


def maxmemory_mib(memory_limit_bytes: int) -> int:
    """Of keys and values, in a container of so many bytes."""
    return memory_limit_bytes * DATA_SHARE_PERCENT // 100 // MIB - BACKLOG_MIB


def redis_conf(config: RedisConfig) -> str:
    """/etc/redis-pod/redis.conf."""
    text = Template((_FILES / "redis.conf").read_text()).substitute(
        node_timeout_ms=config.node_timeout_ms,
        maxmemory_mb=maxmemory_mib(config.memory_limit_bytes),
        backlog_mb=BACKLOG_MIB,
    )
    if not config.extra:
        return text
    # Of two lines of one name, the last one counts.
    return "\n".join((text.rstrip(), "", *(f"{name} {value}" for name, value in sorted(config.extra.items())), ""))


def users_acl(passwords: Mapping[str, Sequence[str]]) -> str:
    """/etc/redis-users/users.acl. `passwords` of each user of USERS: the current one first, then the former."""
    if set(passwords) != set(USERS):
        raise ValueError(f"redis users: {', '.join(sorted(passwords))}; give passwords of {', '.join(USERS)}")
    for user, ones in passwords.items():
        if not 1 <= len(ones) <= MOST_PASSWORDS or not all(ones):
            raise ValueError(f"redis user {user}: {len(ones)} passwords; give the current one and at most the former")
    opens = {user: " ".join(f"#{sha256(one.encode()).hexdigest()}" for one in ones) for user, ones in passwords.items()}
    # No line of comment may stand in this file: the server takes lines of users alone.
    return Template((_FILES / "users.acl").read_text()).substitute(
        opens, app_keys=" ".join(f"~{pattern}" for pattern in APP_KEYS)
    )


def pod_files(config: RedisConfig) -> dict[str, str]:
    """What a pod finds in /etc/redis-pod, by path below it: redis.conf, the scripts, and `runtime/*.py`."""
    files = {"redis.conf": redis_conf(config)}
    files.update({name: (_FILES / name).read_text() for name in SCRIPTS})
    files.update({f"runtime/{path.name}": path.read_text() for path in sorted(_RUNTIME.glob("*.py"))})
    return files


def _own_names() -> frozenset[str]:
    """Names of the settings that redis.conf, the entrypoint and the users' file give."""
    lines = (_FILES / "redis.conf").read_text().splitlines()
    own = {line.split()[0] for line in lines if line and not line.startswith("#")}
    return frozenset(
        own | {"masterauth", "dir", "cluster-announce-ip", "cluster-announce-hostname", "replica-announce-ip"}
    )
