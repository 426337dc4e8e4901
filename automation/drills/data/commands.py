"""`./regions drill mysql | redis | rabbitmq | restore`: real data servers on this machine, without any stack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from automation.arguments import AsJson
from automation.drills.places import drill_place, end, say
from automation.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

    from automation.data_servers import DataServers
    from automation.drills.live.verdict import Verdict

Writes = Annotated[int, typer.Option("--writes", min=1, help="Go on until so many are acknowledged.")]
Failovers = Annotated[int, typer.Option("--failovers", min=2, help="So many kills while clients write.")]
Mebibytes = Annotated[int, typer.Option("--mebibytes", min=1, help="Of rows in the dump, and again in the logs.")]


def mysql(writes: Writes = 100_000, failovers: Failovers = 10, as_json: AsJson = False) -> None:
    """Kill, stop and cut off real MySQL servers while clients write: what is lost, and how long can nobody write."""
    from automation.drills.data.mysql import run
    from automation.drills.data.own_network import cut

    def drill(servers: DataServers, place: Path, verdict: Verdict) -> None:
        run(servers, place, verdict, writes=writes, failovers=failovers)
        cut("mysql", place / "cut", verdict)

    _drilled("mysql", drill, as_json=as_json)


def redis(failovers: Failovers = 10, as_json: AsJson = False) -> None:
    """Kill, cut off and empty six real Redis servers: what holds, how long it takes, and what is lost."""
    from automation.drills.data.own_network import cut
    from automation.drills.data.redis import run

    def drill(servers: DataServers, place: Path, verdict: Verdict) -> None:
        run(servers, place, verdict, failovers=failovers)
        cut("redis", place / "cut", verdict)

    _drilled("redis", drill, as_json=as_json)


def rabbitmq(as_json: AsJson = False) -> None:
    """Kill, drain and cut off real RabbitMQ nodes while clients publish: what is lost, and how long is all refused."""
    from automation.drills.data.own_network import drill as drill_in_own_network
    from automation.drills.data.pod_network import refusal

    reason = refusal()
    if reason is not None:
        raise Refused(f"drill rabbitmq: {reason}")

    def drill(_servers: DataServers, place: Path, verdict: Verdict) -> None:
        drill_in_own_network("rabbitmq", place / "network", verdict)

    _drilled("rabbitmq", drill, as_json=as_json)


def restore(mebibytes: Mebibytes = 100, as_json: AsJson = False) -> None:
    """Dump a real MySQL server, archive its logs, and have it back at a moment: are all rows there, and how fast."""
    from automation.drills.data.restore import run_drill
    from components.data.backup.promises import RPO_SECONDS, RTO_SECONDS, arithmetic, rpo_rto
    from stacks.backup_settings import BackupSettings

    def drill(servers: DataServers, place: Path, verdict: Verdict) -> None:
        report = run_drill(servers, place, mebibytes=mebibytes, told=verdict.told)
        verdict.judge(f"all rows are back at their moment, and none after it (MySQL {report.version})", [])
        usual = BackupSettings()
        recovery = rpo_rto(usual.archive_minutes, usual.expected_gib, usual.daily_log_gib)
        for name, parts, seconds, bound in (
            ("RPO", recovery.rpo, recovery.rpo_seconds, RPO_SECONDS),
            ("RTO", recovery.rto, recovery.rto_seconds, RTO_SECONDS),
        ):
            sum_of = f"{name}: {arithmetic(parts)}, of {bound} s promised"
            verdict.judge(sum_of, [sum_of] if seconds > bound else [])
        verdict.measured("loopback", **asdict(report))

    _drilled("restore", drill, as_json=as_json)


COMMANDS: tuple[Callable[..., None], ...] = (mysql, redis, rabbitmq, restore)


def _drilled(name: str, drill: Callable[[DataServers, Path, Verdict], None], *, as_json: bool) -> None:
    """Run a drill in a folder of its own, which is kept, and named, where a promise broke."""
    from automation.data_servers import find_servers
    from automation.drills.data.waiting import DrillFailed
    from automation.drills.live.verdict import Verdict

    servers = find_servers()
    if isinstance(servers, str):
        raise Refused(f"drill {name}: {servers}")
    verdict = Verdict(told=say)
    with drill_place(f"drill {name}", name) as place:
        try:
            drill(servers, place, verdict)
        except DrillFailed as failure:
            verdict.judge("", [str(failure)])
        end(verdict, {"drill": name}, as_json=as_json)
