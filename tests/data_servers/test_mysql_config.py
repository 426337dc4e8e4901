"""What a real mysqld says to the rendered file."""

import os
import subprocess

import pytest

from components.data.mysql.config import KNOWN_VARIABLES, OneOf, ServerFigures, render_config

pytestmark = pytest.mark.servers


def highest(rule):
    return rule.words[0] if isinstance(rule, OneOf) else rule.highest


def accepted(servers, text, folder):
    """What mysqld says to a rendered file, its places filled in as init.sh does."""
    group = "aaaaaaaa-0000-4000-8000-000000000000"
    places = {"DATA": folder, "RUN": folder, "TLS": folder, "BIND": "*", "HOST": "mysql-0.mysql-headless"}
    for name, value in {**places, "PORT": 3306, "SERVER_ID": 100, "GROUP": group}.items():
        text = text.replace(f"@{name}@", str(value))
    assert "@" not in "".join(line for line in text.splitlines() if not line.startswith("#"))
    file = folder / "my.cnf"
    file.write_text(text + ("user = root\n" if os.geteuid() == 0 else ""))
    command = [servers.program("mysqld"), f"--defaults-file={file}", "--validate-config"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr


def test_the_server_accepts_the_file_and_every_variable_at_its_highest(servers, tmp_path):
    variables = {name: highest(rule) for name, rule in KNOWN_VARIABLES.items()}
    code, said = accepted(servers, render_config(ServerFigures(), variables), tmp_path)
    assert code == 0, said
    # A name that only a plugin knows is let pass here, as it is when the data directory is made.
    unknown = [
        line for line in said.splitlines() if "unknown variable" in line and "loose_group_replication" not in line
    ]
    assert unknown == []
    assert "deprecated" not in said


def test_the_server_does_not_start_with_a_removed_option(servers, tmp_path):
    for name in ("query_cache_size", "expire_logs_days", "default_authentication_plugin"):
        code, said = accepted(servers, render_config(ServerFigures()) + f"{name} = 1\n", tmp_path)
        assert code != 0
        assert f"unknown variable '{name}=1'" in said
