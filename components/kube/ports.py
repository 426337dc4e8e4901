"""Pure: the ports that game processes answer on, and what each is called in pods and Services."""

from collections.abc import Sequence

GAME_PORT, GAME_PORT_NAME = 8080, "game-port"
GAME_UDP_PORT, GAME_UDP_PORT_NAME = 8081, "game-udp"  # where players are, many times a second
METRICS_PORT, METRICS_PORT_NAME = 9090, "metrics-port"
HEALTH_PORT, HEALTH_PORT_NAME = 8888, "health-port"
# Name, number and protocol of what others reach of a world, in its pod and in its Service.
SERVED: Sequence[tuple[str, int, str]] = (
    (GAME_PORT_NAME, GAME_PORT, "TCP"),
    (GAME_UDP_PORT_NAME, GAME_UDP_PORT, "UDP"),
    (METRICS_PORT_NAME, METRICS_PORT, "TCP"),
)
