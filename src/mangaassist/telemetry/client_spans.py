"""Client spans of calls that are no store service's and no model's: Redis, OpenSearch, AWS's services, the identity provider (O-3).

Each vendor's adapter has one place through which its calls go, and tells it here. A span is made only within one that somebody
collects: what is done for nobody in particular (sweeps, renewals, feeds) begins no trace of its own, and where nobody collects
a call costs one look at a context variable. No key, text, address of a document or id of anybody is told: names and figures alone.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from opentelemetry.util.types import AttributeValue

from mangaassist.telemetry.conventions import Attr, System
from mangaassist.telemetry.tracing import NO_CALL, CallSpan, Tracing

_NAMED_BY: Final[Mapping[str, Attr]] = {"TableName": Attr.TABLES, "StreamName": Attr.STREAM_NAME}
"""Parameters of AWS's operations that name what is called, and no customer's thing."""
_DATABASES: Final[Mapping[str, System]] = {"DynamoDB": System.DYNAMODB}
"""By the name of AWS's service."""


def redis_call(
    command: str, procedure: str, commands: int, server: tuple[str, int] | None
) -> AbstractContextManager[CallSpan]:
    """One exchange with a Redis: ``command`` is the first of so many ``commands``, ``procedure`` the script that it runs, or ""."""
    if (tracing := Tracing.collecting()) is None:
        return NO_CALL
    operation = command if commands == 1 else f"PIPELINE {command}"
    told: dict[str, AttributeValue] = {Attr.DB_SYSTEM: System.REDIS, Attr.DB_OPERATION: operation}
    if commands > 1:
        told[Attr.DB_BATCH] = commands
    if procedure:
        told[Attr.DB_PROCEDURE] = procedure
    if server is not None:
        told[Attr.SERVER], told[Attr.PORT] = server
    return tracing.client(f"{operation} {procedure}".rstrip(), told)


def aws_call(client: Any, operation: str, request: Mapping[str, Any]) -> AbstractContextManager[CallSpan]:
    """One call of a service of AWS, the client's own retries included. ``operation`` is the client's method."""
    if Tracing.collecting() is None:
        return NO_CALL
    meta = client.meta
    return aws_request(str(meta.service_model.service_id), str(meta.method_to_api_mapping[operation]), request)


def aws_request(
    service: str, method: str, request: Mapping[str, Any] = MappingProxyType({})
) -> AbstractContextManager[CallSpan]:
    """The same of a request of our own: ``service`` and ``method`` as AWS names them."""
    if (tracing := Tracing.collecting()) is None:
        return NO_CALL
    told: dict[str, AttributeValue] = {Attr.RPC_SYSTEM: System.AWS, Attr.RPC_SERVICE: service, Attr.RPC_METHOD: method}
    if (database := _DATABASES.get(service)) is not None:
        told |= {Attr.DB_SYSTEM: database, Attr.DB_OPERATION: method}
    for parameter, attribute in _NAMED_BY.items():
        if parameter in request:
            named = str(request[parameter])
            told[attribute] = [named] if attribute is Attr.TABLES else named
    return tracing.client(f"{service}.{method}", told)


def opensearch_call(operation: str, index: str, url: str) -> AbstractContextManager[CallSpan]:
    """One request to an OpenSearch: ``operation`` as its addresses name it (``_search``), ``index`` or "" for none."""
    if (tracing := Tracing.collecting()) is None:
        return NO_CALL
    told: dict[str, AttributeValue] = {Attr.DB_SYSTEM: System.OPENSEARCH, Attr.DB_OPERATION: operation, **_server(url)}
    if index:
        told[Attr.COLLECTION] = index
    return tracing.client(f"{operation} {index}".rstrip(), told)


def http_call(peer: str, method: str, url: str) -> AbstractContextManager[CallSpan]:
    """One request of HTTP to ``peer``, as we call it. Of the address only the server is told: the rest may hold a secret."""
    if (tracing := Tracing.collecting()) is None:
        return NO_CALL
    return tracing.client(method, {Attr.PEER: peer, Attr.HTTP_METHOD: method, **_server(url)})


def _server(url: str) -> dict[str, AttributeValue]:
    parts = urlsplit(url)
    told: dict[str, AttributeValue] = {Attr.SERVER: parts.hostname or ""}
    if (port := parts.port or {"http": 80, "https": 443}.get(parts.scheme)) is not None:
        told[Attr.PORT] = port
    return told
