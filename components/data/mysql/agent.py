"""Pure: the container of the agent, which joins its server to the group and labels the pod by its role."""

import pulumi
import pulumi_kubernetes as k8s

from components.data.mysql.containers import Server, environment, mounts
from components.data.mysql.names import HEADLESS
from components.data.mysql.pod_paths import SCRIPTS, TEMPORARY
from components.data.mysql.shape import AGENT_LIMITS, AGENT_REQUESTS
from components.kube.resources import resources
from components.kube.security_context import container_security

# mysqlsh writes its settings and history below its home, and would ask whether to keep passwords.
_SHELL = {
    "PYTHONPATH": SCRIPTS,
    "HOME": TEMPORARY,
    "MYSQLSH_USER_CONFIG_HOME": f"{TEMPORARY}/mysqlsh",
    "MYSQLSH_CREDENTIAL_STORE_SAVE_PASSWORDS": "never",
}


def group_environment(members: int, group: pulumi.Input[str], database: str) -> dict[str, pulumi.Input[str]]:
    """What init container, server and agent are told; `group` is the name (UUID) that all members share."""
    return {
        "MYSQL_SERVICE": HEADLESS,
        "MYSQL_REPLICAS": str(members),
        "MYSQL_GROUP": group,
        "MYSQL_DATABASE": database,
    }


def agent(server: Server) -> k8s.core.v1.ContainerArgs:
    """The agent beside `server`, from the same image."""
    return k8s.core.v1.ContainerArgs(
        name="agent",
        image=server.image,
        command=["mysqlsh", "--pym", "runtime.agent"],
        env=environment({**server.environment, **_SHELL}),
        resources=resources(AGENT_REQUESTS, AGENT_LIMITS),
        security_context=container_security(),
        volume_mounts=mounts("scripts", "rendered", "users", "tls", "run", "temporary", "token"),
    )
