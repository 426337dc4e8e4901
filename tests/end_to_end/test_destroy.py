"""A destroy that stops halfway: what it has left is deleted by the next."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from automation.aws_sessions import Access, AwsSessions
from automation.workspace import embedded_environment
from embedded.client import attach
from embedded.stack_folder import StackFolder
from tests.end_to_end.conftest import Project, one_sentence

pytestmark = [pytest.mark.engine, pytest.mark.drill]


@contextmanager
def ec2_of(project: Project, stack: str) -> Iterator[Any]:
    """EC2 as the stack's embedded cloud, which stays up meanwhile, has it."""
    folder = StackFolder(project.folder(stack))
    with closing(attach(folder)) as cloud:
        sessions = AwsSessions(cloud, embedded_environment(stack, folder))
        with closing(sessions.with_access(Access(region="us-east-1")).client("ec2")) as ec2:
            yield ec2


@pytest.mark.filterwarnings("ignore:subprocess:ResourceWarning")  # the cloud, which leaves when nobody holds it
def test_a_destroy_that_aws_stops_when_the_cluster_is_gone_is_finished_by_the_next(project):
    project.ok("up", "local")
    with ec2_of(project, "local") as ec2:
        [vpc] = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"]
        foreign = ec2.create_security_group(GroupName="foreign", Description="by hand", VpcId=vpc["VpcId"])["GroupId"]
        stopped = project.run("destroy", "local")
        assert stopped.returncode == 1
        assert f"The vpc '{vpc['VpcId']}' has dependencies and cannot be deleted" in one_sentence(stopped)
        kept = [each["type"] for each in project.state("local")["resources"] if each["type"].startswith("aws:")]
        assert kept == ["aws:ec2/vpc:Vpc"]

        ec2.delete_security_group(GroupId=foreign)
        report = project.report("destroy", "local")
    assert {*report["changes"]} == {"delete"}
    assert [item["note"] for item in report["left"]] == ["deletion is scheduled"], "only the key"
    assert not project.state("local").get("resources")
