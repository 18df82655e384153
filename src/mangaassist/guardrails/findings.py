"""What a guardrail says (G-6), and what the audit is told."""

from enum import StrEnum
from typing import Final, Literal, get_args

from msgspec import Struct

Stage = Literal[
    "intake",
    "inline",
    "provider",
    "markup",
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


PiiKind = Literal["EMAIL", "PHONE", "CREDIT_CARD", "SSN", "ADDRESS"]
SecretKind = Literal[
    "CARD_CODE", "CARD_EXPIRY", "PASSWORD", "IBAN", "BANK_ACCOUNT", "PASSPORT", "BIRTH_DATE", "API_KEY"
]
PrivateKind = PiiKind | SecretKind
PRIVATE_KINDS: Final = frozenset[str]((*get_args(PiiKind), *get_args(SecretKind)))
SECRET_KINDS: Final = frozenset[str](("CREDIT_CARD", "SSN", *get_args(SecretKind)))
"""What nobody needs to type into a chat: an address or a phone number may well belong to a question."""


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
        return self.kind in PRIVATE_KINDS or (self.stage == "pii" and self.verdict is Verdict.CHANGE)

    def __repr__(self) -> str:
        return f"Finding({self.stage} {self.verdict} {self.kind})"
