"""One region's control plane: started, looked at and ended, by any process of the project."""

from __future__ import annotations

import fcntl
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from embedded.control_plane import commands
from embedded.control_plane.certificates import AUTHORITY, Identity, issue
from embedded.control_plane.health import NotReady, Probe, wait
from embedded.control_plane.kubeconfig import kubeconfig
from embedded.control_plane.memory import NoRoom, free_memory, refuse_beyond_memory
from embedded.control_plane.ports import HOST, Ports
from embedded.control_plane.processes import BOOT_ID, Process, end
from embedded.control_plane.store import Store
from embedded.stack_folder import StackFolder, write_whole

API, CONTROLLERS, SCHEDULER, KWOK = "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"
KARPENTER = "karpenter"
PROGRAMS = frozenset({"etcd", API, CONTROLLERS, SCHEDULER, KWOK})
"""What a control plane that is up consists of; Karpenter only where nodes are its business."""
_METRICS = "karpenter-metrics"
_SIGNING = "service-accounts"
_STORE_FOLDER = ".etcd"  # no region's name begins with a dot
_IDENTITIES = (
    Identity(
        file="server",
        name="kube-apiserver",
        serves=(HOST, commands.KUBERNETES_SERVICE, "localhost", "kubernetes.default", "kubernetes.default.svc"),
    ),
    Identity(file=CONTROLLERS, name=f"system:{CONTROLLERS}"),
    Identity(file=SCHEDULER, name=f"system:{SCHEDULER}"),
)


class ControlPlaneError(Exception):
    """The control plane cannot be started; one sentence."""


@dataclass(frozen=True, kw_only=True)
class Handle:
    """How to talk to a region's API server, with all rights."""

    region: str
    url: str
    ca: Path
    """PEM file of the authority that signed the server's certificate."""
    token: str = field(repr=False)
    """Bearer token of a member of system:masters."""
    kubeconfig: Path
    """For kubectl and other clients; holds `url`, `ca` and `token`."""


class ControlPlane:
    """The control plane of one region of an embedded stack, under `<stack>/control-plane/<region>`."""

    def __init__(self, stack: StackFolder, region: str) -> None:
        self.region = region
        self._root = stack.root / "control-plane"
        self._folder = self._root / region
        self._pki = self._folder / "pki"
        self._ports = Ports(self._folder / "ports.json")
        self.store = Store(self._root / _STORE_FOLDER)

    def start(self, programs: Mapping[str, Path]) -> Handle:
        """Have everything run and ready; what already is stays as it is. `programs`: paths by name.

        ControlPlaneError if there is no room, or a program does not become ready; then none of the region's is left.
        """
        if not BOOT_ID.exists():
            raise ControlPlaneError(f"control planes run on Linux only, where {BOOT_ID} tells processes apart")
        with self._locked(), self._named_errors(), self._all_or_nothing():
            if not self.processes():
                refuse_beyond_memory(1, free_memory())
            if not self.store.is_ready():
                # API servers of all regions lose their connection; each is started again with its region.
                end([process for region in regions(self._root) for process in _known(self._root / region)])
                self.store.start(programs["etcd"])
            if not self.is_ready(API):
                self._start_api(programs[API])
            self._start_others(programs)
            return self._handle()

    def start_karpenter(self, programs: Mapping[str, Path], instance_types: Path) -> None:
        """Have Karpenter run and ready, with the instance types of this file, which holds EC2's own answers.

        The region must run. Stopped with the region.
        """
        process = Process(KARPENTER, self._folder)
        with self._locked(), self._named_errors():
            if self.is_ready(KARPENTER):
                return
            end([process])
            self._ports.choose([KARPENTER, _METRICS])
            command = commands.karpenter(
                programs[KARPENTER], instance_types, self._ports[_METRICS], self._ports[KARPENTER]
            )
            process.start(command, {"KUBECONFIG": str(self._kubeconfig())})
            self._wait(process)

    def handle(self) -> Handle | None:
        """How to talk to the API server; None if it does not run."""
        return self._handle() if Process(API, self._folder).pid() else None

    def stop(self, *, erase: bool = False) -> None:
        """End everything of this region, and etcd with the last one; `erase` also forgets what the API holds."""
        with self._locked():
            self._end()
            if erase:
                # What lies in etcd under the region's prefix is never looked at again.
                shutil.rmtree(self._folder, ignore_errors=True)
                if not regions(self._root):
                    shutil.rmtree(self.store.folder, ignore_errors=True)

    def processes(self) -> list[Process]:
        """The region's own that run now."""
        return [process for process in _known(self._folder) if process.pid()]

    def is_ready(self, name: str) -> bool:
        """Whether the region's program of this name runs and answers that it is ready."""
        return Process(name, self._folder).pid() is not None and self._probe(name).passes()

    def _start_api(self, program: Path) -> None:
        end(_known(self._folder))  # the others would hold on to the old address
        issue(self._pki, f"{self.region} of the embedded stack", _IDENTITIES, [_SIGNING])
        self._ports.choose([API])
        token = _kept(self._folder / "token", secrets.token_hex(24))
        tokens = self._folder / "tokens.csv"
        write_whole(tokens, f'{token},game-regions,game-regions,"system:masters"\n', mode=0o600)
        # Random, so that a region that was erased begins empty again.
        prefix = _kept(self._folder / "prefix", f"/{self.region}-{secrets.token_hex(4)}")
        self._write_kubeconfigs(token)
        process = Process(API, self._folder)
        process.start(
            commands.kube_apiserver(
                program, self._pki, tokens, self.store.url, self.store.certificates, prefix, self._ports[API]
            )
        )
        self._wait(process)

    def _start_others(self, programs: Mapping[str, Path]) -> None:
        lines = {
            CONTROLLERS: lambda program, port: commands.kube_controller_manager(
                program, self._pki, self._kubeconfig(CONTROLLERS), port
            ),
            SCHEDULER: lambda program, port: commands.kube_scheduler(
                program, self._pki, self._kubeconfig(SCHEDULER), port
            ),
            KWOK: lambda program, port: commands.kwok(program, self._kubeconfig(), port),
        }
        missing = [Process(name, self._folder) for name in lines if not self.is_ready(name)]
        end(missing)
        # Only now: the API server takes seconds to start, and in that time somebody else may take a port.
        self._ports.choose([process.name for process in missing])
        for process in missing:
            process.start(lines[process.name](programs[process.name], self._ports[process.name]))
        for process in missing:
            self._wait(process)

    def _write_kubeconfigs(self, token: str) -> None:
        users = {"": {"token": token}}
        for name in (CONTROLLERS, SCHEDULER):
            pair = (str(self._pki / f"{name}.{kind}") for kind in ("crt", "key"))
            users[name] = dict(zip(("client-certificate", "client-key"), pair, strict=True))
        authority = (self._pki / AUTHORITY).read_bytes()
        for name, user in users.items():
            text = kubeconfig(self.region, self._url(), authority, user)
            write_whole(self._kubeconfig(name), text, mode=0o600)

    def _kubeconfig(self, user: str = "") -> Path:
        return self._folder / (f"{user}.kubeconfig" if user else "kubeconfig")

    def _url(self) -> str:
        return f"https://{HOST}:{self._ports[API]}"

    def _handle(self) -> Handle:
        return Handle(
            region=self.region,
            url=self._url(),
            ca=self._pki / AUTHORITY,
            token=(self._folder / "token").read_text(),
            kubeconfig=self._kubeconfig(),
        )

    def _probe(self, name: str) -> Probe:
        path = "/healthz" if name == CONTROLLERS else "/readyz"
        # Karpenter and kwok answer without TLS; nothing but their state can be asked there.
        return Probe(port=self._ports[name], path=path, certificates=None if name in (KWOK, KARPENTER) else self._pki)

    def _wait(self, process: Process) -> None:
        wait(process, self._probe(process.name).passes)

    def _end(self) -> None:
        others = [process for process in _known(self._folder) if process.name != API]
        end(others)
        end([Process(API, self._folder)])
        if not any(process.pid() for region in regions(self._root) for process in _known(self._root / region)):
            end([self.store.process])

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._end()
            raise

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (NotReady, NoRoom) as error:
            raise ControlPlaneError(f"the control plane of {self.region} is not up: {error}") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time per stack; the lock ends with the process that holds it, however that ends."""
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def regions(root: Path) -> list[str]:
    """Regions that have a folder under a stack's `control-plane`, running or not."""
    return sorted(path.name for path in root.glob("*/") if path.name != _STORE_FOLDER)


def _known(folder: Path) -> list[Process]:
    return [Process(record.stem, folder) for record in sorted(folder.glob("*.process"))]


def _kept(file: Path, fresh: str) -> str:
    """What the file holds; on first use what is given."""
    if not file.exists():
        write_whole(file, fresh, mode=0o600)
    return file.read_text()
