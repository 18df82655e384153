"""The port behind ``Idempotency-Key``: which message a key stands for (R-4).

A record is made before anything happens, and is only a pointer: to the message, and to the session that takes it. The log takes
a message id once, and its answer is saved with the session, so record and effect cannot disagree, whoever dies between them.
"""

from datetime import datetime, timedelta
from typing import Final, Protocol

from msgspec import Struct

ANSWER_REPLAYED: Final = timedelta(minutes=5)


class IdempotencyRecord(Struct, frozen=True, kw_only=True):
    """``key`` is a digest of the caller and the key that they chose, ``fingerprint`` one of the whole body."""

    key: str
    fingerprint: str
    session_id: str
    message_id: str
    at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.at + ANSWER_REPLAYED


class IdempotencyStore(Protocol):
    """Methods raise ``ServiceFailure`` when the store cannot be reached."""

    async def begin(self, record: IdempotencyRecord) -> IdempotencyRecord:
        """Keep the record unless its key has one; gives the one that is kept.

        One that has expired when the new one is made (``record.at``) is none. Of several that begin at once one is kept.
        """
        ...

    async def forget(self, record: IdempotencyRecord) -> None:
        """Let the key go, if it still stands for this record's message."""
        ...
