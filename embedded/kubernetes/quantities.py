"""Kubernetes quantities: "250m", "1.5Gi", "2e3" (k8s.io/apimachinery/pkg/api/resource)."""

from __future__ import annotations

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE])|[eE]([+-]?\d+))?")
_BINARY = {unit: Decimal(1024) ** power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)}
_DECIMAL = {
    unit: Decimal(1000) ** power
    for power, unit in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), start=-3)
}
_UNITS = _BINARY | _DECIMAL
# Quantities are 64-bit with at most three decimal places kept exactly; exponents beyond this are typing errors.
_EXPONENT_MAX = 30


def quantity(value: str | int | float) -> Decimal:
    """The amount. ValueError, in one sentence, if it is not a quantity."""
    match = _QUANTITY.fullmatch(str(value))
    if match is None or abs(int(match[3] or 0)) > _EXPONENT_MAX:
        raise ValueError(f'"{value}" is not a quantity such as 500m, 2, 1.5Gi')
    if match[3]:
        return Decimal(match[1]) * Decimal(10) ** int(match[3])
    return Decimal(match[1]) * _UNITS[match[2] or ""]
