"""What the tests of the waits before a delete share: an account, a clock, and resources about to go."""

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from embedded.aws.endpoint import AwsEndpoint
from stacks.delete_hooks.waits import Clock, Doomed, Place, Wait

REGION, ACCOUNT = "eu-west-1", "123456789012"
CLUSTER = "mmorpg-eu-west"
SUBNET, GROUP = "aws:ec2/subnet:Subnet", "aws:ec2/securityGroup:SecurityGroup"
RELEASE = "kubernetes:helm.sh/v3:Release"


class Journal:
    """Numbers the calls, by which the account makes up its ids."""

    def __init__(self) -> None:
        self._calls = 0

    def record(self, kind: str, entry: Mapping[str, Any]) -> int:
        self._calls += 1
        return self._calls


class Aws:
    """One region of an embedded account with a cluster, as the waits reach it; `asked` is every (name, place)."""

    def __init__(self) -> None:
        self._endpoint = AwsEndpoint(Journal(), threading.RLock())
        self.asked: list[tuple[str, Place]] = []
        self.ec2, self.elbv2 = self.client("ec2"), self.client("elbv2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self._subnet("10.0.0.0/24", "a")
        self._cluster()

    def __call__(self, name: str, place: Place) -> "Aws":
        self.asked.append((name, place))
        return self

    def client(self, service: str) -> Any:
        return self._endpoint.client(service, REGION)

    def _cluster(self) -> None:
        trust = {"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = self.client("iam").create_role(RoleName=f"{CLUSTER}-cluster", AssumeRolePolicyDocument=document)
        subnets = [self.subnet, self._subnet("10.0.1.0/24", "b")]
        self.client("eks").create_cluster(
            name=CLUSTER, roleArn=role["Role"]["Arn"], resourcesVpcConfig={"subnetIds": subnets}
        )

    def _subnet(self, block: str, zone: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=REGION + zone)
        return str(made["Subnet"]["SubnetId"])

    def group(self, name: str, **tags: str) -> str:
        group = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
        self.ec2.create_tags(Resources=[group], Tags=[{"Key": "Name", "Value": name}, *pairs(tags)])
        return str(group)

    def interface(self, description: str, *groups: str, **tags: str) -> str:
        made = self.ec2.create_network_interface(SubnetId=self.subnet, Description=description, Groups=[*groups])
        ident = str(made["NetworkInterface"]["NetworkInterfaceId"])
        self.ec2.create_tags(Resources=[ident], Tags=[{"Key": "a", "Value": "b"}, *pairs(tags)])
        return ident

    def interfaces(self) -> list[str]:
        found = self.ec2.describe_network_interfaces()["NetworkInterfaces"]
        return [each["NetworkInterfaceId"] for each in found]

    def balancer(self, name: str, cluster: str | None) -> str:
        tags = pairs({} if cluster is None else {"elbv2.k8s.aws/cluster": cluster}) or pairs({"a": "b"})
        made = self.elbv2.create_load_balancer(
            Name=name, Type="network", Scheme="internal", Subnets=[self.subnet], Tags=tags
        )
        return str(made["LoadBalancers"][0]["LoadBalancerArn"])

    def instance(self, cluster: str, **tags: str) -> str:
        owned = {"karpenter.sh/nodepool": "worlds", f"kubernetes.io/cluster/{cluster}": "owned"} | tags
        made = self.ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnet,
            TagSpecifications=[{"ResourceType": "instance", "Tags": pairs(owned)}],
        )
        return str(made["Instances"][0]["InstanceId"])


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Time:
    """A clock that only pauses move, by `stride` times their seconds; `then` holds what happens in which pause."""

    def __init__(self, then: Mapping[int, Callable[[], Any]] | None = None, stride: int = 1) -> None:
        self._stride = stride
        self.seconds = 0.0
        self.pauses = 0
        self.warnings: list[str] = []
        self._then = then or {}
        self.clock = Clock(warn=self.warnings.append, now=lambda: self.seconds, sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.seconds += seconds * self._stride
        self.pauses += 1
        self._then.get(self.pauses, lambda: None)()


def subnet(aws: Aws) -> Doomed:
    arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{aws.subnet}"
    return Doomed(name="eu-west-private-a", type=SUBNET, id=aws.subnet, inputs={}, outputs={"arn": arn})


def controller(values: Mapping[str, Any], name: str = "eu-west-controller") -> Doomed:
    return Doomed(name=name, type=RELEASE, id="kube-system/it", inputs={"values": values}, outputs={})


BALANCERS = controller({"clusterName": CLUSTER, "region": REGION, "vpcId": "vpc-1"})
KARPENTER = controller(
    {"settings": {"clusterName": CLUSTER}, "controller": {"env": [{"name": "AWS_REGION", "value": REGION}]}}
)


def wait(one: Wait, doomed: Doomed, access: Any, time: Time | None = None) -> Time:
    time = time or Time()
    asyncio.run(one.until_gone(doomed, access, time.clock))
    return time


def refusal(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "it says no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "DescribeThings")  # type: ignore[arg-type]
