"""A bucket without an AWS library: signed as AWS's own does it, checksummed, tried again."""

from datetime import UTC, datetime
from email.message import Message
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit

import botocore.auth
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from automation.drills.data.bucket import local_bucket
from components.data.backup.runtime import credentials as pod_rights
from components.data.backup.runtime.credentials import Credentials
from components.data.backup.runtime.s3 import Bucket, S3Error, signature

WHO = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "to/ken+", 4e9)
MOMENT = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        ("PUT", "/mysql/binlog/a-b/20261129T020000Z-binlog.000001", {}),
        ("PUT", "/mysql/dump/20261129T020000Z/data/game%40world%40%400.tsv.zst", {}),
        ("GET", "/", {"list-type": "2", "prefix": "mysql/index/", "start-after": "mysql/index/2026~", "a": "b+c ="}),
    ],
)
def test_requests_are_signed_as_botocore_signs_them(method: str, path: str, query: dict[str, str], monkeypatch):
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *_, **__: MOMENT.replace(tzinfo=None))
    address = f"https://backups.s3.us-east-1.amazonaws.com{path}"
    headers = {
        "x-amz-content-sha256": "ab" * 32,
        "x-amz-checksum-sha256": "q6s=",
        "content-type": "application/octet-stream",
    }
    theirs = AWSRequest(method=method, url=address, params=dict(query), headers=dict(headers))
    boto = BotoCredentials(WHO.key_id, WHO.secret, WHO.token)
    signer = botocore.auth.S3SigV4Auth(boto, "s3", "us-east-1")
    signer.payload = lambda request: "ab" * 32
    signer.add_auth(theirs)
    ours = signature(WHO, "us-east-1", method, urlsplit(address), query, headers, MOMENT)
    assert ours["authorization"] == theirs.headers["Authorization"]


def test_what_is_put_is_there_and_listed_in_order_over_many_pages(tmp_path: Path):
    with local_bucket() as bucket:
        (tmp_path / "one").write_bytes(b"x" * 3_000_000)
        assert bucket.put("mysql/a b@1", tmp_path / "one") == 3_000_000
        assert bucket.fetch("mysql/a b@1", tmp_path / "two") == 3_000_000
        assert (tmp_path / "two").read_bytes() == (tmp_path / "one").read_bytes()
        for number in range(1005):
            bucket.put(f"mysql/index/{number:05d}", b"1")
        keys = list(bucket.keys("mysql/index/"))
        assert keys == [f"mysql/index/{number:05d}" for number in range(1005)], "S3 lists a thousand at a time"
        assert list(bucket.keys("mysql/index/", "mysql/index/01002")) == keys[1003:]
        assert bucket.get("mysql/index/00007") == b"1"


def test_what_is_not_there_is_an_error_with_the_answer_in_it():
    with local_bucket() as bucket, pytest.raises(S3Error, match=r"(?s)GET nowhere: 404 .*NoSuchKey"):
        bucket.get("nowhere")


def test_a_bucket_that_is_busy_is_asked_again_and_one_that_refuses_is_not(monkeypatch):
    asked: list[int] = []

    def answers(*codes: int):
        def once(*_: object) -> bytes:
            asked.append(1)
            code = codes[min(len(asked), len(codes)) - 1]
            if code == 200:
                return b"content"
            raise HTTPError("http://x", code, "no", Message(), BytesIO())

        asked.clear()
        monkeypatch.setattr(Bucket, "_once", once)

    pauses: list[float] = []
    bucket = Bucket("http://127.0.0.1:1/b", "us-east-1", lambda: WHO, pauses.append)
    answers(503, 500, 200)
    assert bucket.get("key") == b"content"
    assert pauses == [0.5, 1.0]
    answers(403)
    with pytest.raises(S3Error, match="403"):
        bucket.get("key")
    assert len(asked) == 1
    answers(503)
    with pytest.raises(S3Error, match="503"):
        bucket.get("key")
    assert len(asked) == 5


def test_rights_of_the_pod_are_asked_for_with_its_token_and_anew_before_they_end(tmp_path: Path, monkeypatch):
    (tmp_path / "token").write_text("who-i-am\n")
    asked: list[str] = []

    class Answer:
        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def read(self) -> bytes:
            return b'{"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T", "Expiration": "2026-11-29T03:00:00Z"}'

    def opened(request, timeout: float):
        asked.append(f"{request.full_url} {request.headers['Authorization']}")
        return Answer()

    monkeypatch.setenv(pod_rights.ADDRESS, "http://169.254.170.23/v1/credentials")
    monkeypatch.setenv(pod_rights.TOKEN_FILE, str(tmp_path / "token"))
    monkeypatch.setattr(pod_rights.urllib.request, "urlopen", opened)
    now = [MOMENT.timestamp()]
    current = pod_rights.pod_credentials(lambda: now[0])
    assert current() == current() == Credentials("A", "S", "T", MOMENT.timestamp() + 3600)
    assert asked == ["http://169.254.170.23/v1/credentials who-i-am"]
    now[0] += 3600 - 200
    current()
    assert len(asked) == 2
