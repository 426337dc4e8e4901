"""Operations that moto lacks or does only in part, modelled by us: one file per concern.

A model is a function named as boto3 names the operation, from the account and the call to the answer: a dict as
boto3's, or, where moto did the work and only something beside it had to be done, moto's own answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from embedded.aws.account import Account
from embedded.aws.protocol import Answer, Call

Model = Callable[[Account, Call], Mapping[str, Any] | Answer]
