"""The plan as files: manifests by namespace, charts, and AWS resources with the API calls that make them."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from plan.objects import RELEASE, KubernetesObject, objects_of
from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import SECRET
from stacks.check_names import EDGE

MARKER = ".game-regions-render"
HIDDEN = "***"

Calls = Callable[[RecordedResource], list[dict[str, Any]]]


class RenderError(Exception):
    """The files could not be written: one sentence; the folder is as it was before."""


def render(recording: Recording, regions: list[str], folder: Path, calls_of: Calls) -> int:
    """Write the files of every region (and of the edge, where there is one) and return their number.

    `folder` is new, empty or a former render, which is replaced as a whole once all files are written.
    `calls_of` gives the API calls of an AWS resource as [{"service", "operation", "parameters"}].
    Raises RenderError for any other folder and for a disk that refuses.
    """
    folder = folder.resolve()
    _check(folder)
    files = dict(_files(recording, regions, calls_of))
    files[Path(MARKER)] = _json({"schema": 1, "stack": recording.stack})
    try:
        _replace(folder, files)
    except OSError as error:
        raise RenderError(f"{folder} could not be written ({error.strerror}); nothing was changed") from error
    return len(files) - 1


def _check(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise RenderError(f"{folder} is a file; name a new or empty folder")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise RenderError(f"{folder} holds files of its own; name a new or empty folder, or one rendered before")


def _replace(folder: Path, files: dict[Path, str]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder and so on the same file system, where a rename is one step.
    workshop = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new, old = workshop / "new", workshop / "old"
        new.mkdir()
        for path, text in files.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(workshop)


def _files(recording: Recording, regions: list[str], calls_of: Calls) -> Iterator[tuple[Path, str]]:
    objects = objects_of(recording)
    edge = [EDGE] if any(resource.region == EDGE for resource in recording.resources) else []
    for region in [*regions, *edge]:
        mine = [resource for resource in recording.resources if resource.region == region]
        for item in objects:
            if item.resource.region == region:
                yield Path(region) / _manifest_path(item), _manifest(item)
        yield Path(region) / "charts.json", _json([_chart(r) for r in mine if r.type == RELEASE])
        aws = [_aws(resource, calls_of(resource)) for resource in mine if resource.type.startswith("aws:")]
        yield Path(region) / "aws.json", _json(aws)


def _manifest_path(item: KubernetesObject) -> Path:
    kind = f"{item.kind}Patch" if item.is_patch else item.kind
    return Path("manifests") / (item.namespace or "_cluster") / f"{kind}-{item.name}.yaml"


def _manifest(item: KubernetesObject) -> str:
    body = _hidden(item.body)
    if item.kind == "Secret":
        for field in ("data", "stringData"):
            if field in body:
                body[field] = dict.fromkeys(body[field], HIDDEN) if isinstance(body[field], dict) else HIDDEN
    return yaml.safe_dump(body, sort_keys=True, allow_unicode=True, width=1_000)


def _chart(release: RecordedResource) -> dict[str, Any]:
    inputs = _hidden(release.resolved)
    return {
        "name": inputs.get("name", release.name),
        "namespace": inputs.get("namespace", "default"),
        "chart": inputs.get("chart"),
        "version": inputs.get("version"),
        "repo": (inputs.get("repositoryOpts") or {}).get("repo"),
        "values": inputs.get("values") or {},
    }


def _aws(resource: RecordedResource, calls: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "inputs": _hidden(resource.inputs),
        "calls": _hidden(calls),
    }


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _hidden(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_hidden(item) for item in value]
    return HIDDEN if value == SECRET else value


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
