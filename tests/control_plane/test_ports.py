"""A port that was used before is used again, unless somebody else has it by now."""

import socket
from pathlib import Path

from embedded.control_plane.ports import HOST, Ports


def test_ports_are_kept_between_starts(tmp_path: Path) -> None:
    first = Ports(tmp_path / "us" / "ports.json")
    first.choose(["api", "kwok"])
    chosen = (first["api"], first["kwok"])
    again = Ports(tmp_path / "us" / "ports.json")
    again.choose(["api", "kwok"])
    assert (again["api"], again["kwok"]) == chosen
    assert chosen[0] != chosen[1]


def test_a_port_that_another_program_has_gives_way_to_a_new_one(tmp_path: Path) -> None:
    ports = Ports(tmp_path / "ports.json")
    ports.choose(["api", "kwok"])
    before = (ports["api"], ports["kwok"])
    with socket.create_server((HOST, before[0])):
        ports.choose(["api", "kwok"])
    assert ports["api"] != before[0]
    assert ports["kwok"] == before[1]


def test_a_torn_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"api": 12')
    ports = Ports(tmp_path / "ports.json")
    ports.choose(["api"])
    assert 1024 <= ports["api"] < 65536
