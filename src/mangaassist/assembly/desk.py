"""The desk of one process: where a person is asked for, what is told of it, and what operators do there (R-3, O-6)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mangaassist.conversation.conversations import Conversations
from mangaassist.desk.announcing import Announcer
from mangaassist.desk.operating import Desk
from mangaassist.desk.reception import Reception
from mangaassist.desk.typing import TypingSigns
from mangaassist.domain.counting import Counters
from mangaassist.edge.dependencies import ControlStores
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.caller import utc_now
from mangaassist.services.store import StoreServices


def a_reception(control: ControlStores, counters: Counters, services: StoreServices) -> Reception:
    return Reception(control.tickets, counters, lambda: services.facts.support, utc_now)


@asynccontextmanager
async def opened_desk(
    reception: Reception, conversations: Conversations, audit: AuditLog, counters: Counters
) -> AsyncGenerator[Desk]:
    async with Announcer(reception, conversations, utc_now) as announcer:
        yield Desk(reception, announcer, conversations, audit, TypingSigns(counters), utc_now)
