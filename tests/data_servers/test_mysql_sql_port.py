"""One contract for what the agent talks SQL through: PyMySQL, and MySQL Shell's Python."""

from types import SimpleNamespace

import pytest

from automation.drills.data import mysql_connect
from components.data.mysql.runtime.observe import read_server, read_switches
from components.data.mysql.runtime.sql import SqlError, Target, shell_connector

pytestmark = pytest.mark.servers


class ShellError(Exception):
    """As mysqlsh.Error: the number and the text are attributes."""

    def __init__(self, code, msg):
        super().__init__(msg)
        self.code, self.msg = code, msg


class ShellResult:
    def __init__(self, rows):
        self.rows = rows

    def fetch_all(self):
        return [list(row) for row in self.rows]


class ShellClassicSession:
    def __init__(self, session):
        self.session = session

    def run_sql(self, statement, values):
        try:
            return ShellResult(self.session.query(statement, values))
        except SqlError as error:
            raise ShellError(error.code, str(error)) from error

    def close(self):
        self.session.close()


def get_classic_session(options):
    """MySQL Shell's own, by the options that its manual names; any other is refused as there."""
    known = {"user", "password", "socket", "host", "port", "ssl-mode", "ssl-ca", "connect-timeout", "net-read-timeout"}
    if unknown := set(options) - known:
        raise ShellError(0, f"Invalid connection options {unknown}")
    assert options["connect-timeout"] >= 1000, "milliseconds"
    assert ("socket" in options) != (options.get("ssl-mode") == "VERIFY_CA")
    target = Target(
        user=options["user"],
        password=options["password"],
        socket=options.get("socket"),
        host=options.get("host", ""),
        port=options.get("port", 0),
        ca_file=options.get("ssl-ca", ""),
    )
    try:
        return ShellClassicSession(mysql_connect.connect(target, seconds=options["net-read-timeout"] / 1000))
    except SqlError as error:
        raise ShellError(error.code, str(error)) from error


SHELL = SimpleNamespace(Error=ShellError, mysql=SimpleNamespace(get_classic_session=get_classic_session))


@pytest.fixture(params=["PyMySQL", "MySQL Shell"])
def connect(request):
    return mysql_connect.connect if request.param == "PyMySQL" else shell_connector(SHELL)


def test_rows_come_as_text_and_whole_numbers(mysql, connect):
    session = connect(mysql.members[0].local)
    assert session.query("SELECT 1, 'a', NULL, @@GLOBAL.super_read_only IN (0, 1)") == [(1, "a", None, 1)]
    assert isinstance(session.query("SELECT @@GLOBAL.gtid_executed")[0][0], str)
    session.close()


def test_values_stand_for_marks_and_a_percent_sign_for_itself(mysql, connect):
    session = connect(mysql.members[0].local)
    assert session.query("SELECT ?, ?, 'a%'", ["it's", 7]) == [("it's", 7, "a%")]
    assert session.query("SELECT 'a%b'") == [("a%b",)]
    session.close()


def test_statements_without_rows_have_none(mysql, connect):
    session = connect(mysql.members[0].local)
    assert session.query("SET SESSION group_replication_consistency = 'EVENTUAL'") == []
    session.close()


def test_errors_carry_the_server_s_number(mysql, connect):
    session = connect(mysql.members[0].local)
    with pytest.raises(SqlError) as refused:
        session.query("SELECT * FROM game.none")
    assert refused.value.code == 1146
    session.close()
    session.close()


def test_peers_are_reached_over_tls_and_a_silent_one_is_an_error(mysql, connect):
    target = mysql.members[1].target("monitor")
    session = connect(target)
    assert session.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0][1]
    assert read_server(session).state == "ONLINE"
    session.close()
    with pytest.raises(SqlError):
        connect(Target(user="monitor", host="127.0.0.1", port=1, ca_file=target.ca_file))
    with pytest.raises(SqlError):
        connect(Target(user="monitor", password="wrong", host=target.host, port=target.port, ca_file=target.ca_file))


def test_a_statement_that_takes_too_long_is_given_up(mysql, connect):
    session = connect(mysql.members[0].local, seconds=1)
    with pytest.raises(SqlError):
        session.query("SELECT SLEEP(5)")
    session.close()


def test_what_the_agent_reads_is_read_alike(mysql, connect):
    session = connect(mysql.members[0].local)
    server = read_server(session)
    assert len(server.view) == 3
    assert server.primary in {member.uuid for member in server.view}
    assert server.total
    switches = read_switches(session)
    assert (switches.offline_mode, switches.bootstrap) == (False, False)
    assert switches.uptime >= 0
    session.close()
