"""The Python language host for a Pulumi CLI that comes without one: one process for each run of the engine.

A CLI built from Go modules is the engine alone; Pulumi's release ships `pulumi-language-python` beside it. This
one wraps the SDK's own `LanguageServer` (which serves inline programs of the Automation API) so that it runs the
project's `__main__.py` from disk, in this process and this interpreter.

Run as `python -P language_host.py [flags] ENGINE_ADDRESS`; -P keeps this folder, whose modules share names
with installed packages (`kubernetes`), off the module path.
"""

import os
import runpy
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import grpc
import pulumi
from google.protobuf import empty_pb2
from pulumi._version import version as sdk_version
from pulumi.automation._server import LanguageServer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

ENGINE_POLL_SECONDS = 0.5
ENGINE_PID_VARIABLE = "GAME_REGIONS_ENGINE_PID"  # set by the launching script, see automation/language_host.py


class ProjectHost(LanguageServer):
    """Runs the program that the engine names in each Run request."""

    def __init__(self, engine_address: str) -> None:
        super().__init__(lambda: None)
        self._engine_address = engine_address

    def Run(self, request: Any, context: Any) -> Any:
        folder = Path(request.info.program_directory or request.pwd)
        entry = folder / (request.info.entry_point or request.program)
        script = entry / "__main__.py" if entry.is_dir() else entry
        # The SDK reads the engine's address, where log lines and errors go, from the first argument.
        arguments = list(request.args)
        request.args[:] = [self._engine_address, *arguments]
        self.program = lambda: run_script(script, folder, arguments)
        response = super().Run(request, context)  # type: ignore[no-untyped-call]
        if response.error:
            # The SDK has logged the error already; a bail keeps the engine from printing it a second time.
            return language_pb2.RunResponse(bail=True)
        return response

    def GetPluginInfo(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return plugin_pb2.PluginInfo(version=str(sdk_version))

    def Handshake(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return language_pb2.LanguageHandshakeResponse()

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: ARG002
        yield language_pb2.InstallDependenciesResponse(
            stdout=b"The Python packages are those of this environment; ./regions keeps them up to date.\n"
        )

    def GetProgramDependencies(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        found = sorted({(each.metadata["Name"], each.version) for each in distributions()})
        listed = [language_pb2.DependencyInfo(name=name, version=version) for name, version in found]
        return language_pb2.GetProgramDependenciesResponse(dependencies=listed)

    def RuntimeOptionsPrompts(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return language_pb2.RuntimeOptionsResponse()

    def Template(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return language_pb2.TemplateResponse()

    def Cancel(self, request: Any, context: Any) -> Any:  # noqa: ARG002
        return empty_pb2.Empty()


def run_script(script: Path, folder: Path, arguments: list[str]) -> None:
    """Run one program file as `__main__`.

    Raises pulumi.RunError with the sentence of the program's own RunError, or else with the traceback from the
    program's first line on: the frames above it are this host's and the SDK's.
    """
    os.chdir(folder)
    sys.argv = [str(script), *arguments]
    # Left in place: callbacks of outputs import the program's modules after its last line has run.
    sys.path.insert(0, str(script.parent))
    try:
        runpy.run_path(str(script), run_name="__main__")
    except pulumi.RunError:
        raise
    except Exception as error:
        raise pulumi.RunError(program_traceback(error, script)) from error


def program_traceback(error: Exception, script: Path) -> str:
    """The error's traceback without what stands above the program; whole where the program has no frame in it."""
    frame = error.__traceback__
    while frame is not None and frame.tb_frame.f_code.co_filename != str(script):
        frame = frame.tb_next
    return "".join(traceback.format_exception(type(error), error, frame or error.__traceback__)).rstrip()


def exit_with(parent: int) -> None:
    """End this process once `parent` is no longer its parent: a killed engine ends none of its plugins."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(ENGINE_POLL_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    exit_with(int(os.environ.pop(ENGINE_PID_VARIABLE, os.getppid())))
    # The engine passes a program's lines on as they come; a block buffer would hold them to the end.
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_GRPC_CHANNEL_OPTIONS)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(ProjectHost(sys.argv[-1]), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    stopped.wait()
    server.stop(grace=None)
    # A program cut off in the middle may still hold a thread, for which an ordinary exit would wait.
    os._exit(0)


if __name__ == "__main__":
    main()
