"""The keys of the audit (G-7): the newest one seals and marks, and all open and confirm, so that a key can be changed."""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from mangaassist.errors import StartFailed
from mangaassist.sealing import KEY_BYTES, SealingKey, fresh_key, kept_in

_PURPOSE: Final = "mangaassist audit key"


class AuditSeal:
    """``keys`` are of 32 bytes, the newest first. What is sealed or marked names its key: ``KEYID.BASE64``."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        made = [SealingKey(key, _PURPOSE) for key in keys]
        self._newest = made[0]
        self._known = {key.key_id: key for key in made}

    @property
    def key_id(self) -> str:
        return self._newest.key_id

    @classmethod
    def of_text(cls, text: str, where: str) -> Self:
        """Keys in base64, the newest first, apart by whitespace or commas. Raises ``StartFailed`` that names ``where`` they are."""
        try:
            keys = [base64.b64decode(word, validate=True) for word in text.replace(",", " ").split()]
        except (binascii.Error, ValueError):
            keys = []
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise StartFailed(
                f"{where} holds no keys of the audit: they are {KEY_BYTES} bytes each in base64, the newest first."
            )
        return cls(keys)

    @classmethod
    def kept_in(cls, file: Path) -> Self:
        """With the keys of a file, which is made with one when there is none."""
        try:
            text = kept_in(file, base64.b64encode(fresh_key()) + b"\n")
        except OSError as error:
            raise StartFailed(f"The audit's keys {file} cannot be read or written ({error.strerror}).") from error
        return cls.of_text(text.decode(errors="replace"), str(file))

    def sealed(self, text: str, context: str) -> str:
        sealed = self._newest.sealed(text, context)
        return f"{self._newest.key_id}.{base64.b64encode(sealed).decode()}"

    def opened(self, sealed: str, context: str) -> str | None:
        """None when its key is not among ours, or it is of another context."""
        key_id, _, body = sealed.partition(".")
        key = self._known.get(key_id)
        try:
            return key.opened(base64.b64decode(body, validate=True), context) if key else None
        except binascii.Error:
            return None

    def mark(self, said: bytes) -> str:
        return f"{self._newest.key_id}.{self._newest.mark(said)}"

    def confirms(self, said: bytes, mark: str) -> bool:
        key_id, _, body = mark.partition(".")
        key = self._known.get(key_id)
        return key is not None and key.confirms(said, body)
