"""Pure: what a region's Redis keeps."""

from math import ceil

from components.data.redis.names import STATEFUL_SET
from components.data.redis.shape import servers_of
from components.promises import Promise


def redis_promise(namespace: str, masters: int, zones: int) -> Promise:
    """All servers but one while they move one by one; a lost zone takes those with it whose volumes lie there.

    Most of the servers run at any time, and the healer keeps the masters as even over the zones as the servers are: so
    most of the masters do too.
    """
    servers = servers_of(masters)
    return Promise(
        kind="StatefulSet",
        namespace=namespace,
        name=STATEFUL_SET,
        replicas=servers,
        minimum_ready=servers - 1,
        after_zone_loss=servers - ceil(servers / zones),
        quorum=True,
    )
