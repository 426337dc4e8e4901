"""Keeps real and embedded clouds apart: a run for one refuses to start in the environment of the other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from embedded.stack_folder import PROVIDERS, TOKEN_VARIABLE, Interlock, StackFolder

MARK = b"embedded/plugin.py"  # stands in every provider executable of ours


def refuse_wrong_cloud(cloud: str, environment: Mapping[str, str] = os.environ) -> None:
    """Interlock if the environment is not that of `cloud` ("embedded" or "aws")."""
    if cloud == "embedded":
        StackFolder.of_environment(environment)
        return
    if TOKEN_VARIABLE in environment:
        raise Interlock(
            f"this run would touch AWS, but {TOKEN_VARIABLE} of an embedded stack is set: "
            "open a new shell, or use ./regions with --embedded"
        )
    endpoint = environment.get("AWS_ENDPOINT_URL", "")
    if "127.0.0.1" in endpoint or "localhost" in endpoint:
        raise Interlock(
            f"this run would touch AWS, but AWS_ENDPOINT_URL is {endpoint}: unset it, or use ./regions with --embedded"
        )
    for provider in PROVIDERS:
        found = shutil.which(f"pulumi-resource-{provider}", path=environment.get("PATH", ""))
        if found and _is_ours(Path(found)):
            raise Interlock(
                f"this run would touch AWS, but the embedded provider {found} is on PATH: "
                "remove its folder from PATH, or use ./regions with --embedded"
            )


def _is_ours(path: Path) -> bool:
    with path.open("rb") as executable:
        return MARK in executable.read(4096)
