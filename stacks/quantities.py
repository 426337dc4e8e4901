"""Kubernetes quantities of the stack files: processor time and memory, read into whole numbers.

Only whole millicores and binary suffixes are taken, and every value is returned in the form in which the
Kubernetes API gives it back, so that a refresh never finds a difference between "1024Mi" and "1Gi".
"""

import re
from typing import Annotated

from pydantic import BeforeValidator

_CPU = re.compile(r"[0-9]{1,9}m?", re.ASCII)
_MEMORY = re.compile(r"([0-9]{1,9})(Ki|Mi|Gi|Ti)", re.ASCII)
_KIBIBYTES = {"Ki": 1, "Mi": 1024, "Gi": 1024**2, "Ti": 1024**3}


def millicores(quantity: str) -> int:
    """Thousandths of a processor in a CPU quantity such as "500m" or "2"; ValueError for anything else."""
    if not _CPU.fullmatch(quantity):
        raise ValueError('is no amount of processor time; give cores or millicores, such as 2 or "500m"')
    return int(quantity[:-1]) if quantity.endswith("m") else int(quantity) * 1000


def kibibytes(quantity: str) -> int:
    """KiB in a memory or storage quantity such as "256Mi" or "100Gi"; ValueError for anything else."""
    match = _MEMORY.fullmatch(quantity)
    if not match:
        raise ValueError('is no amount of memory; give a whole number with Ki, Mi, Gi or Ti, such as "2Gi"')
    return int(match[1]) * _KIBIBYTES[match[2]]


def cpu_text(amount: int) -> str:
    """Millicores in the API's own form: whole cores without a suffix."""
    return f"{amount}m" if amount % 1000 else str(amount // 1000)


def memory_text(amount: int) -> str:
    """KiB in the API's own form: the largest binary suffix that keeps the number whole."""
    suffix = next(s for s in ("Ti", "Gi", "Mi", "Ki") if amount % _KIBIBYTES[s] == 0)
    return f"{amount // _KIBIBYTES[suffix]}{suffix}"


def _cpu(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError('is no amount of processor time; give cores or millicores, such as 2 or "500m"')
    amount = millicores(str(value))
    if amount == 0:
        raise ValueError("is no processor time at all; give at least 1m")
    return cpu_text(amount)


def _memory(value: object) -> str:
    amount = kibibytes(value if isinstance(value, str) else "")
    if amount == 0:
        raise ValueError("is no memory at all; give at least 1Mi")
    return memory_text(amount)


Cpu = Annotated[str, BeforeValidator(_cpu)]
Memory = Annotated[str, BeforeValidator(_memory)]
