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
DESK_PER_MINUTE: Final = 600
"""A page of the desk asks about twice a second what is new."""
TICKETS: Final = Bucket(5, 600)

Name = Literal["customer", "guest", "new_sessions", "connects", "control", "tickets", "desk", "agents"]


class Policy(Struct, frozen=True):
    """``name`` stands in headers and metrics; ``words`` tell a shopper what there was too much of."""

    name: Name
    bucket: Bucket
    words: str


def policies(chosen: settings.Limits) -> Mapping[Name, Policy]:
    def a_minute(most: int) -> Bucket:
        return Bucket(most, WINDOW_S)

    table = (
        Policy("customer", a_minute(chosen.customer_per_minute), "You write faster than I can answer."),
        Policy("guest", a_minute(chosen.guest_per_minute), "You write faster than I can answer."),
        Policy(
            "new_sessions", a_minute(chosen.new_sessions_per_minute), "Many new chats have just begun where you are."
        ),
        Policy(
            "connects", a_minute(chosen.connects_per_minute), "Many connections have just been opened where you are."
        ),
        Policy("control", a_minute(CONTROLS_PER_MINUTE), "That was a lot at once."),
        Policy("desk", a_minute(DESK_PER_MINUTE), "That was a lot at once."),
        Policy("agents", a_minute(chosen.agent_calls_per_minute), "That was a lot at once."),
        Policy("tickets", TICKETS, "You have asked for a person several times already."),
    )
    return MappingProxyType({policy.name: policy for policy in table})


class Standing(Struct, frozen=True):
    """How one stands with a policy. ``taken`` None: nobody could be asked, and it was let through."""

    policy: Policy
    whose: str
    taken: Taken | None

    def headers(self) -> dict[str, str]:
        """What a response says of it (draft-ietf-httpapi-ratelimit-headers)."""
        name, bucket = self.policy.name, self.policy.bucket
        if self.taken is None:
            return {"ratelimit-policy": _policy(name, bucket.capacity, bucket.window_s)}
        return _headers(name, bucket.capacity, bucket.window_s, self.taken.remaining, ceil(self.taken.next_s))


class Limits:
    """Each method takes one token, and raises ``TooMany`` when there is none.

    Counters that cannot be asked let everybody through, visibly: people come first, and what costs money has a limit of its own.
    """

    def __init__(self, counters: Counters, table: Mapping[Name, Policy], metrics: Metrics) -> None:
        self._counters = counters
        self._table = table
        self._metrics = metrics

    async def connect(self, address: str) -> Standing:
        """A socket opens, or somebody follows an answer that was begun before."""
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
        """Feedback, a ticket, reading back, a message under a key: before anybody has looked whether what is named exists."""
        if identity.customer_id is None:
            return await self._take("control", "guest", address)
        return await self._take("control", identity.customer_id)

    async def agent(self, identity: Identity, address: str) -> Standing:
        """Another agent sends something, on behalf of a customer or of whoever is at an address."""
        if identity.customer_id is None:
            return await self._take("agents", "guest", address)
        return await self._take("agents", identity.customer_id)

    async def desk(self, identity: Identity) -> Standing:
        """Somebody reads or does something at the desk, or tries to."""
        return await self._take("desk", identity.customer_id or "guest")

    async def desk_webhook(self, address: str) -> Standing:
        """Another desk, before anybody has looked whether it is one."""
        return await self._take("desk", "webhook", address)

    async def ticket(self, session_id: str) -> Standing:
        """A person is asked for in a session."""
        return await self._take("tickets", session_id)

    async def say(self, conversation: Conversation, said: Said, address: str) -> tuple[Offered, Standing]:
        """Say something in a conversation, within its limits.

        What was said before takes its token and gets it back (W-3): it is refused only to whoever has none left.
        """
        begun = await self.new_session(address) if conversation.begins and conversation.identity.is_guest else None
        try:
            standing = await self.message(conversation.identity, conversation.session_id)
        except TooMany:
            if begun is not None:
                await self.give_back(begun)
            raise
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
            return {"www-authenticate": refused.challenge}
        case TooMany():
            return _headers(refused.policy, refused.limit, refused.window_s, 0, refused.retry_s)
        case _:
            return {}


def _too_many(policy: Policy, retry_s: float) -> TooMany:
    seconds = max(1, ceil(retry_s))
    wait = "a second" if seconds == 1 else f"{seconds} seconds"
    detail = f"{policy.words} Please try again in {wait}."
    return TooMany(detail, policy.name, policy.bucket.capacity, policy.bucket.window_s, seconds)


def headers_of(*standings: Standing) -> dict[str, str]:
    """What a response says that counts for several limits."""
    told: dict[str, str] = {}
    for standing in standings:
        for name, value in standing.headers().items():
            told[name] = f"{told[name]}, {value}" if name in told else value
    return told


def _headers(name: str, limit: int, window_s: float, remaining: int, next_s: int) -> dict[str, str]:
    grows = f";t={next_s}" if next_s else ""
    return {"ratelimit-policy": _policy(name, limit, window_s), "ratelimit": f'"{name}";r={remaining}{grows}'}


def _policy(name: str, limit: int, window_s: float) -> str:
    return f'"{name}";q={limit};w={window_s:.0f}'
