"""One call of a tool: who calls, what of their words may be read, and what the audit is told of it (G-1, G-7)."""

import secrets
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from mangaassist.conversation.conversations import Said
from mangaassist.edge.agents.dependencies import AgentDependencies, Caller
from mangaassist.edge.agents.envelope import ToolRefused
from mangaassist.guardrails.audit import AuditContext, shown
from mangaassist.guardrails.findings import Finding
from mangaassist.guardrails.intake import REFUSAL
from mangaassist.services.turn_services import TurnServices
from mangaassist.turn.stages import Message
from mangaassist.wire.page import NOWHERE, PageContext

ASKING_S: Final = 0.6
"""For all that one tool asks the store: two rounds of its slowest services' own limits."""


class Call:
    """Lives as long as the call. ``id`` stands in the audit in a session's place: there is no session."""

    def __init__(self, shared: AgentDependencies, caller: Caller) -> None:
        self.shared = shared
        self.caller = caller
        self.id = "a_" + secrets.token_urlsafe(18)

    @cached_property
    def services(self) -> TurnServices:
        """The store's services; their time runs from their first use."""
        services = self.shared.services.for_turn(self.caller.identity, self.caller.traceparent)
        return services.within(self.shared.clock() + ASKING_S * self.shared.timeout_factor)

    async def read(self, text: str, page: PageContext = NOWHERE) -> Message:
        """The caller's words as they may be read. Raises ``ToolRefused`` for those that nobody may see."""
        said = Said(message_id=self.id, text=text, page=page, traceparent=self.caller.traceparent)
        message = self.shared.screened(said, self.caller.identity)
        if message.blocked is not None:
            await self.audit(message.findings, message.response_id)
            raise ToolRefused("invalid_request", REFUSAL)
        return message

    async def audit(self, findings: Iterable[Finding], response_id: str = "", asins: Iterable[str] = ()) -> None:
        """Nothing leaves that the audit was not told of. Raises ``ServiceFailure`` where it cannot be."""
        if kept := tuple(findings):
            context = AuditContext(
                session_id=self.id,
                response_id=response_id or self.id,
                customer_id=self.caller.identity.customer_id,
                asins=tuple(asins),
            )
            await self.shared.audit.append(kept, context)

    async def audit_prices(self, prices: Mapping[str, str]) -> None:
        """``prices`` as they are worded, by ASIN: whoever complains of one is told what was shown."""
        await self.audit(shown(prices), asins=prices)
