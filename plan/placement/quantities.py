"""Kubernetes quantities of manifests and of charts' values, in every form that the API takes."""

from fractions import Fraction
from math import ceil

_FACTORS = {
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "m": Fraction(1, 1000),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
}


def amount(quantity: str | int | float) -> Fraction:
    """The number that a quantity such as "1.5Gi", "500m" or 2 stands for; ValueError if it is none."""
    text = str(quantity)
    suffix = next((suffix for suffix in _FACTORS if text.endswith(suffix)), "")
    return Fraction(text.removesuffix(suffix)) * _FACTORS.get(suffix, Fraction(1))


def millicores(quantity: str | int | float) -> int:
    """CPU in millicores, rounded up as the API does."""
    return ceil(amount(quantity) * 1000)


def kibibytes(quantity: str | int | float) -> int:
    """Memory in KiB, rounded up."""
    return ceil(amount(quantity) / 1024)
