"""Whether a region holds its MySQL, whether a server holds what it is told to, and who copies whom."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from components.data.mysql.config import variable_problem
from components.data.mysql.shape import (
    AGENT_LIMITS,
    AGENT_REQUESTS,
    EXPORTER_LIMITS,
    EXPORTER_REQUESTS,
    FOLLOWER_LIMITS,
    FOLLOWER_REQUESTS,
    WORKLOAD,
)
from components.kube.compute import Compute
from stacks.check_capacity import NODE_RESERVE_CPU, NODE_RESERVE_MEMORY, outside_claims
from stacks.instance_types import INSTANCE_TYPES
from stacks.mysql_settings import MysqlSettings
from stacks.quantities import cpu_text, kibibytes, memory_text, millicores
from stacks.settings_errors import nearest, path_text, shown

if TYPE_CHECKING:
    from stacks.settings import NodePoolSettings, RegionSettings, Resources

_MIB, _GIB = 1024, 1024**2  # in KiB
# Measured at rest with a small buffer pool: performance schema and Group Replication.
SERVER_ITSELF = 700 * _MIB
XCOM_CACHE = 128 * _MIB  # group_replication_message_cache_size, as my.cnf has it
PER_CONNECTION = 2 * _MIB
# Above this share of the limit a reload of many tables or a large sort ends the server.
POOL_SHARE = 0.6


def check_mysql(path: str, region: "RegionSettings", mysql: MysqlSettings) -> Iterator[str]:
    """Problems of the MySQL of one region; `path` is that of its settings, such as regions.us-east.data.mysql."""
    yield from _zones(path, region, mysql)
    yield from _memory(path, mysql)
    yield from _variables(path, mysql)
    yield from _platform(path, region)
    yield from _nodes(path, region, mysql)
    yield from _bounds(path, region, mysql)


def check_mysql_sources(
    sources: Mapping[str, MysqlSettings], path: Callable[[str], str], *, peering: bool
) -> Iterator[str]:
    """Problems of copies between regions; `sources` are all regions with MySQL, `path` that of one's settings."""
    for name, mysql in sources.items():
        if mysql.export and not peering:
            yield (
                f"{path(name)}.export: no other region has a private way to it; set peering: true or leave export out"
            )
        source = mysql.replica_of
        if source is None:
            continue
        place = f"{path(name)}.replica_of"
        if source.region == name:
            yield f"{place}.region: {shown(name)} is the region itself; name another one"
        elif source.region not in sources:
            yield (
                f"{place}.region: {shown(source.region)} is no region of the stack with MySQL; "
                f"{nearest(source.region, sorted(set(sources) - {name}))}"
            )
        elif not sources[source.region].export:
            yield (
                f"{place}.region: {shown(source.region)} lets nobody copy its data; set export: true in "
                f"{path(source.region)}"
            )


def mysql_needs(mysql: MysqlSettings) -> dict[str, int]:
    """What MySQL takes of the namespace's quota, by its fields: millicores, KiB, and numbers of objects."""
    member = _pod(mysql, (AGENT_REQUESTS, EXPORTER_REQUESTS), (AGENT_LIMITS, EXPORTER_LIMITS))
    copy = _pod(mysql, (FOLLOWER_REQUESTS, EXPORTER_REQUESTS), (FOLLOWER_LIMITS, EXPORTER_LIMITS))
    copies = 0 if mysql.replica_of is None else 1
    pods = mysql.replicas + copies
    return {
        **{field: mysql.replicas * amount + copies * copy[field] for field, amount in member.items()},
        "storage": pods * mysql.storage_gib * _GIB,
        "claims": pods,
        "pods": pods,
        "services": 3 + int(mysql.export) + copies,
        "config_maps": 2 + copies,  # the scripts, and the agents' own record of the group
        "secrets": 4 + 3 * copies,  # accounts, exporter, connection, certificate
        "load_balancers": int(mysql.export),
    }


def _pod(mysql: MysqlSettings, requests: tuple[Compute, ...], limits: tuple[Compute, ...]) -> dict[str, int]:
    """Sums of one pod: the server's own and those of the containers beside it."""
    return {
        "requests.cpu": _cpu(mysql.requests, requests),
        "requests.memory": _memory_of(mysql.requests, requests),
        "limits.cpu": _cpu(mysql.limits, limits),
        "limits.memory": _memory_of(mysql.limits, limits),
    }


def _cpu(server: "Resources", beside: tuple[Compute, ...]) -> int:
    return millicores(server.cpu) + sum(millicores(each.cpu) for each in beside)


def _memory_of(server: "Resources", beside: tuple[Compute, ...]) -> int:
    return kibibytes(server.memory) + sum(kibibytes(each.memory) for each in beside)


def _zones(path: str, region: "RegionSettings", mysql: MysqlSettings) -> Iterator[str]:
    zones = len(region.network.zones)
    if mysql.replicas > zones:
        yield (
            f"{path}.replicas: {mysql.replicas} servers are above the region's {zones} zones, and a zone that holds "
            f"two takes both with it; add zones to network.zones{' or give 3' if zones >= 3 else ''}"
        )


def _memory(path: str, mysql: MysqlSettings) -> Iterator[str]:
    pool, limit = kibibytes(mysql.buffer_pool), kibibytes(mysql.limits.memory)
    connections = mysql.max_connections * PER_CONNECTION
    need = pool + SERVER_ITSELF + XCOM_CACHE + connections
    if limit < need:
        yield (
            f"{path}.limits.memory: {shown(mysql.limits.memory)} is below {memory_text(need)}: buffer pool "
            f"{mysql.buffer_pool} + server {memory_text(SERVER_ITSELF)} + group {memory_text(XCOM_CACHE)} + "
            f"{mysql.max_connections} connections of {memory_text(PER_CONNECTION)}; raise it, or lower buffer_pool or "
            "max_connections"
        )
    most = int(limit * POOL_SHARE) // _MIB * _MIB
    if pool > most:
        yield (
            f"{path}.buffer_pool: {shown(mysql.buffer_pool)} is above {POOL_SHARE:.0%} of limits.memory "
            f"{mysql.limits.memory}; give at most {memory_text(most)} or raise the limit"
        )
    for field, low, high in (
        ("cpu", millicores(mysql.requests.cpu), millicores(mysql.limits.cpu)),
        ("memory", kibibytes(mysql.requests.memory), kibibytes(mysql.limits.memory)),
    ):
        if low > high:
            yield (
                f"{path}.requests.{field}: {shown(getattr(mysql.requests, field))} is above limits.{field} "
                f"{getattr(mysql.limits, field)}; lower the one or raise the other"
            )


def _variables(path: str, mysql: MysqlSettings) -> Iterator[str]:
    for name, value in mysql.variables.items():
        problem = variable_problem(name, value)
        if problem:
            # Of a value it begins with that value in quotes, of a name with what is wrong with it.
            between = ": " if problem.startswith(("'", '"')) else " "
            yield f"{path}.{path_text(('variables', name))}{between}{problem}"


def _platform(path: str, region: "RegionSettings") -> Iterator[str]:
    if region.platform is None:
        yield f"{path}: servers prove who they are by certificates, and nothing signs any; add platform to the region"


def _nodes(path: str, region: "RegionSettings", mysql: MysqlSettings) -> Iterator[str]:
    pools = {name: pool for name, pool in region.node_pools.items() if pool.workload == WORKLOAD}
    if not pools:
        yield f"{path}: no node pool takes databases; add one with workload: database"
        return
    nodes = sum(pool.desired_size for pool in pools.values())
    if nodes < mysql.replicas:
        yield (
            f"{path}.replicas: {mysql.replicas} servers do not fit on {nodes} database nodes, one server each; raise "
            f"desired_size of the pool to {mysql.replicas}"
        )
    for name, pool in pools.items():
        yield from _node_size(path, f"node_pools.{name}", pool, mysql)


def _node_size(path: str, pool_path: str, pool: "NodePoolSettings", mysql: MysqlSettings) -> Iterator[str]:
    pod = _pod(mysql, (AGENT_REQUESTS, EXPORTER_REQUESTS), ())
    cpu, memory = pod["requests.cpu"] + NODE_RESERVE_CPU, pod["requests.memory"] + NODE_RESERVE_MEMORY
    for type_name in pool.instance_types:
        kind = INSTANCE_TYPES.get(type_name)
        if kind is not None and (cpu > kind.vcpus * 1000 or memory > kind.memory_gib * _GIB):
            yield (
                f"{path}.requests: with its agent and exporter and the node's own needs a server takes {cpu_text(cpu)} "
                f"vCPU and {memory_text(memory)}, more than a {type_name} of {pool_path} has ({kind.vcpus} vCPU, "
                f"{kind.memory_gib}Gi); lower requests or take a larger type"
            )


def _bounds(path: str, region: "RegionSettings", mysql: MysqlSettings) -> Iterator[str]:
    limits = region.namespace.limits
    yield from outside_claims(f"{path}.storage_gib", region, mysql.storage_gib)
    container, pod = limits.container.max, limits.pod.max
    whole = _pod(mysql, (AGENT_REQUESTS, EXPORTER_REQUESTS), (AGENT_LIMITS, EXPORTER_LIMITS))
    checks: list[tuple[str, str, int, int, Callable[[int], str]]] = [
        ("cpu", "container", millicores(mysql.limits.cpu), millicores(container.cpu), cpu_text),
        ("memory", "container", kibibytes(mysql.limits.memory), kibibytes(container.memory), memory_text),
        ("cpu", "pod", whole["limits.cpu"], millicores(pod.cpu), cpu_text),
        ("memory", "pod", whole["limits.memory"], kibibytes(pod.memory), memory_text),
    ]
    for field, bound, need, most, text in checks:
        if need > most:
            yield (
                f"{path}.limits.{field}: {shown(text(need))} {_of(bound)}is above namespace.limits.{bound}.max."
                f"{field} {text(most)}; lower it or raise the bound"
            )


def _of(bound: str) -> str:
    return "with the agent's and the exporter's " if bound == "pod" else ""
