"""What an answer offers at its end: one question that "yes" answers, never twice in a conversation, none after a no."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.wishes import Range, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_lines import picked

SHORT: Final = Decimal(8)
"""Volumes up to which a series is called short."""

_Next = Callable[[WritingTask, Wish], Wish | None]
"""The wish that is offered next; None where it would change nothing."""


def after_list(task: WritingTask, phrasing: Phrasing, act: Act) -> str:
    """An offer to go on from a list, the first that makes sense and has not been made."""
    wish = task.meaning.seeks
    if not may_offer(task, phrasing) or len(task.meaning.sought) > 1 or task.evidence.derived.gave_up:
        return ""
    if wish.values("format"):
        return ""
    for key, following in _LIST_HOOKS:
        offered = following(task, wish)
        if offered is not None and (said := phrasing.once(key)):
            phrasing.propose(Proposal(act, offered))
            return said
    return ""


def after_fact(act: Act, subject: Subject, phrasing: Phrasing) -> str:
    """An offer to go on about the same series."""
    key, following = _FACT_HOOKS.get(act, ("", act))
    if not key or not (said := phrasing.once(key, author=" and ".join(subject.known.product.authors[:1]))):
        return ""
    phrasing.propose(Proposal(following, targets=(subject.target,)))
    return said


def may_offer(task: WritingTask, phrasing: Phrasing) -> bool:
    """Not after a no, not beside another question, not when the shopper is upset or a service is down."""
    declined = task.meaning.asks(Act.NO) or Act.NO in task.state.acts
    asked = phrasing.notes.proposal is not None or bool(phrasing.notes.asked_for)
    return not (declined or asked or task.meaning.upset or task.meaning.care or task.evidence.failed("catalog"))


def _shorter(task: WritingTask, wish: Wish) -> Wish | None:
    is_long = any(Decimal(known.product.series_volumes) > 2 * SHORT for known in picked(task))
    return replace(wish, volumes=Range(None, SHORT)) if is_long and wish.volumes.is_open else None


def _finished(task: WritingTask, wish: Wish) -> Wish | None:
    runs = any(known.product.series_status == "ongoing" for known in picked(task))
    return replace(wish, finished=True) if runs and wish.finished is None else None


def _best(task: WritingTask, wish: Wish) -> Wish | None:
    return replace(wish, ordering="best") if wish.ordering is None and len(task.evidence.products) > 1 else None


_LIST_HOOKS: Final[tuple[tuple[str, _Next], ...]] = (
    ("product_discovery.hook_shorter", _shorter),
    ("product_discovery.hook_finished", _finished),
    ("product_discovery.hook_best", _best),
)
_FACT_HOOKS: Final[dict[Act, tuple[str, Act]]] = {
    Act.ABOUT: ("product_question.hook_reviews", Act.REVIEWS),
    Act.GENRE: ("product_question.hook_about", Act.ABOUT),
    Act.AUTHOR: ("product_question.hook_author", Act.BY_SAME_AUTHOR),
    Act.WORTH_IT: ("product_question.hook_start", Act.START),
    Act.REVIEWS: ("product_question.hook_start", Act.START),
    Act.VOLUMES: ("product_question.hook_editions", Act.EDITION),
    Act.FINISHED: ("product_question.hook_about", Act.ABOUT),
    Act.START: ("product_question.hook_editions", Act.EDITION),
}
