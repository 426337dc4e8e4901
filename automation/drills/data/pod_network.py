"""A network of pods on Linux: each pod has a namespace, a name and an address of its own, on one switch.

The switch takes no more frames of a pod that is cut off: packets vanish both ways, connections stay open, and nobody is
told, as where a node's network breaks. See network_namespaces(7) and bridge(8).

It changes the namespaces that it is made in: `own_network` is the command for a process that has them to itself.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

GATEWAY = "10.77.0.1"  # the rest of the cluster: clients, and the API server's stand-in
_CLONE_NEWNET = 0x40000000
_DISABLED, _FORWARDING = "0", "3"  # of a switch's port, in bridge(8)
_libc = ctypes.CDLL(None, use_errno=True)


def own_network(command: Sequence[str]) -> list[str]:
    """`command` in a network and with mounts of its own, of which nobody else hears.

    Whatever it starts ends with it, daemons too, and it ends with its caller's process `unshare`.
    """
    mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
    ends = ["--pid", "--fork", "--kill-child", "--mount-proc"]
    return ["unshare", *mapped, "--net", "--mount", *ends, *command]


@cache
def refusal() -> str | None:
    """Why this machine gives nobody a network of their own, in a sentence; None where it does."""
    made = "ip link add pods type bridge"
    try:
        tried = subprocess.run(own_network(["sh", "-c", made]), capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no pod can have a network of its own here: {error}"
    return f"no pod can have a network of its own here: {tried.stderr.strip()}" if tried.returncode else None


class PodNetwork:
    """Made by a process that `own_network` started. `names`: what /etc/hosts says of each pod."""

    def __init__(self, folder: Path, names: Mapping[str, str]) -> None:
        self.addresses = {pod: f"10.77.0.{number}" for number, pod in enumerate(names, 10)}
        self._spaces = {pod: _new_space() for pod in names}
        _ip("link set lo up", f"link add pods address {_mac(GATEWAY)} type bridge")
        _ip(f"addr add {GATEWAY}/24 dev pods", "link set pods up")
        for pod in names:
            self._wire(pod)
        hosts = folder / "etc-hosts"
        lines = ["127.0.0.1 localhost", *(f"{self.addresses[pod]} {name}" for pod, name in names.items())]
        hosts.write_text("".join(f"{line}\n" for line in lines))
        subprocess.run(["mount", "--bind", str(hosts), "/etc/hosts"], check=True)

    def command(self, pod: str, command: Sequence[str]) -> list[str]:
        """`command` as it runs in the pod."""
        return ["nsenter", f"--net={self._space(pod)}", *command]

    def enter(self, pod: str) -> None:
        """The sockets that this thread opens from now on are the pod's."""
        if _libc.setns(self._spaces[pod], _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"the network of {pod} cannot be entered")

    @contextmanager
    def cut(self, pod: str) -> Iterator[None]:
        """Until the block ends nothing reaches the pod, and nothing comes from it."""
        _switch(pod, _DISABLED)
        try:
            yield
        finally:
            _switch(pod, _FORWARDING)

    def _space(self, pod: str) -> str:
        return f"/proc/{os.getpid()}/fd/{self._spaces[pod]}"

    def _wire(self, pod: str) -> None:
        """A cable to the switch; who has which address is known and never asked for."""
        own = self.addresses[pod]
        end = f"link add {_cable(pod)} type veth peer name eth0 address {_mac(own)} netns {self._space(pod)}"
        _ip(end, f"link set {_cable(pod)} master pods", f"link set {_cable(pod)} up")
        _ip(f"neigh add {own} lladdr {_mac(own)} dev pods nud permanent")
        others = [address for address in (GATEWAY, *self.addresses.values()) if address != own]
        known = (f"neigh add {other} lladdr {_mac(other)} dev eth0 nud permanent" for other in others)
        inside = ("link set lo up", f"addr add {own}/24 dev eth0", "link set eth0 up", *known)
        _ip(*inside, before=self.command(pod, []))


def _new_space() -> int:
    """An open file of a namespace that nobody is in: it lasts as long as the file is open."""
    found: list[int | OSError] = []

    def leave() -> None:
        # A thread's namespace is its own, and this one ends with the function.
        if _libc.unshare(_CLONE_NEWNET) != 0:
            found.append(OSError(ctypes.get_errno(), "no network namespace can be made"))
        else:
            found.append(os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC))

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def _cable(pod: str) -> str:
    return f"cable{pod.rpartition('-')[2]}"


def _switch(pod: str, state: str) -> None:
    # The same by `ip link set ... type bridge_slave` is taken and changes nothing.
    subprocess.run(["bridge", "link", "set", "dev", _cable(pod), "state", state], check=True)


def _mac(address: str) -> str:
    return "02:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))


def _ip(*lines: str, before: Sequence[str] = ()) -> None:
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run([*before, "ip", "-batch", "-"], input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip: {done.stderr.strip()}")
