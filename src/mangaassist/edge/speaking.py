"""What the frames of a client ask for, done, on whatever line they came: a socket's, or an API Gateway's (W-3, W-6, W-9, W-14)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

from opentelemetry.util.types import AttributeValue

from mangaassist.conversation.conversations import Conversation, Conversations, Said
from mangaassist.desk.typing import TypingSigns
from mangaassist.domain.customers import Identity
from mangaassist.edge.connection import (
    Ask,
    Close,
    Connection,
    Count,
    Effect,
    On,
    Send,
    ShowTyping,
    StopAnswer,
    Verify,
    monotonic_expiry,
)
from mangaassist.edge.identity import TokenVerifier
from mangaassist.edge.limits import Limits
from mangaassist.errors import Refused, ServiceFailure, TooMany
from mangaassist.telemetry.analytics import Added, Clicked, Recorder
from mangaassist.telemetry.conventions import Attr
from mangaassist.telemetry.tracing import Tracing
from mangaassist.wire.frames import Happened, ServerFrame
from mangaassist.wire.problems import AWAY, NO_IDENTITY, NOT_TAKEN, problem, problem_of

TYPING_S: Final = 2.0
"""How often a sign that somebody is writing is renewed, and looked for; it lasts twice as long."""
_MESSAGE: Final[dict[str, AttributeValue]] = {Attr.PROTOCOL: "websocket"}
_WRONG_OWNER: Final = problem(403, "forbidden", "This conversation belongs to somebody else.")


class Speaking(Protocol):
    """What it takes to do what a client asks for. ``clock`` gives monotonic seconds, ``now`` UTC."""

    @property
    def conversations(self) -> Conversations: ...
    @property
    def verifier(self) -> TokenVerifier: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def analytics(self) -> Recorder: ...
    @property
    def typing(self) -> TypingSigns: ...
    @property
    def clock(self) -> Callable[[], float]: ...
    @property
    def now(self) -> Callable[[], datetime]: ...
    @property
    def tracing(self) -> Tracing: ...


class Speaker(ABC):
    """One client: who it is and where, its connection as a state machine, its conversation once that is open."""

    __slots__ = ("_address", "_connection", "_conversation", "_identity", "_shared", "_typed_at")

    def __init__(self, shared: Speaking, identity: Identity, address: str, idle_timeout_s: float) -> None:
        self._shared = shared
        self._identity = identity
        self._address = address
        now = shared.clock()
        expires = monotonic_expiry(identity.expires_at, shared.now(), now)
        self._connection = Connection(idle_timeout_s, now, expires)
        self._conversation: Conversation | None = None
        self._typed_at = float("-inf")

    async def tell(self, event: On) -> None:
        """Something happened that no frame of the client caused."""
        await self._do(self._connection.on(event))

    @abstractmethod
    async def _say(self, frame: ServerFrame) -> None: ...

    @abstractmethod
    async def _close(self, close: Close) -> None: ...

    @property
    @abstractmethod
    def _is_watched(self) -> bool:
        """Whether a person is in, who may see that the shopper is writing."""

    @abstractmethod
    async def _signs_in(self) -> None:
        """Somebody is about to go on as a customer."""

    @abstractmethod
    async def _signed_in(self) -> None:
        """They are who their token says, from now on."""

    @abstractmethod
    async def _goes_on(self) -> None:
        """It is decided whose the conversation is."""

    async def _do(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Send():
                    await self._say(effect.frame)
                case Close():
                    await self._close(effect)
                case Ask():
                    await self._ask(effect)
                case StopAnswer():
                    await self._stop(effect.message_id)
                case Verify():
                    await self._renew(effect.token)
                case Count():
                    self._count(effect.happened)
                case ShowTyping():
                    await self._show_typing()

    async def _ask(self, ask: Ask) -> None:
        """Each message begins a trace of its own: a socket that is open for hours is none."""
        with self._shared.tracing.request("message", told=_MESSAGE):
            await self._offer(ask)

    async def _offer(self, ask: Ask) -> None:
        assert self._conversation is not None
        message_id, traceparent = ask.message.id, self._shared.tracing.traceparent()
        said = Said(message_id=message_id, text=ask.message.message, page=ask.page, traceparent=traceparent)
        try:
            offered, _ = await self._shared.limits.say(self._conversation, said, self._address)
        except TooMany as refused:
            await self._do(self._connection.refused(problem_of(refused), message_id))
            return
        except ServiceFailure:
            await self._do(self._connection.refused(AWAY, message_id))
            return
        if offered.verdict == "foreign":
            await self.tell(On.REVOKED)
        elif why := NOT_TAKEN.get(offered.verdict):
            await self._do(self._connection.refused(why, message_id))

    async def _stop(self, message_id: str | None) -> None:
        assert self._conversation is not None
        try:
            await self._conversation.stop(message_id)
        except ServiceFailure:
            await self._do(self._connection.refused(AWAY))

    async def _show_typing(self) -> None:
        """Nobody is there to see it unless a person is in; a sign lasts longer than it takes to write the next."""
        now = self._shared.clock()
        if not self._is_watched or now < self._typed_at + TYPING_S:
            return
        self._typed_at = now
        assert self._conversation is not None
        await self._shared.typing.note("shopper", self._conversation.session_id)

    def _count(self, happened: Happened) -> None:
        """Where nobody has said anything there is no answer to use anything of."""
        assert self._conversation is not None
        if self._conversation.begins:
            return
        response_id, asin = happened.response_id, happened.asin
        if happened.name == "added" and asin is not None:
            what = Added(response_id=response_id, asin=asin)
        else:
            what = Clicked(response_id=response_id, asin=asin, button=happened.button)
        self._shared.analytics.note(what, self._conversation.session_id, self._identity.customer_id)

    async def _renew(self, token: str) -> None:
        """A fresh token for the same shopper, or a guest's first one: the conversation goes along (W-2, W-6)."""
        assert self._conversation is not None
        try:
            identity = await self._shared.verifier.identify(token)
        except (Refused, ServiceFailure) as error:
            why = problem_of(error) if isinstance(error, Refused) else NO_IDENTITY
            await self._do(self._connection.refused(why))
            return
        await self._signs_in()
        try:
            goes_along, why = await self._conversation.sign_in(identity), _WRONG_OWNER
        except ServiceFailure:
            goes_along, why = False, AWAY
        if self._conversation.identity is identity:
            self._identity = identity
            expires = monotonic_expiry(identity.expires_at, self._shared.now(), self._shared.clock())
            await self._do(self._connection.renewed(expires))
            await self._signed_in()
        if not goes_along:
            await self._do(self._connection.refused(why))
        await self._goes_on()
