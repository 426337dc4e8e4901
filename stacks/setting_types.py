"""Field types that all settings share: what a value in a stack file may look like.

Every refusal is the end of a sentence that `settings_errors` begins with the setting and the value given.
"""

import re
from ipaddress import IPv4Network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Strict, StringConstraints

from stacks.images import image_problem
from stacks.settings_errors import cut


class Settings(BaseModel):
    """Base of all settings: unknown keys are refused, values never change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


# A name becomes part of DNS names, tags and Kubernetes names, so the strictest of them rules: RFC 1123
# labels.
_NAME = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_DNS_LABEL_LIMIT = 63
_PRINCIPAL = re.compile(r"arn:aws:iam::[0-9]{12}:(role|user)/[A-Za-z0-9+=,.@_/-]{1,512}", re.ASCII)


def _whole(value: object) -> object:
    # YAML and JSON both may write 3 as 3.0; anything with a fraction stays a float and is refused as one.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _name(value: str) -> str:
    if len(value) > _DNS_LABEL_LIMIT or not _NAME.fullmatch(value) or "--" in value:
        raise ValueError(
            f"is no name; use at most {_DNS_LABEL_LIMIT} lower-case letters, digits and single hyphens, a "
            "letter first and no hyphen last"
        )
    return value


def _network(value: object) -> IPv4Network:
    if not isinstance(value, str) or "/" not in value:
        raise ValueError("is no IPv4 block; write it as address/prefix, such as 10.10.0.0/16")
    try:
        return IPv4Network(value)
    except ValueError as error:
        raise ValueError(f"is no IPv4 block ({error}); write it as address/prefix, such as 10.10.0.0/16") from None


def _image(value: str) -> str:
    problem = image_problem(value)
    if problem:
        raise ValueError(problem)
    return value


def _principal(value: str) -> str:
    if not _PRINCIPAL.fullmatch(value):
        raise ValueError("is no IAM role or user; give an ARN such as arn:aws:iam::123456789012:role/platform-admin")
    return value


def _unique(values: tuple[object, ...]) -> tuple[object, ...]:
    twice = sorted({str(value) for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"names {cut(', '.join(twice))} more than once; name each once")
    return values


Text = Annotated[str, Strict(), StringConstraints(max_length=1000)]
Whole = Annotated[int, Strict(), BeforeValidator(_whole)]
Name = Annotated[str, Strict(), AfterValidator(_name)]
Network = Annotated[IPv4Network, BeforeValidator(_network)]
Image = Annotated[str, Strict(), AfterValidator(_image)]
Principal = Annotated[str, Strict(), AfterValidator(_principal)]
Unique = AfterValidator(_unique)
