"""What of a question the act explains that was heard in it, and what is left over: nobody is answered something else (T-10)."""

import re
from functools import cache
from typing import Final

from msgspec import Struct

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.claims import NO_CLAIM
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.acts import words_of_acts
from mangaassist.understanding.analysis import stem
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import ACT_WORDS, language_named, tables

BELIEVED: Final = 0.9
"""From this confidence on a rule or a model is right although it leaves words over: shoppers tell more than they ask."""
UNSURE: Final = 0.5
MOST_LEFT: Final = 2
"""Under this confidence a model that leaves more telling words over than so many has heard one of them alone."""
HARDLY: Final = 0.35
"""Under this confidence a model knows nothing of a message that names a book."""
_GENERAL: Final = frozenset({Act.ABOUT, Act.CARRIES, Act.GENRE, Act.REVIEWS, Act.WORTH_IT, Act.SELECT})
"""What a model takes most strange questions about a book for: never believed where words are left over."""
_OTHERWISE: Final = frozenset({Act.DETAIL, Act.COMPARE, Act.SIMILAR, Act.BY_SAME_AUTHOR, Act.ADD_TO_CART, Act.NOTIFY})
"""Acts of books that are no fact to be told: what is left over beside them is no other question."""


_BESIDE_UNTOLD: Final = frozenset({Act.WORTH_IT, Act.PRICE})
"""What is told beside something that no catalog tells."""


class Coverage(Struct, frozen=True):
    """The telling words of a message, as typed, by whether its acts explain them; names, kinds and limits are neither."""

    explained: tuple[str, ...]
    left: tuple[str, ...]


def coverage(acts: tuple[Act, ...], utterance: Utterance) -> Coverage:
    """What ``acts`` explain of the message together."""
    known = frozenset[str]().union(*(_vocabulary(act, utterance.language) for act in acts))
    words = [(word, stem(word.lower(), utterance.language)) for word in utterance.words]
    idle = ACT_WORDS[utterance.language].common | _beside(utterance.language)
    left = tuple(word for word, stemmed in words if stemmed not in known | idle)
    return Coverage(tuple(one for one in utterance.stems if one in known), left)


def is_doubtful(heard: tuple[HeardAct, ...], utterance: Utterance, *, names_book: bool) -> bool:
    """Whether a question about a book was only guessed at: telling words are left over of it, and whoever heard it was unsure."""
    first = heard[0]
    if not utterance.is_question or utterance.language != "en":
        return False
    if utterance.targets and first.stage == "model" and first.confidence < HARDLY:
        return ACTS[first.act].topic not in ("order", "talk") and bool(utterance.telling)
    if utterance.claim != NO_CLAIM:
        return False  # what is supposed is said yes or no to, whatever else the message tells
    if utterance.untold and first.act in _BESIDE_UNTOLD:
        return False  # that nobody knows it is said before what readers say
    reader = utterance.limits.reader
    if first.act is Act.AGE_FIT and reader is not None and reader.age is not None:
        return False  # what else is told of a child is no other question
    if first.act is Act.CARRIES and not names_book:
        return False  # the words that are left over are the title that is asked for
    if ACTS[first.act].topic not in ("product", "series") or first.act in _OTHERWISE:
        return False
    told = coverage(tuple(one.act for one in heard), utterance)
    return bool(told.left) and _is_guess(first, told)


def _is_guess(heard: HeardAct, told: Coverage) -> bool:
    """A rule is believed from its own confidence on; a model where it explains words as well; the dialogue knows no new words."""
    at_a_loss = heard.confidence < UNSURE and len(told.left) > MOST_LEFT
    by_model = heard.stage == "model" and (heard.act in _GENERAL or not told.explained or at_a_loss)
    return heard.confidence < BELIEVED or heard.stage == "dialogue" or by_model


@cache
def _beside(language: str) -> frozenset[str]:
    """Stems of what is told beside a question: days, kin, "honestly", "i was wondering"."""
    words: str = tables(language).get("words", {}).get("beside", "")
    return frozenset(stem(word, language) for word in words.split())


@cache
def _vocabulary(act: Act, language: str) -> frozenset[str]:
    """The stems by which it is asked: those of its patterns, and those that messages ask it with."""
    asked = ACT_WORDS[language].acts.get(act, frozenset())
    return words_of_acts(language).get(act, frozenset()) | asked


LONGEST_STRETCH: Final = 7
"""Words of the message that name what was asked; of a longer stretch only the words that nothing explains are said."""
_ENDS: Final = re.compile(r"[.?!,;]")


def asked_about(heard: tuple[HeardAct, ...], utterance: Utterance) -> str:
    """What a question about a book asks that no act explains, in the shopper's words: "right to left"; empty where none."""
    if heard[0].act is not Act.DETAIL or not utterance.telling:
        return ""
    left = coverage((Act.DETAIL,), utterance).left if utterance.words else ()
    return _stretch(utterance) or " ".join(left[:LONGEST_STRETCH])


def _stretch(utterance: Utterance) -> str:
    """The text from the first telling word to the end of its clause, where that is short, without a pronoun at its end."""
    start = utterance.folded.find(utterance.telling[0])
    words = _ENDS.split(utterance.folded[start:])[0].split() if start >= 0 else []
    spoken = language_named(utterance.language)
    while words and (words[-1] in spoken.pronouns | spoken.fillers or words[-1] in spoken.stop):
        words.pop()
    return " ".join(words) if len(words) <= LONGEST_STRETCH else ""
