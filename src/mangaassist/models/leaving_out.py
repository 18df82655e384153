"""What a prompt does without when it would be too long: a table of steps for each intent, the least valuable first (M-6).

Never left out: the rules, the turn with its question, what was worked out (of one fact about many things, the first ones), a
product in focus, what could not be asked.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import PastTurn
from mangaassist.models.prompt_lines import Line

Kind = Literal["past", "page", "readers", "offer", "in_cart", "product", "order", "so_far", "worked_out"]
"""What may be left out; ``past`` are earlier exchanges, the others lines of the evidence."""


class Step(Struct, frozen=True):
    """Leave out the last lines of ``kind`` (of the past, the first) until ``keep`` are left; or, with ``chars``, shorten what
    each of them quotes to that; or make each of them ``brief``."""

    kind: Kind
    keep: int = 0
    chars: int | None = None
    brief: bool = False


class Room(Struct):
    """What is still in the prompt; ``fits`` says whether it is short enough."""

    lines: list[Line]
    past: list[PastTurn]
    fits: "Callable[[Room], bool]"

    def make(self, steps: Iterable[Step]) -> None:
        """Step after step, a line at a time, until all fits or nothing more can be left out."""
        for step in steps:
            while not self.fits(self):
                if not self._take(step):
                    break

    def _take(self, step: Step) -> bool:
        if step.chars is not None:
            return self._change(step.kind, lambda line: line.cut(step.chars or 0))
        if step.brief:
            return self._change(step.kind, Line.brief)
        if step.kind == "past":
            return len(self.past) > step.keep and bool(self.past.pop(0))
        of_kind = [line for line in self.lines if line.kind == step.kind]
        last = next((line for line in reversed(of_kind) if not line.kept), None)
        if last is None or len(of_kind) <= step.keep:
            return False
        self.lines.remove(last)
        return True

    def _change(self, kind: Kind, change: Callable[[Line], Line]) -> bool:
        """The last line that it makes a difference to."""
        for place, line in reversed(list(enumerate(self.lines))):
            if line.kind == kind and (changed := change(line)) != line:
                self.lines[place] = changed
                return True
        return False


_TO_NOTHING: Final = (
    Step("readers"), Step("page"), Step("offer"), Step("in_cart"), Step("past"), Step("so_far"),
    Step("product"), Step("product", chars=0), Step("product", brief=True), Step("order"),
    Step("worked_out"),
)  # fmt: skip
"""What every row ends with: all that may be left out is."""

_OF_ORDERS: Final = (
    Step("page", keep=1), Step("readers"), Step("offer"), Step("product"), Step("in_cart"), Step("past", keep=2),
    Step("page", chars=800), Step("page"), Step("past", keep=1), Step("order", keep=3), Step("past"), *_TO_NOTHING,
)  # fmt: skip
_OF_PAGES: Final = (
    Step("readers"), Step("product", keep=1), Step("offer", keep=2), Step("in_cart"), Step("past", keep=2),
    Step("page", chars=1500), Step("product"), Step("order", keep=1), Step("page", keep=2), Step("page", chars=600),
    Step("offer"), Step("past", keep=1), Step("page", keep=1), Step("past"), Step("order"), Step("so_far"), *_TO_NOTHING,
)  # fmt: skip
_OF_OFFERS: Final = (
    Step("order"), Step("readers"), Step("page", keep=1), Step("product", keep=3), Step("past", keep=2),
    Step("page", chars=600), Step("product", chars=200), Step("in_cart", keep=5), Step("page"), Step("product"),
    Step("past", keep=1), Step("in_cart"), Step("offer", keep=3), Step("past"), Step("so_far"), *_TO_NOTHING,
)  # fmt: skip
_OF_SHELVES: Final = (
    Step("order"), Step("offer", keep=2), Step("in_cart"), Step("page", keep=1), Step("readers", keep=1),
    Step("product", chars=200), Step("page", chars=600), Step("readers", chars=600), Step("product", keep=6),
    Step("past", keep=2), Step("offer"), Step("page"), Step("readers"), Step("past", keep=1), Step("product", keep=3),
    Step("product", chars=0), Step("past"), Step("product", keep=2), Step("so_far"), *_TO_NOTHING,
)  # fmt: skip
_OF_BOOKS: Final = (
    Step("order"), Step("offer", keep=2), Step("in_cart"), Step("product", keep=4), Step("page", keep=1),
    Step("readers", keep=1), Step("past", keep=2), Step("page", chars=600), Step("readers", chars=600),
    Step("product", keep=2), Step("offer"), Step("page"), Step("past", keep=1), Step("product", chars=200), Step("readers"),
    Step("past"), Step("so_far"), *_TO_NOTHING,
)  # fmt: skip

LEAVING_OUT: Final[Mapping[Intent, tuple[Step, ...]]] = {
    Intent.ORDER_TRACKING: _OF_ORDERS,
    Intent.RETURN_REQUEST: _OF_ORDERS,
    Intent.FAQ: _OF_PAGES,
    Intent.CHECKOUT_HELP: _OF_PAGES,
    Intent.ESCALATION: _OF_PAGES,
    Intent.CHITCHAT: _OF_PAGES,
    Intent.PROMOTION: _OF_OFFERS,
    Intent.PRODUCT_DISCOVERY: _OF_SHELVES,
    Intent.RECOMMENDATION: _OF_SHELVES,
    Intent.PRODUCT_QUESTION: _OF_BOOKS,
}
