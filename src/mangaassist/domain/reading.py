"""What a small model is asked to read of a message, and what it may say of it: the language of the reader's port (M-2, T-4..T-6).

What it says is checked before anybody believes it: acts of the table, books that the catalog has or the dialogue has met, orders
that were typed. It names no fact: prices, stock and orders come from the store, whoever has read the message.
"""

from typing import Annotated, Final, Literal, Protocol

from msgspec import Meta, Struct

from mangaassist.domain.acts import ACTS, MOVES, Act
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Ordering
from mangaassist.domain.writing import Usage

_SMALL_TALK: Final = frozenset(act for act, row in ACTS.items() if row.words == ACTS[Act.OFF_TOPIC].words)
READABLE: Final = tuple(act for act in ACTS if act not in MOVES | _SMALL_TALK - {Act.OFF_TOPIC})
"""The acts that a model may hear: no move, which says nothing by itself, and of small talk, which rules hear, one for all."""

Name = Annotated[str, Meta(min_length=1, max_length=80)]
Words = Annotated[tuple[Name, ...], Meta(max_length=8)]
Amount = Annotated[float, Meta(gt=0, le=100_000)]
Number = Annotated[int, Meta(ge=1, le=1_000)]


class ModelReading(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one message says, every field told. A name in ``about`` is a reference that the model was shown (``f1``, ``s2``,
    ``page``) or a title; what is ``None`` or empty is not said."""

    acts: Annotated[tuple[Act, ...], Meta(min_length=1, max_length=3)]
    """What is asked, the most important first."""
    about: Words
    """Of which books."""
    volumes: Annotated[tuple[Number, ...], Meta(max_length=12)]
    edition: Format | None
    orders: Annotated[tuple[Name, ...], Meta(max_length=4)]
    """Of which orders: ``o1``, or a number as the shopper typed it."""
    wanted: Words
    """Genres, themes, moods and authors that are looked for."""
    unwanted: Words
    like: Words
    """Books that what is looked for shall be like."""
    least_price: Amount | None
    most_price: Amount | None
    least_volumes: Number | None
    most_volumes: Number | None
    finished: bool | None
    ordering: Ordering | None
    goes_on: bool
    """Whether it adds to what was looked for before."""


class ReadingTask(Struct, frozen=True, kw_only=True):
    """A message, screened (G-1), with what the dialogue is about and where it was written."""

    text: str
    state: DialogueState
    focus: tuple[Target, ...] = ()
    """What "it" is, by our own reading; ``f1`` is its first."""
    page: Target | None = None
    section: str = ""
    cart: int = 0
    """How many things are in the cart."""


class ReadingCall(Protocol):
    """One message that is being read. ``usage`` tells at any time what it took so far."""

    @property
    def usage(self) -> Usage: ...

    async def read(self) -> ModelReading | None:
        """None for what is no reading. Cancelled, the call ends at the provider. Raises ``ModelFailure``."""
        ...


class ModelReader(Protocol):
    """A small model that reads messages (M-2)."""

    @property
    def most_usd(self) -> float:
        """What one reading may cost, in US dollars."""
        ...

    def asked(self, task: ReadingTask) -> ReadingCall:
        """Nothing is called before it is read."""
        ...


Outcome = Literal["", "used", "late", "refused", "failed", "unaffordable"]
"""What became of a model's reading: nobody asked for one, it counts, it came too late, nobody can believe it, the model could not
read, or its call was not affordable. Whatever it is but ``used``, our own reading stands."""
