"""Kafka: an address in the words of its clients, and a way out that is as wide as somebody said."""

import dataclasses
from ipaddress import IPv4Network
from typing import Any

import pytest

from components.data.kafka.component import Broker, Kafka, KafkaArgs, connection
from plan.recorder import Recording
from tests.components.data.brokers_ground import GROUND, POLICY, problems
from tests.custom_resources import needs_crds
from tests.engine import all_of, build, only

CONFIG = "kubernetes:core/v1:ConfigMap"
ARGS = KafkaArgs(
    ground=GROUND,
    brokers=(Broker(host="b-1.events.example.com", port=9094), Broker(host="b-2.events.example.com", port=9094)),
    tls=True,
    cidrs=(IPv4Network("10.90.0.0/24"),),
)


def kafka(**changes: Any) -> Recording:
    return build(lambda: Kafka("us-east", dataclasses.replace(ARGS, **changes)))


def test_games_read_the_brokers_as_kafkas_own_clients_call_them():
    config = only(kafka(), CONFIG).resolved
    assert config["metadata"]["name"] == "kafka-connection"
    assert config["data"] == {
        "bootstrap.servers": "b-1.events.example.com:9094,b-2.events.example.com:9094",
        "security.protocol": "SSL",
    }
    assert connection(ARGS.brokers, tls=False)["security.protocol"] == "PLAINTEXT"


def test_clients_get_out_to_the_brokers_addresses_and_ports_alone():
    policy = only(kafka(), POLICY).resolved["spec"]
    assert policy["podSelector"]["matchLabels"] == {"client-of-kafka": "true"}
    assert policy["policyTypes"] == ["Egress"]
    (way,) = policy["egress"]
    assert way["to"] == [{"ipBlock": {"cidr": "10.90.0.0/24"}}]
    assert [port["port"] for port in way["ports"]] == [9094]


def test_without_addresses_nothing_is_opened():
    assert all_of(kafka(cidrs=()), POLICY) == []


def test_no_broker_at_all_is_refused():
    with pytest.raises(ValueError, match="give one at least, or leave Kafka out"):
        dataclasses.replace(ARGS, brokers=())


@needs_crds
def test_every_object_is_what_the_api_server_takes():
    assert problems(kafka()) == []
