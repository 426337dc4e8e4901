"""The server's configuration file, and which variables a stack may set in it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

FILES = Path(__file__).parents[2] / "files" / "mysql"
MIB = 1024**2
GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class ServerFigures:
    """Sizes in bytes. The defaults are the game's: 1 GiB of buffer pool, 1,000 connections, three days of binlogs."""

    buffer_pool: int = GIB
    redo_log: int = GIB
    max_connections: int = 1000
    binlog_seconds: int = 3 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number within bounds, both included."""

    lowest: int
    highest: int

    def problem(self, value: str) -> str | None:
        """The end of a sentence if `value` is not one."""
        if re.fullmatch(r"\d{1,18}", value) and self.lowest <= int(value) <= self.highest:
            return None
        return f"is not a whole number from {self.lowest} to {self.highest}; use one of these"


@dataclass(frozen=True, kw_only=True)
class Decimal:
    """A number with at most six decimals within bounds, both included."""

    lowest: float
    highest: float

    def problem(self, value: str) -> str | None:
        """The end of a sentence if `value` is not one."""
        if re.fullmatch(r"\d{1,9}(\.\d{1,6})?", value) and self.lowest <= float(value) <= self.highest:
            return None
        return f"is not a number from {self.lowest:g} to {self.highest:g}; use one of these"


@dataclass(frozen=True, kw_only=True)
class OneOf:
    """One of a few words, in upper case as the server shows them."""

    words: tuple[str, ...]

    def problem(self, value: str) -> str | None:
        """The end of a sentence if `value` is not one."""
        return None if value in self.words else f"is none of {', '.join(self.words)}; use one of these"


_SWITCH = OneOf(words=("ON", "OFF"))

# What a stack may add: tuning that neither the group's safety nor the design's own figures hang on. Names and bounds
# are the manual's (8.4, server system variables), narrowed where a pod's memory is smaller than the server's bound.
KNOWN_VARIABLES: Mapping[str, Whole | Decimal | OneOf] = {
    "binlog_cache_size": Whole(lowest=4096, highest=64 * MIB),
    "binlog_group_commit_sync_delay": Whole(lowest=0, highest=1_000_000),
    "binlog_group_commit_sync_no_delay_count": Whole(lowest=0, highest=100_000),
    "connect_timeout": Whole(lowest=2, highest=60),
    "event_scheduler": _SWITCH,
    "explicit_defaults_for_timestamp": _SWITCH,
    "group_concat_max_len": Whole(lowest=4, highest=64 * MIB),
    "innodb_adaptive_hash_index": _SWITCH,
    "innodb_buffer_pool_dump_at_shutdown": _SWITCH,
    "innodb_buffer_pool_dump_pct": Whole(lowest=1, highest=100),
    "innodb_buffer_pool_load_at_startup": _SWITCH,
    "innodb_deadlock_detect": _SWITCH,
    "innodb_flush_neighbors": Whole(lowest=0, highest=2),
    "innodb_io_capacity": Whole(lowest=100, highest=1_000_000),
    "innodb_io_capacity_max": Whole(lowest=100, highest=2_000_000),
    "innodb_lock_wait_timeout": Whole(lowest=1, highest=3600),
    "innodb_log_buffer_size": Whole(lowest=1 * MIB, highest=256 * MIB),
    "innodb_lru_scan_depth": Whole(lowest=100, highest=100_000),
    "innodb_max_dirty_pages_pct": Decimal(lowest=0, highest=99.99),
    "innodb_online_alter_log_max_size": Whole(lowest=65_536, highest=16 * GIB),
    "innodb_page_cleaners": Whole(lowest=1, highest=64),
    "innodb_purge_threads": Whole(lowest=1, highest=32),
    "innodb_read_io_threads": Whole(lowest=1, highest=64),
    "innodb_rollback_on_timeout": _SWITCH,
    "innodb_sort_buffer_size": Whole(lowest=65_536, highest=64 * MIB),
    "innodb_stats_persistent_sample_pages": Whole(lowest=1, highest=100_000),
    "innodb_thread_concurrency": Whole(lowest=0, highest=1000),
    "innodb_write_io_threads": Whole(lowest=1, highest=64),
    "interactive_timeout": Whole(lowest=1, highest=31_536_000),
    "join_buffer_size": Whole(lowest=128, highest=64 * MIB),
    "lock_wait_timeout": Whole(lowest=1, highest=31_536_000),
    "log_queries_not_using_indexes": _SWITCH,
    "log_throttle_queries_not_using_indexes": Whole(lowest=0, highest=1_000_000),
    "long_query_time": Decimal(lowest=0, highest=3600),
    "max_allowed_packet": Whole(lowest=1024, highest=128 * MIB),
    "max_connect_errors": Whole(lowest=1, highest=1_000_000_000),
    "max_execution_time": Whole(lowest=0, highest=3_600_000),
    "max_heap_table_size": Whole(lowest=16_384, highest=256 * MIB),
    "max_prepared_stmt_count": Whole(lowest=0, highest=4_194_304),
    "max_user_connections": Whole(lowest=0, highest=100_000),
    "min_examined_row_limit": Whole(lowest=0, highest=1_000_000_000),
    "net_read_timeout": Whole(lowest=1, highest=3600),
    "net_write_timeout": Whole(lowest=1, highest=3600),
    "open_files_limit": Whole(lowest=1024, highest=1_048_576),
    "optimizer_search_depth": Whole(lowest=0, highest=62),
    "read_buffer_size": Whole(lowest=8192, highest=16 * MIB),
    "read_rnd_buffer_size": Whole(lowest=1, highest=16 * MIB),
    "replica_parallel_workers": Whole(lowest=1, highest=64),
    "sort_buffer_size": Whole(lowest=32_768, highest=64 * MIB),
    "table_definition_cache": Whole(lowest=400, highest=524_288),
    "table_open_cache": Whole(lowest=1, highest=524_288),
    "table_open_cache_instances": Whole(lowest=1, highest=64),
    "temptable_max_ram": Whole(lowest=2 * MIB, highest=2 * GIB),
    "thread_cache_size": Whole(lowest=0, highest=16_384),
    "tmp_table_size": Whole(lowest=1024, highest=256 * MIB),
    "wait_timeout": Whole(lowest=1, highest=31_536_000),
}

# What the file itself decides, and by which setting it can be changed, if by any.
_OWN_SETTING = "is set by a setting of its own; leave it out here"
_DECIDED = "is decided by the design of the group; leave it out"
_OWNED: Mapping[str, str] = {
    "innodb_buffer_pool_size": _OWN_SETTING,
    "innodb_redo_log_capacity": _OWN_SETTING,
    "max_connections": _OWN_SETTING,
    "binlog_expire_logs_seconds": _OWN_SETTING,
}

# Gone: the server refuses to start. Source: the upgrade checker of MySQL Shell 8.4.8, up to and with 8.4.
REMOVED: Mapping[str, str] = {
    "query_cache_size": "",
    "query_cache_type": "",
    "query_cache_limit": "",
    "query_cache_min_res_unit": "",
    "query_cache_wlock_invalidate": "",
    "have_query_cache": "",
    "tx_isolation": "transaction_isolation",
    "tx_read_only": "transaction_read_only",
    "log_warnings": "log_error_verbosity",
    "secure_auth": "",
    "sync_frm": "",
    "innodb_file_format": "",
    "innodb_file_format_check": "",
    "innodb_file_format_max": "",
    "innodb_large_prefix": "",
    "innodb_support_xa": "",
    "innodb_undo_logs": "",
    "expire_logs_days": "binlog_expire_logs_seconds",
    "relay_log_info_file": "",
    "relay_log_info_repository": "",
    "master_info_file": "",
    "master_info_repository": "",
    "slave_rows_search_algorithms": "",
    "transaction_write_set_extraction": "",
    "log_bin_use_v1_row_events": "",
    "group_replication_ip_whitelist": "group_replication_ip_allowlist",
    "group_replication_primary_member": "",
    "character_set_client_handshake": "",
    "innodb_api_bk_commit_interval": "",
    "innodb_api_disable_rowlock": "",
    "innodb_api_enable_binlog": "",
    "innodb_api_enable_mdl": "",
    "innodb_api_trx_level": "",
    "skip_innodb": "",
    "default_authentication_plugin": "authentication_policy",
    "binlog_transaction_dependency_tracking": "",
    "group_replication_recovery_complete_at": "",
    "avoid_temporal_upgrade": "",
    "show_old_temporals": "",
    "old": "",
    "new": "",
    "ssl": "tls_version",
    "admin_ssl": "admin_tls_version",
    "have_ssl": "",
    "have_openssl": "",
    "keyring_file_data": "",
    "keyring_encrypted_file_data": "",
    "keyring_encrypted_file_password": "",
}

# Still there in 8.4 but on their way out, or already gone in 9.7.
DEPRECATED: Mapping[str, str] = {
    "log_slave_updates": "log_replica_updates",
    "slave_parallel_workers": "replica_parallel_workers",
    "slave_preserve_commit_order": "replica_preserve_commit_order",
    "slave_net_timeout": "replica_net_timeout",
    "skip_slave_start": "skip_replica_start",
    "binlog_format": "",
    "replica_parallel_type": "",
    "skip_host_cache": "host_cache_size",
    "innodb_log_file_size": "innodb_redo_log_capacity",
    "innodb_log_files_in_group": "innodb_redo_log_capacity",
}


def variable_problem(name: str, value: object) -> str | None:
    """Why a stack may not set this variable to this value, as the end of a sentence with the remedy; None if it may."""
    plain = normal(name)
    if plain in REMOVED:
        return f"was removed, and MySQL 8.4 does not start with it; {_instead(REMOVED[plain])}"
    if plain in DEPRECATED:
        return f"is deprecated in MySQL 8.4; {_instead(DEPRECATED[plain])}"
    if plain in KNOWN_VARIABLES:
        text = written(value)
        problem = KNOWN_VARIABLES[plain].problem(text)
        return f"{text!r} {problem}" if problem else None
    if plain in _OWNED or plain in option_names(template()):
        return _OWNED.get(plain, _DECIDED)
    near = difflib.get_close_matches(plain, KNOWN_VARIABLES, n=1, cutoff=0.6)
    return (
        f'is not a variable that can be set here; did you mean "{near[0]}"?'
        if near
        else ("is not a variable that can be set here; see KNOWN_VARIABLES in components/data/mysql/config.py")
    )


def render_config(figures: ServerFigures, variables: Mapping[str, object] | None = None) -> str:
    """my.cnf as pods get it: @NAMES@ are left for init.sh. Raises ValueError where a variable may not be set."""
    lines = []
    for name, value in sorted((variables or {}).items()):
        if problem := variable_problem(name, value):
            raise ValueError(f"mysql variable {name}: {problem}")
        lines.append(f"{normal(name)} = {written(value)}")
    # The file's own ${...} are all filled: a name without a figure raises.
    return (
        Template(template())
        .substitute(
            buffer_pool=figures.buffer_pool,
            redo_log=figures.redo_log,
            max_connections=figures.max_connections,
            binlog_seconds=figures.binlog_seconds,
            variables="\n".join(lines),
        )
        .rstrip()
        + "\n"
    )


def template() -> str:
    """components/files/mysql/my.cnf."""
    return (FILES / "my.cnf").read_text()


def option_names(text: str) -> frozenset[str]:
    """Names that a configuration file sets, without "loose_", as variables are written."""
    found = re.findall(r"^([A-Za-z][\w-]*)\s*(?:=|$)", text, re.MULTILINE)
    return frozenset(normal(name).removeprefix("loose_") for name in found)


def normal(name: str) -> str:
    """An option's name as its variable is written: dashes and case do not count."""
    return name.strip().lower().replace("-", "_")


def written(value: object) -> str:
    """A value as it stands in the file."""
    if isinstance(value, bool):
        return "ON" if value else "OFF"
    return str(value)


def _instead(other: str) -> str:
    return f"use {other} instead" if other else "leave it out"
