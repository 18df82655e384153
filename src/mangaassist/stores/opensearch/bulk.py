"""Bulk requests: bodies of bounded size, and what became of each operation. What the engine has no room for comes again later."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.stores.opensearch.engine import Engine
from mangaassist.stores.opensearch.failures import (
    CONFLICT,
    DOCUMENTS,
    MISSING,
    TOO_MUCH,
    EngineError,
    refused,
)
from mangaassist.stores.opensearch.replacing import Operation

BODY_BYTES: Final = 4 << 20
"""Of one request, unless a single operation is larger: some seven hundred chunks."""
BULK_S: Final = 20.0
PAUSES_S: Final = (0.2, 0.8, 3.2)
"""Before what an engine under load refused is sent again; after the last it is a failure, and whoever writes waits (K-4)."""

GONE: Final = EngineError("document_missing_exception")

_ENCODER: Final = msgspec.json.Encoder()

Held = bool | ServiceFailure
"""Whether an operation holds: False where a newer version or another writer was first. A failure: it never can."""

Pause = Callable[[float], Awaitable[None]]


class Outcome(Struct, frozen=True):
    """Of one operation."""

    status: int
    error: EngineError | None = None


class _Reply(Struct, frozen=True):
    items: tuple[dict[str, Outcome], ...]


async def sent(engine: Engine, index: str, operations: Sequence[Operation], *, refresh: bool) -> list[bool]:
    """As ``tried``, of operations that must all hold or be overtaken. Raises ``ServiceFailure`` where one cannot."""
    held = await tried(engine, index, operations, refresh=refresh)
    for one in held:
        if isinstance(one, ServiceFailure):
            raise one
    return [one is True for one in held]


async def tried(
    engine: Engine, index: str, operations: Sequence[Operation], *, refresh: bool, pause: Pause = asyncio.sleep
) -> list[Held]:
    """Send operations in order, and tell what became of each.

    ``refresh``: they are found by every search when this returns. Raises ``ServiceFailure`` where the engine and no single
    operation is to blame; others may have been done.
    """
    encoded = [_encoded(engine.service, operation) for operation in operations]
    held: list[Held] = [one if isinstance(one, ServiceFailure) else False for one in encoded]
    bodies = {place: one for place, one in enumerate(encoded) if isinstance(one, bytes)}
    waiting = list(bodies)
    for pause_s in (*PAUSES_S, None):
        refused_ones: list[int] = []
        for part in _parts([bodies[place] for place in waiting]):
            places = [waiting[number] for number in part.numbers]
            outcomes = await _asked(engine, index, part.body, len(places), refresh)
            for place, outcome in zip(places, outcomes, strict=True):
                if outcome.status == TOO_MUCH:
                    refused_ones.append(place)
                else:
                    held[place] = _holds(engine.service, outcome)
        waiting = refused_ones
        if not waiting:
            return held
        if pause_s is not None:
            await pause(pause_s * random.uniform(0.75, 1.25))  # noqa: S311  no secret: processes should not come back together
    raise ServiceFailure(
        engine.service, "error", f"{len(waiting)} operations were refused: the engine has too much to do"
    )


class _Part(Struct, frozen=True):
    """The operations of these ``numbers``, as one body."""

    numbers: range
    body: bytes


def _encoded(service: str, operation: Operation) -> bytes | ServiceFailure:
    try:
        lines = [_ENCODER.encode({operation.action: operation.about})]
        if operation.source is not None:
            lines.append(_ENCODER.encode(operation.source))
    except UnicodeEncodeError:
        return ServiceFailure(service, "contract", "an operation that is no text")
    return b"\n".join(lines) + b"\n"


def _parts(encoded: Sequence[bytes]) -> Iterator[_Part]:
    begin, size = 0, 0
    for number, one in enumerate(encoded):
        if size and size + len(one) > BODY_BYTES:
            yield _Part(range(begin, number), b"".join(encoded[begin:number]))
            begin, size = number, 0
        size += len(one)
    if begin < len(encoded):
        yield _Part(range(begin, len(encoded)), b"".join(encoded[begin:]))


async def _asked(engine: Engine, index: str, body: bytes, count: int, refresh: bool) -> Iterable[Outcome]:
    params = {"refresh": "true" if refresh else "false", "filter_path": "items.*.status,items.*.error.type"}
    full = _Reply(tuple({"index": Outcome(TOO_MUCH)} for _ in range(count)))
    reply = await engine.ask(
        "POST", f"/{index}/_bulk", _Reply, lines=body, params=params, within_s=BULK_S, also={TOO_MUCH: full}
    )
    outcomes = [next(iter(item.values()), Outcome(0)) for item in reply.items]
    if len(outcomes) != count:
        raise ServiceFailure(engine.service, "contract", f"{len(outcomes)} outcomes of {count} operations")
    return outcomes


def _holds(service: str, outcome: Outcome) -> Held:
    """What is to be deleted and not there is deleted; what is to be changed and not there is not.

    Raises ``ServiceFailure`` for what is neither done nor overtaken and may be another time.
    """
    if 200 <= outcome.status < 300 or (outcome.status == MISSING and outcome.error is None):
        return True
    if outcome.status == CONFLICT or outcome.error == GONE:
        return False
    failure = refused(service, outcome.status, outcome.error)
    if outcome.error is not None and outcome.error.type in DOCUMENTS:
        return failure
    raise failure
