"""How many regions run at once is bounded by memory, and the refusal says the figures."""

from pathlib import Path

import pytest

from embedded.control_plane.memory import (
    MEBIBYTE,
    REGION_BYTES,
    SPARE_BYTES,
    NoRoom,
    free_memory,
    refuse_beyond_memory,
    regions_that_fit,
)

MEMINFO = "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:    8388608 kB\n"


@pytest.mark.parametrize(
    ("free", "regions"),
    [
        (0, 0),
        (SPARE_BYTES, 0),
        (SPARE_BYTES + REGION_BYTES - 1, 0),
        (SPARE_BYTES + REGION_BYTES, 1),
        (SPARE_BYTES + 4 * REGION_BYTES, 4),
    ],
)
def test_each_region_has_its_share_beside_what_is_spared(free: int, regions: int) -> None:
    assert regions_that_fit(free) == regions


def test_what_fits_is_not_refused() -> None:
    refuse_beyond_memory(4, SPARE_BYTES + 4 * REGION_BYTES)
    refuse_beyond_memory(0, 0)


def test_the_refusal_says_what_is_needed_what_is_there_and_how_many_fit() -> None:
    with pytest.raises(NoRoom) as refused:
        refuse_beyond_memory(4, 2400 * MEBIBYTE)
    said = str(refused.value)
    need = (SPARE_BYTES + 4 * REGION_BYTES) // MEBIBYTE
    for part in ("4 more regions", f"need {need} MiB", "2400 MiB of memory free", "enough for 2", "name the region"):
        assert part in said
    assert "\n" not in said


def test_free_is_what_the_kernel_says_programs_can_have(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(MEMINFO)
    assert free_memory(meminfo, tmp_path / "none") == 8 * 2**30


@pytest.mark.parametrize(
    ("limit", "free"), [("max", 8 * 2**30), (str(3 * 2**30), 3 * 2**30 - 2**30 + 2**28), (str(64 * 2**30), 8 * 2**30)]
)
def test_a_container_s_limit_counts_without_the_files_it_can_give_back(tmp_path: Path, limit: str, free: int) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(MEMINFO)
    (tmp_path / "memory.max").write_text(f"{limit}\n")
    (tmp_path / "memory.current").write_text(f"{2**30}\n")
    (tmp_path / "memory.stat").write_text(f"anon 5\nfile 9\ninactive_file {2**28}\n")
    assert free_memory(meminfo, tmp_path) == free
