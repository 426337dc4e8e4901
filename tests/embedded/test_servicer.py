"""The engine's protocol in front of a handler."""

import asyncio

import pytest
from pulumi.runtime.proto import provider_pb2

from embedded.provider import Handler, PartialFailure, ProviderError, Replacement, Target
from embedded.servicer import EmbeddedServicer
from embedded.steps import Steps
from embedded.values import decode, encode

URN = "urn:pulumi:local::game-regions::a:b:Component$random:index/randomPassword:RandomPassword::local-password"


class Passwords(Handler):
    """Makes a password of the wished length; length 13 is refused, 14 is half made."""

    def configure(self, settings):
        self.settings = settings

    def check(self, target, old, new):
        return new, []

    def replacement(self, target, resource_id, old_inputs, new_inputs, changed):
        return Replacement(tuple(path for path in changed if path == "length"))

    def create(self, target, inputs):
        if inputs["length"] == 13:
            raise ProviderError("length: 13 is refused")
        if inputs["length"] == 14:
            raise PartialFailure("half", {**inputs, "result": "x"}, ["it is not healthy"])
        return "made", {**inputs, "result": "hunter2"}

    def update(self, target, resource_id, old_inputs, old_outputs, new_inputs):
        return new_inputs

    def read(self, target, resource_id, inputs, outputs):
        return (resource_id, {"length": 8}, {"length": 8, "result": "hunter2"}) if resource_id == "made" else None

    def delete(self, target, resource_id, inputs, outputs):
        pass

    def secret_properties(self, target):
        return frozenset({"result"})


class Aborted(Exception):
    """What a gRPC context raises when a call is aborted."""


class Context:
    """Keeps how the call was aborted."""

    async def abort(self, code, details):
        self.details = details
        raise Aborted

    async def abort_with_status(self, status):
        self.details = status.details
        self.trailing = dict(status.trailing_metadata)
        raise Aborted


@pytest.fixture
def servicer():
    import threading

    return EmbeddedServicer(Passwords(), "1.2.3", Steps(threading.RLock()), before_change=lambda: None)


def call(method, request, context=None):
    return asyncio.run(method(request, context or Context()))


def test_a_create_hands_back_id_and_outputs_with_the_inputs_secrets_still_marked(servicer):
    properties = encode({"length": 8, "keeper": "x"}, {("keeper",)})
    made = call(servicer.Create, provider_pb2.CreateRequest(urn=URN, properties=properties))
    assert made.id == "made"
    assert decode(made.properties) == ({"length": 8, "keeper": "x", "result": "hunter2"}, {("keeper",)})


def test_a_refusal_reaches_the_engine_as_its_sentence_alone(servicer):
    context = Context()
    with pytest.raises(Aborted):
        call(servicer.Create, provider_pb2.CreateRequest(urn=URN, properties=encode({"length": 13})), context)
    assert context.details == "length: 13 is refused"


def test_a_half_made_object_reaches_the_engine_with_its_id_so_that_it_is_not_lost(servicer):
    context = Context()
    with pytest.raises(Aborted):
        call(servicer.Create, provider_pb2.CreateRequest(urn=URN, properties=encode({"length": 14})), context)
    assert b"half" in context.trailing["grpc-status-details-bin"]
    assert context.details == "it is not healthy"


def test_a_changed_length_is_a_replacement_and_another_change_is_not(servicer):
    old = encode({"length": 8, "keeper": "x"})
    longer = provider_pb2.DiffRequest(urn=URN, id="made", old_inputs=old, news=encode({"length": 9, "keeper": "y"}))
    answer = call(servicer.Diff, longer)
    assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(answer.replaces) == ["length"]
    assert answer.detailedDiff["length"].kind == provider_pb2.PropertyDiff.UPDATE_REPLACE
    assert answer.detailedDiff["keeper"].kind == provider_pb2.PropertyDiff.UPDATE


def test_equal_inputs_are_no_change(servicer):
    inputs = encode({"length": 8})
    answer = call(servicer.Diff, provider_pb2.DiffRequest(urn=URN, id="made", old_inputs=inputs, news=inputs))
    assert answer.changes == provider_pb2.DiffResponse.DIFF_NONE


def test_an_import_marks_what_is_always_secret(servicer):
    found = call(servicer.Read, provider_pb2.ReadRequest(urn=URN, id="made"))
    assert decode(found.properties)[1] == {("result",)}


def test_an_object_that_is_gone_is_read_as_gone(servicer):
    assert call(servicer.Read, provider_pb2.ReadRequest(urn=URN, id="other")).id == ""


def test_a_target_knows_its_own_type_and_name_under_a_component():
    target = Target.of(URN)
    assert (target.type, target.name) == ("random:index/randomPassword:RandomPassword", "local-password")


def test_nested_provider_settings_arrive_decoded(servicer):
    settings = encode({"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}', "account": "123456789012"})
    call(servicer.Configure, provider_pb2.ConfigureRequest(args=settings))
    assert servicer._handler.settings == {
        "region": "us-east-1",
        "defaultTags": {"tags": {"a": "b"}},
        "account": "123456789012",
    }
