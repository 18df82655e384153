"""What no fact of the catalog answers: the sentence of a page that speaks to it, else plainly that nobody here knows."""

from collections.abc import Sequence

from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline import denials
from mangaassist.models.writers.offline.focus import Subject
from mangaassist.models.writers.offline.help_pages import cited, told_of_book
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.wording import series_name


def detail(there: Sequence[Subject], task: WritingTask, phrasing: Phrasing) -> str:
    """What a page says to it; else that it is not known, in the shopper's words, and once who may know."""
    known = there[0].known
    if found := told_of_book(task, known):
        return cited(found, phrasing)
    fields = {"name": series_name(known.product), "asked": task.meaning.left_over}
    denial = denials.UNTOLD if task.meaning.left_over else denials.UNTOLD_PLAIN
    return f"{denial.told(task, phrasing, **fields)} {phrasing.once('product_question.untold_person')}".rstrip()
