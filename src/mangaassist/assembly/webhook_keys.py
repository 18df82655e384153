"""The keys by which other systems and this one sign what they send each other (K-5, O-6)."""

from pathlib import Path

from mangaassist.errors import StartFailed
from mangaassist.wire.webhook_signatures import LEAST_KEY_BYTES


def webhook_key(file: str, what: str = "webhook") -> bytes:
    """Reads the file. Raises ``StartFailed`` for a key that is not there or too short to be one."""
    path = Path(file).expanduser()
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise StartFailed(f"The key of the {what} {path} cannot be read ({error.strerror}).") from error
    if len(key) < LEAST_KEY_BYTES:
        raise StartFailed(f"The key of the {what} {path} has {len(key)} bytes; {LEAST_KEY_BYTES} are the least.")
    return key
