"""Before anything else sees a message (G-1): invisible characters and personal data go, orders to the assistant are refused."""

from collections.abc import Iterable

from msgspec import Struct, structs

from mangaassist.guardrails.findings import Finding, Verdict
from mangaassist.guardrails.folding import visible
from mangaassist.guardrails.injections import ENOUGH, suspicion_of
from mangaassist.guardrails.mixed import Halves, halves
from mangaassist.guardrails.pii import REDACTED, find_private, redacted

REFUSAL = (
    "I can't follow instructions about how I work, but I'm glad to help with books, orders, returns"
    " or anything else in the store."
)


class Screened(Struct, frozen=True):
    """A message that may be understood, stored and logged by its findings alone.

    ``text`` has ``[REDACTED]`` in place of personal data. ``blocked`` is None, or why the message gets ``REFUSAL`` for an answer.
    ``suspicion`` is what signs of an injection weigh in it that a shopper may write by chance.
    """

    text: str
    findings: tuple[Finding, ...] = ()
    blocked: str | None = None
    suspicion: float = 0.0

    @property
    def redactions(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_private)


class Intake:
    """Stateless: one for the whole process."""

    def screen(self, text: str) -> Screened:
        """Screen one message. Its size is the wire's business (W-11)."""
        # The signs are looked for in the message as it came: invisible characters are a disguise to be seen through, not lost.
        suspicion = suspicion_of(text)
        if suspicion.weight >= ENOUGH and (two := halves(text)) is not None:
            return self._honest_half(two)
        seen = visible(text)
        spans = find_private(seen)
        findings = tuple(
            Finding(
                stage="intake",
                verdict=Verdict.CHANGE,
                kind=span.kind,
                original=seen[span.start : span.end],
                replacement=REDACTED,
            )
            for span in spans
        )
        safe = redacted(seen, spans)
        if not suspicion.is_certain:
            return Screened(safe, findings, suspicion=suspicion.weight)
        return Screened(safe, (*findings, injection(safe, suspicion.signs)), "injection")

    def _honest_half(self, two: Halves) -> Screened:
        """What is asked of the store is served, and what the assistant was ordered is told to the audit."""
        dropped = redacted(visible(two.dropped), find_private(visible(two.dropped)))
        honest = self.screen(two.honest)
        return structs.replace(honest, findings=(*honest.findings, injection(dropped)))


def injection(text: str, signs: Iterable[str] = ()) -> Finding:
    """What the audit is told of a message that gives orders; ``text`` holds no personal data any more."""
    return Finding(stage="intake", verdict=Verdict.BLOCK, kind="injection", original=text, replacement=" ".join(signs))
