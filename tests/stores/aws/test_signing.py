"""W-13: our signatures are those that AWS's own client makes, for any request that we send."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mangaassist.stores.aws.signing import Signer

NOW = datetime(2027, 3, 14, 23, 59, 30, tzinfo=UTC)
HOST = "abc123.execute-api.eu-central-1.amazonaws.com"


def theirs(keys: Credentials, method: str, path: str, body: bytes, now: datetime) -> str:
    request = AWSRequest(method, f"https://{HOST}{path}", data=body)
    with patch("botocore.auth.get_current_datetime", return_value=now):
        SigV4Auth(keys, "execute-api", "eu-central-1").add_auth(request)
    return request.headers["Authorization"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("path", ["/prod/@connections/L0SM9cOFvHcCIhw%3D", "/@connections/a%2Fb", "/é"])
@pytest.mark.parametrize("token", [None, "a session's token"])
def test_a_signature_is_the_one_of_awss_client(method: str, path: str, token: str | None) -> None:
    keys, body = Credentials("AKIDEXAMPLE", "secret", token), '{"content":"とても"}'.encode()
    headers = Signer("execute-api", "eu-central-1").headers(keys, method, HOST, path, body, NOW)
    assert headers["authorization"] == theirs(keys, method, path, body, NOW)
    assert headers.get("x-amz-security-token") == token


def test_the_key_of_a_day_ends_with_it_and_with_the_secret() -> None:
    signer = Signer("execute-api", "eu-central-1")
    first, second = Credentials("AKID1", "one secret"), Credentials("AKID2", "another")
    for keys, now in [(first, NOW), (first, NOW + timedelta(minutes=1)), (second, NOW), (first, NOW)]:
        assert signer.headers(keys, "POST", HOST, "/a", b"", now)["authorization"] == theirs(
            keys, "POST", "/a", b"", now
        )
