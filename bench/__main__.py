"""`python -m bench [--json]`: every measurement, one after the other; with --json one object instead of tables."""

import json
import sys

from rich.console import Console

from bench import embedded_up, program_overhead


def main() -> None:
    """Run all measurements; the results also stand in bench/results/."""
    as_json = "--json" in sys.argv[1:]
    console = Console(quiet=as_json)
    results = {"program_overhead": program_overhead.main(console), "embedded_up": embedded_up.main(console)}
    if as_json:
        sys.stdout.write(json.dumps(results, indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
