"""The desk of one process: where a person is asked for, what is told of it, and what operators do there (R-3, O-6)."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import aiohttp

from mangaassist.assembly.webhook_keys import webhook_key
from mangaassist.conversation.conversations import Conversations
from mangaassist.desk.announcing import Announcer
from mangaassist.desk.forwarding import Forwarder, Post
from mangaassist.desk.operating import Desk
from mangaassist.desk.reception import Reception
from mangaassist.desk.typing import TypingSigns
from mangaassist.domain.counting import Counters
from mangaassist.edge.dependencies import ControlStores
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.caller import utc_now
from mangaassist.services.store import StoreServices
from mangaassist.settings import Settings

POSTED_WITHIN_S: Final = 5.0


def a_reception(control: ControlStores, counters: Counters, services: StoreServices) -> Reception:
    return Reception(control.tickets, counters, lambda: services.facts.support, utc_now)


def desk_key(settings: Settings) -> bytes | None:
    """Reads a file. None where there is no other desk. Raises ``StartFailed``."""
    return webhook_key(settings.desk.webhook_key_file) if settings.desk.webhook_key_file else None


@asynccontextmanager
async def opened_desk(
    settings: Settings,
    key: bytes | None,
    reception: Reception,
    conversations: Conversations,
    audit: AuditLog,
    counters: Counters,
) -> AsyncGenerator[Desk]:
    async with AsyncExitStack() as exits:
        forwarder = None
        if settings.desk.webhook_url is not None and key is not None:
            limit = aiohttp.ClientTimeout(total=POSTED_WITHIN_S)
            http = await exits.enter_async_context(aiohttp.ClientSession(timeout=limit))
            post = _posting(http, settings.desk.webhook_url)
            forwarder = Forwarder(reception.tickets, conversations.sessions, post, key, utc_now)
        announcer = await exits.enter_async_context(Announcer(reception, conversations, utc_now, forwarder))
        yield Desk(reception, announcer, conversations, audit, TypingSigns(counters), utc_now)


def _posting(http: aiohttp.ClientSession, url: str) -> Post:
    async def post(body: bytes, headers: dict[str, str]) -> bool:
        try:
            async with http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False

    return post
