"""What an API Gateway WebSocket API says to a function, and what it is answered (W-13): the parts of its events that we read."""

from typing import Any

from msgspec import Struct


class Caller(Struct, frozen=True, rename="camel"):
    source_ip: str = ""


class RequestContext(Struct, frozen=True, rename="camel"):
    """``connected_at``: milliseconds since 1970."""

    route_key: str
    connection_id: str
    connected_at: int
    identity: Caller = Caller()


class GatewayEvent(Struct, frozen=True, rename="camel"):
    """A connection opens (``$connect``), says something (``$default``) or is gone (``$disconnect``)."""

    request_context: RequestContext
    headers: dict[str, str] | None = None
    query_string_parameters: dict[str, str] | None = None
    body: str = ""
    is_base64_encoded: bool = False


class AuthorizerEvent(Struct, frozen=True, rename="camel"):
    """Somebody wants to connect."""

    method_arn: str
    headers: dict[str, str] | None = None


class Statement(Struct, frozen=True, rename="pascal"):
    action: str
    effect: str
    resource: str


class PolicyDocument(Struct, frozen=True, rename="pascal"):
    statement: tuple[Statement, ...]
    version: str = "2012-10-17"


class Policy(Struct, frozen=True, rename="camel"):
    """Who it is, and what they may do. ``context`` is told to the integrations."""

    principal_id: str
    policy_document: PolicyDocument
    context: dict[str, str]


class Answer(Struct, frozen=True, rename="camel"):
    status_code: int = 200
    headers: dict[str, str] = {}
    body: str = ""

    def told(self) -> dict[str, Any]:
        return {"statusCode": self.status_code, "headers": self.headers, "body": self.body}
