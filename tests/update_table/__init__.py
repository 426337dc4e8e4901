"""What each setting does when it is changed: the table of docs/upgrading.md, held against recordings by its test.

A resource is written "Type name" with its logical name less the region. Rows whose resources have nothing in common
share one recording, since each costs half a second; every row's own operations stay exact.
"""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tests.stacks.sample import GONE
from tests.update_table.aws_rows import AWS_ROWS
from tests.update_table.data_rows import DATA_ROWS
from tests.update_table.refused_rows import REFUSED
from tests.update_table.row import REGION, Row, batches, together, whole
from tests.update_table.service_rows import SERVICE_ROWS

__all__ = ["REFUSED", "REGION", "ROWS", "Row", "batches", "markdown", "together", "whole"]

ROWS = (*AWS_ROWS, *DATA_ROWS, *SERVICE_ROWS)


def markdown() -> str:
    """The table as docs/upgrading.md has it."""
    lines = ["| Change | Updated in place | Replaced | Created | Deleted |", "| --- | --- | --- | --- | --- |"]
    for row in ROWS:
        change = "<br>".join(f"`{path}: {_shown(value)}`" for path, value in row.settings.items())
        cells = [
            _counted(cell) + (" (by name)" if set(cell) & set(row.refused) else "")
            for cell in (row.update, row.replace, row.create, row.delete)
        ]
        lines.append(f"| {' | '.join([change, *cells])} |")
    return "\n".join(lines) + "\n"


def _shown(value: Any) -> str:
    if value is GONE:
        return "taken out"
    return value if isinstance(value, str) else json.dumps(value)


def _counted(names: Sequence[str]) -> str:
    kinds = Counter("AWS provider" if name.startswith("aws ") else name.split()[0] for name in names)
    return ", ".join(kind if count == 1 else f"{count} {kind}" for kind, count in kinds.items())
