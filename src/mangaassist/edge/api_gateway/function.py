"""The routes and the authorizer of an API Gateway WebSocket API as functions: events in, answers out (W-1, W-13)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from mangaassist.edge.api_gateway.door import check_origin, subprotocols_of
from mangaassist.edge.api_gateway.hearing import Handshake, Hearing
from mangaassist.edge.identity import SUBPROTOCOL, TokenVerifier, token_of
from mangaassist.edge.limits import refusal_headers
from mangaassist.errors import Forbidden, Refused, ServiceFailure, Unauthenticated
from mangaassist.wire.api_gateway import Answer, AuthorizerEvent, GatewayEvent, Policy, PolicyDocument, Statement
from mangaassist.wire.problems import AWAY, NO_IDENTITY, Problem, problem_of

INVOKE: Final = "execute-api:Invoke"
GUEST: Final = "guest"
_NAMES: Final = frozenset({"authorization", "cookie"})
_ENCODER: Final = msgspec.json.Encoder()


class RouteFunction:
    """What is wrong with a frame is posted; only a connection that may not be is answered by a status."""

    def __init__(self, hearing: Hearing, allowed_origins: frozenset[str]) -> None:
        self._hearing = hearing
        self._allowed_origins = allowed_origins

    async def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ``ValidationError`` for what is no event of a WebSocket API."""
        told = msgspec.convert(event, GatewayEvent)
        try:
            return (await self._taken(told)).told()
        except Refused as refused:
            return _refused(problem_of(refused), refusal_headers(refused))
        except ServiceFailure as failure:
            return _refused(NO_IDENTITY if failure.service == "identity" else AWAY)

    async def _taken(self, event: GatewayEvent) -> Answer:
        connection_id = event.request_context.connection_id
        match event.request_context.route_key:
            case "$connect":
                return await self._connect(event)
            case "$disconnect":
                await self._hearing.disconnect(connection_id)
            case _:
                await self._hearing.hear(connection_id, None if event.is_base64_encoded else event.body)
        return Answer()

    async def _connect(self, event: GatewayEvent) -> Answer:
        context, scope = event.request_context, scope_of(event.headers)
        check_origin(header_of(event.headers, "origin"), self._allowed_origins)
        handshake = Handshake(
            connection_id=context.connection_id,
            address=context.identity.source_ip,
            at=datetime.fromtimestamp(context.connected_at / 1000, UTC),
            scope=scope,
            query={name: [value] for name, value in (event.query_string_parameters or {}).items()},
        )
        await self._hearing.connect(handshake)
        spoken = {"Sec-WebSocket-Protocol": SUBPROTOCOL} if SUBPROTOCOL in scope["subprotocols"] else {}
        return Answer(headers=spoken)


class Authorizer:
    """Lets in whom our own upgrade would let in: a customer by their token, a guest without one, from a page of ours."""

    def __init__(self, verifier: TokenVerifier, allowed_origins: frozenset[str]) -> None:
        self._verifier = verifier
        self._allowed_origins = allowed_origins

    async def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """The policy. Raises ``Unauthorized`` for a token that is none, which API Gateway makes 401 of; a foreign page is denied.

        Raises ``ServiceFailure`` when tokens cannot be checked just now: then it is 500.
        """
        asked = msgspec.convert(event, AuthorizerEvent)
        try:
            check_origin(header_of(asked.headers, "origin"), self._allowed_origins)
            identity = await self._verifier.identify(token_of(scope_of(asked.headers)))
        except Forbidden:
            return _policy(GUEST, "Deny", asked.method_arn)
        except Unauthenticated:
            raise Unauthorized from None
        return _policy(identity.customer_id or GUEST, "Allow", asked.method_arn)


class Unauthorized(Exception):
    """By its words alone API Gateway knows what is meant."""

    def __str__(self) -> str:
        return "Unauthorized"


def header_of(headers: Mapping[str, str] | None, name: str) -> str | None:
    return next((value for each, value in (headers or {}).items() if each.lower() == name), None)


def scope_of(headers: Mapping[str, str] | None) -> dict[str, Any]:
    """The headers by which somebody says who they are, as an ASGI server has them."""
    shown = [(name.lower(), value) for name, value in (headers or {}).items() if name.lower() in _NAMES]
    return {
        "headers": [(name.encode(), value.encode("latin-1", "replace")) for name, value in shown],
        "subprotocols": subprotocols_of(header_of(headers, "sec-websocket-protocol")),
    }


def _policy(principal: str, effect: str, resource: str) -> dict[str, Any]:
    document = PolicyDocument((Statement(INVOKE, effect, resource),))
    return msgspec.to_builtins(Policy(principal, document, {"customer": principal}))


def _refused(why: Problem, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    return Answer(why.status, {**why.headers, **(headers or {})}, _ENCODER.encode(why).decode()).told()
