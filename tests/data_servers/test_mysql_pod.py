"""The pod's scripts, accounts and certificate on real members."""

import shutil
import ssl
import time

import pymysql
import pytest

from automation.drills.data.mysql_connect import connect
from automation.drills.data.waiting import DrillFailed, wait
from components.data.mysql.runtime.sql import SqlError, Target
from components.data.mysql.runtime.users import apply_users, passwords

pytestmark = pytest.mark.servers


def logs_in(member, user, password):
    target = member.target(user)
    try:
        session = connect(
            Target(user=user, password=password, host=target.host, port=target.port, ca_file=target.ca_file)
        )
    except SqlError as error:
        if error.code != 1045:  # access denied
            raise
        return False
    session.close()
    return True


def test_probes_tell_a_member_that_serves_from_one_that_only_answers(mysql):
    member = next(member for member in mysql.members if member is not mysql.primary())
    for what in ("startup", "live", "ready"):
        member.script("probe.sh", what, seconds=20)
    member.pause_agent()
    try:
        mysql.query(member, "STOP GROUP_REPLICATION")
        member.script("probe.sh", "live", seconds=20)
        with pytest.raises(DrillFailed, match="the member is OFFLINE"):
            member.script("probe.sh", "ready", seconds=20)
    finally:
        member.resume()


def test_accounts_may_do_what_they_are_for_and_need_tls(mysql):
    primary = mysql.primary()
    rows = mysql.query(primary, "SELECT user, host, ssl_type FROM mysql.user WHERE user NOT LIKE 'mysql.%'")
    assert {user for user, host, ssl_type in rows if host == "%" and ssl_type != "ANY"} == set()
    assert {user for user, host, _ in rows if host == "localhost"} == {"root", "agent", "probe", "exporter"}
    app = connect(primary.target("app"))
    with pytest.raises(SqlError, match="denied"):
        app.query("CREATE TABLE game.mine (id INT PRIMARY KEY)")
    with pytest.raises(SqlError, match="denied"):
        app.query("SELECT * FROM mysql.user")
    app.query("SELECT COUNT(*) FROM game.drill_writes")
    app.close()


def test_a_new_password_counts_beside_the_one_before_and_not_beside_the_one_before_that(mysql):
    primary = mysql.primary()
    first = (mysql.shared / "users" / "app").read_text()
    second = mysql.rotate("app")
    wait("the second password", lambda: logs_in(primary, "app", second), 60)
    assert logs_in(primary, "app", first)
    session = connect(primary.local, seconds=30)
    assert apply_users(session, passwords(mysql.shared / "users"), "game") == []
    session.close()
    assert logs_in(primary, "app", first)  # a repeated run took nothing away
    third = mysql.rotate("app")
    wait("the third password", lambda: logs_in(primary, "app", third), 60)
    assert logs_in(primary, "app", second)
    assert not logs_in(primary, "app", first)


def test_a_renewed_certificate_is_served_without_a_restart(mysql):
    primary = mysql.primary()
    before = mysql.query(primary, "SELECT @@server_uuid")
    since = time.time()
    old = fingerprint(primary)
    mysql.issue()
    wait("the new certificate", lambda: fingerprint(primary) != old, 60)
    assert mysql.query(primary, "SELECT @@server_uuid") == before
    uptime = int(mysql.query(primary, "SHOW GLOBAL STATUS LIKE 'Uptime'")[0][1])
    assert uptime >= int(time.time() - since)


def fingerprint(member):
    target = member.target("monitor")
    context = ssl.create_default_context(cafile=target.ca_file)
    context.check_hostname = False
    connection = pymysql.connect(
        host=target.host, port=target.port, user=target.user, password=target.password, ssl=context
    )
    certificate = connection._sock.getpeercert(binary_form=True)
    connection.close()
    return certificate


@pytest.mark.drill
def test_a_half_made_data_directory_is_made_anew_and_a_complete_one_is_left_alone(mysql):
    member = next(member for member in mysql.members if member is not mysql.primary())
    member.kill()
    uuid = (member.folder / "data" / "auto.cnf").read_text()
    member.prepare()
    assert (member.folder / "data" / "auto.cnf").read_text() == uuid
    (member.folder / "data" / ".initialized").unlink()
    shutil.rmtree(member.folder / "data" / "performance_schema", ignore_errors=True)
    member.start()
    assert (member.folder / "data" / "auto.cnf").read_text() != uuid
    wait("it is taken back", mysql.is_whole, 180)
