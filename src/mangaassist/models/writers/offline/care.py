"""What comes before everything else (G-1, G-11): care and the right number, refusals, and what should not be typed here."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.meaning import ALONE, Care, Meaning
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import PHRASES, Phrasing
from mangaassist.models.writers.offline.wording import paragraphs, series_name

FOR_ALL: Final = 10
"""Years from which a title may be meant to be suggested in place of a mature one."""


def is_everything(task: WritingTask) -> bool:
    """Whether nothing else is said, sold or suggested beside; a child may well be told of what suits its age."""
    if task.meaning.care == "child":
        return _is_too_old(task)
    if task.meaning.care == "sorrow":
        return only_tells(task.meaning)
    return task.meaning.care in ALONE


def only_tells(meaning: Meaning) -> bool:
    """Whether a sad message has no errand: no book is looked for, however much a model thinks so."""
    wishes = any(label for wish in meaning.sought for label in wish.said())
    return all(
        one.act in _NO_ERRAND or (one.act in _SEARCHES and one.stage == "model" and not wishes) for one in meaning.acts
    )


_SEARCHES: Final = frozenset({Act.FIND, Act.RECOMMEND})
_NO_ERRAND: Final = frozenset({Act.TELLING, Act.BORED, Act.COMPLAINT, Act.OFF_TOPIC, Act.UNSURE, Act.INSULT})
"""What heads hear in "my mom just died": it asks for nothing."""


def _is_too_old(task: WritingTask) -> bool:
    """Whether something that the child names is meant for older readers, or nobody knows for whom."""
    reader = task.meaning.reader
    age = reader.age if reader and reader.age is not None else FOR_ALL
    targets, found = task.meaning.targets, task.evidence.products
    named = found[: len(targets)] if targets else found
    ages = [task.evidence.facts.least_age(known.product.age_rating) for known in named]
    return (bool(targets) and not ages) or any(one is None or one > age for one in ages)


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    """Empty where the message needs no care."""
    care = task.meaning.care
    if not care:
        return ""
    if care in ("distress", "danger"):
        return paragraphs(
            phrasing.say(f"care.{care}"), _number(care, task, phrasing), phrasing.say(f"care.{care}_after")
        )
    if care == "child" and not _is_too_old(task):
        return ""
    if care == "child":
        return paragraphs(phrasing.say("care.child"), _for_all_ages(task, phrasing))
    return phrasing.say(f"care.{care}")


def _number(care: Care, task: WritingTask, phrasing: Phrasing) -> str:
    """The number of the country that the store is at home in; what holds everywhere where there is none."""
    country = task.evidence.facts.home_country or ""
    key = f"care.{care}_number.{country}"
    return phrasing.say(key if key in PHRASES else f"care.{care}_number.any")


def _for_all_ages(task: WritingTask, phrasing: Phrasing) -> str:
    fitting = [known for known in task.evidence.products if _is_for_all(known, task)]
    if not fitting:
        return phrasing.say("care.child_offer")
    return phrasing.say("care.child_instead", title=series_name(fitting[0].product))


def _is_for_all(known: ProductEvidence, task: WritingTask) -> bool:
    least = task.evidence.facts.least_age(known.product.age_rating)
    return least is not None and least <= FOR_ALL
