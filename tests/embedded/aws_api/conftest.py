"""An empty embedded AWS account per test, and the usual things in it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from embedded.aws import faults
from embedded.aws.endpoint import AwsEndpoint
from embedded.aws.faults import Faults

REGION = "us-east-1"


class MemoryJournal:
    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def record(self, kind: str, entry: Mapping[str, Any]) -> int:
        assert kind == "aws"
        self.entries.append(json.loads(json.dumps(entry)))
        return len(self.entries)

    @property
    def operations(self) -> list[str]:
        return [entry["operation"] for entry in self.entries]


def trust(*services: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": list(services)},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Aws:
    """Clients of one endpoint in one region, and short ways to what most tests need."""

    def __init__(self, region: str = REGION, faults: Faults | None = None) -> None:
        self.journal = MemoryJournal()
        self.endpoint = AwsEndpoint(self.journal, threading.RLock(), faults)
        self.region = region

    def __getattr__(self, service: str) -> Any:
        return self.endpoint.client(service, self.region)

    def vpc(self, cidr: str = "10.0.0.0/16") -> str:
        return str(self.ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"])

    def subnet(self, vpc: str, index: int = 0, zone: str = "a") -> str:
        block = self.ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["CidrBlock"].replace("0.0/16", f"{index}.0/24")
        made = self.ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{self.region}{zone}")
        return str(made["Subnet"]["SubnetId"])

    def internet_gateway(self, vpc: str) -> str:
        gateway = str(self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        return gateway

    def nat_gateway(self, subnet: str) -> tuple[str, str]:
        """(gateway, allocation of its address)."""
        allocation = str(self.ec2.allocate_address(Domain="vpc")["AllocationId"])
        made = self.ec2.create_nat_gateway(SubnetId=subnet, AllocationId=allocation)["NatGateway"]
        return str(made["NatGatewayId"]), allocation

    def group(self, vpc: str, name: str = "group") -> str:
        return str(self.ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"])

    def role(self, name: str, *services: str) -> str:
        return str(self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(*services))["Role"]["Arn"])

    def may_network(self, role: str) -> str:
        """The role, with the rights that the CNI needs."""
        policy = "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy"
        self.iam.attach_role_policy(RoleName=role.rpartition("/")[2], PolicyArn=policy)
        return role

    def key(self) -> str:
        return str(self.kms.create_key()["KeyMetadata"]["Arn"])

    def subnets(self) -> list[str]:
        vpc = self.vpc()
        return [self.subnet(vpc, index, zone) for index, zone in enumerate("ab")]

    def cluster(self, name: str = "game", subnets: list[str] | None = None, **given: Any) -> dict[str, Any]:
        """A cluster of API mode with its role `<name>-cluster`; `given` goes to CreateCluster on top."""
        network = {"subnetIds": subnets or self.subnets()}
        usual: dict[str, Any] = {
            "version": "1.35",
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "resourcesVpcConfig": network,
        }
        usual["roleArn"] = given.pop("roleArn", None) or self.role(f"{name}-cluster", "eks.amazonaws.com")
        made: dict[str, Any] = self.eks.create_cluster(name=name, **(usual | given))["cluster"]
        return made

    def nodegroup(self, cluster: str = "game", name: str = "nodes", **given: Any) -> dict[str, Any]:
        """A node group in the cluster's subnets; its role `<name>-node` may network, unless `given` names one."""
        role = given.pop("nodeRole", None) or self.may_network(self.role(f"{name}-node", "ec2.amazonaws.com"))
        subnets = self.eks.describe_cluster(name=cluster)["cluster"]["resourcesVpcConfig"]["subnetIds"]
        usual = {"subnets": subnets, "nodeRole": role, "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 2}}
        made = self.eks.create_nodegroup(clusterName=cluster, nodegroupName=name, **(usual | given))
        return dict(made["nodegroup"])


def unsteady(seed: int) -> Aws:
    """An account in which things go wrong by a seed."""
    return Aws(faults=Faults(seed))


@pytest.fixture
def aws() -> Aws:
    return Aws()


@pytest.fixture
def calm(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """In unsteady accounts nothing goes wrong but what a test sets itself."""
    for share in ("THROTTLED_SHARE", "SHORT_SHARE", "DEGRADED_SHARE", "LINGERING_SHARE"):
        monkeypatch.setattr(faults, share, 0.0)
    return monkeypatch


@pytest.fixture
def refused() -> Any:
    @contextmanager
    def expect(code: str, match: str) -> Iterator[None]:
        with pytest.raises(ClientError, match=match) as caught:
            yield
        assert caught.value.response["Error"]["Code"] == code

    return expect
