"""RedisJob: what is done once to the cluster as a whole: it is founded, or servers are emptied before they go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi
import pulumi_kubernetes as k8s

from components.data.ground import DataGround
from components.data.redis.names import BOOTSTRAP_SELECTOR
from components.data.redis.pod import (
    REDIS_USER,
    environment,
    fixed,
    python_environment,
    script_mounts,
    volumes,
    without_sidecar,
)
from components.data.redis.server_files import FILES_PATH, RUNTIME
from components.data.redis.shape import JOB_LIMITS, JOB_REQUESTS, WORKLOAD
from components.kube.checksum import checksum
from components.kube.placement import node_selector, tolerations
from components.kube.security_context import container_security, pod_security

BACKOFF_LIMIT = 6
# Ten minutes it waits itself for the pods to answer; slots move at the pace of their keys.
TIMEOUT = "30m"
_NAME_DIGITS = 8


@dataclass(frozen=True, kw_only=True)
class RedisJobArgs:
    """`module` of the package `runtime`, with `extra` variables besides those of every script; `servers` are the pods.

    `files`, `config_map` and `users` are the pods' own; `after` the StatefulSet, and the Job's own rights and ways.
    """

    module: Literal["bootstrap", "scale_in"]
    ground: DataGround
    files: Mapping[str, str]
    config_map: pulumi.Input[str]
    users: pulumi.Input[str]
    service_account: pulumi.Input[str]
    image: pulumi.Input[str]
    servers: int
    after: tuple[pulumi.Resource, ...]
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """The module's name where no underscore may stand."""
        return self.module.replace("_", "-")

    @property
    def object_name(self) -> str:
        """Another script, or another number of servers, is another Job; all scripts are idempotent."""
        runtime = {path: text for path, text in self.files.items() if path.startswith(f"{RUNTIME}/")}
        content: dict[str, Any] = {"runtime": runtime, "servers": self.servers, "extra": dict(self.extra)}
        return f"redis-{self.role}-{checksum(content)[:_NAME_DIGITS]}"


class RedisJob(pulumi.ComponentResource):
    """A Job that an up waits for, and that runs again only when it is another."""

    def __init__(self, name: str, args: RedisJobArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("gameregions:data:RedisJob", f"{name}-{args.role}", None, opts)
        labels = args.ground.labels(BOOTSTRAP_SELECTOR)
        k8s.batch.v1.Job(
            f"{name}-redis-{args.role}",
            metadata=k8s.meta.v1.ObjectMetaArgs(
                name=args.object_name,
                namespace=args.ground.namespace,
                labels=labels,
                # One that has failed for good is made anew by the next up.
                annotations={"pulumi.com/replaceUnready": "true"},
            ),
            spec=k8s.batch.v1.JobSpecArgs(
                backoff_limit=BACKOFF_LIMIT,
                # No time to live: a Job that is gone would be made again by each up.
                template=k8s.core.v1.PodTemplateSpecArgs(
                    metadata=k8s.meta.v1.ObjectMetaArgs(labels=without_sidecar(labels)), spec=_pod(args)
                ),
            ),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=list(args.after),
                custom_timeouts=pulumi.CustomTimeouts(create=TIMEOUT, update=TIMEOUT),
            ),
        )
        self.register_outputs({})


def _pod(args: RedisJobArgs) -> k8s.core.v1.PodSpecArgs:
    variables = [k8s.core.v1.EnvVarArgs(name=name, value=value) for name, value in sorted(args.extra.items())]
    return k8s.core.v1.PodSpecArgs(
        restart_policy="Never",
        service_account_name=args.service_account,
        automount_service_account_token=True,  # it asks which zone each pod stands in
        enable_service_links=False,
        priority_class_name=args.ground.priority_class,
        security_context=pod_security(REDIS_USER),
        node_selector=node_selector(WORKLOAD),
        tolerations=tolerations(WORKLOAD),
        containers=[
            k8s.core.v1.ContainerArgs(
                name=args.role,
                image=args.image,
                command=["python", "-m", f"{RUNTIME}.{args.module}"],
                working_dir=FILES_PATH,
                env=[*environment(args.servers), *python_environment(), *variables],
                resources=fixed(JOB_REQUESTS, JOB_LIMITS),
                security_context=container_security(),
                volume_mounts=script_mounts(),
            )
        ],
        volumes=volumes(args.config_map, args.users, args.files),
    )
