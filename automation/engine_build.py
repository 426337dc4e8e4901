"""How the Pulumi CLI is built from the Go modules that tools/pulumi pins."""

from pathlib import Path

from automation.go_build import Product, line_of

PROGRAM = "pulumi"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"

# Compile time, tried on two cores with empty caches (203 s of processor time with Go's defaults, 166 s with these):
# debug symbols, which -s -w drops again at the end, are not made at all; and clients of clouds and formatters, which
# never run hot here, are not inlined. Without inlining anywhere it is 142 s, but each `up` costs a fifth more.
_COMPILER_FLAGS = (
    "all=-dwarf=false",
    "github.com/aws/...=-dwarf=false -l",
    "github.com/Azure/...=-dwarf=false -l",
    "cloud.google.com/...=-dwarf=false -l",
    "google.golang.org/api/...=-dwarf=false -l",
    "go.opentelemetry.io/...=-dwarf=false -l",
    "github.com/alecthomas/...=-dwarf=false -l",
    "github.com/go-git/...=-dwarf=false -l",
)


def pulumi_cli(modules: Path) -> Product:
    """The CLI that the go.mod in this folder pins."""
    # Without the version the Automation API cannot tell what it talks to.
    stamp = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
    return Product(
        title="the Pulumi CLI",
        kind="engine",
        modules=modules,
        programs={PROGRAM: PACKAGE},
        linker_flags=f"-s -w -X {stamp}={pulumi_version(modules)}",
        compiler_flags=_COMPILER_FLAGS,
        duration="about two minutes",
        remedy="install Pulumi on PATH, or read the log",
    )


def pulumi_version(modules: Path) -> str:
    """The version of the CLI that go.mod pins, as in "3.225.0"."""
    return line_of(modules / "go.mod", r"github\.com/pulumi/pulumi/pkg/v3 v(\S+)")
