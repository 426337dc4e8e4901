"""The embedded EKS offers what the program pins; a new pin must be added to the embedded EKS with its source."""

from __future__ import annotations

import pytest

from embedded.aws.models.eks_versions import ADDONS, MINORS
from stacks.versions import ADDONS as PINNED

PINS = [(minor, name, version) for minor, addons in PINNED.items() for name, version in addons.items()]


@pytest.mark.parametrize(("minor", "name", "version"), PINS)
def test_a_pinned_addon_is_offered_for_its_minor(minor, name, version):
    assert version in ADDONS[name].versions[minor]


def test_every_addon_has_a_version_for_every_minor():
    for name, facts in ADDONS.items():
        assert list(facts.versions) == list(MINORS), name
        assert all(facts.versions.values()), name
