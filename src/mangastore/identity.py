"""The identity provider: signs tokens with a key that outlives restarts, and reads the tokens that come back."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import jwt
import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mangastore.clock import Clock
from mangastore.data.customers import Customer

AUDIENCE = "mangaassist"
LIFETIME_S = 3600
REMEMBERED_TOKENS = 1024
MAX_TOKEN_LENGTH = 4096


class JsonWebKey(msgspec.Struct, kw_only=True):
    """A public key as RFC 7517 words it."""

    kty: str = "EC"
    crv: str = "P-256"
    x: str
    y: str
    kid: str
    use: str = "sig"
    alg: str = "ES256"


class Claims(msgspec.Struct, frozen=True):
    """What a valid token says: whose it is and until when, in seconds since 1970."""

    customer_id: str
    expires: int


def load_key(state_dir: Path) -> ec.EllipticCurvePrivateKey:
    """The signing key of this store, made on the first start and readable by its owner alone."""
    path = state_dir / "identity-key.pem"
    state_dir.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        _write_new_key(path)
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{path} holds no elliptic curve key; remove it and start again")
    return key


def _write_new_key(path: Path) -> None:
    """Raises FileExistsError where there is a key already; a half-written one is never seen."""
    if path.exists():
        raise FileExistsError(path)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(pem)
    try:
        os.link(fresh, path)
    finally:
        fresh.unlink()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_jwk(key: ec.EllipticCurvePrivateKey) -> JsonWebKey:
    """The public half, its id being its thumbprint (RFC 7638)."""
    numbers = key.public_key().public_numbers()
    x, y = _base64url(numbers.x.to_bytes(32, "big")), _base64url(numbers.y.to_bytes(32, "big"))
    canonical = f'{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}'
    return JsonWebKey(x=x, y=y, kid=_base64url(hashlib.sha256(canonical.encode()).digest()))


class IdentityProvider:
    """Issues and checks the store's tokens."""

    def __init__(
        self,
        key: ec.EllipticCurvePrivateKey,
        *,
        issuer: str,
        find_customer: Callable[[str], Customer | None],
        clock: Clock,
    ) -> None:
        self._key, self.issuer, self._find_customer, self._clock = key, issuer, find_customer, clock
        self.jwk = public_jwk(key)
        self._remembered: dict[str, Claims] = {}

    def issue(self, customer: Customer) -> str:
        """A token for a customer, good for an hour."""
        now = int(self._clock().timestamp())
        claims = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": customer.id,
            "name": customer.name,
            "iat": now,
            "exp": now + LIFETIME_S,
            "roles": customer.roles,
        }
        return jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self.jwk.kid})

    def customer_of(self, authorization: str | None) -> Customer | None:
        """The customer behind an Authorization header, None where it holds no valid token."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_LENGTH:
            return None
        claims = self._remembered.get(token) or self._check(token)
        if claims is None or claims.expires <= self._clock().timestamp():
            self._remembered.pop(token, None)
            return None
        return self._find_customer(claims.customer_id)

    def _check(self, token: str) -> Claims | None:
        try:
            # The expiry is checked by the caller on the store's own clock.
            read = jwt.decode(
                token,
                self._key.public_key(),
                algorithms=["ES256"],
                audience=AUDIENCE,
                issuer=self.issuer,
                options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp"]},
            )
            claims = Claims(str(read["sub"]), int(read["exp"]))
        except (jwt.InvalidTokenError, ValueError, TypeError):
            return None
        if len(self._remembered) >= REMEMBERED_TOKENS:
            self._remembered.clear()
        self._remembered[token] = claims
        return claims
