"""Signature version 4 of requests to one of AWS's services: what a kept client needs to call it without AWS's own machinery.

A day's key is derived once, so that a request costs two hashes and one HMAC.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final, Protocol
from urllib.parse import quote

ALGORITHM: Final = "AWS4-HMAC-SHA256"


class Credentials(Protocol):
    """As AWS's client gives them, at one moment."""

    access_key: str
    secret_key: str
    token: str | None


class Signer:
    """Of one ``service`` in one ``region``, as AWS names them."""

    def __init__(self, service: str, region: str) -> None:
        self._scope = f"{region}/{service}/aws4_request"
        self._parts = (region, service, "aws4_request")
        self._derived: tuple[str, str, bytes] = ("", "", b"")

    def headers(
        self, credentials: Credentials, method: str, host: str, path: str, body: bytes, now: datetime
    ) -> dict[str, str]:
        """The headers that sign a request without a query. ``path`` is as it is sent, ``host`` with its port where the address
        names one, ``now`` in any zone."""
        moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        signed = {"host": host, "x-amz-date": moment}
        if credentials.token:
            signed["x-amz-security-token"] = credentials.token
        names = ";".join(signed)
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        asked = f"{method}\n{quote(path, safe='/~')}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._scope}"
        told = f"{ALGORITHM}\n{moment}\n{scope}\n{hashlib.sha256(asked.encode()).hexdigest()}"
        signature = _hmac(self._key(credentials.secret_key, moment[:8]), told).hex()
        signed["authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        return signed

    def _key(self, secret: str, day: str) -> bytes:
        known_secret, known_day, key = self._derived
        if known_day != day or known_secret != secret:
            key = _hmac(f"AWS4{secret}".encode(), day)
            for part in self._parts:
                key = _hmac(key, part)
            self._derived = (secret, day, key)
        return key


def _hmac(key: bytes, told: str) -> bytes:
    return hmac.digest(key, told.encode(), "sha256")
