"""Pure: what the workloads of operations keep."""

from components.operations import velero
from components.promises import stateless

# One server: two would take each backup twice.
VELERO = (stateless(velero.NAME, velero.NAME, 1),)
