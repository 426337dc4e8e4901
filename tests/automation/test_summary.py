"""The summary's count of how each resource was rehearsed."""

from automation.summary import executed


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
