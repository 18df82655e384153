"""What is asked under which fault: the cells of the matrix, and the questions of each intent."""

from collections.abc import Iterator
from typing import Final, Literal
from zlib import crc32

from msgspec import Struct

from benchmarks.questions import QUESTIONS
from mangaassist.domain.intents import Intent
from mangastore.faults.board import SERVICES, SPOIL_KINDS, Fault, ServiceName

Who = Literal["guest", "aiko"]
SHOPPERS: Final[tuple[Who, ...]] = ("guest", "aiko")

FAULTS: Final[dict[str, Fault]] = {
    "slow": Fault("slow", delay_ms=3000),
    "fail": Fault("fail"),
    "flap": Fault("flap", delay_ms=400),
    "cut": Fault("cut"),
    **{spoil: Fault("wrong", spoil=spoil) for spoil in SPOIL_KINDS},
}


class Ask(Struct, frozen=True, kw_only=True):
    """A question, and what its answer must keep to.

    ``about``: the series that it is about; ``like``: the series that what is recommended must be like; ``label`` (a genre or
    theme), ``author`` and ``most`` (a price): what each product that is shown must have.
    """

    message: str
    about: str | None = None
    like: str | None = None
    label: str | None = None
    author: str | None = None
    most: int | None = None


_MORE: Final[dict[str, dict[str, object]]] = {
    "do you have anything by Naoki Urasawa?": {"author": "Naoki Urasawa"},
    "sports manga under $12": {"label": "Sports", "most": 12},
    "horror box sets": {"label": "Horror"},
    "is One Piece vol 3 in stock?": {"about": "One Piece"},
    "how many pages does Vinland Saga volume 1 have?": {"about": "Vinland Saga"},
    "who wrote Fruits Basket?": {"about": "Fruits Basket"},
    "is Death Note finished, and how many volumes are there?": {"about": "Death Note"},
    "recommend me something like Berserk": {"like": "Berserk"},
    "what should I read after Haikyu!!?": {"like": "Haikyu!!"},
    "I loved Monster, what next?": {"like": "Monster"},
}
_FURTHER: Final[dict[Intent, tuple[Ask, ...]]] = {
    Intent.PRODUCT_QUESTION: (
        Ask(message="how are the reviews of Monster?", about="Monster"),
        Ask(message="how much is Blue Period vol 1?", about="Blue Period"),
        Ask(message="what is Pluto about?", about="Pluto: Urasawa x Tezuka"),
    ),
    Intent.RECOMMENDATION: (
        Ask(message="something like Monster please", like="Monster"),
        Ask(message="what is similar to Nana?", like="Nana"),
    ),
    Intent.PRODUCT_DISCOVERY: (Ask(message="cheapest horror manga", label="Horror"),),
}
ASKS: Final[dict[Intent, tuple[Ask, ...]]] = {
    intent: (
        *(Ask(message=message, **_MORE.get(message, {})) for message in messages),  # pyright: ignore[reportArgumentType]
        *_FURTHER.get(intent, ()),
    )
    for intent, messages in QUESTIONS.items()
}


class Cell(Struct, frozen=True):
    """One answer of the matrix. ``fault`` is a key of ``FAULTS``."""

    service: ServiceName
    fault: str
    intent: Intent
    who: Who

    @property
    def ask(self) -> Ask:
        """Which of its intent's questions it asks: always the same."""
        asks = ASKS[self.intent]
        return asks[crc32(f"{self.service} {self.fault} {self.who}".encode()) % len(asks)]


class Block(Struct, frozen=True):
    """The cells that one process answers, one fault being set all the while."""

    service: ServiceName
    fault: str

    @property
    def cells(self) -> tuple[Cell, ...]:
        return tuple(Cell(self.service, self.fault, intent, who) for intent in Intent for who in SHOPPERS)


def blocks() -> Iterator[Block]:
    """All of them, services in turn."""
    return (Block(service, fault) for fault in FAULTS for service in SERVICES)
