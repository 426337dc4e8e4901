"""Where it is known that a change replaces a resource; every `replaces` of the table names its source.

The files of terraform-provider-aws (which the real Pulumi provider bridges) were read for ForceNew, RequiresReplace or
a CustomizeDiff. Without a source, write "assumed: " and the reason: a replacement is what the guard must then expect.
"""

ASSUMED = "assumed: "


def terraform(file: str, how: str = "ForceNew") -> str:
    """A source file of terraform-provider-aws and how it forces the replacement."""
    return f"terraform-provider-aws internal/service/{file}: {how}"
