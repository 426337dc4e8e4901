"""Pure: what Karpenter's controller keeps."""

from components.karpenter.roles import NAMESPACE
from components.promises import stateless

PROMISES = (stateless(NAMESPACE, "karpenter", 2),)
