"""The choice of real API servers lasts from one command to the next."""

from pathlib import Path

from embedded.control_plane_choice import ControlPlaneChoice, choose, chosen, give_up
from embedded.stack_folder import StackFolder

CHOICE = ControlPlaneChoice(
    programs={"etcd": Path("/cache/etcd")}, regions={"game-us-east": "us-east"}, aws_regions=("us-east-1",)
)


def test_a_choice_is_kept_until_it_is_given_up(tmp_path):
    folder = StackFolder(tmp_path)
    assert chosen(folder) is None
    choose(folder, CHOICE)
    assert chosen(folder) == CHOICE
    give_up(folder)
    give_up(folder)
    assert chosen(folder) is None
