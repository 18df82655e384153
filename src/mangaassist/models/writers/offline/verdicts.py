"""Yes or no to a question, concluded from a sentence of a page: only where a clause of it speaks of all that is asked (T-11).

A wrong yes is worse than none. So the clause has to hold every telling word of the question, its subject has to be who or what is
asked about, and words that leave the matter open ("only", "usually") leave it undecided.
"""

import re
from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.meaning import Asker
from mangaassist.models.writers.offline.page_words import LIGHT, meets, stems

Verdict = Literal["", "yes", "no"]

_CLAUSES: Final = re.compile(
    r"[;:]\s|,? (?:but|so|because|although|while) |, (?=and |or |which |as |except |unless |if |when )"
    r"|,? and (?=(?:they|it|you|we|i|he|she|cannot|never|can|is|are|does|do|has|have|will|must|need|carry|carries)\b)"
)
_NEGATIVE: Final = re.compile(r"\b(?:not|never|cannot|no|nor|neither|none|nothing)\b|n't\b")
_OPEN: Final = re.compile(
    r"\b(?:only|unless|except|until|usually|often|most|mostly|some|sometimes|many|few|perhaps|might|may not|if you lose)\b",
    re.IGNORECASE,
)
_OUTSIDE: Final = re.compile(
    r"\b(?:before|without|excluding|apart from|instead of|rather than|minus)\b(.*)", re.IGNORECASE
)
"""What follows these is left out of what the clause says."""
_VERB: Final = re.compile(
    r"\b(?:can|cannot|may|must|will|would|should|is|are|was|were|do|does|did|has|have|never|costs?|takes?|arrives?|expires?|applies|apply|"
    r"needs?|counts?|stays?|works?|goes|go|gets?|renews?|reaches?)\b"
)
_JOINS: Final = re.compile(r"^(?:(?:yes|no|and|or|also),? )+", re.IGNORECASE)
_OTHERS: Final[dict[Asker, frozenset[str]]] = {
    "": frozenset(),
    "shopper": frozenset({"we", "our"}),
    "store": frozenset({"you", "your"}),
    "it": frozenset({"you"}),
}
"""Whom a sentence must not be about, by who is asked about."""
_HELPING: Final = frozenset(
    {
        *("can", "cannot", "may", "must", "will", "would", "should", "is", "are", "was", "were", "do", "does", "did"),
        *("has", "have", "never", "need", "needs"),
    }
)
_IDLE: Final = re.compile(r"^(?:\s*\b(?:not|never|also|be|been|to|always|now)\b)+\s*")
_STANDS_FOR: Final = frozenset({"you", "we", "they", "it", "this", "these", "every", "all", "each", "any"})
_UP_TO: Final = re.compile(r"\bup to (\d+) ((?:[a-z]+ )?[a-z]+)")
_RANGE: Final = re.compile(r"\$(\d+)(?:\.\d\d)? to \$(\d+)")


class Polar(Struct, frozen=True):
    """A question for yes or no: who is asked about, its telling words in their order, and those that go without saying: what the
    page and the talk are about."""

    asker: Asker
    words: tuple[str, ...]
    given: frozenset[str] = frozenset()

    @property
    def telling(self) -> frozenset[str]:
        return frozenset(self.words) - LIGHT - self.given

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(int(word) for word in self.words if word.isdigit())


def verdict(asked: Polar, sentence: str) -> Verdict:
    """What the sentence says to it; empty where it decides nothing."""
    if not asked.asker:
        return ""
    if asked.numbers and (measured := _measured(asked, sentence)):
        return measured
    if not asked.telling:
        return ""
    before = ""
    for clause in map(str.strip, _CLAUSES.split(sentence)):
        whole = f"{_subject(before)} {clause}".strip() if _VERB.match(_bare(clause)) else clause
        if all(meets(word, stems(clause)) for word in asked.telling):
            return _of_clause(asked, whole)
        before = whole
    return ""


def _of_clause(asked: Polar, clause: str) -> Verdict:
    if _OPEN.search(clause) or _leaves_out(asked, clause) or not _is_of(asked, clause) or not _is_said(asked, clause):
        return ""
    bare = _bare(clause)
    negations = len(_NEGATIVE.findall(bare))
    return "yes" if not negations else "no" if negations == 1 and _is_denied(bare) else ""


def _leaves_out(asked: Polar, clause: str) -> bool:
    """Whether what is asked about is told as left out: "we count prices before sales tax" says no yes to "does tax count"."""
    outside = _OUTSIDE.search(clause)
    return outside is not None and any(meets(word, stems(outside[1])) for word in asked.telling)


def _is_denied(bare: str) -> bool:
    """Whether the verb itself is denied, and not what stands beside it: "free shipping with no minimum" denies nothing."""
    verb = _VERB.search(bare)
    behind = bare[verb.end() :].split()[:1] if verb else []
    return verb is not None and _NEGATIVE.search(" ".join((verb[0], *behind))) is not None


def _is_of(asked: Polar, clause: str) -> bool:
    """Whether the clause is about who or what is asked about, and nothing else."""
    first, _, _ = _bare(clause).partition(" ")
    if first.lower() in _OTHERS[asked.asker]:
        return False
    subject = stems(_subject(clause))
    given = asked.given | frozenset(asked.words)
    return first.lower() in _STANDS_FOR or (bool(subject) and subject <= given)


def _is_said(asked: Polar, clause: str) -> bool:
    """Whether what is said of the subject is what is asked: "we are closed on Sundays" says no yes to "are you there on sunday"."""
    bare = _bare(clause)
    verb = _VERB.search(bare)
    if verb is None:
        return False
    head = next(iter(_IDLE.sub("", bare[verb.end() :]).split()), "") if verb[0] in _HELPING else verb[0]
    return all(meets(word, frozenset(asked.words) | asked.given) for word in stems(head or verb[0]))


def _subject(clause: str) -> str:
    """What stands before the first verb of a clause; its first word where none is known."""
    bare = _bare(clause)
    verb = _VERB.search(bare)
    return bare[: verb.start()] if verb else bare.partition(" ")[0]


def _bare(clause: str) -> str:
    return _JOINS.sub("", clause)


def _measured(asked: Polar, sentence: str) -> Verdict:
    """A number held against what the sentence allows: "up to 3 gift cards", "from $10 to $250"."""
    [number, *more] = asked.numbers
    if more or not all(word.isdigit() or meets(word, stems(sentence)) for word in asked.telling):
        return ""
    if bounds := _RANGE.search(sentence):
        low, high = map(int, bounds.groups())
        return "yes" if low <= number <= high else "no"
    limit = _UP_TO.search(sentence)
    known = frozenset(asked.words) | asked.given
    if limit is None or not stems(limit[2]) & known or "day" in limit[2] or "%" in limit[0]:
        return ""
    return ("yes" if number <= int(limit[1]) else "no") if stems(limit[2].split()[0]) <= known else ""
