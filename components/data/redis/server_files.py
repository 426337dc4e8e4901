"""Pure: where the files of a pod stand, and how a ConfigMap brings them there."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

FILES_PATH = "/etc/redis-pod"
RUNTIME = "runtime"  # a folder below FILES_PATH, so that pods run `python -m runtime.healer` there
# Readable and executable by anybody in the pod; nothing in it is secret.
_MODE = 0o555


def as_config_map(files: Mapping[str, str]) -> dict[str, str]:
    """Files by path as a ConfigMap's data, whose keys may hold no slash."""
    return {_key(path): text for path, text in files.items()}


def files_volume(name: str, config_map: pulumi.Input[str], files: Mapping[str, str]) -> k8s.core.v1.VolumeArgs:
    """A volume with each file at its own path again."""
    return k8s.core.v1.VolumeArgs(
        name=name,
        config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(
            name=config_map,
            default_mode=_MODE,
            items=[k8s.core.v1.KeyToPathArgs(key=_key(path), path=path) for path in sorted(files)],
        ),
    )


def _key(path: str) -> str:
    return path.replace("/", ".")
