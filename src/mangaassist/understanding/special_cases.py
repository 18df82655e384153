"""What went wrong with an order, and the cases of which the store has a rule of its own: opened, aged, an own accident."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import SpecialCase
from mangaassist.understanding.hearing import FAULTS, OF_ORDERS, OF_PAGES, Hearing

_RULES: Final[dict[SpecialCase, tuple[frozenset[Act], str]]] = {
    "misprint": (frozenset({Act.DAMAGED}), "My copy has missing or misprinted pages, a printing error"),
    "own_accident": (frozenset({Act.DAMAGED, Act.RETURN, Act.EXCHANGE}), "My book arrived damaged"),
    "aged": (frozenset({Act.DAMAGED, Act.RETURN, Act.EXCHANGE}), "My book arrived damaged"),
    "damaged_set": (
        frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.DAMAGED, Act.POLICY}),
        "Can I return an opened box set that is damaged",
    ),
    "opened_set": (frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE}), "Can I return an opened box set"),
    "unsealed": (frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.EXCHANGE}), "Can I return a book that I opened"),
    "preorder": (frozenset({Act.CANCEL_ORDER}), "Can I cancel a preorder?"),
    "backwards": (frozenset({Act.POLICY}), "Is my book a misprint, printed backwards, or read from right to left?"),
    "other_book": (frozenset({Act.EXCHANGE}), "Can I exchange a book for another one"),
}
"""Of which acts a case has a rule of its own, and what the pages are asked then."""


def case_meant(hearing: Hearing, acts: tuple[Act, ...]) -> SpecialCase:
    """What it says itself; else what the talk of the order has told, as long as that is gone on with."""
    own, known = hearing.utterance.case, hearing.state.case
    if known == "backwards":
        known = ""  # no fault that the talk goes on about
    if own == "dented_box":
        own = "damaged_set" if known in ("opened_set", "damaged_set") else ""
    case: SpecialCase = known if own == "unsealed" and known in ("opened_set", "damaged_set") else own or known
    return case if case and acts[0] in _RULES[case][0] else ""


def problem_meant(hearing: Hearing, acts: tuple[Act, ...]) -> Act | None:
    """What was wrong with what came: as this message says it, else as the talk of the order did."""
    told = next((act for act in acts if act in FAULTS), None)
    return told or (hearing.state.problem if any(act in OF_ORDERS | OF_PAGES for act in acts) else None)


def question_of_case(case: SpecialCase) -> str:
    """What the pages are asked of a case."""
    return _RULES[case][1]
