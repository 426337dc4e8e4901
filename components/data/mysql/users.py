"""MysqlUsers: the passwords of every account of the server, and the Secrets that carry them as files."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as k8s
import pulumi_random as random

from components.data.ground import DataGround
from components.data.mysql.names import CONNECTION, EXPORTER_LOGIN, PORT, PRIMARY, SELECTOR, USERS
from components.data.mysql.pod_paths import CLIENT_CA, SOCKET

# One file each in the Secret that the servers' agents read.
ACCOUNTS = ("root", "gr_repl", "monitor", "exporter", "backup", "app", "migration")
APP = "app"  # the account of the game's services
PASSWORD_LENGTH = 32
# What needs no quotes in a configuration file, a URL or a shell.
SPECIAL = "-_."


@dataclass(frozen=True, kw_only=True)
class MysqlUsersArgs:
    """`rotation` is a whole number; another one gives every account a new password."""

    ground: DataGround
    database: str
    rotation: int


class MysqlUsers(pulumi.ComponentResource):
    """`passwords` by account. The names of three Secrets: for the servers, for the exporter and for clients.

    The server keeps the password before the last one until the next rotation: the agent on the primary sets the new one
    beside it, so neither pods nor clients need to change in step.
    """

    passwords: dict[str, pulumi.Output[str]]
    users: pulumi.Output[str]
    exporter: pulumi.Output[str]
    connection: pulumi.Output[str]

    def __init__(self, name: str, args: MysqlUsersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:MysqlUsers", name, None, opts)
        self._name, self._ground = name, args.ground
        self.passwords = {account: self._password(account, args.rotation) for account in ACCOUNTS}
        self.users = self._secret("users", USERS, self.passwords)
        self.exporter = self._secret("exporter", EXPORTER_LOGIN, {"my.cnf": exporter_login(self.passwords["exporter"])})
        self.connection = self._secret("connection", CONNECTION, connection(args.database, self.passwords[APP]))
        self.register_outputs({"users": self.users, "exporter": self.exporter, "connection": self.connection})

    def _password(self, account: str, rotation: int) -> pulumi.Output[str]:
        password = random.RandomPassword(
            f"{self._name}-mysql-password-{account.replace('_', '-')}",
            length=PASSWORD_LENGTH,
            override_special=SPECIAL,
            keepers={"rotation": str(rotation)},
            opts=pulumi.ResourceOptions(parent=self, protect=self._ground.protect),
        )
        result: pulumi.Output[str] = password.result
        return result

    def _secret(self, role: str, object_name: str, data: Mapping[str, pulumi.Input[str]]) -> pulumi.Output[str]:
        secret = k8s.core.v1.Secret(
            f"{self._name}-mysql-{role}",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=object_name, namespace=self._ground.namespace, labels=self._ground.labels(SELECTOR)
            ),
            type="Opaque",
            string_data=data,
            opts=pulumi.ResourceOptions(parent=self),
        )
        name: pulumi.Output[str] = secret.metadata.name
        return name


def exporter_login(password: pulumi.Input[str]) -> pulumi.Output[str]:
    """The exporter's option file: over the socket, where no TLS is asked for and no other pod gets."""
    return pulumi.Output.concat("[client]\nuser=exporter\npassword=", password, f"\nsocket={SOCKET}\n")


def connection(database: str, password: pulumi.Input[str]) -> dict[str, pulumi.Input[str]]:
    """What a client of the game needs, by the names that the game's services read."""
    return {
        "MYSQL_HOST": PRIMARY,
        "MYSQL_PORT": str(PORT),
        "DB_HOST": PRIMARY,
        "DB_NAME": database,
        "DB_USER": APP,
        "DB_PASSWORD": password,
        "DB_SSL_CA": CLIENT_CA,
    }
