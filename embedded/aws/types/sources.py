"""Where it is known that a change replaces a resource; every `replaces` of the table names one of these.

The files of terraform-provider-aws (which the real Pulumi provider bridges) were read for ForceNew, RequiresReplace or
a CustomizeDiff; what could not be read says "assumed" and counts as a replacement.
"""


def terraform(file: str, how: str = "ForceNew") -> str:
    """A source file of terraform-provider-aws and how it forces the replacement."""
    return f"terraform-provider-aws internal/service/{file}: {how}"


def assumed(reason: str) -> str:
    """No source was found; the reason why a replacement is likely."""
    return f"assumed: {reason}"
