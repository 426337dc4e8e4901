"""What our components cost: the program against a flat one with the very same resources, on the mock monitor.

Both run in fresh processes after a warm-up that imports the SDKs, several times in turn; medians are compared, of
processor time, so that a busy machine does not decide. The components' own registrations and the tags are in our time
and not in the flat one; the rules over single resources are in both.
"""

import gc
import json
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from ipaddress import IPv4Network
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.flat import flat_program
from plan.recorder import Recording, record
from stacks.program import program
from stacks.settings import StackSettings, parse_settings, read_stack_file

ROOT = Path(__file__).resolve().parent.parent
RESULT = ROOT / "bench" / "results" / "program_overhead.json"
REGIONS = (1, 4, 16)
RATIO_GOAL = 1.15
SPREAD_GOAL = 0.10


@dataclass(frozen=True)
class Measurement:
    """One run in one process: seconds of processor and clock, MiB at its peak, MiB that the run itself added."""

    seconds: float
    clock_seconds: float
    peak_mib: float
    grown_mib: float
    resources: int


@dataclass(frozen=True)
class Row:
    """Medians of one number of regions; `ratio` is the median of ours to flat in runs right after one another."""

    regions: int
    ours: Measurement
    flat: Measurement
    ratio: float


def settings_of(regions: int) -> StackSettings:
    """The prod stack's first region, that many times over, each with a network of its own."""
    settings = parse_settings(read_stack_file(ROOT / "Pulumi.prod.yaml"))
    first = next(iter(settings.regions.values()))
    copies = {
        f"r{number:02}": first.model_copy(
            update={"network": first.network.model_copy(update={"cidr": IPv4Network(f"10.{number}.0.0/16")})}
        )
        for number in range(1, regions + 1)
    }
    return settings.model_copy(update={"regions": copies, "edge": None})


def recording_of(regions: int) -> Recording:
    """Our program for that many regions, recorded."""
    settings = settings_of(regions)
    return record(lambda: program(settings), stack="bench", regions=settings.regions)


def measure(run: Callable[[], Recording], rounds: int = 1) -> Measurement:
    """Time the recording in this process; the median of so many rounds."""
    # The SDKs are a million objects that live as long as the process: without this, when the collector happens to
    # walk them decides the result.
    gc.collect()
    gc.freeze()
    before = _peak_mib()
    seconds, clock_seconds = [], []
    for _ in range(rounds):
        clock, start = time.perf_counter(), time.process_time()
        recording = run()
        seconds.append(time.process_time() - start)
        clock_seconds.append(time.perf_counter() - clock)
    peak = _peak_mib()
    return Measurement(
        seconds=statistics.median(seconds),
        clock_seconds=statistics.median(clock_seconds),
        peak_mib=peak,
        grown_mib=peak - before,
        resources=sum(1 for found in recording.resources if found.custom),
    )


def _peak_mib() -> float:
    # Linux gives ru_maxrss in KiB, macOS in bytes.
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def _in_this_process(kind: str, source: Path) -> None:
    """Measure one side and print it as JSON; `source` holds the recordings as pickles (one region, all regions)."""
    small, large = pickle.loads(source.read_bytes())
    regions = len({found.region for found in large.resources if found.region})
    rounds = max(REGIONS) // regions  # the same work for each row: a fifth of a second alone is mostly noise
    if kind == "flat":
        record(flat_program(small), stack="bench")
        run = flat_program(large)
        result = measure(lambda: record(run, stack="bench"), rounds)
    else:
        recording_of(1)
        settings = settings_of(regions)
        result = measure(lambda: record(lambda: program(settings), stack="bench", regions=settings.regions), rounds)
    sys.stdout.write(json.dumps(asdict(result)))


def _in_a_fresh_process(kind: str, source: Path) -> Measurement:
    done = subprocess.run(
        [sys.executable, "-m", "bench.program_overhead", kind, str(source)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return Measurement(**json.loads(done.stdout))


def compare(regions: int, repetitions: int) -> Row:
    """Medians of both sides for one number of regions, measured in turn so that a busy machine hurts both."""
    sides: dict[str, list[Measurement]] = {"ours": [], "flat": []}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "recordings"
        source.write_bytes(pickle.dumps((recording_of(1), recording_of(regions))))
        for _ in range(repetitions):
            for kind, found in sides.items():
                found.append(_in_a_fresh_process(kind, source))
    pairs = zip(sides["ours"], sides["flat"], strict=True)
    return Row(
        regions=regions,
        ours=_median(sides["ours"]),
        flat=_median(sides["flat"]),
        ratio=round(statistics.median(ours.seconds / flat.seconds for ours, flat in pairs), 4),
    )


def _median(found: list[Measurement]) -> Measurement:
    return Measurement(
        seconds=statistics.median(one.seconds for one in found),
        clock_seconds=statistics.median(one.clock_seconds for one in found),
        peak_mib=statistics.median(one.peak_mib for one in found),
        grown_mib=statistics.median(one.grown_mib for one in found),
        resources=found[0].resources,
    )


def report(rows: list[Row], repetitions: int) -> dict[str, object]:
    """The result as written to RESULT."""
    ratios = [row.ratio for row in rows]
    return {
        "schema": 1,
        "repetitions": repetitions,
        "rows": [asdict(row) for row in rows],
        "ratio": max(ratios),
        "ratio_goal": RATIO_GOAL,
        "spread": round(max(ratios) / min(ratios) - 1, 4),
        "spread_goal": SPREAD_GOAL,
    }


def show(rows: list[Row], console: Console) -> None:
    """Print the rows as a table."""
    table = Table(title="Program through components against a flat program")
    for heading in ("regions", "leaves", "ours s", "flat s", "ratio", "ms each", "ours MiB", "flat MiB"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            str(row.regions),
            str(row.ours.resources),
            f"{row.ours.seconds:.3f}",
            f"{row.flat.seconds:.3f}",
            f"{row.ratio:.3f}",
            f"{1000 * row.ours.seconds / row.ours.resources:.2f}",
            f"{row.ours.peak_mib:.0f}",
            f"{row.flat.peak_mib:.0f}",
        )
    console.print(table)


def main(console: Console, repetitions: int = 5) -> dict[str, object]:
    """Measure, print and write the result; returns it."""
    rows = [compare(regions, repetitions) for regions in REGIONS]
    show(rows, console)
    result = report(rows, repetitions)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return result


if __name__ == "__main__":
    _in_this_process(sys.argv[1], Path(sys.argv[2]))
