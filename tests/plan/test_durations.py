"""Every type has its typical duration and every necessary order its row, each with a source."""

from dataclasses import replace

import pulumi_aws as aws
import pytest

from embedded.aws.types.registry import ROWS
from plan.durations import DURATIONS, UnknownDuration, duration_of
from plan.necessary import NEEDS
from plan.recorder import Recording, record
from plan.registration import RecordedResource
from tests.shipped import ROOT, recording_of


def any_resource() -> RecordedResource:
    """A resource whose type a test may change."""
    recording = record(lambda: aws.ec2.Vpc("us-east-vpc", cidr_block="10.0.0.0/16"), stack="dev", regions=["us-east"])
    return recording.resources[0]


def kubernetes(kind: str, **inputs: object) -> RecordedResource:
    return replace(any_resource(), type=f"kubernetes:{kind}", resolved=inputs)


def test_a_workload_takes_as_long_as_its_pods_and_other_objects_one_call():
    assert duration_of(kubernetes("apps/v1:StatefulSet")).seconds == 60
    assert duration_of(kubernetes("core/v1:ConfigMap")).seconds == 1


def test_a_workload_that_nobody_waits_for_takes_one_call():
    skipped = {"annotations": {"pulumi.com/skipAwait": "true"}}
    assert duration_of(kubernetes("apps/v1:StatefulSet", metadata=skipped)).seconds == 1


def test_addons_of_daemon_sets_are_there_at_once_and_those_with_deployments_wait_for_pods():
    addon = replace(any_resource(), type="aws:eks/addon:Addon")
    seconds = {
        name: duration_of(replace(addon, resolved={"addonName": name})).seconds for name in ("vpc-cni", "coredns")
    }
    assert seconds == {"vpc-cni": 20, "coredns": 45}


def test_an_interface_endpoint_takes_longer_than_a_gateway():
    endpoint = replace(any_resource(), type="aws:ec2/vpcEndpoint:VpcEndpoint")
    seconds = [
        duration_of(replace(endpoint, resolved=given)).seconds for given in ({}, {"vpcEndpointType": "Interface"})
    ]
    assert seconds == [6, 75]


def test_the_figures_of_the_page_are_those_of_the_code():
    page = (ROOT / "docs" / "makespan.md").read_text(encoding="utf-8")
    chart = kubernetes("helm.sh/v3:Release")
    stack = kubernetes("helm.sh/v3:Release", chart="kube-prometheus-stack")
    coredns = replace(any_resource(), type="aws:eks/addon:Addon", resolved={"addonName": "coredns"})
    for step, seconds in (
        ("VPC", DURATIONS["aws:ec2/vpc:Vpc"].seconds),
        ("subnet", DURATIONS["aws:ec2/subnet:Subnet"].seconds),
        ("cluster", DURATIONS["aws:eks/cluster:Cluster"].seconds),
        ("node group", DURATIONS["aws:eks/nodeGroup:NodeGroup"].seconds),
        ("coredns, EBS CSI driver", duration_of(coredns).seconds),
        ("a chart", duration_of(chart).seconds),
        ("kube-prometheus-stack", duration_of(stack).seconds),
        ("the worlds' StatefulSet", duration_of(kubernetes("apps/v1:StatefulSet")).seconds),
    ):
        assert f"| {step} | {seconds} |" in page, step


def test_what_only_the_engine_makes_takes_no_time_of_the_cloud():
    free = [r for r in recording_of("dev").resources if duration_of(r).seconds == 0]
    kinds = {resource.type.partition(":")[0] for resource in free}
    assert kinds == {"gameregions", "pulumi", "random"}


def test_a_type_without_a_figure_is_refused_by_name():
    vpc = any_resource()
    with pytest.raises(UnknownDuration, match="aws:ec2/instance:Instance has no typical duration; add one with its"):
        duration_of(replace(vpc, type="aws:ec2/instance:Instance"))


def test_every_type_that_the_embedded_cloud_serves_has_a_duration():
    vpc = any_resource()
    for type_ in ROWS:
        duration = duration_of(replace(vpc, type=type_))
        assert duration.seconds >= 1, type_
        assert duration.source, type_


def test_no_figure_stands_for_a_type_that_nobody_serves():
    assert set(DURATIONS) <= set(ROWS)


def test_every_row_of_the_necessary_orders_has_one_source_of_its_own_words():
    assert all("/" in need.source and " and " not in need.source for need in NEEDS)
    assert len(set(NEEDS)) == len(NEEDS), "a row stands there twice"


def test_every_type_of_a_shipped_stack_has_a_duration_with_a_source(shipped: Recording):
    assert all(duration_of(resource).source for resource in shipped.resources)
