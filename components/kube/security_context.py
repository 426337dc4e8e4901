"""Pure: what Pod Security "restricted" asks of a pod and of each of its containers."""

import pulumi_kubernetes as k8s

GAME_USER = 1000  # user and group of every image of the game


def pod_security(user: int = GAME_USER) -> k8s.core.v1.PodSecurityContextArgs:
    """An ordinary user that owns the pod's volumes."""
    return k8s.core.v1.PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=user,
        run_as_group=user,
        fs_group=user,
        # Else kubelet walks the whole volume at each start, minutes on a large one.
        fs_group_change_policy="OnRootMismatch",
        seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security() -> k8s.core.v1.SecurityContextArgs:
    """No capability, no way to gain one, nothing writable but the volumes."""
    return k8s.core.v1.SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL"]),
    )
