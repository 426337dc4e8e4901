"""Pure: how many servers a group may have, and what runs beside each; read by settings, which load no SDK."""

from components.kube.compute import Compute

WORKLOAD = "database"
SIZES = (3, 5)  # of groups that lose a member and still decide
AGENT_REQUESTS, AGENT_LIMITS = Compute(cpu="100m", memory="256Mi"), Compute(cpu="500m", memory="512Mi")
EXPORTER_REQUESTS, EXPORTER_LIMITS = Compute(cpu="50m", memory="128Mi"), Compute(cpu="200m", memory="128Mi")
# A shell that asks its server every ten seconds.
FOLLOWER_REQUESTS, FOLLOWER_LIMITS = Compute(cpu="50m", memory="128Mi"), Compute(cpu="200m", memory="128Mi")
