"""The door before the REST services: holds a call up, turns it away, or breaks its answer, as the fault board says."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mangastore.faults.board import SERVICES, FaultBoard, ServiceName
from mangastore.faults.spoils import spoil_answer
from mangastore.problems import PROBLEM_MEDIA_TYPE, Problem

PREFIXES: dict[str, ServiceName] = {name: name for name in SERVICES}
JSON_HEADER = (b"content-type", b"application/json")


class FaultDoor:
    """ASGI around ASGI; costs one look at an empty board while nothing is faulty."""

    def __init__(self, app: ASGIApp, board: FaultBoard) -> None:
        self._app, self._board = app, board

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        service = None if self._board.clear_everywhere else _service_of(scope)
        fault = self._board.strike(service) if service else None
        if service is None or fault is None:
            return await self._app(scope, receive, send)
        match fault.mode:
            case "slow":
                await asyncio.sleep(fault.delay_ms / 1000)
                return await self._app(scope, receive, send)
            case "fail":
                return await _turn_away(service, send)
            case "wrong":
                return await self._break(service, scope, receive, send)

    async def _break(self, service: ServiceName, scope: Scope, receive: Receive, send: Send) -> None:
        head: Any = None
        body = bytearray()

        async def keep(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                head = message
            elif message["type"] == "http.response.body":
                body.extend(message["body"])

        await self._app(scope, receive, keep)
        if head is None:
            return
        if head["status"] == 200:
            spoiled = msgspec.json.encode(spoil_answer(service, msgspec.json.decode(bytes(body))))
            await _answer(200, JSON_HEADER, spoiled, send)
        else:
            await send(head)
            await send({"type": "http.response.body", "body": bytes(body), "more_body": False})


def _service_of(scope: Scope) -> ServiceName | None:
    if scope["type"] != "http":
        return None
    name, slash, _ = scope["path"][1:].partition("/v1/")
    return PREFIXES.get(name) if slash else None


async def _turn_away(service: ServiceName, send: Send) -> None:
    problem = Problem("Service Unavailable", 503, f"The {service} service is down.", "unavailable")
    await _answer(503, (b"content-type", PROBLEM_MEDIA_TYPE.encode()), msgspec.json.encode(problem), send)


async def _answer(status: int, content_type: tuple[bytes, bytes], body: bytes, send: Send) -> None:
    headers = [content_type, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
