"""When an object counts as ready, and what it lacks while it does not."""

import pytest

from embedded.kubernetes.live.readiness import Failed, missing

READY_SET = {"observedGeneration": 1, "replicas": 2, "readyReplicas": 2, "currentRevision": "a", "updateRevision": "a"}
READY_DEPLOYMENT = {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2, "availableReplicas": 2}
READY_DAEMONS = {
    "observedGeneration": 1,
    "desiredNumberScheduled": 2,
    "updatedNumberScheduled": 2,
    "numberAvailable": 2,
}


def lacks(kind, status, spec=None, *, generation=1, targets=True, waits=False):
    value = {"kind": kind, "metadata": {"name": "it", "generation": generation}, "spec": spec or {}, "status": status}
    return missing(value, lambda: targets, lambda: waits)


@pytest.mark.parametrize(
    ("kind", "status", "spec"),
    [
        ("StatefulSet", READY_SET, {"replicas": 2}),
        ("Deployment", READY_DEPLOYMENT, {"replicas": 2}),
        ("DaemonSet", READY_DAEMONS, {}),
        ("Job", {"conditions": [{"type": "Complete", "status": "True"}]}, {}),
        ("Service", {}, {"type": "ClusterIP"}),
        ("Service", {"loadBalancer": {"ingress": [{"hostname": "a.b"}]}}, {"type": "LoadBalancer"}),
        ("PersistentVolumeClaim", {"phase": "Bound"}, {}),
        ("CustomResourceDefinition", {"conditions": [{"type": "Established", "status": "True"}]}, {}),
        ("ConfigMap", {}, {}),
    ],
)
def test_an_object_that_is_what_it_says_lacks_nothing(kind, status, spec):
    assert lacks(kind, status, spec) == []


@pytest.mark.parametrize(
    ("kind", "status", "spec", "said"),
    [
        ("StatefulSet", READY_SET | {"readyReplicas": 1}, {"replicas": 2}, "1 out of 2 replicas"),
        ("StatefulSet", READY_SET | {"updateRevision": "b"}, {"replicas": 2}, 'from revision "a" to revision "b"'),
        ("StatefulSet", READY_SET | {"observedGeneration": 0}, {"replicas": 2}, "not looked at"),
        ("Deployment", READY_DEPLOYMENT | {"availableReplicas": 0}, {"replicas": 2}, "0 out of 2 replicas"),
        ("Deployment", READY_DEPLOYMENT | {"replicas": 3}, {"replicas": 2}, "1 old pods are still there"),
        ("DaemonSet", READY_DAEMONS | {"numberAvailable": 1}, {}, "1 out of 2 replicas"),
        ("Job", {}, {}, "has not finished"),
        ("Service", {}, {"type": "LoadBalancer"}, "not given an address"),
        ("PersistentVolumeClaim", {"phase": "Pending"}, {}, "not bound"),
        ("CustomResourceDefinition", {}, {}, "not established"),
    ],
)
def test_an_object_that_is_not_yet_what_it_says_lacks_that(kind, status, spec, said):
    (problem,) = lacks(kind, status, spec)
    assert said in problem


def test_pods_that_only_change_when_they_are_deleted_are_not_awaited_in_their_new_form():
    spec = {"replicas": 2, "updateStrategy": {"type": "OnDelete"}}
    assert lacks("StatefulSet", READY_SET | {"updateRevision": "b", "observedGeneration": 2}, spec, generation=2) == []


def test_a_claim_that_its_first_pod_binds_is_not_awaited():
    assert lacks("PersistentVolumeClaim", {"phase": "Pending"}, waits=True) == []


def test_a_service_without_pods_is_not_ready_but_a_headless_one_is():
    assert "does not target any pods" in lacks("Service", {}, {"type": "ClusterIP"}, targets=False)[0]
    assert lacks("Service", {}, {"clusterIP": "None"}, targets=False) == []


def test_what_has_failed_for_good_is_not_awaited():
    failed = {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "six"}]}
    with pytest.raises(Failed, match="the Job failed: BackoffLimitExceeded: six"):
        lacks("Job", failed)
    stuck = {"conditions": [{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "no progress"}]}
    with pytest.raises(Failed, match="no progress"):
        lacks("Deployment", READY_DEPLOYMENT | stuck, {"replicas": 2})
