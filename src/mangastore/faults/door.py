"""The door before the REST services: holds a call up, turns it away, cuts or breaks its answer, as the fault board says."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from mangastore.faults.board import SERVICES, FaultBoard, ServiceName, Spoil
from mangastore.faults.spoils import cut_off, spoilt_answer
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
            case "fail" | "flap":
                return await _turn_away(service, send)
            case "cut":
                return await self._cut(scope, receive, send)
            case "wrong":
                return await self._break(service, self._board.spoil(fault), scope, receive, send)

    async def _cut(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The whole answer is announced and half of it sent; the server then hangs up on whoever waits for the rest."""
        head, body = await self._answered(scope, receive)
        if head is not None:
            await send(head)
            await send({"type": "http.response.body", "body": cut_off(body), "more_body": True})

    async def _break(self, service: ServiceName, spoil: Spoil, scope: Scope, receive: Receive, send: Send) -> None:
        head, body = await self._answered(scope, receive)
        if head is None:
            return
        if head["status"] == 200:
            await _answer(200, JSON_HEADER, spoilt_answer(service, spoil, body), send)
        else:
            await send(head)
            await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _answered(self, scope: Scope, receive: Receive) -> tuple[Any, bytes]:
        """What the service would have answered."""
        head: Any = None
        body = bytearray()

        async def keep(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                head = message
            elif message["type"] == "http.response.body":
                body.extend(message["body"])

        await self._app(scope, receive, keep)
        return head, bytes(body)


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
