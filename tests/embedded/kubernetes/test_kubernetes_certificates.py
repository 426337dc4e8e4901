"""The Secret of a certificate: there for the pods that mount it, and kept when the certificate goes."""

from tests.embedded.kubernetes.cluster_world import World
from tests.embedded.kubernetes.test_kubernetes_custom import CERTIFICATE
from tests.embedded.kubernetes.test_kubernetes_releases import RELEASE, release

SPEC = {"secretName": "mysql-tls", "issuerRef": {"name": "data-issuer"}, "dnsNames": ["mysql"]}


def certificate(secret: str = "mysql-tls") -> dict[str, object]:
    return {"metadata": {"name": "mysql", "namespace": "game"}, "spec": {**SPEC, "secretName": secret}}


def with_cert_manager(world: World) -> World:
    chart = {"repositoryOpts": {"repo": "https://charts.jetstack.io"}, "values": {"crds": {"enabled": True}}}
    world.make(RELEASE, release("cert-manager", "v1.21.1", **chart))
    return world


def test_a_certificate_brings_a_secret_with_its_chain_its_key_and_its_authority(game: World):
    with_cert_manager(game).make(CERTIFICATE, certificate())
    secret = game.get("v1", "Secret", "mysql-tls", "game")
    assert secret["type"] == "kubernetes.io/tls"
    assert set(secret["data"]) == {"ca.crt", "tls.crt", "tls.key"}


def test_the_secret_outlives_the_certificate_and_is_no_other_when_that_is_made_anew(game: World):
    made = with_cert_manager(game).make(CERTIFICATE, certificate())
    uid = game.get("v1", "Secret", "mysql-tls", "game")["metadata"]["uid"]
    game.handler.delete(made.target, made.id, made.inputs, made.outputs)
    game.make(CERTIFICATE, certificate(), "again")
    assert game.get("v1", "Secret", "mysql-tls", "game")["metadata"]["uid"] == uid


def test_another_name_is_another_secret(game: World):
    made = with_cert_manager(game).make(CERTIFICATE, certificate())
    game.change(made, certificate("other-tls"))
    assert {"mysql-tls", "other-tls"} <= set(game.names("v1", "Secret", "game"))
