"""The processor time that an answer costs the assistant over each of its doors, beside our own frames, in one run.

All doors are asked the same questions in turns, each of a shopper of its own whose line is kept open, so that whatever else the
machine does meets all of them alike. The figure is the median over the rounds.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, Final
from uuid import uuid4

import aiohttp

from benchmarks.measuring import Row, at_most
from benchmarks.questions import mixed
from benchmarks.system import Running, settled, shopper

ROUNDS: Final = 5
QUESTIONS: Final = 40
MOST_ABOVE: Final = 10.0
FRAMES: Final = "frames"

Ask = Callable[[str], Awaitable[object]]


async def costs_of(system: Running, doors: Mapping[str, Ask]) -> dict[str, float]:
    """Milliseconds of processor time that an answer costs over each door, asked in turns."""
    took: dict[str, list[float]] = {name: [] for name in doors}
    for number in range(ROUNDS + 1):
        for name, ask in doors.items():
            cost = await spent(system, ask, number)
            if number:  # the first warms up
                took[name].append(cost)
    return {name: median(each) for name, each in took.items()}


async def measured(system: Running) -> list[Row]:
    await settled(system)
    async with _doors(system) as doors:
        costs = await costs_of(system, doors)
    ours = costs[FRAMES]
    return [
        *(Row(what=f"an answer over {name}", value=cost, unit="ms") for name, cost in costs.items()),
        *(
            at_most(f"{name}, above our own frames", (cost / ours - 1) * 100, "%", MOST_ABOVE)
            for name, cost in costs.items()
            if name != FRAMES
        ),
    ]


async def spent(system: Running, ask: Ask, number: int) -> float:
    """Milliseconds of the assistant's processor time for a question."""
    began = system.processor_s()
    for question in mixed(QUESTIONS, number * 7):
        await ask(question)
    return (system.processor_s() - began) * 1000 / QUESTIONS


@asynccontextmanager
async def _doors(system: Running) -> AsyncGenerator[dict[str, Ask]]:
    async with shopper(system) as socket, aiohttp.ClientSession(system.url) as http:
        yield {
            FRAMES: socket.ask,
            "REST": _Posting(http, "/chat/message", _plain).ask,
            "the UI message stream": _Posting(http, "/chat/stream?reset=1", _of_use_chat).ask,
            "AG-UI": _Posting(http, "/ag-ui", _run_of(str(uuid4()))).ask,
        }


class _Posting:
    """One shopper who posts what they ask. ``worded`` makes the body of a question and of the session that it goes on in."""

    def __init__(self, http: aiohttp.ClientSession, path: str, worded: Callable[[str, str | None], Any]) -> None:
        self._http = http
        self._path = path
        self._worded = worded
        self._session: str | None = None

    async def ask(self, question: str) -> None:
        async with self._http.post(self._path, json=self._worded(question, self._session)) as response:
            told = await response.text()
            assert response.status == 200, told
            self._session = response.headers.get("x-mangaassist-session") or (await response.json())["session_id"]


def _plain(question: str, session: str | None) -> dict[str, Any]:
    return {"message": question} | ({"session_id": session} if session else {})


def _of_use_chat(question: str, session: str | None) -> dict[str, Any]:
    message = {"id": str(uuid4()), "role": "user", "parts": [{"type": "text", "text": question}]}
    return {"id": "chat", "messages": [message]} | ({"session_id": session} if session else {})


def _run_of(thread: str) -> Callable[[str, str | None], dict[str, Any]]:
    def worded(question: str, _: str | None) -> dict[str, Any]:
        message = {"id": str(uuid4()), "role": "user", "content": question}
        return {"threadId": thread, "runId": str(uuid4()), "messages": [message]}

    return worded
