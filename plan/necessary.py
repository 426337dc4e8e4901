"""What AWS and Kubernetes themselves require before they create a resource: one row per edge, one source per row.

This is not what the program declares but what no program can do without. `plan.makespan` sets the two side by side:
an edge of the program that follows from no row costs time for a reason of ours, and a row that follows from no edge of
the program is an order that the program leaves to luck.
"""

import json
from collections.abc import Iterator, Mapping

from components.charts import (
    BARMAN_CLOUD,
    CERT_MANAGER,
    CLOUDNATIVE_PG,
    ISTIO_BASE,
    ISTIO_GATEWAY,
    ISTIOD,
    KARPENTER,
    KARPENTER_CRD,
    PROMETHEUS_CRDS,
    PROMETHEUS_STACK,
)
from plan.data_needs import DATA
from plan.links import (
    World,
    bringing_its_kind,
    first_that_fits,
    holding_its_addresses,
    in_region,
    its_namespace,
    named_by_pods,
    of_cni,
    of_its_account,
    sharing,
    way_out,
    where_cni_has_identity,
    with_same,
)
from plan.needs import ANY_OBJECT, BY_ID, Need, Which, aws, with_template
from plan.objects import RELEASE
from plan.recorder import Recording
from plan.registration import RecordedResource
from plan.values import lookup


def _addon(*names: str) -> Which:
    return lambda resource: resource.resolved.get("addonName") in names


def _chart(*names: str) -> Which:
    return lambda resource: resource.resolved.get("chart") in names


def _with_pods(resource: RecordedResource) -> bool:
    if resource.type == RELEASE:
        # Neither has a pod of its own.
        return resource.resolved.get("chart") not in (ISTIO_BASE.name, KARPENTER_CRD.name, PROMETHEUS_CRDS.name)
    return with_template(resource)


def _with_claims(resource: RecordedResource) -> bool:
    if resource.type == RELEASE:
        return "storageClassName" in json.dumps(resource.resolved.get("values"))
    return bool(lookup(resource.resolved, "spec", "volumeClaimTemplates"))


_EKS = "docs.aws.amazon.com/eks/latest/APIReference"
_GUIDE = "docs.aws.amazon.com/eks/latest/userguide"
_VPC_GUIDE = "docs.aws.amazon.com/vpc/latest/userguide"
_KUBERNETES = "kubernetes.io/docs/concepts"

_ROLE = aws("iam/role")
_ATTACHMENT = aws("iam/rolePolicyAttachment")
_CLUSTER = aws("eks/cluster")
_GROUP = aws("eks/nodeGroup")
_ADDON = aws("eks/addon")
_IDENTITY = aws("eks/podIdentityAssociation")

_AROUND_NODES = (
    Need(
        dependent=aws("ec2/subnet"),
        needed=aws("ec2/vpcIpv4CidrBlockAssociation"),
        link=holding_its_addresses,
        source=f"{_VPC_GUIDE}/vpc-cidr-blocks.html",
    ),
    Need(
        dependent=aws("ec2/natGateway"),
        needed=aws("ec2/internetGateway"),
        link=in_region,
        source=f"{_VPC_GUIDE}/nat-gateway-troubleshooting.html (Gateway.NotAttached)",
    ),
    Need(
        dependent=aws("lb/loadBalancer"),
        needed=aws("ec2/internetGateway"),
        link=in_region,
        when=lambda resource: not resource.resolved.get("internal"),
        source="docs.aws.amazon.com/elasticloadbalancing/latest/network/create-network-load-balancer.html",
    ),
    Need(
        dependent=_CLUSTER,
        needed=_ATTACHMENT,
        link=sharing(_ROLE),
        source=f"{_GUIDE}/cluster-iam-role.html",
    ),
    Need(dependent=_GROUP, needed=_ATTACHMENT, link=sharing(_ROLE), source=f"{_GUIDE}/create-node-role.html"),
    # Nodes join over the cluster's endpoint and fetch their images: EKS waits until they are ready.
    Need(
        dependent=_GROUP,
        needed=aws("ec2/route"),
        link=way_out,
        of=lambda resource: resource.resolved.get("destinationCidrBlock") == "0.0.0.0/0",
        source=f"{_GUIDE}/troubleshooting.html#worker-node-fail",
    ),
    Need(
        dependent=_GROUP,
        needed=aws("ec2/routeTableAssociation"),
        link=way_out,
        source=f"{_VPC_GUIDE}/VPC_Route_Tables.html",
    ),
    Need(
        dependent=_GROUP,
        needed=_ADDON,
        link=in_region,
        of=_addon("vpc-cni"),
        source=f"{_GUIDE}/troubleshooting.html#troubleshoot-container-runtime-network",
    ),
    # Where the CNI has its rights by Pod Identity: credentials are put into its pod when that is admitted, on the node
    # that waits for it.
    Need(
        dependent=_GROUP,
        needed=_IDENTITY,
        link=in_region,
        of=of_cni,
        source=f"{_GUIDE}/cni-iam-role.html",
    ),
    Need(
        dependent=_GROUP,
        needed=_ADDON,
        link=where_cni_has_identity,
        of=_addon("eks-pod-identity-agent"),
        source=f"{_GUIDE}/pod-id-agent-setup.html",
    ),
    # The CNI's own pod reaches the API server by its Service's address.
    Need(
        dependent=_GROUP,
        needed=_ADDON,
        link=in_region,
        of=_addon("kube-proxy"),
        source="github.com/terraform-aws-modules/terraform-aws-eks/issues/3525",
    ),
)
_IN_CLUSTER = (
    Need(dependent=_ADDON, needed=_CLUSTER, link=in_region, source=f"{_EKS}/API_CreateAddon.html"),
    Need(
        dependent=_IDENTITY,
        needed=_CLUSTER,
        link=in_region,
        source=f"{_EKS}/API_CreatePodIdentityAssociation.html",
    ),
    Need(
        dependent=aws("eks/accessEntry"),
        needed=_CLUSTER,
        link=in_region,
        source=f"{_EKS}/API_CreateAccessEntry.html",
    ),
    Need(
        dependent=aws("eks/accessPolicyAssociation"),
        needed=aws("eks/accessEntry"),
        link=with_same("principalArn"),
        source=f"{_GUIDE}/access-policies.html",
    ),
    Need(
        dependent=_ADDON,
        needed=_GROUP,
        link=first_that_fits,
        when=_addon("coredns", "metrics-server", "aws-ebs-csi-driver"),
        source=f"{_GUIDE}/add-ons-troubleshooting.html (InsufficientNumberOfReplicas)",
    ),
    # Credentials are put into a pod when it is admitted.
    Need(
        dependent=_ADDON,
        needed=_IDENTITY,
        link=in_region,
        when=_addon("aws-ebs-csi-driver"),
        of=lambda resource: resource.resolved.get("serviceAccount") == "ebs-csi-controller-sa",
        source=f"{_GUIDE}/pod-id-association.html",
    ),
    Need(dependent=RELEASE, needed=_IDENTITY, link=of_its_account, source=f"{_GUIDE}/pod-id-how-it-works.html"),
    Need(dependent=ANY_OBJECT, needed=_CLUSTER, link=in_region, source=f"{_GUIDE}/create-cluster.html"),
    # The cluster's creator has no rights of its own in it.
    Need(
        dependent=ANY_OBJECT,
        needed=aws("eks/accessPolicyAssociation"),
        link=in_region,
        source=f"{_GUIDE}/access-entries.html",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed="kubernetes:core/v1:Namespace",
        link=its_namespace,
        source=f"{_KUBERNETES}/overview/working-with-objects/namespaces",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed=RELEASE,
        link=bringing_its_kind,
        source=f"{_KUBERNETES}/extend-kubernetes/api-extension/custom-resources",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed=aws("lb/targetGroup"),
        source="kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/targetgroupbinding/targetgroupbinding",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed=_GROUP,
        link=first_that_fits,
        when=_with_pods,
        source=f"{_KUBERNETES}/scheduling-eviction/kube-scheduler",
    ),
    Need(
        dependent=ANY_OBJECT,
        needed=_ADDON,
        link=in_region,
        when=_with_claims,
        of=_addon("aws-ebs-csi-driver"),
        source=f"{_GUIDE}/ebs-csi.html",
    ),
    Need(
        dependent=RELEASE,
        needed=_ADDON,
        link=in_region,
        when=_with_pods,
        of=_addon("coredns"),
        source="karpenter.sh/docs/troubleshooting (Karpenter Unable to Resolve DNS)",
    ),
)
_POD_NAMES = tuple(
    Need(
        dependent=ANY_OBJECT,
        needed=f"kubernetes:{kind}",
        link=named_by_pods,
        when=with_template,
        source=f"{_KUBERNETES}/{page}",
    )
    for kind, page in (
        ("core/v1:ConfigMap", "configuration/configmap"),
        ("core/v1:Secret", "configuration/secret"),
        ("core/v1:Service", "workloads/controllers/statefulset"),
        ("core/v1:ServiceAccount", "security/service-accounts"),
        ("scheduling.k8s.io/v1:PriorityClass", "scheduling-eviction/pod-priority-preemption"),
        ("storage.k8s.io/v1:StorageClass", "storage/storage-classes"),
    )
)
_BARMAN = "cloudnative-pg.io/plugin-barman-cloud/docs/installation"
_CHARTS = tuple(
    Need(
        dependent=RELEASE,
        needed=RELEASE,
        link=in_region,
        when=_chart(chart),
        of=_chart(needed),
        source=source,
    )
    for chart, needed, source in (
        (KARPENTER.name, KARPENTER_CRD.name, "karpenter.sh/docs/upgrading/upgrade-guide (CRD upgrades)"),
        (ISTIOD.name, ISTIO_BASE.name, "istio.io/latest/docs/setup/install/helm"),
        (ISTIO_GATEWAY.name, ISTIOD.name, "istio.io/latest/docs/setup/additional-setup/gateway"),
        (BARMAN_CLOUD.name, CERT_MANAGER.name, _BARMAN),
        (BARMAN_CLOUD.name, CLOUDNATIVE_PG.name, _BARMAN),
        (PROMETHEUS_STACK.name, PROMETHEUS_CRDS.name, "github.com/prometheus-operator/prometheus-operator (CRDs)"),
    )
)

NEEDS: tuple[Need, ...] = (*BY_ID, *_AROUND_NODES, *_IN_CLUSTER, *_POD_NAMES, *_CHARTS, *DATA)


def necessary_edges(recording: Recording) -> Mapping[str, frozenset[str]]:
    """For each URN the URNs that must be there before it, by NEEDS alone; both are resources of the recording."""
    world = World(recording)
    return {resource.urn: frozenset(_needed(world, resource)) for resource in recording.resources if resource.custom}


def _needed(world: World, resource: RecordedResource) -> Iterator[str]:
    for need in NEEDS:
        applies = need.dependent == resource.type or (
            need.dependent == ANY_OBJECT and resource.type.startswith(ANY_OBJECT)
        )
        if applies and need.when(resource):
            candidates = [item for item in world.of_type(need.needed, resource.region) if need.of(item)]
            yield from (item.urn for item in need.link(world, resource, candidates) if item.urn != resource.urn)
