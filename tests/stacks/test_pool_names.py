"""Two pools with one name: YAML would keep the second and silently lose the first."""

from pathlib import Path

import pytest

from stacks.settings import SettingsError, read_stack_file
from tests.shipped import ROOT


def test_two_pools_with_one_name_are_refused_with_the_line(tmp_path: Path):
    lines = (ROOT / "Pulumi.local.yaml").read_text(encoding="utf-8").splitlines()
    number, game = next((n, line) for n, line in enumerate(lines, 1) if line.lstrip().startswith("game: {"))
    path = tmp_path / "Pulumi.twice.yaml"
    path.write_text("\n".join([*lines[:number], game, *lines[number:]]), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_stack_file(path)
    assert len(caught.value.problems) == 1
    assert f'(line {number + 1}: "game" is given twice)' in str(caught.value)
