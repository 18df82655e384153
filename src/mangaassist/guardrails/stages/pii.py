"""Stage 1: personal data in the answer is redacted. What the store publishes about itself is not personal."""

import re

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.edits import Edit
from mangaassist.guardrails.findings import Stage
from mangaassist.guardrails.pii import REDACTED, contact_key, contacts_in, find_pii
from mangaassist.guardrails.review_context import ReviewContext, StageResult

_MAY_HOLD_CONTACTS = re.compile(r"@|\d{3}\D{0,3}\d{4}")


def public_contacts(evidence: Evidence) -> frozenset[str]:
    """What looks personal and is not, as ``contact_key`` writes it: contacts of the knowledge base and the team, parcel numbers."""
    texts = (scored.chunk.content for scored in evidence.chunks)
    parcels = (shipment.tracking_number for owned in evidence.orders for shipment in owned.shipments)
    support = filter(None, (evidence.facts.support.phone, evidence.facts.support.email))
    published = contacts_in(text for text in texts if _MAY_HOLD_CONTACTS.search(text))
    return published | frozenset(map(contact_key, (*parcels, *support)))


class PiiStage:
    name: Stage = "pii"

    async def examine(self, context: ReviewContext) -> StageResult:
        spans = find_pii(context.text)
        known = public_contacts(context.evidence) if spans else frozenset[str]()
        edits = tuple(
            Edit(span.start, span.end, REDACTED, self.name, span.kind)
            for span in spans
            if contact_key(context.text[span.start : span.end]) not in known
        )
        return StageResult.of(edits)
