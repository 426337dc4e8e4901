"""The table of AWS resource types: one file per service, gathered by the registry.

To serve another type, write its `Row` into its service's file (`embedded.aws.rows` says what a row is made of), and an
example and its replacing properties into tests/embedded/aws_types, whose tests then take the type through its life.
"""

from embedded.aws.types.registry import ROWS, declared_types, row_of

__all__ = ["ROWS", "declared_types", "row_of"]
