"""What is refused of a StatefulSet and its pods, and in which words."""

import copy

import pytest

from embedded.kubernetes.checks import problems_of
from embedded.kubernetes.schemas import schemas_of
from tests.embedded.kubernetes.cluster_world import stateful_set

CONTAINER = "spec.template.spec.containers[0]"


def problems(value):
    schemas = schemas_of("1.35")
    whole = {"apiVersion": "apps/v1", "kind": "StatefulSet", **value}
    return {
        problem.path: problem.reason for problem in problems_of(schemas, schemas.kind("apps/v1", "StatefulSet"), whole)
    }


def of_stateful_set(change):
    inputs = stateful_set()
    change(inputs["spec"])
    return problems(inputs)


def container(spec):
    return spec["template"]["spec"]["containers"][0]


def pod(spec):
    return spec["template"]["spec"]


def test_a_sound_stateful_set_passes():
    assert problems(stateful_set()) == {}


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (lambda spec: spec.update(replica=1), "spec.replica", "unknown field"),
        (lambda spec: spec.pop("template"), "spec.template", "required value"),
        (lambda spec: spec.update(replicas="3"), "spec.replicas", "must be integer, not string"),
        (
            lambda spec: container(spec).update(command=None),
            f"{CONTAINER}.command",
            "null; leave the field out instead",
        ),
        (lambda spec: spec.update(replicas=2**31), "spec.replicas", "does not fit int32"),
        (lambda spec: spec.pop("serviceName"), "spec.serviceName", "the pods have no stable names"),
        (lambda spec: spec.update(podManagementPolicy="Fast"), "spec.podManagementPolicy", "OrderedReady, Parallel"),
        (
            lambda spec: spec.update(selector={"matchLabels": {"app": "other"}}),
            "spec.template.metadata.labels",
            "does not match the labels of the pod template",
        ),
        (lambda spec: spec.update(selector={}), "spec.selector", "an empty selector would select every pod"),
        (lambda spec: pod(spec).update(restartPolicy="Never"), "spec.template.spec.restartPolicy", "must be Always"),
        (lambda spec: pod(spec).update(dnsPolicy="None "), "spec.template.spec.dnsPolicy", "is not supported"),
        (lambda spec: pod(spec).update(nodeSelector={"a b": "c"}), 'spec.template.spec.nodeSelector["a b"]', "letters"),
        (
            lambda spec: pod(spec).update(terminationGracePeriodSeconds=-1),
            "spec.template.spec.terminationGracePeriodSeconds",
            "it must be 0 or more",
        ),
        (
            lambda spec: pod(spec)["tolerations"][0].update(effect="NoExec"),
            "spec.template.spec.tolerations[0].effect",
            "NoSchedule, PreferNoSchedule, NoExecute",
        ),
        (
            lambda spec: pod(spec)["containers"].append(copy.deepcopy(container(spec))),
            "spec.template.spec.containers[1]",
            "duplicate name world",
        ),
        (lambda spec: container(spec).pop("image"), f"{CONTAINER}.image", "required value"),
        (lambda spec: container(spec).update(name="World"), f"{CONTAINER}.name", "lower case"),
        (
            lambda spec: container(spec).update(imagePullPolicy="IfAbsent"),
            f"{CONTAINER}.imagePullPolicy",
            "IfNotPresent",
        ),
        (
            lambda spec: container(spec)["ports"][0].update(containerPort=70000),
            f"{CONTAINER}.ports[0].containerPort",
            "65535",
        ),
        (
            lambda spec: container(spec)["ports"][0].update(protocol="QUIC"),
            f"{CONTAINER}.ports[0].protocol",
            "TCP, UDP, SCTP",
        ),
        (lambda spec: container(spec)["ports"][1].update(name="game"), f"{CONTAINER}.ports[1]", "duplicate name game"),
        (
            lambda spec: container(spec)["ports"][0].update(name="a-much-too-long-name"),
            f"{CONTAINER}.ports[0].name",
            "1 to 15",
        ),
        (
            lambda spec: container(spec)["resources"]["requests"].update(cpu="2"),
            f"{CONTAINER}.resources.requests.cpu",
            "2 must be at most the cpu limit of 1",
        ),
        (
            lambda spec: container(spec)["resources"]["limits"].update(memory="1 GB"),
            f"{CONTAINER}.resources.limits.memory",
            '"1 GB" is not a quantity',
        ),
        (
            lambda spec: container(spec)["resources"]["limits"].update(gpu=1),
            f"{CONTAINER}.resources.limits.gpu",
            "nor a qualified name",
        ),
        (lambda spec: container(spec).update(env=[{"name": "A=B"}]), f"{CONTAINER}.env[0].name", "printable ASCII"),
        (
            lambda spec: container(spec).update(env=[{"name": "A", "valueFrom": {}}]),
            f"{CONTAINER}.env[0].valueFrom",
            "one of configMapKeyRef",
        ),
        (
            lambda spec: container(spec)["volumeMounts"][0].update(name="other"),
            f"{CONTAINER}.volumeMounts[0].name",
            '"other" is not a volume of this pod',
        ),
        (lambda spec: container(spec).update(livenessProbe={}), f"{CONTAINER}.livenessProbe", "probe handler"),
        (
            lambda spec: container(spec)["readinessProbe"].update(periodSeconds=0),
            f"{CONTAINER}.readinessProbe.periodSeconds",
            "1 or more",
        ),
        (
            lambda spec: spec["volumeClaimTemplates"][0]["spec"].update(accessModes=["ReadWrite"]),
            "spec.volumeClaimTemplates[0].spec.accessModes",
            "ReadWriteOncePod",
        ),
        (
            lambda spec: spec["volumeClaimTemplates"][0]["spec"].pop("resources"),
            "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
            "required value",
        ),
    ],
)
def test_a_stateful_set_is_refused_at_the_field_that_is_wrong(change, path, said):
    found = of_stateful_set(change)
    assert said in found[path]
    assert len(found) == 1
