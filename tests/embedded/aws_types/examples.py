"""For every declared type: what a program would ask for, and how it would then change it in place."""

from tests.embedded.aws_types.examples_network import NETWORK
from tests.embedded.aws_types.examples_platform import PLATFORM

EXAMPLES = NETWORK | PLATFORM
