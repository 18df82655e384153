"""Sign-in for trying out: a name and a password make a token, and a published key proves it. YOUR PROVIDER of OpenID Connect takes
this file's place: name it in settings.toml, and let ``shopper_of`` check its tokens."""

import base64
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from litestar import get, post
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.params import JSONBody
from msgspec import Struct

from . import address
from .shelves import Customer, customers

AUDIENCE = "mangaassist"
LIFETIME_S = 3600
ALGORITHM = "ES256"
KEY_ID = f"{time.time_ns():x}"
_KEY = ec.generate_private_key(ec.SECP256R1())
"""Made at each start: who is signed in signs in again."""


class Credentials(Struct):
    username: str
    password: str


def shopper_of(request: ASGIConnection[Any, Any, Any, Any]) -> Customer:
    """Whose request it is. Answers 401 where nobody's token, an old one or another store's comes with it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() != "bearer":
            raise NotAuthorizedException("Sign in first.")
        told = jwt.decode(token, _KEY.public_key(), [ALGORITHM], audience=AUDIENCE, issuer=address.URL)
        return customers()[told["sub"]]
    except (jwt.InvalidTokenError, KeyError) as error:
        raise NotAuthorizedException("Sign in again.") from error


@post("/auth/token", status_code=200, sync_to_thread=False)
def token(data: JSONBody[Credentials]) -> dict[str, Any]:
    """A token, good for an hour."""
    for one in customers().values():
        if (one.username, one.password) == (data.username, data.password):
            now = int(time.time())
            claims = {"iss": address.URL, "aud": AUDIENCE, "sub": one.id, "iat": now, "exp": now + LIFETIME_S}
            signed = jwt.encode(claims, _KEY, ALGORITHM, headers={"kid": KEY_ID})
            return {"access_token": signed, "token_type": "Bearer", "expires_in": LIFETIME_S}
    raise NotAuthorizedException("That name and password do not belong together.")


@get("/.well-known/jwks.json", sync_to_thread=False)
def keys() -> dict[str, Any]:
    """The public half of the key."""
    numbers = _KEY.public_key().public_numbers()
    key = {"kty": "EC", "crv": "P-256", "x": _base64url(numbers.x), "y": _base64url(numbers.y)}
    return {"keys": [{**key, "kid": KEY_ID, "use": "sig", "alg": ALGORITHM}]}


@get("/.well-known/openid-configuration", sync_to_thread=False)
def provider() -> dict[str, Any]:
    """Where the keys are."""
    return {"issuer": address.URL, "jwks_uri": f"{address.URL}/.well-known/jwks.json"}


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode()


ROUTES = [token, keys, provider]
