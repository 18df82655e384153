"""How it stands with a person who was asked for, as an answer may tell it (R-3)."""

from datetime import datetime
from typing import Literal

from msgspec import Struct


class Person(Struct, frozen=True, kw_only=True):
    """``requested`` waits at ``position`` for about ``eta_s`` seconds; ``left_message`` is read once somebody is back.

    ``is_new``: the very message that is being answered asked for it.
    """

    state: Literal["requested", "left_message", "joined"]
    position: int | None = None
    eta_s: int | None = None
    opens_at: datetime | None = None
    is_new: bool = True
