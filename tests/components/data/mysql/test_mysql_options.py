"""The server's file and the variables that a stack may set in it."""

import pytest

from components.data.mysql.config import (
    DEPRECATED,
    GIB,
    REMOVED,
    ServerFigures,
    option_names,
    render_config,
    template,
    variable_problem,
)


def test_the_file_has_the_game_s_figures():
    lines = render_config(ServerFigures()).splitlines()
    assert f"innodb_buffer_pool_size = {GIB}" in lines
    assert "max_connections = 1000" in lines
    assert "binlog_row_image = FULL" in lines
    assert "loose_group_replication_bootstrap_group = OFF" in lines
    assert "super_read_only = ON" in lines


def test_no_option_of_the_file_was_removed_or_is_deprecated():
    names = option_names(template())
    assert len(names) > 50
    assert not names & {*REMOVED, *DEPRECATED}


def test_a_stack_s_variables_stand_in_the_file_as_the_server_writes_them():
    text = render_config(
        ServerFigures(), {"innodb-io-capacity": 4000, "event_scheduler": False, "long_query_time": 1.5}
    )
    assert "innodb_io_capacity = 4000\n" in text
    assert "event_scheduler = OFF\n" in text
    assert text.rstrip().endswith("long_query_time = 1.5")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("query_cache_size", 1, "was removed, and MySQL 8.4 does not start with it; leave it out"),
        ("tx_isolation", "SERIALIZABLE", "use transaction_isolation instead"),
        ("default-authentication-plugin", "x", "use authentication_policy instead"),
        ("log_slave_updates", "ON", "is deprecated in MySQL 8.4; use log_replica_updates instead"),
        ("innodb_buffer_pool_size", 1, "is set by a setting of its own"),
        ("sync_binlog", 0, "is decided by the design of the group"),
        ("group_replication_consistency", "EVENTUAL", "is decided by the design of the group"),
        ("innodb_io_capacty", 1, 'did you mean "innodb_io_capacity"?'),
        ("warp_factor", 9, "see KNOWN_VARIABLES"),
        ("innodb_io_capacity", 99, "'99' is not a whole number from 100 to 1000000"),
        ("wait_timeout", "1h", "'1h' is not a whole number"),
        ("long_query_time", -1, "is not a number from 0 to 3600"),
        ("event_scheduler", "MAYBE", "is none of ON, OFF"),
    ],
)
def test_a_variable_that_may_not_be_set_is_refused_with_the_remedy(name, value, words):
    assert words in (variable_problem(name, value) or "")
    with pytest.raises(ValueError, match=f"mysql variable {name}: "):
        render_config(ServerFigures(), {name: value})


def test_what_may_be_set_may_be_set():
    assert variable_problem("innodb_io_capacity", 4000) is None
    assert variable_problem("Innodb-IO-Capacity", "4000") is None
