"""Sign-in: tokens for a name and a password, and the keys that check them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from mangastore.identity import LIFETIME_S, JsonWebKey
from mangastore.problems import PRIVATE_RESPONSES, ProblemError
from mangastore.store import Store

ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Credentials(msgspec.Struct):
    """What a shopper types to sign in."""

    username: ShortText
    password: ShortText


class TokenView(msgspec.Struct):
    """A token and for how many seconds it is good."""

    access_token: str
    token_type: str
    expires_in: int


class KeySetView(msgspec.Struct):
    """The public keys of the store (RFC 7517)."""

    keys: Sequence[JsonWebKey]


class ProviderView(msgspec.Struct):
    """What the store says of itself as an identity provider (OpenID Connect Discovery 1.0)."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    response_types_supported: Sequence[str] = ("token",)
    grant_types_supported: Sequence[str] = ("password",)
    subject_types_supported: Sequence[str] = ("public",)
    id_token_signing_alg_values_supported: Sequence[str] = ("ES256",)


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the identity provider."""

    @post("/auth/token", status_code=200, responses=PRIVATE_RESPONSES, tags=["identity"], sync_to_thread=False)
    def issue_token(data: JSONBody[Credentials]) -> Response[TokenView]:
        """A token for a demo customer."""
        customer = store.customers.sign_in(data.username, data.password)
        if customer is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED, "wrong_credentials", "That name and password do not belong together."
            )
        token = TokenView(store.identity.issue(customer), "Bearer", LIFETIME_S)
        return Response(token, headers={"Cache-Control": "no-store"})

    @get("/.well-known/jwks.json", tags=["identity"], sync_to_thread=False)
    def show_keys() -> KeySetView:
        """The keys that check the store's tokens."""
        return KeySetView([store.identity.jwk])

    @get("/.well-known/openid-configuration", tags=["identity"], sync_to_thread=False)
    def show_provider() -> ProviderView:
        """Where tokens and keys are to be had."""
        issuer = store.identity.issuer
        return ProviderView(issuer, f"{issuer}/.well-known/jwks.json", f"{issuer}/auth/token")

    return [issue_token, show_keys, show_provider]
