"""What the API server checks and the published schemas do not say, as far as a table can say it.

Keys are short definition names (`core.v1.ServiceSpec`). Source: pkg/apis/*/validation/validation.go and the field
descriptions of Kubernetes 1.35.
"""

from __future__ import annotations

from typing import Final

from embedded.kubernetes import names
from embedded.kubernetes.names import Syntax


def _if_given(syntax: Syntax) -> Syntax:
    return lambda value: syntax(value) if value else None


_PROTOCOLS: Final = ("TCP", "UDP", "SCTP")
_POLICIES: Final = ("Always", "OnFailure", "Never")
_KEEP: Final = ("Retain", "Delete")
_ROLLING: Final = ("RollingUpdate", "OnDelete")
_INCLUDE: Final = ("Honor", "Ignore")
_TRAFFIC: Final = ("Cluster", "Local")
_MODES: Final = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
_VOLUME_MODES: Final = ("Filesystem", "Block")
_PREEMPTION: Final = ("PreemptLowerPriority", "Never")
_EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_SELECTORS: Final = ("In", "NotIn", "Exists", "DoesNotExist")
_PORT: Final = (1, 65535)
_COUNT: Final = (0, None)

ENUMS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "core.v1.Container": {
        "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
        "terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
    },
    "core.v1.ContainerPort": {"protocol": _PROTOCOLS},
    "core.v1.ServicePort": {"protocol": _PROTOCOLS},
    "networking.v1.NetworkPolicyPort": {"protocol": _PROTOCOLS},
    "networking.v1.NetworkPolicySpec": {"policyTypes": ("Ingress", "Egress")},
    "networking.v1.HTTPIngressPath": {"pathType": ("Exact", "Prefix", "ImplementationSpecific")},
    "core.v1.PodSpec": {
        "restartPolicy": _POLICIES,
        "dnsPolicy": ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
        "preemptionPolicy": _PREEMPTION,
    },
    "core.v1.PodSecurityContext": {
        "fsGroupChangePolicy": ("OnRootMismatch", "Always"),
        "supplementalGroupsPolicy": ("Merge", "Strict"),
    },
    "core.v1.SeccompProfile": {"type": ("RuntimeDefault", "Localhost", "Unconfined")},
    "core.v1.Toleration": {"operator": ("Exists", "Equal"), "effect": ("", *_EFFECTS)},
    "core.v1.Taint": {"effect": _EFFECTS},
    "core.v1.TopologySpreadConstraint": {
        "whenUnsatisfiable": ("DoNotSchedule", "ScheduleAnyway"),
        "nodeAffinityPolicy": _INCLUDE,
        "nodeTaintsPolicy": _INCLUDE,
    },
    "core.v1.NodeSelectorRequirement": {"operator": (*_SELECTORS, "Gt", "Lt")},
    "meta.v1.LabelSelectorRequirement": {"operator": _SELECTORS},
    "core.v1.HTTPGetAction": {"scheme": ("HTTP", "HTTPS")},
    "core.v1.ServiceSpec": {
        "type": ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
        "sessionAffinity": ("None", "ClientIP"),
        "externalTrafficPolicy": _TRAFFIC,
        "internalTrafficPolicy": _TRAFFIC,
        "ipFamilyPolicy": ("SingleStack", "PreferDualStack", "RequireDualStack"),
        "ipFamilies": ("IPv4", "IPv6"),
    },
    "core.v1.PersistentVolumeClaimSpec": {"accessModes": _MODES, "volumeMode": _VOLUME_MODES},
    "core.v1.PersistentVolumeSpec": {
        "accessModes": _MODES,
        "volumeMode": _VOLUME_MODES,
        "persistentVolumeReclaimPolicy": ("Retain", "Delete", "Recycle"),
    },
    "core.v1.LimitRangeItem": {"type": ("Pod", "Container", "PersistentVolumeClaim")},
    "core.v1.ResourceQuotaSpec": {
        "scopes": (
            "Terminating",
            "NotTerminating",
            "BestEffort",
            "NotBestEffort",
            "PriorityClass",
            "CrossNamespacePodAffinity",
        )
    },
    "apps.v1.StatefulSetSpec": {"podManagementPolicy": ("OrderedReady", "Parallel")},
    "apps.v1.StatefulSetUpdateStrategy": {"type": _ROLLING},
    "apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": _KEEP, "whenScaled": _KEEP},
    "apps.v1.DeploymentStrategy": {"type": ("Recreate", "RollingUpdate")},
    "apps.v1.DaemonSetUpdateStrategy": {"type": _ROLLING},
    "batch.v1.CronJobSpec": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "batch.v1.JobSpec": {
        "completionMode": ("NonIndexed", "Indexed"),
        "podReplacementPolicy": ("TerminatingOrFailed", "Failed"),
    },
    "storage.v1.StorageClass": {"reclaimPolicy": _KEEP, "volumeBindingMode": ("Immediate", "WaitForFirstConsumer")},
    "scheduling.v1.PriorityClass": {"preemptionPolicy": _PREEMPTION},
    "policy.v1.PodDisruptionBudgetSpec": {"unhealthyPodEvictionPolicy": ("IfHealthyBudget", "AlwaysAllow")},
    "autoscaling.v2.MetricSpec": {"type": ("Resource", "Pods", "Object", "External", "ContainerResource")},
    "autoscaling.v2.MetricTarget": {"type": ("Utilization", "Value", "AverageValue")},
    "autoscaling.v2.HPAScalingRules": {"selectPolicy": ("Max", "Min", "Disabled")},
    "autoscaling.v2.HPAScalingPolicy": {"type": ("Pods", "Percent")},
    "rbac.v1.RoleRef": {"apiGroup": ("rbac.authorization.k8s.io",), "kind": ("Role", "ClusterRole")},
    "rbac.v1.Subject": {"kind": ("User", "Group", "ServiceAccount")},
}

RANGES: Final[dict[str, dict[str, tuple[int, int | None]]]] = {
    "core.v1.ContainerPort": {"containerPort": _PORT, "hostPort": (0, 65535)},
    "core.v1.ServicePort": {"port": _PORT, "targetPort": _PORT, "nodePort": (30000, 32767)},
    "core.v1.HTTPGetAction": {"port": _PORT},
    "core.v1.TCPSocketAction": {"port": _PORT},
    "core.v1.GRPCAction": {"port": _PORT},
    "networking.v1.NetworkPolicyPort": {"port": _PORT, "endPort": _PORT},
    "networking.v1.ServiceBackendPort": {"number": _PORT},
    "core.v1.Probe": {
        "initialDelaySeconds": _COUNT,
        "timeoutSeconds": (1, None),
        "periodSeconds": (1, None),
        "successThreshold": (1, None),
        "failureThreshold": (1, None),
        "terminationGracePeriodSeconds": (1, None),
    },
    "core.v1.PodSpec": {"terminationGracePeriodSeconds": _COUNT, "activeDeadlineSeconds": (1, None)},
    "core.v1.PodSecurityContext": {"runAsUser": _COUNT, "runAsGroup": _COUNT, "fsGroup": _COUNT},
    "core.v1.SecurityContext": {"runAsUser": _COUNT, "runAsGroup": _COUNT},
    "core.v1.TopologySpreadConstraint": {"maxSkew": (1, None), "minDomains": (1, None)},
    "core.v1.WeightedPodAffinityTerm": {"weight": (1, 100)},
    "core.v1.PreferredSchedulingTerm": {"weight": (1, 100)},
    "core.v1.SecretVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.ConfigMapVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.ProjectedVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.DownwardAPIVolumeSource": {"defaultMode": (0, 0o777)},
    "core.v1.KeyToPath": {"mode": (0, 0o777)},
    "core.v1.ClientIPConfig": {"timeoutSeconds": (1, 86400)},
    "apps.v1.StatefulSetSpec": {"replicas": _COUNT, "minReadySeconds": _COUNT, "revisionHistoryLimit": _COUNT},
    "apps.v1.RollingUpdateStatefulSetStrategy": {"partition": _COUNT},
    "apps.v1.StatefulSetOrdinals": {"start": _COUNT},
    "apps.v1.DeploymentSpec": {"replicas": _COUNT, "minReadySeconds": _COUNT, "revisionHistoryLimit": _COUNT},
    "apps.v1.ReplicaSetSpec": {"replicas": _COUNT, "minReadySeconds": _COUNT},
    "apps.v1.DaemonSetSpec": {"minReadySeconds": _COUNT, "revisionHistoryLimit": _COUNT},
    "batch.v1.JobSpec": {
        "parallelism": _COUNT,
        "completions": _COUNT,
        "backoffLimit": _COUNT,
        "activeDeadlineSeconds": _COUNT,
        "ttlSecondsAfterFinished": _COUNT,
    },
    "batch.v1.CronJobSpec": {"successfulJobsHistoryLimit": _COUNT, "failedJobsHistoryLimit": _COUNT},
    # Above a thousand million is the system's own (HighestUserDefinablePriority).
    "scheduling.v1.PriorityClass": {"value": (-2_147_483_648, 1_000_000_000)},
    "policy.v1.PodDisruptionBudgetSpec": {"minAvailable": _COUNT, "maxUnavailable": _COUNT},
    "autoscaling.v2.HorizontalPodAutoscalerSpec": {"minReplicas": (1, None), "maxReplicas": (1, None)},
    "autoscaling.v2.HPAScalingRules": {"stabilizationWindowSeconds": (0, 3600)},
    "autoscaling.v2.HPAScalingPolicy": {"value": (1, None), "periodSeconds": (1, 1800)},
}

SYNTAX: Final[dict[str, dict[str, Syntax]]] = {
    "core.v1.Container": {"name": names.dns_label},
    "core.v1.ContainerPort": {"name": names.port_name},
    "core.v1.ServicePort": {"name": names.dns_label, "targetPort": names.port_name},
    "core.v1.HTTPGetAction": {"port": names.port_name},
    "core.v1.TCPSocketAction": {"port": names.port_name},
    "networking.v1.NetworkPolicyPort": {"port": names.port_name},
    "networking.v1.IPBlock": {"cidr": names.cidr, "except": names.cidr},
    "core.v1.Volume": {"name": names.dns_label},
    "core.v1.EnvVar": {"name": names.environment_name},
    "core.v1.EnvFromSource": {"prefix": _if_given(names.environment_name)},
    "core.v1.PodSpec": {
        "serviceAccountName": names.dns_subdomain,
        "priorityClassName": names.dns_subdomain,
        "hostname": names.dns_label,
        "subdomain": names.dns_label,
    },
    "core.v1.Toleration": {"key": _if_given(names.qualified_name)},
    "core.v1.Taint": {"key": names.qualified_name, "value": names.label_value},
    "core.v1.TopologySpreadConstraint": {"topologyKey": names.qualified_name},
    "core.v1.PodAffinityTerm": {"topologyKey": names.qualified_name},
    "core.v1.NodeSelectorRequirement": {"key": names.qualified_name},
    "meta.v1.LabelSelectorRequirement": {"key": names.qualified_name, "values": names.label_value},
    "core.v1.ServiceSpec": {"loadBalancerSourceRanges": names.cidr, "externalName": names.dns_subdomain},
    "core.v1.PersistentVolumeClaimSpec": {"storageClassName": _if_given(names.dns_subdomain)},
    "apps.v1.StatefulSetSpec": {"serviceName": names.dns_subdomain},
    "apps.v1.RollingUpdateDeployment": {"maxSurge": names.percent, "maxUnavailable": names.percent},
    "apps.v1.RollingUpdateDaemonSet": {"maxSurge": names.percent, "maxUnavailable": names.percent},
    "apps.v1.RollingUpdateStatefulSetStrategy": {"maxUnavailable": names.percent},
    "policy.v1.PodDisruptionBudgetSpec": {"minAvailable": names.percent, "maxUnavailable": names.percent},
    "storage.v1.StorageClass": {"provisioner": names.qualified_name},
    "core.v1.ConfigMapKeySelector": {"key": names.config_key},
    "core.v1.SecretKeySelector": {"key": names.config_key},
}
