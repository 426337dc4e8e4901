"""The embedded cloud's face on loopback: AWS's and Kubernetes' HTTP APIs, and a gRPC provider per attached plugin."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import grpc.aio
from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from embedded.assembly import Cloud
from embedded.aws.faults import VARIABLE as FAULTS_VARIABLE
from embedded.aws.faults import faults_of
from embedded.client import port_taken, reserve_port
from embedded.kubernetes.errors import ApiError
from embedded.kubernetes.http import handle_http
from embedded.last_state import LastState
from embedded.reserve import Reserve
from embedded.servicer import EmbeddedServicer
from embedded.stack_folder import StackFolder, access_key_id, write_whole
from embedded.steps import VARIABLE, Steps, steps_of

if TYPE_CHECKING:
    from embedded.kubernetes.live.clusters import LiveClusters

GRACE_SECONDS = 0.4  # between the last user's leaving and the exit, so that a command's next engine run finds it up
FIRST_USER_SECONDS = 20.0
STEPS_AT_ONCE = 256


class PortTaken(Exception):
    """Another program listens on this stack's port; one sentence."""


class Users:
    """Who holds the cloud. Once it is closing nobody can attach any more."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders: dict[int, tuple[int, ...]] = {}
        self._idle_since = time.monotonic()
        self._grace = FIRST_USER_SECONDS
        self._closing = False

    def pids(self) -> list[int]:
        """Processes of everybody attached."""
        with self._lock:
            return [pid for pids in self._holders.values() for pid in pids]

    def enter(self, holder: int, pids: tuple[int, ...]) -> bool:
        """Attach; False if the cloud is closing."""
        with self._lock:
            if not self._closing:
                self._holders[holder] = pids
            return not self._closing

    def open(self) -> None:
        """Start the clock for the first user: now, not before the libraries were loaded."""
        with self._lock:
            self._idle_since = time.monotonic()

    def leave(self, holder: int) -> None:
        """Detach."""
        with self._lock:
            self._holders.pop(holder, None)
            self._idle_since, self._grace = time.monotonic(), GRACE_SECONDS

    def all_gone(self) -> bool:
        """True once nobody has been attached for the grace period; from then on the cloud is closing."""
        with self._lock:
            idle = not self._holders and time.monotonic() - self._idle_since > self._grace
            self._closing = self._closing or idle
            return idle


class Providers:
    """gRPC servers, one per attached provider plugin, on one event loop in a thread of its own."""

    def __init__(self, cloud: Cloud, steps: Steps, last_state: LastState) -> None:
        self._cloud = cloud
        self._steps = steps
        self._last_state = last_state
        self._loop = asyncio.new_event_loop()
        # What is awaited holds its thread, and what it waits for needs one, too.
        self._loop.set_default_executor(ThreadPoolExecutor(STEPS_AT_ONCE, thread_name_prefix="step"))
        threading.Thread(target=self._loop.run_forever, daemon=True, name="providers").start()

    def open(self, provider: str) -> tuple[int, grpc.aio.Server]:
        """Serve one provider resource; the port."""
        port, server = self._run(self._open(provider))
        return port, server

    def close(self, server: grpc.aio.Server) -> None:
        """Stop serving it."""
        self._run(server.stop(grace=0))

    async def _open(self, provider: str) -> tuple[int, grpc.aio.Server]:
        server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
        servicer = EmbeddedServicer(
            self._cloud.handler(provider), version(f"pulumi-{provider}"), self._steps, self._last_state.before_change
        )
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return port, server

    def _run(self, work: Any) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result()


class Requests(BaseHTTPRequestHandler):
    """One connection. Class attributes are set by `serve`."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    port: ClassVar[int]
    cloud: ClassVar[Cloud]
    users: ClassVar[Users]
    providers: ClassVar[Providers]
    token: ClassVar[str]

    def _dispatch(self) -> None:
        path = urlsplit(self.path).path
        if path == "/_cloud/attach":
            self._attach()
        elif path in ("/_cloud/left", "/_cloud/kubernetes", "/_cloud/lost-zones"):
            self._tell(path.rpartition("/")[2])
        elif path.startswith("/kubernetes/"):
            self._kubernetes(path)
        else:
            self._aws()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = _dispatch

    def _attach(self) -> None:
        """Hold the connection for as long as the user does."""
        query = parse_qs(urlsplit(self.path).query)
        self.close_connection = True
        pids = tuple(int(pid) for pid in query.get("pids", [""])[0].split(",") if pid)
        if not self._has_token():
            self._answer(403, {"Content-Type": "text/plain"}, b"this is the embedded cloud of another stack")
            return
        if not self.users.enter(id(self), pids):
            return  # closing: the caller starts the next one
        provider = query.get("provider", [""])[0]
        server = None
        try:
            port, server = self.providers.open(provider) if provider else (None, None)
            reply = {"port": self.port, "provider_port": port}
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n")
            self.wfile.write(json.dumps(reply).encode() + b"\n")
            self.connection.settimeout(None)
            while self.connection.recv(1024):
                pass
        except OSError:
            pass  # the user was killed: the same as leaving
        finally:
            if server is not None:
                self.providers.close(server)
            self.users.leave(id(self))

    def _tell(self, what: str) -> None:
        """Answer what a command asks of the cloud itself, or do what a drill wants of it."""
        if not self._has_token():
            self._answer(403, {"Content-Type": "text/plain"}, b"this is the embedded cloud of another stack")
            return
        answer: Any = None
        if what == "left":
            answer = self.cloud.left()
        elif self.cloud.live is not None and what == "kubernetes":
            answer = self.cloud.live.report()
        elif self.cloud.live is not None:
            self.cloud.live.lose_zones(parse_qs(urlsplit(self.path).query).get("zone", []))
        self._answer(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _kubernetes(self, path: str) -> None:
        if not self._has_token():
            body = b'{"kind":"Status","code":401,"message":"Unauthorized"}'
            self._answer(401, {"Content-Type": "application/json"}, body)
            return
        _, _, host, rest = path.split("/", 3)
        if self.cloud.live is not None:
            self._relay(self.cloud.live, host)
            return
        query, content_type = parse_qs(urlsplit(self.path).query), self.headers.get("Content-Type", "")
        status, answer = handle_http(
            self.cloud.own_clusters, host, self.command, f"/{rest}", query, self._body(), content_type
        )
        self._answer(status, {"Content-Type": "application/json"}, json.dumps(answer).encode())

    def _relay(self, clusters: LiveClusters, host: str) -> None:
        """The real API server's answer in parts, as watches have no end; the connection ends with it."""
        from embedded.kubernetes.live.relay import relay

        target = "/" + self.path.split("/", 3)[3]
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            answer = relay(clusters, host, self.command, target, self._body(), headers)
        except ApiError as refusal:
            self._answer(refusal.code, {"Content-Type": "application/json"}, json.dumps(refusal.status()).encode())
            return
        self.close_connection = True
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        for part in answer.parts:
            self.wfile.write(part)
            self.wfile.flush()

    def _aws(self) -> None:
        headers = HTTPHeaders.from_dict(dict(self.headers.items()))
        if f"Credential={access_key_id(self.token)}/" not in headers.get("Authorization", ""):
            self._answer(403, {"Content-Type": "text/plain"}, b"signed with keys of another account than this stack's")
            return
        url = f"http://{headers.get('Host', '127.0.0.1')}{self.path}"
        answer = self.cloud.aws.handle(
            AWSPreparedRequest(self.command, url, headers, self._body(), stream_output=False)
        )
        self._answer(answer.status_code, dict(answer.headers), answer.content)

    def _has_token(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {self.token}"

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Requests are in the journal; the log is for what went wrong."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def serve(folder: StackFolder) -> None:
    """Serve the stack's cloud until its last user is gone. PortTaken if its port is somebody else's; BadSeed."""
    users = Users()
    lock = threading.RLock()
    steps = steps_of(os.environ.get(VARIABLE), lock, folder, users.pids)
    faults = faults_of(os.environ.get(FAULTS_VARIABLE))
    http = _listen(folder)
    Requests.port = http.server_port
    reserve = Reserve(folder.cloud)
    last_state = LastState(folder, reserve)
    cloud = Cloud(folder, lock, steps, faults)
    Requests.cloud, Requests.users, Requests.token = cloud, users, folder.token()
    Requests.providers = Providers(cloud, steps, last_state)
    http.server_activate()
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    users.open()
    while not users.all_gone():
        last_state.watch()
        time.sleep(0.05)
    http.shutdown()
    http.server_close()
    cloud.close()
    last_state.close()
    reserve.release()
    if faults is not None:
        # An exercise that met no fault has shown nothing.
        met = {"seed": faults.seed, "met": dict(sorted(faults.met.items()))}
        write_whole(folder.cloud / "faults.json", json.dumps(met))


def _listen(folder: StackFolder) -> _Server:
    """Bound but not yet listening: whoever tries meanwhile is refused at once and tries again."""
    port = reserve_port(folder)
    http = _Server(("127.0.0.1", port), Requests, bind_and_activate=False)
    try:
        http.server_bind()
    except OSError as error:
        raise PortTaken(port_taken(folder, port)) from error
    return http
