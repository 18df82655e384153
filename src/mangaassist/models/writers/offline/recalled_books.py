"""Which book somebody tries to recall by its plot: its name, as surely as it is known, and what else it may be."""

from collections.abc import Sequence

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.wishes import Recalled
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.product_lines import entry_name, line, lines, mature
from mangaassist.models.writers.offline.wording import joined, paragraphs


def recalled_book(recalled: Recalled, picks: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing) -> str:
    """The first of ``picks``, with the others behind it; all of them as a list where none is likely."""
    if recalled.surety == "hardly":
        head = phrasing.say("product_discovery.recalled_hardly")
        told = f"{head}\n{lines(picks, task, prices=True)}"
        return paragraphs(told, mature(picks), phrasing.say("product_discovery.recalled_more"))
    first, *others = picks
    book = line(first, "", task, prices=True)
    titles = joined([entry_name(one.product) for one in others], "or")
    return paragraphs(
        f"{phrasing.say(f'product_discovery.recalled_{recalled.surety}')} {book}",
        mature(picks[:1]),
        phrasing.say("product_discovery.recalled_else", titles=titles) if titles else "",
    )


def which_of_guesses(
    recalled: Recalled, picks: Sequence[ProductEvidence], task: WritingTask, phrasing: Phrasing
) -> str:
    """Which of several was meant, where a "yes" says it of all of them; of what is likely, the first."""
    if recalled.surety != "hardly":
        return line(picks[0], "", task, prices=True)
    titles = joined([entry_name(one.product) for one in picks], "or")
    return phrasing.say("product_discovery.recalled_which", titles=titles)
