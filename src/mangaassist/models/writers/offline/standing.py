"""Which of several series are finished: one verdict for all of them, and finished ones of the kind where none is."""

from collections.abc import Sequence

from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_facts import fact
from mangaassist.models.writers.offline.wording import joined, series_name


def finished(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    known = [one.known for one in there if one.known.product.series_status]
    if len(known) < 2:
        return " ".join(dict.fromkeys(fact(Act.FINISHED, one.known, task, phrasing) for one in there))
    over = [series_name(one.product) for one in known if one.product.series_status == "finished"]
    others = [series_name(one.product) for one in known if one.product.series_status != "finished"]
    if not others:
        return f"{'Both' if len(over) == 2 else 'All of these'} are finished: {joined(over)}."
    if over:
        are, go_on = ("is" if len(one) == 1 else "are" for one in (over, others))
        return f"{joined(over)} {are} finished; {joined(others)} {go_on} not."
    none = f"{'Neither' if len(others) == 2 else 'None of these'} is finished: {joined(others)} still go on."
    if task.state.wish.is_empty:
        return none
    phrasing.propose(Proposal(Act.FIND, replace(task.state.wish, finished=True)))
    return f"{none} {phrasing.say('product_question.finished_instead')}"
