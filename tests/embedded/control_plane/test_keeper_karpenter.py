"""What Karpenter is told of AWS: the types its NodePools allow, and what an EC2NodeClass comes to."""

from typing import Any

from embedded.control_plane.keeper.karpenter import wanted_types
from embedded.control_plane.keeper.node_classes import conditions, resolved_images


def pool(*requirements: tuple[str, list[str]]) -> dict[str, Any]:
    made = [{"key": key, "operator": "In", "values": values} for key, values in requirements]
    return {"spec": {"template": {"spec": {"requirements": made}}}}


def test_the_families_of_all_node_pools_are_wanted():
    game = pool(("karpenter.k8s.aws/instance-family", ["c7i", "m7i"]))
    services = pool(("kubernetes.io/arch", ["amd64"]), ("karpenter.k8s.aws/instance-family", ["m7i"]))
    assert wanted_types([game, services]) == ["c7i.*", "m7i.*"]


def test_a_pool_that_names_types_wants_them_and_one_that_names_nothing_wants_all():
    assert wanted_types([pool(("node.kubernetes.io/instance-type", ["c7i.large"]))]) == ["c7i.large"]
    assert wanted_types([pool()]) == ["*"]


def test_an_alias_is_an_image_for_each_architecture_and_another_release_other_images():
    old, new = (list(resolved_images([{"alias": f"al2023@v{day}"}])) for day in ("20260101", "20260301"))
    assert [each["requirements"][0]["values"] for each in old] == [["amd64"], ["arm64"]]
    assert all(each["id"].startswith("ami-") and len(each["id"]) == 21 for each in old)
    assert not {each["id"] for each in old} & {each["id"] for each in new}


def test_a_class_is_ready_when_everything_was_found():
    found = {"SubnetsReady": (True, "", ""), "AMIsReady": (True, "", "")}
    assert [(each["type"], each["status"]) for each in conditions(found, 2)] == [
        ("SubnetsReady", "True"),
        ("AMIsReady", "True"),
        ("Ready", "True"),
    ]
    assert {each["observedGeneration"] for each in conditions(found, 2)} == {2}


def test_what_was_not_found_is_named_and_keeps_the_class_from_being_ready():
    found = {"SubnetsReady": (False, "SubnetsNotFound", "SubnetSelector did not match any Subnets")}
    missing, ready = conditions(found, 1)
    assert (missing["status"], missing["reason"]) == ("False", "SubnetsNotFound")
    assert (ready["status"], ready["message"]) == ("False", "SubnetsReady=False")
