"""For every declared type: what a program would ask for, and how it would then change it in place."""

from tests.embedded.aws_types.examples_edge import EDGE
from tests.embedded.aws_types.examples_messages import MESSAGES
from tests.embedded.aws_types.examples_network import NETWORK
from tests.embedded.aws_types.examples_platform import PLATFORM
from tests.embedded.aws_types.examples_reach import REACH
from tests.embedded.aws_types.examples_registry import REGISTRY
from tests.embedded.aws_types.examples_storage import STORAGE

EXAMPLES = NETWORK | PLATFORM | MESSAGES | REACH | EDGE | STORAGE | REGISTRY
