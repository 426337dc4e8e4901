"""A Kubernetes minor whose support ends at EKS is told two months before, while it can still be left by day."""

from datetime import date, timedelta

from embedded.aws.models.eks_versions import MINORS
from plan.recorder import record
from stacks.program import program
from stacks.settings import parse_settings
from stacks.support_ends import support_warnings
from stacks.versions import KUBERNETES_VERSIONS, SUPPORT_ENDS
from tests.stacks.sample import region, stack

END = date(2026, 12, 2)  # of standard support of 1.34


def found(today: date, **cluster: str) -> list[str]:
    changes = {f"cluster.{key}": value for key, value in cluster.items()}
    return support_warnings(parse_settings(stack(**{"us-east": region(changes)})), today)


def test_the_end_of_standard_support_is_told_sixty_days_before():
    assert found(END - timedelta(days=61), version="1.34") == []
    assert found(END - timedelta(days=60), version="1.34") == [
        (
            'regions.us-east.cluster.version: standard support of "1.34" ends on 2026-12-02, 60 days from now, and '
            "EKS then upgrades the control plane at an hour of its own, without its add-ons and nodes; before that "
            'give "1.35", or support: extended at six times the price'
        )
    ]


def test_a_version_whose_support_has_ended_can_only_be_left():
    for today in (END, END + timedelta(days=300)):
        assert found(today, version="1.34") == [
            (
                'regions.us-east.cluster.version: standard support of "1.34" ended on 2026-12-02, and EKS may upgrade '
                'the control plane at any hour, without its add-ons and nodes; give "1.35"'
            )
        ]


def test_extended_support_ends_a_year_later():
    assert found(END, version="1.34", support="extended") == []
    assert found(date(2027, 11, 30), version="1.34", support="extended") == [
        (
            'regions.us-east.cluster.version: extended support of "1.34" ends on 2027-12-02, 2 days from now, and EKS '
            "then upgrades the control plane at an hour of its own, without its add-ons and nodes; before that give "
            '"1.35"'
        )
    ]


def test_the_newest_minor_is_left_by_pinning_the_next():
    newest = KUBERNETES_VERSIONS[-1]
    (sentence,) = found(SUPPORT_ENDS[newest].standard, version=newest)
    assert sentence.endswith("; pin the next minor in stacks/versions.py and give that")


def test_a_stack_that_is_never_on_aws_is_told_nothing():
    raw = {**stack(**{"us-east": region({"cluster.version": "1.34"})}), "cloud": "embedded"}
    assert support_warnings(parse_settings(raw), END) == []


def test_the_days_are_those_of_eks():
    assert {*SUPPORT_ENDS} == {*KUBERNETES_VERSIONS}
    for minor, ends in SUPPORT_ENDS.items():
        assert (ends.standard, ends.extended) == (MINORS[minor].standard_until, MINORS[minor].extended_until)


def test_the_program_itself_warns_so_that_a_plain_pulumi_up_does():
    settings = parse_settings(stack(**{"us-east": region({"cluster.version": "1.33"})}))
    (said,) = record(lambda: program(settings), stack="test", regions=settings.regions).warnings
    assert said.startswith('regions.us-east.cluster.version: standard support of "1.33" ended on 2026-07-29')
