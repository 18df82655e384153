"""What a call of another agent needs, and who calls: loaded with every process, before anything of MCP is."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from mangaassist.conversation.attempt import Answering
from mangaassist.conversation.conversations import Said
from mangaassist.domain.customers import Identity
from mangaassist.edge.limits import Limits
from mangaassist.guardrails.audit import AuditLog
from mangaassist.services.store import StoreServices
from mangaassist.turn.stages import Message

CALLER: Final = "mangaassist.caller"
"""The entry of a request's scope that says who calls."""

Screened = Callable[[Said, Identity], Message]


class Caller(Struct, frozen=True):
    """Who is there, and from where. ``traceparent`` is theirs, or None."""

    identity: Identity
    address: str
    traceparent: str | None = None


class AgentDependencies(Struct, frozen=True, kw_only=True):
    """Lives as long as the process.

    ``answering`` answers a question and asks for no person, ``screened`` is how a message may be read, ``observe`` hears of each
    call its tool and outcome; ``clock`` gives monotonic seconds.
    """

    services: StoreServices
    answering: Answering
    screened: Screened
    audit: AuditLog
    limits: Limits
    observe: Callable[[str, str], None]
    clock: Callable[[], float]
    timeout_factor: float = 1.0
