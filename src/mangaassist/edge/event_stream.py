"""Server-sent events over ASGI: what is told is closed when the peer goes away, and a quiet line is kept open."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Final, TypeVar

from litestar.response.base import ASGIResponse
from litestar.types import Receive, Send

T = TypeVar("T")

PING_S: Final = 15.0
"""Proxies cut lines on which nothing is said for a minute."""
PING: Final = b": ping\n\n"
MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = {"cache-control": "no-cache", "x-accel-buffering": "no"}


class EventStream(ASGIResponse):
    """Sends events, each whole, until they end or nobody hears them. ``events`` is closed in either case.

    A peer that reads slowly makes ``events`` wait: nothing is gathered for it here, and the server cuts it off in the end.
    """

    __slots__ = ("_events",)

    _should_set_content_length = False

    def __init__(self, events: AsyncGenerator[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(headers=_HEADERS | dict(headers), media_type=MEDIA_TYPE)
        self._events = events

    async def send_body(self, send: Send, receive: Receive) -> None:
        async with asyncio.TaskGroup() as both:
            sending = both.create_task(self._pass_on(send), name="events")
            leaving = both.create_task(_gone(receive), name="peer of events")
            sending.add_done_callback(lambda _: leaving.cancel())
            leaving.add_done_callback(lambda _: sending.cancel())

    async def _pass_on(self, send: Send) -> None:
        async with aclosing(self._events) as events:
            async for event in events:
                await send({"type": "http.response.body", "body": event, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def or_quiet(coming: AsyncGenerator[T], every_s: float) -> AsyncGenerator[T | None]:
    """What comes, and None whenever nothing has come for so long. ``coming`` is closed with it."""
    next_one: asyncio.Task[T] | None = None
    async with aclosing(coming):
        try:
            while True:
                next_one = next_one or asyncio.create_task(_next(coming), name="next event")
                if not (await asyncio.wait({next_one}, timeout=every_s))[0]:
                    yield None
                    continue
                taken, next_one = next_one, None
                try:
                    yield taken.result()
                except StopAsyncIteration:
                    return
        finally:
            if next_one is not None:
                next_one.cancel()
                await asyncio.gather(next_one, return_exceptions=True)


async def _next(coming: AsyncGenerator[T]) -> T:
    return await anext(coming)
