"""What an operator reads and does, as an entry of the audit trail: written before it is shown or done (G-7, O-6)."""

from typing import Any

import msgspec

from mangaassist.guardrails.audit import OPERATOR, AuditContext, AuditLog
from mangaassist.guardrails.findings import Finding, Verdict


async def noted(
    audit: AuditLog, operator: str, kind: str, what: Any = None, *, how: str = "", session_id: str = ""
) -> None:
    """``what`` is kept as JSON, None as nothing; ``how`` in words. Raises ``ServiceFailure`` where it cannot be written."""
    told = "" if what is None else msgspec.json.encode(what).decode()
    deed = Finding(stage=OPERATOR, verdict=Verdict.ALLOW, kind=kind, original=told, replacement=how)
    await audit.append([deed], AuditContext(session_id=session_id, response_id="", customer_id=operator))
