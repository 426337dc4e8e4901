"""Whether a host can be reached, answered in bounded time."""

import socket
import threading
import urllib.parse
import urllib.request


def reachable(host: str, *, port: int = 443, seconds: float = 2.0) -> bool:
    """Whether `host` (or the proxy that stands before it) accepts a connection within `seconds`, DNS included."""
    answers: list[bool] = []
    # getaddrinfo takes no timeout: it is left behind in a daemon thread if the resolver hangs.
    probe = threading.Thread(target=_probe, args=(*_door(host, port), seconds, answers), daemon=True)
    probe.start()
    probe.join(seconds)
    return answers == [True]


def _door(host: str, port: int) -> tuple[str, int]:
    proxy = urllib.request.getproxies().get("https")
    if proxy is None or urllib.request.proxy_bypass(host):
        return host, port
    parts = urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return parts.hostname or host, parts.port or port


def _probe(host: str, port: int, seconds: float, answers: list[bool]) -> None:
    try:
        with socket.create_connection((host, port), timeout=seconds):
            answers.append(True)
    except OSError:
        answers.append(False)
