"""Where the engine works: the project itself for a real cloud, copies under `.regions/<stack>` for the embedded one.

The copies are there because the engine edits the stack file it works on (`stack init` with a passphrase strips
`secretsprovider`, `encryptedkey` and every comment from it), and because only they name the embedded providers.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from automation.errors import Refused
from automation.stacks_of_project import ROOT as PROJECT
from automation.stacks_of_project import stack_file
from embedded.client import reserve_port
from embedded.interlock import refuse_wrong_cloud
from embedded.stack_folder import (
    BACKEND_VARIABLE,
    PROJECT_NAME,
    PROVIDERS,
    TOKEN_VARIABLE,
    Interlock,
    StackFolder,
    access_key_id,
    write_whole,
)

MINIMUM_FREE_BYTES = 300 * 1024 * 1024  # state, checkpoints and journal of the largest shipped stack, with room


@dataclass(frozen=True)
class Workspace:
    """One stack and the cloud that this run of it touches."""

    stack: str
    folder: StackFolder | None
    """The embedded stack's folder; None where the cloud is AWS."""

    @property
    def work_dir(self) -> Path:
        """Where the engine finds Pulumi.yaml and the stack file."""
        return self.folder.work if self.folder else PROJECT

    def environment(self) -> dict[str, str]:
        """Variables the engine and everything of ours that asks AWS need; empty for a real cloud."""
        return embedded_environment(self.stack, self.folder) if self.folder else {}


def workspace_of(stack: str, cloud: Literal["embedded", "aws"]) -> Workspace:
    """The workspace of a run. Refused, with nothing started, where the place or the environment does not fit."""
    if cloud == "embedded":
        return Workspace(stack, prepare(stack))
    try:
        refuse_wrong_cloud("aws")
    except Interlock as interlock:
        raise Refused(str(interlock)) from interlock
    return Workspace(stack, None)


def prepare(stack: str) -> StackFolder:
    """Make or freshen the copies an embedded run works on; settings always come from the committed stack file."""
    folder = StackFolder(PROJECT / ".regions" / stack)
    _refuse_full_disk(folder.root if folder.root.exists() else PROJECT)
    for place in (folder.work, folder.state, folder.cloud, folder.plugins):
        place.mkdir(parents=True, exist_ok=True)
    folder.token()
    reserve_port(folder)
    _write(folder.work / "Pulumi.yaml", yaml.safe_dump(_project_copy(folder), sort_keys=False))
    copy = folder.work / f"Pulumi.{stack}.yaml"
    _write(copy, yaml.safe_dump(_stack_copy(stack_file(stack), copy), sort_keys=False))
    for provider in PROVIDERS:
        _write(folder.plugins / f"pulumi-resource-{provider}", _plugin(provider), executable=True)
    return folder


def embedded_environment(stack: str, folder: StackFolder) -> dict[str, str]:
    """What `./regions env` prints: with it the plain CLI and plain boto3 act on the embedded stack."""
    token = folder.token()
    engine_folder = PROJECT / ".regions" / "bin"
    return {
        TOKEN_VARIABLE: token,
        BACKEND_VARIABLE: folder.backend_url,
        "PULUMI_CONFIG_PASSPHRASE": token,
        "PULUMI_HOME": str(folder.root / "home"),
        "PULUMI_STACK": stack,
        "PULUMI_OPTION_CWD": str(folder.work),
        "PULUMI_RUN_PROGRAM": "true",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PATH": f"{engine_folder}{os.pathsep}{os.environ.get('PATH', '')}",
        "AWS_ACCESS_KEY_ID": access_key_id(token),
        "AWS_SECRET_ACCESS_KEY": token,
        "AWS_REGION": "us-east-1",  # for the AWS CLI and providers
        "AWS_DEFAULT_REGION": "us-east-1",  # for boto3
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{reserve_port(folder)}",
    }


def shell_exports(environment: Mapping[str, str]) -> str:
    """POSIX shell text that sets the environment."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in environment.items())


def _refuse_full_disk(place: Path) -> None:
    free = shutil.disk_usage(place).free
    if free < MINIMUM_FREE_BYTES:
        raise Refused(
            f"{free // 2**20} MiB are free where the project lies, a run needs {MINIMUM_FREE_BYTES // 2**20} MiB: "
            "free some space; nothing was started"
        )


def _project_copy(folder: StackFolder) -> dict[str, Any]:
    project: dict[str, Any] = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    project["runtime"] = {"name": "python", "options": {"virtualenv": sys.prefix}}
    project["main"] = str(PROJECT)
    project["plugins"] = {"providers": [{"name": name, "path": str(folder.plugins)} for name in PROVIDERS]}
    return project


def _stack_copy(original: Path, copy: Path) -> dict[str, Any]:
    """The stack's settings with `cloud: embedded`, and the engine's own salt of the former copy."""
    settings = yaml.safe_load(original.read_text()) or {}
    config = dict(settings.get("config") or {})
    secure = sorted(key for key, value in config.items() if isinstance(value, dict) and "secure" in value)
    if secure:
        raise Refused(
            f"{original.name}: {', '.join(secure)} is encrypted for the real stack and cannot be read by an embedded "
            "run: leave secrets to RandomPassword or the environment"
        )
    config[f"{PROJECT_NAME}:cloud"] = "embedded"
    kept = yaml.safe_load(copy.read_text()) if copy.exists() else None
    salt = {"encryptionsalt": kept["encryptionsalt"]} if kept and "encryptionsalt" in kept else {}
    return {**salt, "config": config}


def _plugin(provider: str) -> str:
    python, script = shlex.quote(sys.executable), shlex.quote(str(PROJECT / "embedded/plugin.py"))
    return f'#!/bin/sh\nexec {python} -IS {script} {provider} "$@"\n'


def _write(path: Path, text: str, *, executable: bool = False) -> None:
    """Write a file whole or not at all, and only if it changes."""
    if not path.exists() or path.read_text() != text:
        write_whole(path, text, mode=0o755 if executable else 0o644)
