"""What waits in an inbox: a screened message as bytes, its token sealed, so that any process can answer it and nobody read it."""

import contextlib
import hashlib
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import Entry
from mangaassist.domain.customers import Identity
from mangaassist.errors import StartFailed
from mangaassist.guardrails.findings import Finding
from mangaassist.turn.stages import Message
from mangaassist.wire.page import PageContext

KEY_BYTES: Final = 32
PSEUDONYM_BYTES: Final = 12
_NONCE_BYTES: Final = 12


class Sealer:
    """Seals what only this store's assistants may read (AES-256-GCM). ``key`` is 32 bytes, the same in every process."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self.key_id = hashlib.sha256(b"mangaassist sealing key" + key).hexdigest()[:16]
        """Tells keys apart and says nothing of them."""
        self._pseudonyms = hashlib.blake2b(digest_size=PSEUDONYM_BYTES, key=key, person=b"pseudonyms")

    @classmethod
    def kept_in(cls, file: Path) -> Self:
        """With the key of a file, which is made when there is none. Raises ``StartFailed`` when it is no key.

        Processes that begin at once make one key: it is there whole or not at all.
        """
        try:
            if not file.exists():
                _make_key(file)
            key = file.read_bytes()
        except OSError as error:
            raise StartFailed(f"The sealing key {file} cannot be read or written ({error.strerror}).") from error
        if len(key) != KEY_BYTES:
            raise StartFailed(
                f"The sealing key {file} is damaged. Delete it: waiting messages then lose their sign-in."
            )
        return cls(key)

    def sealed(self, text: str, context: str) -> bytes:
        """``context`` is not kept and must be given again to open it: nothing sealed can be moved elsewhere."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())

    def opened(self, sealed: bytes, context: str) -> str | None:
        """None when it was sealed with another key or for another context."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()).decode()
        except InvalidTag:
            return None

    def pseudonym(self, kind: str, name: str) -> str:
        """Names somebody to those who may count but not know: the same in every process, and nothing to be guessed from."""
        digest = self._pseudonyms.copy()
        digest.update(f"{kind}\0{name}".encode())
        return digest.hexdigest()


def _make_key(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}-") as new:  # for its user alone
        new.write(AESGCM.generate_key(KEY_BYTES * 8))
        new.flush()
        with contextlib.suppress(FileExistsError):  # another process was faster
            file.hardlink_to(new.name)


class _Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    text: str
    page: PageContext
    at: datetime
    customer_id: str | None = None
    token: bytes = b""
    expires_at: datetime | None = None
    findings: tuple[Finding, ...] = ()
    blocked: str | None = None
    suspicion: float = 0.0
    traceparent: str | None = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Body)


def digest_of(text: str) -> str:
    """Tells whether two messages of one id say the same (W-3)."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def entry_of(message: Message, sealer: Sealer) -> Entry:
    """The message as it waits. Originals of personal findings stay behind: the inbox is a store too (G-1)."""
    identity = message.identity
    body = _Body(
        text=message.text,
        page=message.page,
        at=message.at,
        customer_id=identity.customer_id,
        token=sealer.sealed(identity.token, message.response_id) if identity.token else b"",
        expires_at=identity.expires_at,
        findings=tuple(map(_without_secret, message.findings)),
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
        findings=body.findings,
        blocked=body.blocked,
        suspicion=body.suspicion,
        traceparent=body.traceparent,
    )


def _without_secret(finding: Finding) -> Finding:
    return replace(finding, original=f"[{finding.kind}]") if finding.is_private else finding
