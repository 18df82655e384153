"""Keys that are kept in a file, and what only their holders may read (AES-256-GCM) or have written (HMAC-SHA256)."""

import contextlib
import hashlib
import hmac
import os
import tempfile
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class SealingKey:
    """``key`` is 32 bytes; ``purpose`` keeps the ids of the same key for different uses apart."""

    def __init__(self, key: bytes, purpose: str) -> None:
        self._cipher = AESGCM(key)
        self._marking = hashlib.sha256(f"{purpose} marks".encode() + key).digest()
        self.key_id = hashlib.sha256(purpose.encode() + key).hexdigest()[:16]
        """Tells keys apart and says nothing of them."""

    def sealed(self, text: str, context: str) -> bytes:
        """``context`` is not kept and must be given again to open it: nothing sealed can be moved elsewhere."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())

    def opened(self, sealed: bytes, context: str) -> str | None:
        """None when it was sealed with another key or for another context."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            return None

    def mark(self, said: bytes) -> str:
        """What nobody can say of these bytes without the key."""
        return hmac.new(self._marking, said, hashlib.sha256).hexdigest()

    def confirms(self, said: bytes, mark: str) -> bool:
        return hmac.compare_digest(self.mark(said), mark)


def fresh_key() -> bytes:
    return AESGCM.generate_key(KEY_BYTES * 8)


def kept_in(file: Path, content: bytes) -> bytes:
    """What the file holds; ``content`` is put there when there is none. Raises ``OSError``.

    Processes that begin at once make one file: it is there whole or not at all, and for its user alone.
    """
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f"{file.name}-") as new:
            new.write(content)
            new.flush()
            with contextlib.suppress(FileExistsError):  # another process was faster
                file.hardlink_to(new.name)
    return file.read_bytes()
