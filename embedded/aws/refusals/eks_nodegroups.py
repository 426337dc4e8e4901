"""EKS node groups: roles, subnets, templates, instance types, versions and sizes that do not fit."""

from __future__ import annotations

from moto.ec2.models.instance_types import INSTANCE_TYPES

from embedded.aws.account import Account
from embedded.aws.models.eks_nodegroups import DEFAULT_AMI_TYPE, launch_template, template_version
from embedded.aws.models.eks_state import EksCluster, Facts
from embedded.aws.models.eks_versions import MINORS
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict
from embedded.aws.refusals.eks_clusters import existing, minor, missing_subnets, subnets_of, trusts

_API = "https://docs.aws.amazon.com/eks/latest/APIReference/API_"
_TEMPLATES = "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html"


def _missing_role(account: Account, call: Call) -> Verdict:
    arn = call.parameters["nodeRole"]
    return {"name": arn.rsplit("/", 1)[-1]} if trusts(account, arn, "ec2.amazonaws.com") is None else None


def _untrusting_role(account: Account, call: Call) -> Verdict:
    arn = call.parameters["nodeRole"]
    return None if trusts(account, arn, "ec2.amazonaws.com") else {"role": arn}


def _missing_subnets(account: Account, call: Call) -> Verdict:
    return missing_subnets(account, call, call.parameters["subnets"])


def _foreign_subnets(account: Account, call: Call, cluster: EksCluster) -> Verdict:
    vpc = cluster.facts["resourcesVpcConfig"]["vpcId"]
    foreign = [it.id for it in subnets_of(account, call, call.parameters["subnets"]) if it.vpc_id != vpc]
    return {"foreign": ", ".join(foreign)} if foreign else None


def _missing_template(account: Account, call: Call) -> Verdict:
    given = call.parameters.get("launchTemplate")
    if given is None or launch_template(account, call, given) is not None:
        return None
    return {"template": given.get("id", given.get("name"))}


def _missing_template_version(account: Account, call: Call) -> Verdict:
    given = call.parameters.get("launchTemplate")
    template = launch_template(account, call, given) if given else None
    version = given.get("version", "$Default") if given else ""
    if template is None or version in ("$Default", "$Latest"):
        return None
    there = version.isdigit() and 1 <= int(version) <= template.latest_version_number
    return None if there else {"template": template.id, "version": version}


def _template_data(account: Account, call: Call) -> Facts | None:
    given = call.parameters.get("launchTemplate")
    template = launch_template(account, call, given) if given else None
    if template is None or given is None:
        return None
    data: Facts = template_version(template, given).data
    return data


def _disk_beside_template(_: Account, call: Call) -> Verdict:
    return {} if "launchTemplate" in call.parameters and "diskSize" in call.parameters else None


def _access_beside_template(_: Account, call: Call) -> Verdict:
    return {} if "launchTemplate" in call.parameters and "remoteAccess" in call.parameters else None


def _types_in_both(account: Account, call: Call) -> Verdict:
    data = _template_data(account, call)
    return {} if data and data.get("InstanceType") and call.parameters.get("instanceTypes") else None


def _unknown_types(_: Account, call: Call) -> Verdict:
    unknown = [it for it in call.parameters.get("instanceTypes", []) if it not in INSTANCE_TYPES]
    return {"unknown": ", ".join(unknown)} if unknown else None


def _wrong_architecture(_: Account, call: Call) -> Verdict:
    ami_type = call.parameters.get("amiType", DEFAULT_AMI_TYPE)
    wanted = "arm64" if "ARM_64" in ami_type else "x86_64"
    wrong = [
        it
        for it in call.parameters.get("instanceTypes", [])
        if wanted not in INSTANCE_TYPES[it]["ProcessorInfo"]["SupportedArchitectures"]
    ]
    return {"wrong": ", ".join(wrong), "ami_type": ami_type} if wrong and ami_type != "CUSTOM" else None


def _version_ahead(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    wanted, now = call.parameters.get("version"), cluster.facts["version"]
    fits = wanted is None or (wanted in MINORS and minor(now) - 3 <= minor(wanted) <= minor(now))
    return None if fits else {"wanted": wanted, "now": now}


def _wrong_release(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    release = call.parameters.get("releaseVersion")
    version = call.parameters.get("version", cluster.facts["version"])
    bottlerocket = "BOTTLEROCKET" in call.parameters.get("amiType", "")
    fits = release is None or bottlerocket or release.startswith(f"{version}.")
    return None if fits else {"release": release, "version": version}


def _sizes(call: Call, cluster: EksCluster) -> Facts:
    group = cluster.nodegroups.get(call.parameters["nodegroupName"], {})
    now: Facts = group.get("scalingConfig", {"minSize": 1, "maxSize": 2, "desiredSize": 2})
    sizes: Facts = now | call.parameters.get("scalingConfig", {})
    return sizes


def _below_least(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    sizes = _sizes(call, cluster)
    return sizes if sizes["minSize"] > sizes["desiredSize"] else None


def _above_most(_: Account, call: Call, cluster: EksCluster) -> Verdict:
    sizes = _sizes(call, cluster)
    return sizes if sizes["desiredSize"] > sizes["maxSize"] else None


_CREATE = ("CreateNodegroup",)
_VERSIONED = ("CreateNodegroup", "UpdateNodegroupVersion")
_SIZED = ("CreateNodegroup", "UpdateNodegroupConfig")
_INVALID = "InvalidParameterException"

TABLE = (
    Refusal(
        _CREATE,
        _missing_role,
        _INVALID,
        "The role with name {name} cannot be found.",
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
    ),
    Refusal(
        _CREATE,
        _untrusting_role,
        _INVALID,
        "Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of "
        "nodeRole {role}",
        "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
    ),
    Refusal(
        _CREATE, _missing_subnets, _INVALID, "The subnet ID '{missing}' does not exist", f"{_API}CreateNodegroup.html"
    ),
    Refusal(
        _CREATE,
        existing(_foreign_subnets),
        _INVALID,
        "Subnets {foreign} are not in the VPC of the cluster",
        f"{_API}CreateNodegroup.html",
    ),
    Refusal(
        _VERSIONED,
        _missing_template,
        _INVALID,
        "The specified launch template, with template ID {template}, does not exist.",
        _TEMPLATES,
    ),
    Refusal(
        _VERSIONED,
        _missing_template_version,
        _INVALID,
        "Could not find the specified version {version} for the launch template with ID {template}.",
        _TEMPLATES,
    ),
    Refusal(
        _CREATE,
        _disk_beside_template,
        _INVALID,
        "Disk size must be specified within the launch template.",
        _TEMPLATES,
    ),
    Refusal(
        _CREATE,
        _access_beside_template,
        _INVALID,
        "Remote access configuration cannot be specified with a launch template.",
        _TEMPLATES,
    ),
    Refusal(
        _CREATE,
        _types_in_both,
        "InvalidRequestException",
        "Cannot specify instance types in launch template and API request",
        "https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1386",
    ),
    Refusal(
        _CREATE,
        _unknown_types,
        _INVALID,
        "The following supplied instance types do not exist: [{unknown}]",
        "https://github.com/hashicorp/terraform-provider-aws/issues/21126",
    ),
    Refusal(
        _CREATE,
        _wrong_architecture,
        _INVALID,
        "[{wrong}] is not a valid instance type for requested amiType {ami_type}",
        "https://github.com/eksctl-io/eksctl/issues/7754, https://github.com/HHS/simpler-grants-gov/pull/12404",
    ),
    Refusal(
        _VERSIONED,
        existing(_version_ahead),
        _INVALID,
        "Nodegroup Kubernetes version {wanted} does not fit the cluster's {now}: no newer, three minors older at most",
        "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html",
    ),
    Refusal(
        _VERSIONED,
        existing(_wrong_release),
        _INVALID,
        "Requested release version {release} is not valid for kubernetes version {version}.",
        f"{_API}CreateNodegroup.html",
    ),
    Refusal(
        _SIZED,
        existing(_below_least),
        _INVALID,
        "Minimum capacity {minSize} can't be greater than desired size {desiredSize}",
        f"{_API}NodegroupScalingConfig.html",
    ),
    Refusal(
        _SIZED,
        existing(_above_most),
        _INVALID,
        "Desired capacity {desiredSize} can't be greater than max size {maxSize}",
        f"{_API}NodegroupScalingConfig.html",
    ),
)
