"""The table of AWS resource types: one file per service, gathered by the registry."""

from embedded.aws.types.registry import ROWS, declared_types, row_of

__all__ = ["ROWS", "declared_types", "row_of"]
