"""What a guardrail says (G-6), and what the audit is told."""

from enum import StrEnum
from typing import Literal

from msgspec import Struct

Stage = Literal[
    "intake",
    "inline",
    "provider",
    "claims",
    "pii",
    "prices",
    "toxicity",
    "competitors",
    "asins",
    "scope",
    "takeover",
    "shown",
    "operator",
    "retention",
]
"""``provider``: a guardrail of whoever serves the model. The last three are the audit's own: which prices an answer showed, who
looked into the trail, and what of it was kept long enough."""


class Verdict(StrEnum):
    ALLOW = "allow"
    CHANGE = "change"
    BLOCK = "block"
    ERROR = "error"


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that a guardrail did. ``original`` may be somebody's secret: it is kept out of every repr and log."""

    stage: Stage
    verdict: Verdict
    kind: str
    original: str = ""
    replacement: str = ""

    @property
    def is_private(self) -> bool:
        """The original holds personal data, so that nobody may store it in clear (G-7)."""
        return self.kind in PRIVATE_KINDS

    def __repr__(self) -> str:
        return f"Finding({self.stage} {self.verdict} {self.kind})"


PRIVATE_KINDS = frozenset({"EMAIL", "PHONE", "CREDIT_CARD", "SSN", "ADDRESS"})
