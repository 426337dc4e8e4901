"""Reads what a server says of itself and of its group."""

from __future__ import annotations

from dataclasses import dataclass

from .decide import Server, ViewMember
from .gtids import GtidSet
from .sql import Session

# Received counts too: what a member has in its queue it will execute.
_OWN = """
SELECT @@GLOBAL.server_uuid, @@GLOBAL.super_read_only, GTID_SUBTRACT(CONCAT(@@GLOBAL.gtid_executed, ',', IFNULL(
    (SELECT received_transaction_set FROM performance_schema.replication_connection_status
     WHERE channel_name = 'group_replication_applier'), '')), '')
"""
_VIEW = """
SELECT member_id, member_host, member_port, member_state, member_role
FROM performance_schema.replication_group_members
"""
_SWITCHES = """
SELECT @@GLOBAL.offline_mode, @@GLOBAL.group_replication_bootstrap_group,
    (SELECT variable_value FROM performance_schema.global_status WHERE variable_name = 'Uptime')
"""


@dataclass(frozen=True, kw_only=True)
class Switches:
    """What only the member's own agent asks for."""

    offline_mode: bool
    bootstrap: bool
    uptime: int  # seconds


def read_server(session: Session) -> Server:
    """The server as its peers may see it, too."""
    # A fresh primary holds back reads of other sessions until it has applied its queue.
    session.query("SET SESSION group_replication_consistency = 'EVENTUAL'")
    ((uuid, read_only, total),) = session.query(_OWN)
    view = tuple(
        ViewMember(uuid=str(member), address=f"{host}:{port}", state=str(state), primary=role == "PRIMARY")
        for member, host, port, state, role in session.query(_VIEW)
        if member
    )
    state = next((member.state for member in view if member.uuid == uuid), "OFFLINE")
    return Server(
        uuid=str(uuid), state=state, view=view, total=GtidSet.parse(str(total)), super_read_only=bool(int(read_only))
    )


def read_switches(session: Session) -> Switches:
    """Global variables that the agent keeps as they must be."""
    ((offline, bootstrap, uptime),) = session.query(_SWITCHES)
    return Switches(
        offline_mode=bool(int(offline)),
        bootstrap=bool(int(bootstrap)),
        uptime=int(uptime),
    )


def read_executed(session: Session) -> GtidSet:
    """What the server has executed."""
    ((executed,),) = session.query("SELECT @@GLOBAL.gtid_executed")
    return GtidSet.parse(str(executed))
