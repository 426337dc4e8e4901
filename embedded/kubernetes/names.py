"""Syntax of names, labels and ports. Each function returns why a value is refused, or None.

Source: k8s.io/apimachinery/pkg/util/validation and pkg/api/validation of Kubernetes 1.35.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_address, ip_network

Syntax = Callable[[str], str | None]

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_QUALIFIED = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"[a-z0-9-]+")
_CONFIG_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_PERCENT = re.compile(r"[0-9]+%")

LABEL_MAX, SUBDOMAIN_MAX, PORT_NAME_MAX = 63, 253, 15


def dns_label(value: str) -> str | None:
    """RFC 1123 label: namespaces, containers, volumes."""
    if len(value) > LABEL_MAX:
        return f'"{value}" has {len(value)} characters, at most {LABEL_MAX} are allowed'
    if not _DNS_LABEL.fullmatch(value):
        return f'"{value}" must be lower case letters, digits or "-", and start and end with a letter or digit'
    return None


def dns_1035_label(value: str) -> str | None:
    """RFC 1035 label: Services."""
    if len(value) > LABEL_MAX:
        return f'"{value}" has {len(value)} characters, at most {LABEL_MAX} are allowed'
    if not _DNS_1035.fullmatch(value):
        return f'"{value}" must be lower case letters, digits or "-", and begin with a letter and not end with "-"'
    return None


def dns_subdomain(value: str) -> str | None:
    """RFC 1123 subdomain: the names of most objects."""
    if len(value) > SUBDOMAIN_MAX:
        return f'"{value}" has {len(value)} characters, at most {SUBDOMAIN_MAX} are allowed'
    if not _SUBDOMAIN.fullmatch(value):
        return f'"{value}" must be lower case letters, digits, "-" or ".", and start and end with a letter or digit'
    return None


def path_segment(value: str) -> str | None:
    """Names of roles and bindings: anything that can stand in a URL path."""
    if value in ("", ".", "..") or "/" in value or "%" in value:
        return f'"{value}" must not be ".", ".." or hold "/" or "%"'
    return None


def qualified_name(value: str) -> str | None:
    """Label and annotation keys: an optional DNS prefix and "/", then a name."""
    prefix, slash, name = value.rpartition("/")
    if slash and (reason := dns_subdomain(prefix)):
        return f"prefix {reason}"
    if len(name) > LABEL_MAX:
        return f'"{name}" has {len(name)} characters, at most {LABEL_MAX} are allowed'
    if not _QUALIFIED.fullmatch(name):
        return f'"{value}" must be letters, digits, "-", "_" or ".", and start and end with a letter or digit'
    return None


def label_value(value: str) -> str | None:
    """Label values; may be empty."""
    if len(value) > LABEL_MAX:
        return f'"{value}" has {len(value)} characters, at most {LABEL_MAX} are allowed'
    if value and not _QUALIFIED.fullmatch(value):
        return f'"{value}" must be letters, digits, "-", "_" or ".", and start and end with a letter or digit'
    return None


def port_name(value: str) -> str | None:
    """Names of container ports (IANA service names)."""
    if not 1 <= len(value) <= PORT_NAME_MAX:
        return f'"{value}" must have 1 to {PORT_NAME_MAX} characters'
    if not _PORT_NAME.fullmatch(value) or "--" in value or value.startswith("-") or value.endswith("-"):
        return f'"{value}" must be lower case letters, digits and single "-" inside'
    if not any(character.isalpha() for character in value):
        return f'"{value}" must hold a letter'
    return None


def environment_name(value: str) -> str | None:
    """Names of environment variables (relaxed since Kubernetes 1.32): printable ASCII without "="."""
    if not value or not all(" " <= character <= "~" and character != "=" for character in value):
        return f'"{value}" must be printable ASCII without "="'
    return None


def config_key(value: str) -> str | None:
    """Keys of ConfigMaps and Secrets."""
    if len(value) > SUBDOMAIN_MAX:
        return f'"{value}" has {len(value)} characters, at most {SUBDOMAIN_MAX} are allowed'
    if not _CONFIG_KEY.fullmatch(value) or value == "." or value.startswith(".."):
        return f'"{value}" must be letters, digits, "-", "_" or ".", and not start with ".."'
    return None


def percent(value: str) -> str | None:
    """A share of pods: "25%"."""
    return None if _PERCENT.fullmatch(value) else f'"{value}" must be a whole number or a percentage such as "25%"'


def cidr(value: str) -> str | None:
    """An address range."""
    try:
        ip_network(value)
    except ValueError:
        return f'"{value}" is not a network such as 10.0.0.0/16'
    return None


def address(value: str) -> str | None:
    """An IP address."""
    try:
        ip_address(value)
    except ValueError:
        return f'"{value}" is not an IP address'
    return None
