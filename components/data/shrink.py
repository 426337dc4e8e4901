"""Pure: which workloads must not become smaller unless somebody says so by name."""

from collections.abc import Mapping
from types import MappingProxyType

ANNOTATION = "game-regions/shrinks"
# On StatefulSets whose members hold a share of the data each, or a vote: automation/guard_scale.py refuses a preview
# that lowers their replicas.
BY_NAME: Mapping[str, str] = MappingProxyType({ANNOTATION: "by-name"})
