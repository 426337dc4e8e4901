"""What EKS refuses of node groups: one test per row of the table."""

from __future__ import annotations


def test_a_node_role_must_exist_and_trust_ec2(aws, refused):
    aws.cluster()
    with refused("InvalidParameterException", "The role with name none cannot be found"):
        aws.nodegroup(nodeRole="arn:aws:iam::123456789012:role/none")
    with refused("InvalidParameterException", r"required service principals \[ec2.amazonaws.com\]"):
        aws.nodegroup(nodeRole=aws.role("wrong", "eks.amazonaws.com"))


def test_nodes_live_in_subnets_of_the_clusters_network(aws, refused):
    aws.cluster()
    role = aws.role("node", "ec2.amazonaws.com")
    with refused("InvalidParameterException", "'subnet-0123' does not exist"):
        aws.nodegroup(nodeRole=role, subnets=["subnet-0123"])
    with refused("InvalidParameterException", "not in the VPC of the cluster"):
        aws.nodegroup(nodeRole=role, subnets=[aws.subnet(aws.vpc("10.9.0.0/16"))])


def test_a_launch_template_must_exist_in_that_version_and_say_what_belongs_into_it(aws, refused):
    aws.cluster()
    role = aws.role("node", "ec2.amazonaws.com")
    data = {"InstanceType": "m7i.large"}
    made = aws.ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)["LaunchTemplate"]
    template = {"id": made["LaunchTemplateId"], "version": "1"}
    for given, fault in (
        ({"launchTemplate": {"id": "lt-0123"}}, "lt-0123, does not exist"),
        ({"launchTemplate": template | {"version": "2"}}, "specified version 2"),
        ({"launchTemplate": template, "diskSize": 50}, "Disk size must be specified within the launch template"),
        ({"launchTemplate": template, "remoteAccess": {"ec2SshKey": "k"}}, "Remote access configuration"),
    ):
        with refused("InvalidParameterException", fault):
            aws.nodegroup(nodeRole=role, **given)
    with refused("InvalidRequestException", "instance types in launch template and API request"):
        aws.nodegroup(nodeRole=role, launchTemplate=template, instanceTypes=["m7i.large"])


def test_instance_types_must_exist_and_fit_the_image(aws, refused):
    aws.cluster()
    role = aws.role("node", "ec2.amazonaws.com")
    with refused("InvalidParameterException", r"do not exist: \[m99.large\]"):
        aws.nodegroup(nodeRole=role, instanceTypes=["m7i.large", "m99.large"])
    with refused(
        "InvalidParameterException", r"\[m7g.large\] is not a valid instance type for requested amiType AL2023_x86"
    ):
        aws.nodegroup(nodeRole=role, instanceTypes=["m7g.large"])
    aws.nodegroup(nodeRole=role, instanceTypes=["m7g.large"], amiType="AL2023_ARM_64_STANDARD")


def test_nodes_are_never_ahead_of_their_cluster_and_release_and_version_agree(aws, refused):
    aws.cluster(version="1.34")
    role = aws.role("node", "ec2.amazonaws.com")
    for version in ("1.35", "1.30", "nonsense"):
        with refused("InvalidParameterException", f"version {version} does not fit the cluster's 1.34"):
            aws.nodegroup(nodeRole=role, version=version)
    with refused(
        "InvalidParameterException", "release version 1.33.8-20260304 is not valid for kubernetes version 1.34"
    ):
        aws.nodegroup(nodeRole=role, releaseVersion="1.33.8-20260304")


def test_sizes_of_a_node_group_are_in_order(aws, refused):
    aws.cluster()
    role = aws.role("node", "ec2.amazonaws.com")
    with refused("InvalidParameterException", "Minimum capacity 3 can't be greater than desired size 2"):
        aws.nodegroup(nodeRole=role, scalingConfig={"minSize": 3, "maxSize": 5, "desiredSize": 2})
    with refused("InvalidParameterException", "Desired capacity 6 can't be greater than max size 5"):
        aws.nodegroup(nodeRole=role, scalingConfig={"minSize": 1, "maxSize": 5, "desiredSize": 6})
    aws.nodegroup(nodeRole=role)
    with refused("InvalidParameterException", "Desired capacity 2 can't be greater than max size 1"):
        aws.eks.update_nodegroup_config(clusterName="game", nodegroupName="nodes", scalingConfig={"maxSize": 1})
