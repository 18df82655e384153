"""What happened in the sessions (W-10, O-5): ids and figures, never a word of the shopper's; and who sends it on.

An event is noted where it happens and leaves later, in batches, through the port ``EventStream``. No answer waits for it: when
the stream is slow or away events wait in memory, and past ``WAITING_LIMIT`` the oldest are let go.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Literal, Protocol, Self

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.wire.cards import ButtonType

ANALYTICS: Final = "analytics"
"""The service that a ``ServiceFailure`` of the stream names."""
KEPT: Final = timedelta(days=90)
"""How long an event is kept by a stream of ours."""
BATCH: Final = 500
EVERY_S: Final = 1.0
"""Events leave when ``BATCH`` of them wait, and no later than this: what a crash loses."""
WAITING_LIMIT: Final = 10_000
PUT_S: Final = 30.0
"""The longest that a batch may take, whatever the stream's own limits."""
LONGEST_PAUSE_S: Final = 30.0
"""Between two tries, while the stream is away; the first comes after ``EVERY_S``."""
LEAVE_S: Final = 3.0
"""What leaving waits for the last events."""
AGAIN_S: Final = 0.2

_log = logger("analytics")


class What(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag=str.lower):
    """Something that happened. Each has a ``key`` that tells it from all others of its kind in its session, however often told."""

    @property
    def kind(self) -> str:
        return str(self.__struct_config__.tag)


class _OfAnswer(What, frozen=True, kw_only=True):
    response_id: str

    @property
    def key(self) -> str:
        return self.response_id


class Asked(_OfAnswer, frozen=True, kw_only=True):
    """A message was taken. ``blocked`` is why nobody may read it; ``redactions`` were taken out of it."""

    chars: int
    redactions: int = 0
    blocked: str | None = None


class Answered(_OfAnswer, frozen=True, kw_only=True):
    """An answer was saved and shown to its end. ``services`` are those whose facts it used, ``degraded`` those it did without."""

    ending: Literal["whole", "stopped", "blocked"]
    attempt: int
    intent: str
    secondary_intent: str | None = None
    confidence: float
    stage: str
    tier: str
    model: str
    latency_ms: float
    ttft_ms: float | None = None
    cost_usd: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    corrections: int = 0
    cached: bool = False
    services: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()


class Failed(_OfAnswer, frozen=True, kw_only=True):
    """A message got no answer; ``code`` is the problem's."""

    attempt: int
    code: str


class Shown(_OfAnswer, frozen=True, kw_only=True):
    """What dropped in after an answer."""

    asins: tuple[str, ...] = ()
    buttons: tuple[ButtonType, ...] = ()
    suggestions: int = 0


class Clicked(_OfAnswer, frozen=True, kw_only=True):
    """A card or a button of an answer was used: told once for each of them."""

    asin: str | None = None
    button: ButtonType | None = None

    @property
    def key(self) -> str:
        return f"{self.response_id}.{self.button or 'card'}.{self.asin or ''}"


class Added(_OfAnswer, frozen=True, kw_only=True):
    """A product that an answer showed came into the cart."""

    asin: str

    @property
    def key(self) -> str:
        return f"{self.response_id}.{self.asin}"


class Rated(_OfAnswer, frozen=True, kw_only=True):
    """An answer was rated (R-2): by a guest, and perhaps again by the customer that they became."""

    by: Literal["guest", "customer"]
    thumb: Literal["thumbs_up", "thumbs_down"]
    has_comment: bool = False

    @property
    def key(self) -> str:
        return f"{self.response_id}.{self.by}"


class Escalated(What, frozen=True, kw_only=True):
    """A person was asked for (R-3)."""

    ticket_id: str

    @property
    def key(self) -> str:
        return self.ticket_id


class Closed(What, frozen=True, kw_only=True):
    """A connection ended. ``resumed``: it had taken up a conversation that was there."""

    connection_id: str
    open_s: float
    resumed: bool

    @property
    def key(self) -> str:
        return self.connection_id


AnyEvent = Asked | Answered | Failed | Shown | Clicked | Added | Rated | Escalated | Closed


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event as it leaves. Two of the same ``id`` are the same, told twice.

    ``session`` and ``customer`` are pseudonyms: a guest's session belongs to whoever holds its id. No customer is a guest.
    """

    id: str
    at: datetime
    session: str
    customer: str | None = None
    what: AnyEvent


ENCODER: Final = msgspec.json.Encoder()
DECODER: Final = msgspec.json.Decoder(Event)


class EventStream(Protocol):
    """Where events go. Raises ``ServiceFailure`` of ``analytics`` when it cannot be said what was kept; putting again is safe."""

    async def put(self, events: Sequence[Event]) -> Sequence[Event]:
        """Keep the events, those of one session in their order; gives those that are not kept yet and shall be put again."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


class Recorder:
    """Notes what happens and has it written by a task of its own. Use it as a context manager, on one event loop.

    ``pseudonym(kind, name)`` names somebody so that nobody without the key can tell who it is; ``now`` gives UTC.
    """

    def __init__(
        self,
        stream: EventStream,
        pseudonym: Callable[[str, str], str],
        metrics: Metrics,
        now: Callable[[], datetime],
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing or Tracing()
        self._stream = stream
        self._pseudonym = pseudonym
        self._now = now
        self._written = metrics.analytics_events.labels("written")
        self._dropped = metrics.analytics_events.labels("dropped")
        self._failures = metrics.analytics_failures
        self._waiting: deque[Event] = deque()
        self._noted = asyncio.Event()
        self._due = asyncio.Event()
        self._one_batch = asyncio.Lock()
        self._is_away = False
        self._sending: asyncio.Task[None] | None = None
        metrics.analytics_waiting.set_function(lambda: len(self._waiting))

    def note(self, what: AnyEvent, session_id: str, customer_id: str | None, at: datetime | None = None) -> None:
        """Something happened. Returns at once, whatever becomes of it."""
        session = self._pseudonym("session", session_id)
        event = Event(
            id=f"{session}.{what.kind}.{what.key}",
            at=self._now() if at is None else at,
            session=session,
            customer=None if customer_id is None else self._pseudonym("customer", customer_id),
            what=what,
        )
        self._waiting.append(event)
        self._let_go()
        self._noted.set()
        if len(self._waiting) >= BATCH:
            self._due.set()

    def hurry(self) -> None:
        """Somebody left: what waits may go now."""
        if self._waiting:
            self._due.set()

    async def flush(self, within_s: float) -> bool:
        """Write all that waits. False when some of it could not be written in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while self._waiting or self._one_batch.locked():
                    if not await self._write():
                        await asyncio.sleep(AGAIN_S)
        return not self._waiting

    async def __aenter__(self) -> Self:
        self._sending = asyncio.create_task(self._send(), name="analytics")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not await self.flush(LEAVE_S):
            _log.error("analytics_lost", events=len(self._waiting))
        assert self._sending is not None
        self._sending.cancel()
        await asyncio.gather(self._sending, return_exceptions=True)

    async def _send(self) -> None:
        pause_s = EVERY_S
        while True:
            await self._noted.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._due.wait()
            self._due.clear()
            if await self._write():
                pause_s = EVERY_S
            else:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            if not self._waiting:
                self._noted.clear()
            elif len(self._waiting) >= BATCH:
                self._due.set()

    async def _write(self) -> bool:
        """One batch. What could not be written waits again, before all that came later; False when that is something."""
        async with self._one_batch:
            left: Sequence[Event] = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
            if not left:
                return True
            count, why = len(left), "not all was taken"
            try:
                with self._tracing.errand("events leave"):
                    async with asyncio.timeout(PUT_S):
                        left = await self._stream.put(left)
            except (ServiceFailure, TimeoutError) as failure:
                why = str(failure) or type(failure).__name__
            except Exception as error:  # whatever it is, the answers go on and so does this
                _log.exception("analytics_failed")
                why = type(error).__name__
            finally:
                self._waiting.extendleft(reversed(left))
                self._let_go()
            self._written.inc(count - len(left))
            if left:
                self._failures.inc()
            self._tell(None if not left else why)
            return not left

    def _let_go(self) -> None:
        while len(self._waiting) > WAITING_LIMIT:
            self._waiting.popleft()
            self._dropped.inc()

    def _tell(self, why: str | None) -> None:
        """Once when it begins to fail, and once when it is over."""
        if self._is_away == (why is None):
            self._is_away = why is not None
            if why is None:
                _log.info("analytics_back")
            else:
                _log.warning("analytics_away", failure=why)
