"""A provider's keys, and tokens: good ones, odd ones and forged ones."""

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from mangaassist import settings
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.signing_keys import SigningKeys
from mangaassist.testing.clock import START

ISSUER = "http://issuer"
SKEW_S = 30
KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
ED_KEY = ed25519.Ed25519PrivateKey.generate()


def jwk(key: Any, kid: str | None, **members: Any) -> dict[str, Any]:
    kind = {ec.EllipticCurvePrivateKey: ECAlgorithm, rsa.RSAPrivateKey: RSAAlgorithm}
    algorithm: Any = next((kind[base] for base in kind if isinstance(key, base)), OKPAlgorithm)
    public = json.loads(algorithm.to_jwk(key.public_key()))
    public.pop("key_ops", None)
    return public | ({} if kid is None else {"kid": kid}) | members


KEYS = [jwk(KEY, "k1", alg="ES256", use="sig"), jwk(RSA_KEY, "r1"), jwk(ED_KEY, "e1", alg="EdDSA")]


def verifier_of(*keys: object, **expected: Any) -> TokenVerifier:
    async def fetch() -> bytes:
        return json.dumps({"keys": keys or KEYS}).encode()

    identity = settings.Identity(**({"issuer": ISSUER, "clock_skew_s": SKEW_S} | expected))
    return TokenVerifier(SigningKeys(fetch, lambda: 1000.0), identity, lambda: START)


def claims(**other: Any) -> dict[str, Any]:
    """What a good token says; a claim given as None is left out."""
    full = {"sub": "aiko", "iss": ISSUER, "aud": "mangaassist", "exp": START.timestamp() + 600} | other
    return {name: value for name, value in full.items() if value is not None}


def signed(payload: bytes, kid: str | None = "k1", key: Any = KEY, alg: str = "ES256", **header: Any) -> str:
    """A token over any bytes."""
    named = {} if kid is None else {"kid": kid}
    return jwt.PyJWS().encode(payload, key, alg, headers=named | header)


def token(kid: str | None = "k1", key: Any = KEY, alg: str = "ES256", **other: Any) -> str:
    return signed(json.dumps(claims(**other)).encode(), kid, key, alg)


def forged(alg: str, secret: bytes, **header: Any) -> str:
    """A token by hand, as no library would sign it."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    said = f"{part({'alg': alg, 'typ': 'JWT', 'kid': 'k1'} | header)}.{part(claims())}"
    signature = hmac.new(secret, said.encode(), hashlib.sha256).digest() if secret else b""
    return f"{said}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
