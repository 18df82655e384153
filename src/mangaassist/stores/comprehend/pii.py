"""Personal data as Amazon Comprehend finds it (``DetectPiiEntities``): stage 1 by choice (G-9)."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import ServiceFailure
from mangaassist.guardrails.stages.read_elsewhere import Found
from mangaassist.stores.aws.client import Client, Limits

COMPREHEND: Final = "comprehend"
LIMITS: Final = Limits(connect_s=0.3, reply_s=0.4, all_s=0.5, tries=1)
"""The shopper waits for the end of the review: a reply that is later than this is none."""
LEAST_SCORE: Final = 0.5
MOST_BYTES: Final = 100_000
"""Of UTF-8: Comprehend refuses more."""
KINDS: Final[dict[str, str]] = {
    "ADDRESS": "ADDRESS",
    "BANK_ACCOUNT_NUMBER": "BANK_ACCOUNT_NUMBER",
    "BANK_ROUTING": "BANK_ROUTING",
    "CREDIT_DEBIT_CVV": "CREDIT_CARD",
    "CREDIT_DEBIT_EXPIRY": "CREDIT_CARD",
    "CREDIT_DEBIT_NUMBER": "CREDIT_CARD",
    "DRIVER_ID": "DRIVER_ID",
    "EMAIL": "EMAIL",
    "INTERNATIONAL_BANK_ACCOUNT_NUMBER": "BANK_ACCOUNT_NUMBER",
    "PASSPORT_NUMBER": "PASSPORT_NUMBER",
    "PASSWORD": "PASSWORD",
    "PHONE": "PHONE",
    "PIN": "PIN",
    "SSN": "SSN",
}
"""What of its types is personal here, by our kinds. Names, dates, ages and addresses of pages are what answers about books are
made of."""


class _Entity(Struct, frozen=True, rename="pascal"):
    score: float
    type: str
    begin_offset: int
    end_offset: int


class ComprehendPii:
    """``language``: of the answers, ``en`` or ``es``."""

    def __init__(self, client: Client, language: str) -> None:
        self._client = client
        self._language = language

    @classmethod
    async def open(
        cls, language: str, region: str | None, endpoint_url: str | None, timeout_factor: float
    ) -> "ComprehendPii":
        """Raises ``StartFailed`` when Comprehend cannot be called with the settings."""
        limits = LIMITS.stretched(timeout_factor)
        return cls(await Client.open(COMPREHEND, "comprehend", region, endpoint_url, limits), language)

    async def detect(self, text: str) -> Sequence[Found]:
        """Offsets count characters, as ours do. Raises ``ServiceFailure``, before anything is sent where a text is too long."""
        sendable = text.encode(errors="replace").decode()
        if not sendable.strip():
            return ()
        if len(sendable.encode()) > MOST_BYTES:
            raise ServiceFailure(COMPREHEND, "contract", "a text that is too long")
        told = await self._client.ask("detect_pii_entities", "Entities", Text=sendable, LanguageCode=self._language)
        return [
            Found(one.begin_offset, one.end_offset, KINDS[one.type])
            for one in _read(told, len(text))
            if one.type in KINDS and one.score >= LEAST_SCORE
        ]

    async def close(self) -> None:
        await self._client.close()


def _read(told: object, length: int) -> list[_Entity]:
    try:
        entities = msgspec.convert(told, list[_Entity])
    except msgspec.ValidationError as error:
        raise ServiceFailure(COMPREHEND, "contract", "entities that nobody can read") from error
    if any(not 0 <= one.begin_offset < one.end_offset <= length for one in entities):
        raise ServiceFailure(COMPREHEND, "contract", "an entity that is not in the text")
    return entities
