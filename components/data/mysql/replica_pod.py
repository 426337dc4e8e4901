"""Pure: the pod that copies another region's data."""

import pulumi
import pulumi_kubernetes as k8s

from components.data.mysql.containers import Server, environment, exporter, init, mounts, mysql
from components.data.mysql.files import FOLLOWER
from components.data.mysql.pod import PodParts, template
from components.data.mysql.pod_paths import SCRIPTS
from components.data.mysql.replica_names import REPLICA_SERVER_ID
from components.data.mysql.shape import FOLLOWER_LIMITS, FOLLOWER_REQUESTS
from components.kube.resources import resources
from components.kube.security_context import container_security


def replica_template(
    parts: PodParts, server: Server, exporter_image: pulumi.Input[str]
) -> k8s.core.v1.PodTemplateSpecArgs:
    """One server, and beside it the script that keeps it behind its source; any database node will do."""
    return template(
        parts,
        init_containers=[init(server)],
        containers=[
            # The command line rules over the option file, where the ordinal gives the number of the source's member 0.
            mysql(server, [f"--server-id={REPLICA_SERVER_ID}"], in_group=False),
            _follower(server),
            exporter(exporter_image),
        ],
        placement={},
        volumes=[],
    )


def _follower(server: Server) -> k8s.core.v1.ContainerArgs:
    return k8s.core.v1.ContainerArgs(
        name="follower",
        image=server.image,
        command=["/bin/bash", f"{SCRIPTS}/{FOLLOWER}"],
        env=environment(server.environment),
        resources=resources(FOLLOWER_REQUESTS, FOLLOWER_LIMITS),
        security_context=container_security(),
        volume_mounts=mounts("scripts", "users", "run", "temporary"),
    )
