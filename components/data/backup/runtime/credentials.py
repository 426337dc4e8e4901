"""The AWS rights of the pod's ServiceAccount, as EKS Pod Identity hands them out.

mysqlsh and everything else here has no AWS library:
docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
"""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

ADDRESS, TOKEN_FILE = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
# Asked anew so long before they end.
MARGIN_SECONDS = 300
TIMEOUT_SECONDS = 10


@dataclass(frozen=True)
class Credentials:
    """`expires` in seconds since 1970."""

    key_id: str
    secret: str
    token: str
    expires: float


def pod_credentials(now: Callable[[], float] = time.time) -> Callable[[], Credentials]:
    """A function that answers credentials which are good for minutes yet."""
    held: Credentials | None = None

    def current() -> Credentials:
        nonlocal held
        if held is None or held.expires - now() < MARGIN_SECONDS:
            held = _asked()
        return held

    return current


def _asked() -> Credentials:
    # The token file is renewed by the kubelet, so it is read each time.
    token = Path(os.environ[TOKEN_FILE]).read_text().strip()
    request = urllib.request.Request(os.environ[ADDRESS], headers={"Authorization": token})
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:
        found = json.load(answer)
    expires = datetime.fromisoformat(found["Expiration"].replace("Z", "+00:00")).timestamp()
    return Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"], expires)
