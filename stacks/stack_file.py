"""A Pulumi.<stack>.yaml read without the engine: the figures under this project's own keys."""

from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from stacks.settings_errors import SettingsError, shown

PROJECT = "game-regions"


def read_stack_file(path: Path) -> dict[str, object]:
    """The mapping that `parse_settings` takes, from a stack file; SettingsError where it cannot be read."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_StackFileLoader)
    except OSError as error:
        raise SettingsError(f"{path.name}: cannot be read ({error.strerror}); give a readable stack file") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path.name}: is not UTF-8 text; save it as UTF-8") from None
    except RecursionError:
        raise SettingsError(f"{path.name}: is nested too deeply; write the settings out plainly") from None
    except (yaml.YAMLError, ValueError) as error:
        raise SettingsError(f"{path.name}: is no valid YAML ({_where(error)}); correct it there") from None
    config = content.get("config") if isinstance(content, dict) else None
    if not isinstance(config, dict):
        raise SettingsError(f'{path.name}: has no mapping "config"; put the settings below it as {PROJECT}:<name>')
    raw = {
        key.removeprefix(f"{PROJECT}:"): value
        for key, value in config.items()
        if isinstance(key, str) and key.startswith(f"{PROJECT}:")
    }
    for key, value in raw.items():
        if _holds_secret(value):
            raise SettingsError(secret_problem(key))
    return raw


def secret_problem(key: str) -> str:
    """What is wrong with an encrypted setting."""
    return (
        f"{key}: is encrypted, but settings are shown in plans and errors; "
        f"remove the secret, passwords are made by the program itself"
    )


def _holds_secret(value: object) -> bool:
    """Whether Pulumi's form of an encrypted value ({"secure": "..."}) stands in it, at any depth."""
    seen, pending = set[int](), [value]
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue  # an alias; a file may even hold itself
        seen.add(id(item))
        if isinstance(item, dict):
            if list(item) == ["secure"]:
                return True
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return False


def _where(error: Exception) -> str:
    """The place and the reason of a YAML error, on one line."""
    mark = getattr(error, "problem_mark", None)
    reason = " ".join(str(getattr(error, "problem", None) or error).split())
    return f"line {mark.line + 1}: {reason}" if mark else reason


class _StackFileLoader(yaml.SafeLoader):
    """Safe YAML that refuses a key given twice; the second would silently win."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{shown(key.value)} is given twice", key.start_mark
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)
