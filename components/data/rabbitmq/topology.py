"""Pure: users, exchanges, queues and bindings, as the definitions that every node imports when it starts.

Format: rabbitmq.com/docs/definitions. Queues hold messages on three nodes; what no consumer takes in six deliveries
goes to `dead-letters`.
"""

import base64
import hashlib
import json
from typing import Any

from components.data.rabbitmq.names import ADMIN, USER, VHOST

ZONES, MATCHMAKING, DEAD_LETTERS = "zones", "matchmaking", "dead-letters"
TRANSFERS, REQUESTS, RESULTS = "zones.transfers", "matchmaking.requests", "matchmaking.results"
REDELIVERIES = 5  # after the first delivery
# Publishers are refused above it and slow down, before memory and disk alarms stop everybody.
QUEUE_LIMIT, DEAD_LETTER_LIMIT = 100_000, 20_000
# The queue of a world that nobody has read for a day: its world is gone.
FORGOTTEN_MS = 24 * 3600 * 1000


def definitions(admin_password: str, user_password: str) -> str:
    """definitions.json; passwords stand in it as salted hashes. The same passwords give the same text."""
    content = {
        "users": [
            _user(ADMIN, admin_password, ["administrator"]),
            _user(USER, user_password, []),
        ],
        "vhosts": [{"name": VHOST, "metadata": {"default_queue_type": "quorum"}}],
        "permissions": [
            {"user": ADMIN, "vhost": VHOST, "configure": ".*", "write": ".*", "read": ".*"},
            # The game makes and deletes queues of its own zones, and leaves alone what stands here.
            {"user": USER, "vhost": VHOST, "configure": r"^(zones\.world-|amq\.gen)", "write": ".*", "read": ".*"},
        ],
        "exchanges": [_exchange(ZONES, "topic"), _exchange(MATCHMAKING, "direct"), _exchange(DEAD_LETTERS, "fanout")],
        "queues": [_queue(name) for name in (TRANSFERS, REQUESTS, RESULTS, DEAD_LETTERS)],
        "bindings": [
            _binding(ZONES, TRANSFERS, "transfer.#"),
            _binding(MATCHMAKING, REQUESTS, "request"),
            _binding(MATCHMAKING, RESULTS, "result"),
            _binding(DEAD_LETTERS, DEAD_LETTERS, ""),
        ],
        "policies": policies(),
    }
    return json.dumps(content, sort_keys=True)


def policies() -> list[dict[str, Any]]:
    """Limits of the queues. One policy holds for a queue: that with the highest priority."""
    work = {
        "dead-letter-exchange": DEAD_LETTERS,
        "delivery-limit": REDELIVERIES,
        "max-length": QUEUE_LIMIT,
        "overflow": "reject-publish",
    }
    dead = {"max-length": DEAD_LETTER_LIMIT, "overflow": "drop-head"}
    return [
        _policy("work", r"^(zones|matchmaking)\.", 1, work),
        _policy("worlds", r"^zones\.world-", 2, {**work, "expires": FORGOTTEN_MS}),
        _policy("dead-letters", f"^{DEAD_LETTERS}$", 3, dead),
    ]


def password_hash(password: str) -> str:
    """As rabbitmq.com/docs/passwords has it: four bytes of salt, then SHA-256 of salt and password.

    The salt comes from the password, so that a run without changes changes nothing; a random password of forty
    letters needs none against tables.
    """
    salt = hashlib.sha256(b"rabbitmq salt" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _user(name: str, password: str, tags: list[str]) -> dict[str, Any]:
    return {
        "name": name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": tags,
        "limits": {},
    }


def _exchange(name: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VHOST,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": {},
    }


def _queue(name: str) -> dict[str, Any]:
    arguments = {"x-queue-type": "quorum"}
    return {"name": name, "vhost": VHOST, "durable": True, "auto_delete": False, "arguments": arguments}


def _binding(source: str, queue: str, key: str) -> dict[str, Any]:
    return {
        "source": source,
        "vhost": VHOST,
        "destination": queue,
        "destination_type": "queue",
        "routing_key": key,
        "arguments": {},
    }


def _policy(name: str, pattern: str, priority: int, definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "vhost": VHOST,
        "pattern": pattern,
        "apply-to": "quorum_queues",
        "priority": priority,
        "definition": definition,
    }
