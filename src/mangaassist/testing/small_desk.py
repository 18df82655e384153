"""A desk that is always open and tells what it has to tell when it is told to: for tests and measurements of what is around it."""

from collections.abc import Callable
from datetime import datetime

from mangaassist.conversation.conversations import Conversations
from mangaassist.desk.announcing import Announcer
from mangaassist.desk.operating import Desk
from mangaassist.desk.reception import Reception
from mangaassist.desk.tickets import TicketStore
from mangaassist.desk.typing import TypingSigns
from mangaassist.domain.counting import Counters
from mangaassist.domain.store_facts import Support
from mangaassist.guardrails.audit import AuditLog


def a_desk(
    conversations: Conversations,
    tickets: TicketStore,
    counters: Counters,
    audit: AuditLog,
    now: Callable[[], datetime],
    support: Callable[[], Support] = Support,
) -> Desk:
    """Without hours of its own unless ``support`` tells some. Its announcer's task is not running: ``announcer.round`` does."""
    reception = Reception(tickets, counters, support, now)
    announcer = Announcer(reception, conversations, now)
    return Desk(reception, announcer, conversations, audit, TypingSigns(counters), now)
