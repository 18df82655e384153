"""R-8: pages and published documents."""

from typing import Any

import pytest

from mangaassist.edge.app import Door
from mangaassist.edge.routes import REFUSALS, ROUTES, Route
from mangaassist.edge.web_files import FILES
from tests.edge.rest_client import Caller


@pytest.mark.parametrize(
    ("path", "media_type", "holds"),
    [
        ("/", "text/html", b"<html"),
        ("/docs", "text/html", b"docs.js"),
        ("/widget/widget.js", "text/javascript", b"import"),
        ("/widget/pages.css", "text/css", b"{"),
        ("/widget/icon.svg", "image/svg+xml", b"<svg"),
    ],
)
async def test_pages_and_what_they_load_come_with_their_media_types(
    caller: Caller, path: str, media_type: str, holds: bytes
) -> None:
    got = await caller.get(path)
    assert got.status == 200
    assert got.headers["content-type"].partition(";")[0] == media_type
    assert got.headers["access-control-allow-origin"] == "*"  # the widget is part of other sites' pages
    assert got.headers["cache-control"] == "no-cache"
    assert holds in got.body


def references(document: object) -> set[str]:
    match document:
        case dict():
            own = {document["$ref"]} if "$ref" in document else set[str]()
            return own.union(*map(references, document.values()))
        case list():
            return set().union(*map(references, document))
        case _:
            return set()


def resolved(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step.replace("~1", "/")]
    return document


@pytest.mark.parametrize("name", ["openapi", "asyncapi"])
async def test_a_document_refers_to_nothing_that_it_does_not_hold(caller: Caller, name: str) -> None:
    got = await caller.get(f"/schema/{name}.json")
    assert (got.status, got.headers["content-type"]) == (200, "application/json")
    assert references(got.json)
    for reference in references(got.json):
        assert resolved(got.json, reference)


async def test_openapi_describes_every_route_but_the_pages(caller: Caller, door: Door) -> None:
    document = (await caller.get("/schema/openapi.json")).json
    assert document["openapi"] == "3.1.0"
    assert document["info"]["title"]
    assert document["info"]["version"]
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described >= {("/chat/message", "post"), ("/chat/sessions/{session_id}", "get"), ("/healthz", "get")}
    assert not described & {("/", "get"), ("/docs", "get"), ("/widget/{name}", "get")}
    assert len(described) == sum(route.published for route in ROUTES)
    rows = {route.handler.handler_name for route in ROUTES}
    served = {handler.handler_name for route in door.routes.routes for handler in getattr(route, "route_handlers", ())}
    assert served - {"options_handler"} == rows


async def test_openapi_describes_what_a_route_takes_gives_and_refuses(caller: Caller) -> None:
    document = (await caller.get("/schema/openapi.json")).json
    asking = document["paths"]["/chat/message"]["post"]
    assert asking["requestBody"]["required"] is True
    assert body_of(document, asking["requestBody"])["properties"].keys() >= {"message", "session_id", "page_context"}
    assert body_of(document, asking["responses"]["200"])["properties"].keys() >= {"response_text", "products"}
    refused = asking["responses"].keys() - {"200"}
    assert refused >= {"400", "401", "409", "413", "415", "421", "429", "431", "500", "503", "504"}
    for status in refused:
        body = body_of(document, asking["responses"][status], "application/problem+json")
        assert body["properties"].keys() >= {"type", "title", "status", "detail", "code"}
    assert "Retry-After" in asking["responses"]["429"]["headers"]
    assert asking["security"] == [{}, {"token": []}, {"cookie": []}]  # a guest needs nothing
    schemes = document["components"]["securitySchemes"]
    assert schemes["token"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    assert schemes["cookie"] == {"type": "apiKey", "in": "cookie", "name": "session-token"}
    reading = document["paths"]["/chat/sessions/{session_id}"]["get"]
    assert reading["parameters"] == [
        {"name": "session_id", "in": "path", "required": True, "schema": {"type": "string"}}
    ]
    assert reading["security"] == asking["security"]
    assert {"401", "404"} <= reading["responses"].keys()
    assert "turns" in body_of(document, reading["responses"]["200"])["properties"]
    away = document["paths"]["/readyz"]["get"]["responses"]["503"]["content"]
    assert away.keys() == {"application/json", "application/problem+json"}
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert all(described["summary"] for methods in document["paths"].values() for described in methods.values())


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
def test_a_route_refuses_with_statuses_that_are_worded(route: Route) -> None:
    assert set(route.refusals) <= set(REFUSALS)
    assert {400, 421, 431, 500, 503} <= set(route.refusals)


def body_of(document: Any, carrier: Any, media_type: str = "application/json") -> Any:
    assert list(carrier["content"]) == [media_type]
    return resolved(document, carrier["content"][media_type]["schema"]["$ref"])


SERVED_ELSEWHERE = (
    "There is no such conversation.",
    "Other agents are not served here.",
    "No API Gateway calls this address.",
)
"""What a handler says where it is, and what it is asked for is not."""


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.path)
async def test_what_is_described_is_served(caller: Caller, route: Route) -> None:
    kept = next(path for path in FILES if "/" in path)
    path = route.path.replace("{version:str}/{name:str}", kept).replace("{name:str}", "widget.js")
    path = path.replace("{session_id:str}", "s_nobodys_at_all").replace("{section:str}", "turns")
    got = await caller.request(route.method, path)
    assert got.status != 405
    assert got.status != 404 or got.json["detail"] in SERVED_ELSEWHERE


async def test_asyncapi_describes_both_sides_of_the_socket(caller: Caller) -> None:
    document = (await caller.get("/schema/asyncapi.json")).json
    assert document["asyncapi"] == "3.0.0"
    assert document["info"]["title"]
    assert document["info"]["version"]
    channel = document["channels"]["chat"]
    assert channel["address"] == "/ws"
    told: dict[str, set[str]] = {}
    for operation in document["operations"].values():
        assert resolved(document, operation["channel"]["$ref"]) is channel
        messages = [resolved(document, resolved(document, each["$ref"])["$ref"]) for each in operation["messages"]]
        told[operation["action"]] = {message["name"] for message in messages}
        assert all("type" in resolved(document, each["payload"]["$ref"])["properties"] for each in messages)
    stop = resolved(document, "#/components/messages/Stop")
    assert stop["summary"] == "End the answer that is streaming, or the one to the message ``id`` (T-8, W-14)."
    # In AsyncAPI it is the server that receives and sends.
    assert told["receive"] == {"message", "context", "typing", "stop", "auth", "ping", "event"}
    assert told["send"] >= {"session", "start", "token", "correction", "products", "done", "failed", "error", "gap"}
