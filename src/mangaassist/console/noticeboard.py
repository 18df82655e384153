"""Where the processes of a deployment tell each other what the console shows of them: the port (O-6, O-5).

What is posted ends by itself, so that a process that died is no longer among those that are shown.
"""

from typing import Final, Protocol

from msgspec import Struct

LIVES_S: Final = 12.0
"""How long what a process told counts, if it tells nothing else."""


class Notice(Struct, frozen=True):
    """What a process posted last, ``age_s`` seconds ago."""

    process: str
    told: bytes
    age_s: float


class Boards(Struct, frozen=True):
    """Those of a deployment: what each process tells of itself, of its single turns, of its knowledge, and what the others are to
    try again of that."""

    figures: "Noticeboard"
    turns: "Noticeboard"
    knowledge: "Noticeboard"
    retries: "Noticeboard"


class Noticeboard(Protocol):
    """One board for one kind of thing. ``process`` is a name that no other live process has. Raises ``ServiceFailure``."""

    async def post(self, process: str, told: bytes) -> None:
        """In the place of what the process posted before; it ends ``LIVES_S`` later."""
        ...

    async def notices(self) -> tuple[Notice, ...]:
        """One of each process that lives, by its name."""
        ...

    async def take_down(self, process: str) -> None:
        """The process leaves."""
        ...
