"""RedisUsers: the accounts of Redis with their passwords, and what a client needs to use it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.data.ground import DataGround
from components.data.redis.config import USERS as ACCOUNTS
from components.data.redis.config import users_acl
from components.data.redis.names import CONNECTION, PORT, SELECTOR, SERVICE, TLS, USERS, pod_host

APP, EXPORTER = "app", "exporter"
PASSWORD_LENGTH = 32  # letters and digits, about 190 bits: they go into URLs, ACL files and configuration as they are
# What the exporter dials, within its own pod. Its password file maps addresses, with the user in them, to passwords.
# github.com/oliver006/redis_exporter: exporter/pwd_file.go, exporter/redis.go
EXPORTER_ADDRESS = f"rediss://localhost:{PORT}"
_EXPORTER_ENTRY = f"rediss://{EXPORTER}@localhost:{PORT}"
_SLOTS = ("even", "odd")


@dataclass(frozen=True, kw_only=True)
class RedisUsersArgs:
    """`rotation` counts up for new passwords; the ones before stay valid until it counts up again.

    `pods` is how many hosts the connection lists.
    """

    ground: DataGround
    rotation: int
    pods: int


class RedisUsers(pulumi.ComponentResource):
    """Secrets `users`, for the pods, and `connection`, for clients."""

    users: pulumi.Output[str]
    connection: pulumi.Output[str]

    def __init__(self, name: str, args: RedisUsersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisUsers", name, None, opts)
        self._ground = args.ground
        passwords = {account: self._passwords(name, account, args.rotation) for account in ACCOUNTS}
        self.users = self._secret(f"{name}-redis-users", USERS, _user_files(passwords)).metadata.name
        entries = _connection(passwords[APP][0], args)
        self.connection = self._secret(f"{name}-redis-connection", CONNECTION, entries).metadata.name
        self.register_outputs({"users": self.users, "connection": self.connection})

    def _passwords(self, name: str, account: str, rotation: int) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """The password of this rotation and the one before.

        Two take turns, and a rotation renews only the one whose turn it is: nobody who still has the other is cut off.
        """
        made = [
            random.RandomPassword(
                f"{name}-redis-{account}-{slot}",
                length=PASSWORD_LENGTH,
                special=False,
                keepers={"rotation": str(kept)},
                opts=pulumi.ResourceOptions(parent=self, protect=self._ground.protect),
            ).result
            for slot, kept in zip(_SLOTS, keepers(rotation), strict=True)
        ]
        current = current_slot(rotation)
        return made[current], made[1 - current]

    def _secret(
        self, logical_name: str, object_name: str, entries: Mapping[str, pulumi.Input[str]]
    ) -> k8s.core.v1.Secret:
        return k8s.core.v1.Secret(
            logical_name,
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
            ),
            type="Opaque",
            string_data={key: pulumi.Output.secret(value) for key, value in entries.items()},
            opts=pulumi.ResourceOptions(parent=self),
        )


def keepers(rotation: int) -> tuple[int, int]:
    """What the two passwords of a user hang on: each rotation changes the one that was not current."""
    return rotation // 2, (rotation + 1) // 2


def current_slot(rotation: int) -> int:
    """Which of the two is current."""
    return rotation % 2


def exporter_file(password: str) -> str:
    """The exporter's passwords, by what it dials with its user in it."""
    return json.dumps({_EXPORTER_ENTRY: password})


def connection_hosts(namespace: str, pods: int) -> str:
    """Every server's own address, for clients that take more than one to begin with."""
    return ",".join(f"{pod_host(number, namespace)}:{PORT}" for number in range(pods))


def _user_files(passwords: Mapping[str, tuple[pulumi.Output[str], pulumi.Output[str]]]) -> dict[str, pulumi.Input[str]]:
    """A file with each account's password, Redis's own list of accounts, and the exporter's file."""
    files: dict[str, pulumi.Input[str]] = {account: now for account, (now, _) in passwords.items()}
    both = pulumi.Output.all(**{account: pulumi.Output.all(*pair) for account, pair in passwords.items()})
    files["users.acl"] = both.apply(users_acl)
    files["exporter.json"] = passwords[EXPORTER][0].apply(exporter_file)
    return files


def _connection(password: pulumi.Output[str], args: RedisUsersArgs) -> dict[str, pulumi.Input[str]]:
    """Host, port, user and password, alone and as one address; `ca_secret` names the Secret whose ca.crt to trust."""
    namespace = pulumi.Output.from_input(args.ground.namespace)
    hosts = namespace.apply(lambda text: connection_hosts(text, args.pods))
    return {
        "host": SERVICE,
        "port": str(PORT),
        "hosts": hosts,
        "username": APP,
        "password": password,
        "uri": pulumi.Output.concat(f"rediss://{APP}:", password, f"@{SERVICE}:{PORT}"),
        "ca_secret": TLS,
    }
