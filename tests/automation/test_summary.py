"""The summary's count of how each resource was rehearsed, and what it says of what is left."""

import io
import json
from datetime import date

import pytest
from rich.console import Console

from automation.declared import Declared
from automation.leftovers import Leftovers, Orphan
from automation.operations import Outcome
from automation.stacks_of_project import ChosenStack
from automation.summary import executed, show_changes, show_destroy, show_orphans, show_up
from tests.shipped import settings_of

DONE = Outcome(changes={"delete": 3}, resource_types={}, seconds=1.0)
KEY = Declared(
    service="kms", type="key", id="k-1", region="us-east-1", arn="arn:k", sentence="KMS deletes the key on that day",
    monthly_usd=0.0, expires=date(2027, 1, 2),
)  # fmt: skip
VOLUME = Declared(
    service="ec2", type="volume", id="vol-1", region="us-east-1", arn="arn:v", sentence="a world's volume is kept",
    monthly_usd=8.0, usd_per_gib_month=0.08,
)  # fmt: skip
BUCKET = Declared(
    service="s3", type="bucket", id="backup", region="us-east-1", arn="arn:b", sentence="backups are kept",
    monthly_usd=None, usd_per_gib_month=0.023, expires=date(2027, 1, 3),
)  # fmt: skip
ORPHAN = Orphan(service="ec2", type="vpc", id="vpc-1", region="us-east-1", arn="arn:o", made_by="urn:x")


@pytest.fixture
def local():
    return ChosenStack("local", settings_of("local"), "aws")


def said(show):
    """What a person reads of it."""
    text = io.StringIO()
    show(Console(file=text, width=400))
    return text.getvalue().splitlines()


def test_a_destroy_says_what_is_left_on_purpose_with_cost_and_end_and_that_nothing_else_is(local):
    found = Leftovers(declared=[KEY, VOLUME, BUCKET], orphans=[])
    lines = said(lambda console: show_destroy(local, DONE, None, found, as_json=False, console=console))
    assert lines[1:] == [
        "declared: kms key k-1, free, until 2027-01-02: KMS deletes the key on that day",
        "declared: ec2 volume vol-1, 8.00 USD a month (96.00 a year): a world's volume is kept",
        "declared: s3 bucket backup, 0.023 USD per GiB and month, until 2027-01-03: backups are kept",
        "declared: 3 in all, 8.00 USD a month by list prices of us-east-1, and by the GiB for 1 of them",
        "orphans: none",
    ]


def test_orphans_are_named_with_what_they_were_made_for(local, capsys):
    found = Leftovers(declared=[], orphans=[ORPHAN])
    lines = said(lambda console: show_orphans(local, found, as_json=False, console=console))
    assert lines == ["orphan: ec2 vpc vpc-1 us-east-1, made by urn:x; delete it by hand"]
    show_orphans(local, found, as_json=True, console=Console())
    report = json.loads(capsys.readouterr().out)
    assert report["orphans"] == [
        {"service": "ec2", "type": "vpc", "id": "vpc-1", "region": "us-east-1", "arn": "arn:o", "made_by": "urn:x"}
    ]


def test_a_warning_of_the_engine_is_printed_as_it_is_on_one_line(local):
    text = "aws [role/admin] is used [bold]beside[/] the region's own [/] " + "x" * 400
    warned = Outcome(changes={}, resource_types={}, seconds=1.0, warnings=[text])
    lines = said(lambda console: show_changes(local, "refresh", warned, as_json=False, console=console))
    assert lines[0] == f"warning: {text}"


def test_a_report_that_aws_would_not_give_is_null_and_not_empty(local, capsys):
    show_destroy(local, DONE, None, None, as_json=True, console=Console())
    report = json.loads(capsys.readouterr().out)
    assert (report["left"], report["declared"], report["orphans"]) == (None, None, None)


@pytest.mark.parametrize(("changes", "regions"), [({"create": 9}, ["local"]), ({"create": 1, "same": 8}, None)])
def test_a_first_up_tells_programs_how_long_aws_would_take_and_a_later_one_does_not(changes, regions, capsys):
    rehearsed = ChosenStack("local", settings_of("local"), "embedded")
    done = Outcome(changes=changes, resource_types={}, seconds=1.0)
    show_up(rehearsed, done, as_json=True, console=Console())
    told = json.loads(capsys.readouterr().out)["makespan"]
    assert (told and [one["region"] for one in told]) == regions


def test_a_release_counts_as_recorded_and_never_as_executed_or_validated():
    types = {
        "aws:ec2/vpc:Vpc": 1,
        "aws:eks/cluster:Cluster": 1,
        "kubernetes:core/v1:Namespace": 3,
        "kubernetes:karpenter.sh/v1:NodePool": 2,
        "kubernetes:storage.k8s.io/v1:StorageClassPatch": 1,
        "kubernetes:helm.sh/v3:Release": 4,
        "random:index/randomPassword:RandomPassword": 1,
        "gameregions:components:Network": 1,
    }
    assert executed(types) == {
        "executed": {"aws:ec2/vpc:Vpc": 1, "random:index/randomPassword:RandomPassword": 1},
        "modelled": {"aws:eks/cluster:Cluster": 1},
        "validated": {
            "kubernetes:core/v1:Namespace": 3,
            "kubernetes:karpenter.sh/v1:NodePool": 2,
            "kubernetes:storage.k8s.io/v1:StorageClassPatch": 1,
        },
        "recorded": {"kubernetes:helm.sh/v3:Release": 4},
    }
