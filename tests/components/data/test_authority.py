"""The data systems' own authority: signed by itself, kept for ten years, and never replaced unasked."""

from components.data.authority import API_VERSION, DataAuthority, DataAuthorityArgs, certificate_spec
from plan.recorder import Recording
from tests.charts import check_custom_resource, needs_crds
from tests.engine import all_of, build, named

CERTIFICATE = f"kubernetes:{API_VERSION}:Certificate"
ISSUER = f"kubernetes:{API_VERSION}:Issuer"


def authority() -> Recording:
    return build(lambda: DataAuthority("us-east", DataAuthorityArgs(namespace="mmorpg-game", protect=True)))


def test_the_issuer_signs_with_an_authority_that_is_made_first():
    built = authority()
    root, issuer = named(built, "us-east-data-root"), named(built, "us-east-data-issuer")
    certificate = named(built, "us-east-data-authority")
    assert root.resolved["spec"] == {"selfSigned": {}}
    assert certificate.depends_on == [root.urn]
    assert issuer.depends_on == [certificate.urn]
    assert issuer.resolved["spec"]["ca"]["secretName"] == certificate.resolved["spec"]["secretName"]


def test_the_authority_outlives_ten_years_with_one_key_and_is_protected():
    certificate = named(authority(), "us-east-data-authority")
    spec = certificate.resolved["spec"]
    assert (spec["isCA"], spec["duration"]) == (True, "87600h")
    assert spec["privateKey"]["rotationPolicy"] == "Never", "every client would lose its trust at once"
    assert certificate.protect


def test_a_systems_certificate_serves_both_sides_and_is_renewed_a_month_before_its_end():
    spec = certificate_spec("mysql-tls", ["mysql-primary-service"], "data-issuer")
    assert (spec["duration"], spec["renewBefore"]) == ("2160h", "720h")
    assert spec["usages"] == ["server auth", "client auth"], "members of a group connect to each other"


@needs_crds
def test_issuers_and_certificates_are_what_cert_manager_takes():
    built = authority()
    objects = [*all_of(built, ISSUER), *all_of(built, CERTIFICATE)]
    assert len(objects) == 3
    for made in objects:
        assert check_custom_resource(made.resolved) == []
