"""What waits in an inbox: a screened message as bytes, its token sealed, so that any process can answer it and nobody read it."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import Entry
from mangaassist.domain.customers import Identity
from mangaassist.errors import StartFailed
from mangaassist.guardrails.findings import Finding
from mangaassist.sealing import KEY_BYTES, SealingKey, fresh_key, kept_in
from mangaassist.turn.stages import Message
from mangaassist.wire.page import PageContext

PSEUDONYM_BYTES: Final = 12


class Sealer(SealingKey):
    """Seals what only this store's assistants may read. ``key`` is 32 bytes, the same in every process."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, "mangaassist sealing key")
        self._pseudonyms = hashlib.blake2b(digest_size=PSEUDONYM_BYTES, key=key, person=b"pseudonyms")

    @classmethod
    def kept_in(cls, file: Path) -> Self:
        """With the key of a file, which is made when there is none. Raises ``StartFailed`` when it is no key."""
        try:
            key = kept_in(file, fresh_key())
        except OSError as error:
            raise StartFailed(f"The sealing key {file} cannot be read or written ({error.strerror}).") from error
        if len(key) != KEY_BYTES:
            raise StartFailed(
                f"The sealing key {file} is damaged. Delete it: waiting messages then lose their sign-in."
            )
        return cls(key)

    def pseudonym(self, kind: str, name: str) -> str:
        """Names somebody to those who may count but not know: the same in every process, and nothing to be guessed from."""
        digest = self._pseudonyms.copy()
        digest.update(f"{kind}\0{name}".encode())
        return digest.hexdigest()


class _Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    text: str
    page: PageContext
    at: datetime
    customer_id: str | None = None
    token: bytes = b""
    expires_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    originals: bytes = b""
    """What the findings took out, sealed: the inbox is a store too (G-1), and the audit keeps it (G-7)."""
    blocked: str | None = None
    suspicion: float = 0.0
    traceparent: str | None = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Body)


def digest_of(text: str) -> str:
    """Tells whether two messages of one id say the same (W-3)."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def entry_of(message: Message, sealer: Sealer) -> Entry:
    """The message as it waits. Nothing of it that is personal is in clear: the inbox is a store too (G-1)."""
    identity = message.identity
    body = _Body(
        text=message.text,
        page=message.page,
        at=message.at,
        customer_id=identity.customer_id,
        token=sealer.sealed(identity.token, message.response_id) if identity.token else b"",
        expires_at=identity.expires_at,
        findings=tuple(map(_without_secret, message.findings)),
        originals=_sealed_originals(message, sealer),
        blocked=message.blocked,
        suspicion=message.suspicion,
        traceparent=message.traceparent,
    )
    return Entry(
        message_id=message.message_id,
        digest=message.digest,
        response_id=message.response_id,
        body=_ENCODER.encode(body),
        asker=identity.customer_id,
    )


def message_of(entry: Entry, sealer: Sealer) -> Message:
    """The message that waits. A token that cannot be opened any more is none: services that need it then refuse."""
    body = _DECODER.decode(entry.body)
    token = sealer.opened(body.token, entry.response_id) if body.token else None
    return Message(
        message_id=entry.message_id,
        response_id=entry.response_id,
        digest=entry.digest,
        text=body.text,
        identity=Identity(body.customer_id, token, body.expires_at),
        page=body.page,
        at=body.at,
        findings=_with_originals(body, entry.response_id, sealer),
        blocked=body.blocked,
        suspicion=body.suspicion,
        traceparent=body.traceparent,
    )


_ORIGINALS: Final = msgspec.json.Decoder(tuple[str, ...])


def _sealed_originals(message: Message, sealer: Sealer) -> bytes:
    if not any(finding.is_private for finding in message.findings):
        return b""
    originals = msgspec.json.encode([finding.original for finding in message.findings]).decode()
    return sealer.sealed(originals, message.response_id)


def _with_originals(body: _Body, response_id: str, sealer: Sealer) -> tuple[Finding, ...]:
    """Under another key than theirs nothing but their kinds is left."""
    originals = sealer.opened(body.originals, response_id) if body.originals else None
    if originals is None:
        return body.findings
    pairs = zip(body.findings, _ORIGINALS.decode(originals), strict=True)
    return tuple(replace(finding, original=original) for finding, original in pairs)


def _without_secret(finding: Finding) -> Finding:
    return replace(finding, original=f"[{finding.kind}]") if finding.is_private else finding
