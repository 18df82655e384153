"""Feedback, and a session read back: over HTTP on this machine, one after the other, what each request takes."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
from msgspec.structs import replace

from benchmarks.measuring import Row, at_most, percentile
from benchmarks.small_edge import Stores, over_both, served
from mangaassist.conversation.sessions import SessionStore
from mangaassist.testing.scripted_answers import CARD
from mangaassist.turn.memory import HEADROOM, TurnRecord
from mangaassist.wire.metadata import AnswerMetadata, Source

LIMIT_MS: Final = 20
REQUESTS: Final = 500
WARMING: Final = 20
SHORT, LONG = 10, 200
"""Turns of a session that is read back."""
SOURCE: Final = Source(chunk_id="policy/us-shipping#1", title="Shipping in the US", source_type="policy", score=0.71)
METADATA: Final = AnswerMetadata(
    intent="product_discovery", confidence=0.93, stage="model", tier="small", model="offline", latency_ms=41.5,
    ttft_ms=12.25, timings={"read": 1.25, "evidence": 8.5, "write": 20.125, "review": 3.0},
    sources=(SOURCE, SOURCE, SOURCE), services=("catalog", "pricing"),
)  # fmt: skip


def turn(session_id: str, number: int) -> TurnRecord:
    """As long as an answer that recommends: five cards and three sources."""
    return TurnRecord(
        response_id=f"r_{session_id}_{number}",
        message_id=f"m{number}",
        message="Could you recommend something dark and beautifully drawn, not too long?",
        answer="These five are the ones that I would begin with. " * 12,
        intent="product_discovery",
        products=(replace(CARD, reason="Dark fantasy at its most beautiful, and complete"),) * 5,
        suggestions=("Anything cheaper?", "Which of these are complete?"),
        metadata=METADATA,
        last_seq=number * 20,
        at=datetime.now(UTC),
    )


async def filled(sessions: SessionStore, session_id: str, turns: int) -> None:
    await sessions.begin(session_id, None, HEADROOM)
    session = await sessions.load(session_id)
    assert session is not None
    for number in range(turns):
        session = await sessions.commit(session, turn(session_id, number))


async def measured(stores: Stores) -> list[Row]:
    """What has to be there is there before it is measured."""
    for turns in (SHORT, LONG):
        await filled(stores.sessions, f"s_of_{turns}_turns", turns)
    took: dict[str, list[float]] = {}
    ours: dict[str, list[float]] = {}
    async with served(stores) as url, aiohttp.ClientSession(url) as http:

        async def timed(what: str, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
            began, processor = time.perf_counter(), time.process_time()
            async with http.request(method, path, json=body) as got:
                await got.read()
                took.setdefault(what, []).append((time.perf_counter() - began) * 1000)
                ours.setdefault(what, []).append((time.process_time() - processor) * 1000)
                got.raise_for_status()

        for number in range(WARMING + REQUESTS):
            asked = {
                "session_id": "s_of_10_turns",
                "response_id": f"r_s_of_10_turns_{number % SHORT}",
                "feedback": "thumbs_up",
                "comment": "This was just what I was looking for, thank you!",
            }
            await timed("feedback", "POST", "/chat/feedback", asked)
            for turns in (SHORT, LONG):
                await timed(f"{turns} turns read back", "GET", f"/chat/sessions/s_of_{turns}_turns")
    return [row for what in took for row in _rows(f"{stores.name}: {what}", took[what][WARMING:], ours[what][WARMING:])]


def _rows(what: str, took: list[float], ours: list[float]) -> list[Row]:
    """``ours`` is what this process works, client and server: of what a request takes, a store in another process has the rest."""
    return [
        Row(what=f"{what}, p50", value=percentile(took, 50), unit="ms"),
        at_most(f"{what}, p99", percentile(took, 99), "ms", LIMIT_MS),
        Row(what=f"{what}, processor time of ours, p50", value=percentile(ours, 50), unit="ms"),
    ]


def rows() -> list[Row]:
    return over_both(measured)
