"""Pure: what a region's Redis keeps."""

from math import ceil

from components.data.redis.names import STATEFUL_SET
from components.data.redis.shape import servers_of
from components.promises import Promise


def redis_promise(namespace: str, masters: int, zones: int) -> Promise:
    """All servers but one zone's: a zone's two stand on one node where it has no more, and go and move with it.

    Most of the servers run at any time, and the healer keeps the masters as even over the zones as the servers are: so
    most of the masters do too.
    """
    servers = servers_of(masters)
    left = servers - ceil(servers / zones)
    return Promise(
        kind="StatefulSet",
        namespace=namespace,
        name=STATEFUL_SET,
        replicas=servers,
        minimum_ready=left,
        after_zone_loss=left,
        quorum=True,
    )
