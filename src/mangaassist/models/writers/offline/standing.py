"""Which of several series are finished: one verdict for all of them, and finished ones of the kind where none is."""

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_facts import fact
from mangaassist.models.writers.offline.wording import joined, series_name


def finished(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    known = [one.known for one in there if one.known.product.series_status]
    if len(known) < 2:
        told = " ".join(dict.fromkeys(fact(Act.FINISHED, one.known, task, phrasing) for one in there))
        goes_on = bool(known) and known[0].product.series_status != "finished" and task.state.acts[:1] in _LISTS
        return _with_finished_ones(told, task, phrasing) if goes_on else told
    over = [series_name(one.product) for one in known if one.product.series_status == "finished"]
    others = [series_name(one.product) for one in known if one.product.series_status != "finished"]
    if not others:
        return f"{'Both' if len(over) == 2 else 'All of these'} are finished: {joined(over)}."
    if over:
        are, go_on = ("is" if len(one) == 1 else "are" for one in (over, others))
        return f"{joined(over)} {are} finished; {joined(others)} {go_on} not."
    none = denials.NONE_FINISHED.told(task, phrasing, titles=joined(others))
    return _with_finished_ones(none, task, phrasing)


_LISTS: Final = ((Act.MORE,), (Act.FIND,), (Act.RECOMMEND,), (Act.SIMILAR,))


def _with_finished_ones(told: str, task: WritingTask, phrasing: Phrasing) -> str:
    """After a list of which none is over: finished ones of its kind are offered."""
    if task.state.wish.is_empty or task.meaning.premise:
        return told
    phrasing.propose(Proposal(Act.FIND, replace(task.state.wish, finished=True)))
    return f"{told} {phrasing.say('product_question.finished_instead')}"
