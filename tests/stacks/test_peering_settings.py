"""Private ways between regions as a stack file asks for them."""

from stacks.check_networks import check_networks
from stacks.settings import StackSettings
from tests.stacks.sample import region, stack


def found(count: int, *, peering: bool) -> list[str]:
    """Sentences about so many regions of the valid one."""
    raw = {**stack(**{f"r{number}": region() for number in range(count)}), "peering": peering}
    return [*check_networks(StackSettings.model_validate(raw))]


def test_more_regions_than_a_nodes_group_has_rules_for_are_not_peered():
    (sentence,) = found(10, peering=True)
    assert sentence == (
        "peering: 10 regions are above the 9 whose flows fit into the 60 rules of a node's security group; "
        "split the stack or set peering: false"
    )
    assert found(9, peering=True) == found(10, peering=False) == []
