"""How much a shopper, a session or an address may have a minute (R-5): policies by name, on counters that all doors share."""

from collections.abc import Awaitable, Callable, Mapping
from math import ceil
from types import MappingProxyType
from typing import Final, Literal, TypeVar
from urllib.parse import quote

from msgspec import Struct

from mangaassist import settings
from mangaassist.conversation.conversations import Conversation, Said
from mangaassist.conversation.log import Offered
from mangaassist.domain.counting import Bucket, Counters, Taken
from mangaassist.domain.customers import Identity
from mangaassist.errors import Draining, Refused, TooMany, Unauthenticated
from mangaassist.telemetry.metrics import Metrics

T = TypeVar("T")

WINDOW_S: Final = 60
CONTROLS_PER_MINUTE: Final = 60

Name = Literal["customer", "guest", "new_sessions", "connects", "control"]


class Policy(Struct, frozen=True):
    """``name`` stands in headers and metrics; ``words`` tell a shopper what there was too much of."""

    name: Name
    bucket: Bucket
    words: str


def policies(chosen: settings.Limits) -> Mapping[Name, Policy]:
    table: tuple[tuple[Name, int, str], ...] = (
        ("customer", chosen.customer_per_minute, "You write faster than I can answer."),
        ("guest", chosen.guest_per_minute, "You write faster than I can answer."),
        ("new_sessions", chosen.new_sessions_per_minute, "Many new chats have just begun where you are."),
        ("connects", chosen.connects_per_minute, "Many connections have just been opened where you are."),
        ("control", CONTROLS_PER_MINUTE, "That was a lot at once."),
    )
    return MappingProxyType({name: Policy(name, Bucket(most, WINDOW_S), words) for name, most, words in table})


class Standing(Struct, frozen=True):
    """How one stands with a policy. ``taken`` None: nobody could be asked, and it was let through."""

    policy: Policy
    whose: str
    taken: Taken | None

    def headers(self) -> dict[str, str]:
        """What a response says of it (draft-ietf-httpapi-ratelimit-headers)."""
        if self.taken is None:
            return {"ratelimit-policy": _policy(self.policy.name, self.policy.bucket.capacity)}
        return _headers(self.policy.name, self.policy.bucket.capacity, self.taken.remaining, ceil(self.taken.next_s))


class Limits:
    """Each method takes one token, and raises ``TooMany`` when there is none.

    Counters that cannot be asked let everybody through, visibly: people come first, and what costs money has a limit of its own.
    """

    def __init__(self, counters: Counters, table: Mapping[Name, Policy], metrics: Metrics) -> None:
        self._counters = counters
        self._table = table
        self._metrics = metrics

    async def connect(self, address: str) -> Standing:
        """A socket opens."""
        return await self._take("connects", address)

    async def new_session(self, address: str) -> Standing:
        """A guest's session begins."""
        return await self._take("new_sessions", address)

    async def message(self, identity: Identity, session_id: str) -> Standing:
        """A customer says something anywhere, or a guest in their session."""
        if identity.customer_id is None:
            return await self._take("guest", session_id)
        return await self._take("customer", identity.customer_id)

    async def control(self, identity: Identity, address: str) -> Standing:
        """Feedback, a ticket, reading back: before anybody has looked whether the session that a guest names exists at all."""
        if identity.customer_id is None:
            return await self._take("control", "guest", address)
        return await self._take("control", identity.customer_id)

    async def say(self, conversation: Conversation, said: Said, address: str) -> tuple[Offered, Standing]:
        """Say something in a conversation, within its limits. What was said before costs nothing (W-3)."""
        if conversation.begins and conversation.identity.is_guest:
            await self.new_session(address)
        standing = await self.message(conversation.identity, conversation.session_id)
        offered = await conversation.say(said)
        if offered.verdict == "repeated":
            await self.give_back(standing)
        return offered, standing

    async def give_back(self, standing: Standing) -> None:
        if standing.taken is not None:
            await self._asked(lambda: self._counters.give_back(standing.whose, standing.policy.bucket))

    async def _take(self, name: Name, *whose: str) -> Standing:
        policy = self._table[name]
        counter = ":".join(("limit", name, *(quote(part, safe="", errors="surrogatepass") for part in whose)))
        standing = Standing(policy, counter, await self._asked(lambda: self._counters.take(counter, policy.bucket)))
        if standing.taken is not None and not standing.taken.allowed:
            self._metrics.limited.labels(name).inc()
            raise _too_many(policy, standing.taken.retry_s)
        return standing

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        try:
            return await ask()
        except Exception:  # whatever it is, it keeps nobody out
            self._metrics.counters_failed.inc()
            return None


def refusal_headers(refused: Refused) -> dict[str, str]:
    """What a refusal says beside its body and what follows from that: how to sign in, or what there was too much of."""
    match refused:
        case Draining():
            return {"connection": "close"}
        case Unauthenticated():
            return {"www-authenticate": "Bearer"}
        case TooMany():
            return _headers(refused.policy, refused.limit, 0, refused.retry_s)
        case _:
            return {}


def _too_many(policy: Policy, retry_s: float) -> TooMany:
    seconds = max(1, ceil(retry_s))
    wait = "a second" if seconds == 1 else f"{seconds} seconds"
    detail = f"{policy.words} Please try again in {wait}."
    return TooMany(detail, policy.name, policy.bucket.capacity, WINDOW_S, seconds)


def _headers(name: str, limit: int, remaining: int, next_s: int) -> dict[str, str]:
    grows = f";t={next_s}" if next_s else ""
    return {"ratelimit-policy": _policy(name, limit), "ratelimit": f'"{name}";r={remaining}{grows}'}


def _policy(name: str, limit: int) -> str:
    return f'"{name}";q={limit};w={WINDOW_S}'
