"""Pure: how many servers stand where, and what stands beside them. Settings are held against these figures too."""

from math import ceil

MIN_MASTERS = 3  # fewer cannot agree on a new master when one is lost
MIN_ZONES = 3  # with two, the loss of one takes as many masters as it leaves
REPLICAS_PER_MASTER = 1  # scripts pair servers up, see runtime/roles.py: a master and its replica, of two zones
WORKLOAD = "database"  # of the nodes

# Processor time and memory, as Kubernetes quantities, of the containers beside a server and of a Job's only one.
HEALER_REQUESTS, HEALER_LIMITS = ("50m", "128Mi"), ("200m", "256Mi")
EXPORTER_REQUESTS, EXPORTER_LIMITS = ("50m", "128Mi"), ("100m", "128Mi")
JOB_REQUESTS, JOB_LIMITS = ("100m", "256Mi"), ("200m", "256Mi")


def servers_of(masters: int) -> int:
    """Pods of so many masters and their replicas."""
    return masters * (1 + REPLICAS_PER_MASTER)


def quorum_problem(masters: int, zones: int) -> str | None:
    """Why `masters`, spread evenly over `zones`, would not outlive the loss of any one zone; the end of a sentence."""
    if masters < MIN_MASTERS:
        return f"is below the quorum of {MIN_MASTERS}; give at least {MIN_MASTERS}"
    if zones < MIN_ZONES:
        return f"masters in {zones} zones keep no majority when one is lost; give the region {MIN_ZONES} zones"
    lost = ceil(masters / zones)
    if masters - lost > masters // 2:
        return None
    return (
        f"masters in {zones} zones: one of these holds {lost}, and the other {masters - lost} are no majority when it "
        f"is lost; give one master more or less"
    )
