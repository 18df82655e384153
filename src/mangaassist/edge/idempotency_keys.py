"""``Idempotency-Key`` (IETF draft): what a client's header says, and what a key stands for (R-4). Pure."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.errors import BadInput, FieldProblem

HEADER: Final = "Idempotency-Key"
MAX_KEY_CHARS: Final = 255
ALONE_CHARS: Final = 16
"""A key that stands alone, without a session or customer that it belongs to, has to be as long as this to be nobody else's."""

_QUOTED_CHAR: Final = r'(?:[ !#-\[\]-~]|\\["\\])'
"""Of a string of RFC 9651."""
_BARE_CHAR: Final = r"[!#-+\--:<-\[\]-~]"
"""Visible ASCII but for what separates or quotes: ``" , ; \\``."""
_QUOTED: Final = re.compile(f'"({_QUOTED_CHAR}*)"')
_BARE: Final = re.compile(f"{_BARE_CHAR}+")
KEY_PATTERN: Final = rf'^(?:"{_QUOTED_CHAR}{{1,{MAX_KEY_CHARS}}}"|{_BARE_CHAR}{{1,{MAX_KEY_CHARS}}})$'
"""The header's value, for the published document."""
_ESCAPED: Final = re.compile(r'\\(["\\])')


class KeySpace(Struct, frozen=True, array_like=True):
    """Whose keys are told apart: those of a ``customer``, of a guest's ``session``, of an ``address``."""

    kind: str
    name: str


class Naming(Struct, frozen=True):
    """A key within its space and a body, as digests: neither can be read or guessed from what is stored."""

    key: str
    fingerprint: str


def key_of(values: Sequence[str]) -> str | None:
    """The key that the header's values name, quoted or bare; None without any. Raises ``BadInput`` for what is no key."""
    if not values:
        return None
    if len(values) > 1:
        raise _wrong("is given more than once")
    value = values[0].strip(" \t")
    if quoted := _QUOTED.fullmatch(value):
        key = _ESCAPED.sub(r"\1", quoted[1])
    elif _BARE.fullmatch(value):
        key = value
    else:
        raise _wrong('must be a string such as "8e03978e-40d5-43dd-bc93-6894a57f9324"')
    if not 1 <= len(key) <= MAX_KEY_CHARS:
        raise _wrong(f"must have 1 to {MAX_KEY_CHARS} characters")
    return key


def key_space_of(customer_id: str | None, session_id: str | None, address: str, key: str) -> KeySpace:
    """``session_id`` is of a session that is the caller's: what anybody may write belongs to nobody.

    Raises ``BadInput`` for a key that would have to stand alone and is too short for it.
    """
    if customer_id is not None:
        return KeySpace("customer", customer_id)
    if session_id is not None:
        return KeySpace("session", session_id)
    if len(key) < ALONE_CHARS:
        raise _wrong(f"must have {ALONE_CHARS} characters or more where no session of yours is named")
    return KeySpace("address", address)


def naming(space: KeySpace, key: str, body: Struct) -> Naming:
    named, asked = msgspec.json.encode((space, key)), msgspec.json.encode(body)
    secret = hashlib.blake2b(named, person=b"fingerprint").digest()
    return Naming(
        key=hashlib.blake2b(named, digest_size=16, person=b"idempotency key").hexdigest(),
        fingerprint=hashlib.blake2b(asked, digest_size=16, key=secret).hexdigest(),
    )


def reused() -> BadInput:
    detail = "was used for another request already"
    return BadInput("key_reused", f"{HEADER}: {detail}", [FieldProblem(HEADER, detail)], status=422)


def _wrong(detail: str) -> BadInput:
    return BadInput("invalid_field", f"{HEADER}: {detail}", [FieldProblem(HEADER, detail)])
