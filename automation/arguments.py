"""Arguments that several commands have."""

from typing import Annotated

import typer

Stack = Annotated[str, typer.Argument(help="Name of a stack: local for Pulumi.local.yaml.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
