"""Pure: how large the pods are that save and restore, and how often each is tried; read by settings, which load no SDK.

Each pair is what a container is promised and what it may use at most.
"""

from components.kube.compute import Compute

SMALL = (Compute(cpu="100m", memory="256Mi"), Compute(cpu="1", memory="512Mi"))
SHELL = (Compute(cpu="500m", memory="512Mi"), Compute(cpu="2", memory="2Gi"))
# What RTO is reckoned with: a server that is restored into has two cores for sure, and four while nobody wants them.
SERVER = (Compute(cpu="2", memory="3Gi"), Compute(cpu="4", memory="3Gi"))
ARCHIVER = (Compute(cpu="50m", memory="128Mi"), Compute(cpu="500m", memory="256Mi"))
TRIES = 2  # of a dump or a drill; a restore has one
KEPT = 1  # good runs whose pods, and so whose disks, stay to be read
