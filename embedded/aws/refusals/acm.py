"""ACM: certificates that a listener still serves."""

from __future__ import annotations

from embedded.aws.account import Account
from embedded.aws.protocol import Call
from embedded.aws.refusals import Refusal, Verdict


def _in_use(account: Account, call: Call) -> Verdict:
    arn = call.parameters["CertificateArn"]
    certificate = account.moto("acm", call.region)._certificates.get(arn)
    return {"arn": arn} if certificate is not None and certificate.in_use_by else None


TABLE = (
    Refusal(
        ("DeleteCertificate",),
        _in_use,
        "ResourceInUseException",
        "Certificate {arn} is in use.",
        "https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html",
    ),
)
