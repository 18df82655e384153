"""K-5: what an editorial system pushes is signed, fresh, taken once, no larger than any body, and kept before it is told so."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import msgspec
import pytest

from mangaassist.edge.app import build
from mangaassist.edge.socket import SocketEdge
from mangaassist.edge.webhooks import Webhook
from mangaassist.errors import ServiceFailure
from mangaassist.knowledge.documents import Document, DocumentChange, deletion, upsert
from mangaassist.knowledge.sources.inbox import Kept
from mangaassist.wire.webhook_signatures import GOOD_FOR_S, HEADER, signature
from tests.conversation.virtual import Process
from tests.edge.rest_client import Caller, Got, Sockets, Tokens

KEY = b"the key of the editors"
WHEN = datetime(2026, 11, 1, 12, tzinfo=UTC)

Push = Callable[..., Any]


class Box:
    """Keeps in memory what is pushed; ``full`` and ``failing`` are told to it."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.full = self.failing = False

    async def keep(self, delivery: str, raw: bytes) -> Kept:
        if self.failing:
            raise ServiceFailure("knowledge", "error")
        if delivery in self.kept:
            return "known"
        if self.full:
            return "full"
        self.kept[delivery] = raw
        return "kept"


def event(version: int = 1, body: str = "Read it slowly.", **fields: Any) -> DocumentChange:
    page: dict[str, Any] = {
        "document_id": "guide-berserk", "title": "Where to start", "body": body, "source_type": "editorial",
        "version": version, "updated_at": WHEN,
    }  # fmt: skip
    return upsert("editorial", Document(**(page | fields)), WHEN)


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def push(process: Process, box: Box) -> Push:
    """Pushes a body, signed for now unless it is told otherwise."""
    doors = process.doors(Tokens())
    caller = Caller(build(doors, cast(SocketEdge, Sockets()), {}, Webhook(box, KEY)))
    now = int(doors.now().timestamp())

    async def pushed(
        body: bytes | DocumentChange, *, key: bytes = KEY, late_s: int = 0, signed: bytes | None = None, **headers: str
    ) -> Got:
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        mark = signature(raw if signed is None else signed, key, now - late_s)
        given = {"content_type": "application/json", HEADER: mark} | headers
        return await caller.request("POST", "/webhooks/editorial", raw, **given)

    return pushed


@pytest.mark.parametrize("change", [event(), deletion("editorial", "guide-berserk", 1, WHEN)], ids=["page", "removal"])
async def test_what_is_signed_for_its_body_and_moment_is_kept(push: Push, box: Box, change: DocumentChange) -> None:
    got = await push(change)
    assert (got.status, got.json) == (202, {"id": "guide-berserk", "version": 1})
    assert list(box.kept.values()) == [msgspec.json.encode(change)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": b"another key"}, {"signed": b"another body"}, {"late_s": int(GOOD_FOR_S) + 1},
        {"late_s": -int(GOOD_FOR_S) - 1}, {HEADER: ""}, {HEADER: "t=1,v1=zz"}, {HEADER: f"v1={'0' * 64},t=1"},
        {HEADER: f"t=1{',v1=' + '0' * 64}"},
    ],
)  # fmt: skip
async def test_what_is_not_signed_for_this_body_and_moment_is_not_kept(
    push: Push, box: Box, wrong: dict[str, Any]
) -> None:
    assert (await push(event(), **wrong)).problem == (401, "unauthenticated")
    assert box.kept == {}


async def test_a_moment_that_was_not_signed_makes_no_old_delivery_fresh(push: Push, box: Box) -> None:
    raw = msgspec.json.encode(event())
    old = signature(raw, KEY, 1_000).partition(",")[2]
    assert (await push(raw, **{HEADER: f"t={int(WHEN.timestamp())},{old}"})).problem == (401, "unauthenticated")
    assert box.kept == {}


async def test_a_second_mark_lets_a_key_be_changed_without_a_gap(process: Process, push: Push) -> None:
    raw, now = msgspec.json.encode(event()), int(process.doors(Tokens()).now().timestamp())
    by_next = signature(raw, b"the next key", now)
    assert (await push(raw, **{HEADER: by_next})).status == 401
    both = f"{by_next},{signature(raw, KEY, now).partition(',')[2]}"
    assert (await push(raw, **{HEADER: both})).status == 202


async def test_a_recorded_delivery_is_no_good_a_second_time(push: Push, box: Box) -> None:
    assert (await push(event())).status == 202
    assert (await push(event())).problem == (409, "replayed")
    assert (
        await push(event(), late_s=1)
    ).status == 202  # the sender's own second try is signed anew: its version decides


@pytest.mark.parametrize("body", [b"no json", b"{}", b"[]"])
async def test_what_is_no_event_is_told_so_and_not_kept(push: Push, box: Box, body: bytes) -> None:
    assert (await push(body)).problem == (400, "invalid_field")
    assert box.kept == {}


async def test_only_pages_of_the_editors_are_pushed(push: Push, box: Box) -> None:
    assert (await push(event(source_type="policy"))).problem == (400, "invalid_field")
    assert (await push(msgspec.structs.replace(event(), source="catalog"))).problem == (400, "invalid_field")
    assert box.kept == {}


async def test_a_body_that_is_too_large_is_refused(push: Push, box: Box) -> None:
    assert (await push(event(body="x" * 70_000))).problem == (413, "too_large")
    assert box.kept == {}


async def test_what_cannot_be_kept_is_not_acknowledged(push: Push, box: Box) -> None:
    box.full = True
    assert (await push(event(1))).problem[0] == 503
    box.failing = True
    assert (await push(event(2))).problem[0] == 503


async def test_where_no_key_is_set_nothing_is_pushed(process: Process) -> None:
    caller = Caller(build(process.doors(Tokens()), cast(SocketEdge, Sockets()), {}))
    raw = msgspec.json.encode(event())
    headers = {"content_type": "application/json", HEADER: signature(raw, KEY, 0)}
    assert (await caller.request("POST", "/webhooks/editorial", raw, **headers)).problem == (404, "not_found")
