"""Pure: what a region's MySQL keeps."""

from math import ceil

from components.data.mysql.names import STATEFUL_SET
from components.data.mysql.replica_names import REPLICA
from components.promises import Promise


def mysql_promise(namespace: str, replicas: int, zones: int) -> Promise:
    """All members but one while they move one by one; a lost zone takes those whose volumes lie there.

    More than half must run whatever goes: fewer elect nobody, and nothing can be written.
    """
    return Promise(
        kind="StatefulSet",
        namespace=namespace,
        name=STATEFUL_SET,
        replicas=replicas,
        minimum_ready=replicas - 1,
        after_zone_loss=replicas - ceil(replicas / zones),
        quorum=True,
    )


def replica_promise(namespace: str) -> Promise:
    """The copy of another region's data stands alone: it waits with its volume, and nobody writes to it meanwhile."""
    return Promise(
        kind="StatefulSet", namespace=namespace, name=REPLICA, replicas=1, minimum_ready=0, after_zone_loss=0
    )
