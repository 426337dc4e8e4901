"""Rules that every single resource keeps: pinned images, no rights over everything, its own provider, no plain secrets.

Pure: facts in, findings out. The program's resource transform refuses by them, the plan lists them; same
sentences.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from components.operations.copies import COPY_PROVIDER
from stacks.check_names import EDGE
from stacks.images import image_problem

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """One broken rule at one resource; `message` is a whole sentence that also stands alone."""

    rule: str
    severity: Severity
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ResourceFacts:
    """A registration as rules see it.

    `inputs` are resolved, camelCase, plain also where they are secret; `secrets` are JSON pointers to what is
    secret, each covering all below it. Values not yet known are absent or no text. `provider_name` is the
    logical name of the provider, None for a default one; `region` the region (or "edge") whose name begins
    the resource's.
    """

    urn: str
    type: str
    name: str
    provider_name: str | None
    region: str | None
    inputs: Mapping[str, Any]
    secrets: frozenset[str] = field(default_factory=frozenset)


def check_resource(resource: ResourceFacts) -> list[Finding]:
    """Every rule that the resource breaks."""
    rules = {
        "image-not-pinned": _images(resource),
        "rights-over-everything": _rights(resource),
        "not-own-provider": _provider(resource),
        "plain-secret": _secrets(resource),
    }
    return [
        Finding(rule, "error", resource.urn, f"{resource.type} {resource.name}: {problem}")
        for rule, problems in rules.items()
        for problem in problems
    ]


# Images


def _images(resource: ResourceFacts) -> Iterator[str]:
    for container in _containers(resource):
        image = container.get("image")
        problem = image_problem(image) if isinstance(image, str) and not _holds_reference(image) else None
        if problem:
            yield f'container "{container.get("name")}" has the image "{image}", which {problem}'


def _containers(resource: ResourceFacts) -> Iterator[Mapping[str, Any]]:
    """All containers of a Kubernetes object, wherever its kind keeps the pod template."""
    if not resource.type.startswith("kubernetes:"):
        return
    for _, value in _walk(resource.inputs, ""):
        if isinstance(value, Mapping):
            for kind in ("containers", "initContainers", "ephemeralContainers"):
                yield from (item for item in _listed(value.get(kind)) if isinstance(item, Mapping))


# Rights

# In a key policy the resource "*" is the key itself, and the account must keep all rights over it.
# docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
_OWN_RESOURCE = ("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy", "aws:kms/replicaKey:ReplicaKey")
_EVERYTHING = re.compile(r"\*+(:\*+)?")
_ADMINISTRATOR = re.compile(r"arn:aws[a-z-]*:iam::aws:policy/AdministratorAccess")


def _rights(resource: ResourceFacts) -> Iterator[str]:
    if resource.type.startswith("kubernetes:rbac."):
        yield from _role_rules(resource)
    if not resource.type.startswith("aws:") or resource.type in _OWN_RESOURCE:
        return
    for pointer, value in _walk(resource.inputs, ""):
        if isinstance(value, str) and _ADMINISTRATOR.fullmatch(value):
            yield (f"{_setting(pointer)} is AdministratorAccess, every action on every resource; grant what is used")
        for number, statement in enumerate(_statements(value), 1):
            if _allows_everything(statement):
                yield (
                    f'{_setting(pointer)} allows Action "*" on Resource "*" in statement {number}; '
                    f"name the actions and the resources"
                )


def _role_rules(resource: ResourceFacts) -> Iterator[str]:
    rules = resource.inputs.get("rules")
    for number, rule in enumerate(rules if isinstance(rules, list) else [], 1):
        if isinstance(rule, Mapping) and all("*" in _listed(rule.get(key)) for key in ("verbs", "resources")):
            yield (f'rules allow the verb "*" on the resource "*" in rule {number}; name the verbs and the resources')


def _statements(value: object) -> list[Mapping[str, Any]]:
    """Statements of a policy document given as a mapping or as JSON text; none for anything else."""
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return []
    if not isinstance(value, Mapping):
        return []
    return [statement for statement in _listed(value.get("Statement")) if isinstance(statement, Mapping)]


def _allows_everything(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    # "NotAction" allows all but a few, "NotResource" likewise.
    actions = "NotAction" in statement or any(map(_is_everything, _listed(statement.get("Action"))))
    resources = "NotResource" in statement or any(map(_is_everything, _listed(statement.get("Resource"))))
    return actions and resources


def _is_everything(text: object) -> bool:
    return isinstance(text, str) and _EVERYTHING.fullmatch(text) is not None


# Providers

_OWN_PROVIDER = ("aws", "kubernetes", "random")
COPIES = "gameregions:operations:BackupReplication"


def _provider(resource: ResourceFacts) -> Iterator[str]:
    package = resource.type.split(":")[0]
    if package not in _OWN_PROVIDER:
        return
    if resource.region is None:
        yield "the name begins with no region of the stack; begin it with the region's name and a hyphen"
        return
    own = f"{resource.region}-{package}"
    # What stands above the regions stands in several AWS regions, with a provider for each.
    of_edge = resource.region == EDGE and str(resource.provider_name).startswith(f"{EDGE}-")
    # Copies of a region's backups stand in another AWS region, whose loss they outlive.
    of_copies = resource.provider_name == f"{resource.region}-{COPY_PROVIDER}" and COPIES in resource.urn
    if resource.provider_name != own and not of_edge and not of_copies:
        given = f'provider "{resource.provider_name}"' if resource.provider_name else "a default provider"
        yield f'it uses {given} instead of its own region\'s "{own}"; pass that provider to its component'


# Secrets

_SECRET_WORDS = frozenset({"password", "passwd", "pwd", "passphrase", "secret", "token", "credential", "credentials"})
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("private", "key"), ("access", "key"), ("secret", "key"), ("signing", "key")}
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")


def _secrets(resource: ResourceFacts) -> Iterator[str]:
    if resource.type == "kubernetes:core/v1:Secret":
        for kind in ("data", "stringData"):
            yield from _plain_in_secret(resource, kind)
    if resource.type == "kubernetes:core/v1:ConfigMap":
        for kind in ("data", "binaryData"):
            yield from _secret_in_config_map(resource, kind)
    for container in _containers(resource):
        for variable in _listed(container.get("env")):
            if not isinstance(variable, Mapping) or not variable.get("value"):
                continue
            if names_secret(str(variable.get("name"))):
                yield (
                    f'container "{container.get("name")}" holds a secret in plain sight in the variable '
                    f'"{variable.get("name")}"; take it from a Secret by valueFrom'
                )


def _plain_in_secret(resource: ResourceFacts, kind: str) -> Iterator[str]:
    values = resource.inputs.get(kind)
    for key, value in sorted(values.items()) if isinstance(values, Mapping) else ():
        if isinstance(value, str) and not _is_secret(resource, f"/{kind}/{_escaped(key)}"):
            yield (
                f'the value of {kind}["{key}"] is not marked secret, so the state holds it in plain text; '
                "wrap it in Output.secret"
            )


def _secret_in_config_map(resource: ResourceFacts, kind: str) -> Iterator[str]:
    values = resource.inputs.get(kind)
    for key, value in sorted(values.items()) if isinstance(values, Mapping) else ():
        if isinstance(value, str) and value and (names_secret(key) or _PRIVATE_KEY.search(value)):
            yield f'{kind}["{key}"] of a ConfigMap holds a secret in plain sight; keep it in a Secret'


def names_secret(key: str) -> bool:
    """Whether a key names a secret itself ("MYSQL_PASSWORD", "apiKey"), not something about one ("TOKEN_TTL")."""
    words = [word.lower() for word in _WORD.findall(key)]
    return bool(words) and (words[-1] in _SECRET_WORDS or tuple(words[-2:]) in _SECRET_PAIRS)


def _is_secret(resource: ResourceFacts, pointer: str) -> bool:
    return any(pointer == secret or pointer.startswith(f"{secret}/") for secret in resource.secrets)


# Walking


def _walk(value: object, pointer: str) -> Iterator[tuple[str, object]]:
    """Every value in a tree with its JSON pointer, the outer before the inner."""
    yield pointer, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, f"{pointer}/{_escaped(str(key))}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, f"{pointer}/{index}")


def _listed(value: object) -> list[Any]:
    """A value that policies and manifests may give alone or as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _setting(pointer: str) -> str:
    return pointer.removeprefix("/").replace("/", ".") or "it"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _holds_reference(text: str) -> bool:
    # A plan writes what only a cloud will know as ${URN#property}.
    return "${urn:pulumi:" in text
