"""Who sent a webhook and when: ``t=<seconds since 1970>,v1=<HMAC-SHA256>`` over ``<t>.<body>``, in hexadecimal digits (K-5).

The moment is signed with the body, so that a delivery that somebody recorded is no good a few minutes later; until then the door
remembers it. More than one ``v1`` may be there, so that a key can be changed without a gap.
"""

import hashlib
import hmac
import re
from typing import Final

from mangaassist.errors import Unauthenticated

HEADER: Final = "x-mangaassist-signature"
GOOD_FOR_S: Final = 300.0
"""How far the sender's moment may be from ours, either way."""
LEAST_KEY_BYTES: Final = 32
_SIGNED: Final = re.compile(r"t=(?P<at>\d{1,12})(?P<marks>(?:,v1=[0-9a-f]{64}){1,3})", re.ASCII)


def signature(raw: bytes, key: bytes, at: int) -> str:
    """The header of a delivery at a moment, in whole seconds since 1970."""
    return f"t={at},v1={_mark(raw, key, at)}"


def delivery_of(given: str | None, raw: bytes, key: bytes, now: float) -> str:
    """The name of a delivery whose signature is good: the same for the same delivery, and for no other.

    ``now``: seconds since 1970. Raises ``Unauthenticated``, which does not say what was wrong with a mark.
    """
    signed = _SIGNED.fullmatch(given or "")
    if signed is None:
        raise Unauthenticated(f"Sign the body: {HEADER}: t=<seconds>,v1=<HMAC-SHA256 of t.body>.")
    at = int(signed["at"])
    right = _mark(raw, key, at)
    marks = [mark.removeprefix("v1=") for mark in signed["marks"].split(",") if mark]
    if not any(hmac.compare_digest(right, mark) for mark in marks):
        raise Unauthenticated("The signature does not fit the body.")
    if abs(now - at) > GOOD_FOR_S:
        raise Unauthenticated(f"The signature is of another time: {GOOD_FOR_S:.0f} s are allowed.")
    return f"{at}-{right}"


def _mark(raw: bytes, key: bytes, at: int) -> str:
    return hmac.new(key, b"%d.%b" % (at, raw), hashlib.sha256).hexdigest()
