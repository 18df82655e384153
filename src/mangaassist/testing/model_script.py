"""What a model's server is told to do, whatever wire it speaks: steps of an answer, and everything that can go wrong with one."""

from msgspec import Struct

from mangaassist.domain.writing import StopReason
from mangaassist.testing.scripted_writer import Pause


class Stall(Struct, frozen=True):
    """Nothing comes any more, and the connection stays open until the caller hangs up."""


class Cut(Struct, frozen=True):
    """The connection breaks off."""


class Garbage(Struct, frozen=True):
    """Bytes that are none of the wire's."""

    content: bytes = b"<html>\x00\xff nothing that anybody could read\n\n"


class Count(Struct, frozen=True):
    """What the server says that it counted, true or not."""

    tokens_in: int
    tokens_out: int
    cache_read: int = 0
    cache_write: int = 0


class End(Struct, frozen=True):
    """The answer is whole, or why it is not."""

    reason: StopReason = "end"


class Refuse(Struct, frozen=True):
    """The call is not taken up. 429: too many at once, and when to come again."""

    status: int = 429
    retry_after_s: int | None = None


class Break(Struct, frozen=True):
    """The server tells of a fault of its own in mid-answer."""


ModelStep = str | Pause | Stall | Cut | Garbage | Count | End | Refuse | Break
Script = tuple[ModelStep, ...]

WHOLE: Script = ("Read ", "Uzumaki ", "first.", End(), Count(400, 6))
"""An answer as it should be."""
