"""Which sentence of a help page answers: as the reranker judged it, else by words and likeness; and which may be told again."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import AfterTold
from mangaassist.models.writers.offline.page_words import Sentence, meets, sentences_in, share

WEAK_FIT: Final = 0.25
_TOPICAL: Final = 0.5
"""What the words of the act's topic count in a sentence beside the probability that it answers."""
_NOT_MUCH_LESS: Final = 0.35
_LEAST_BESIDE: Final = 0.15
"""The least probability at which a second sentence is quoted."""
_WORTH_IT: Final = 0.6
_AS_GOOD: Final = 0.65
"""What a second sentence must be worth, to be quoted too: nearly as much as the first where a follow-up asks for one thing."""
_NEAR: Final = 1.5
"""What the cosine of a sentence to the question counts beside the words that both share."""
_LIKE: Final = 0.5
"""The cosine at which a sentence answers that shares no word with a question that goes on."""
_JUST_THAT: Final = 0.6
"""The cosine at which a sentence that was told is asked for again."""
_HALF: Final = 0.5
_REASON: Final = re.compile(r"\b(because|since|so that|for this reason|therefore)\b")
_OF_KIND: Final = 0.5
_KINDS: Final = (
    (
        frozenset({"long", "fast", "quick", "quickli", "soon", "when"}),
        re.compile(r"\d+ (?:business |calendar )?(?:minute|hour|day|week|month)|same day|at once|next business day"),
    ),
    (frozenset({"much", "cost", "fee", "expens", "charg"}), re.compile(r"\$\d|free of charge|\bfree\b")),
    (frozenset({"money", "refund"}), re.compile(r"refund|\bback\b")),
)
"""By stems of what is asked: what the sentence that answers looks like."""


class Asking(Struct, frozen=True):
    """What the sentences of a page are judged by: words with their weights, the kind of answer, and what was told just before."""

    weights: Mapping[str, float]
    own: frozenset[str]
    topic: frozenset[str] = frozenset()
    kinds: tuple[re.Pattern[str], ...] = ()
    told: str = ""
    goes_on: bool = False
    after: AfterTold = ""
    fresh: frozenset[str] = frozenset()
    """The words of the message itself, without those of the question that it goes on from."""

    def open(self, sentences: Sequence[Sentence], near: Callable[[Sentence], float]) -> list[Sentence]:
        """Those that may answer. Behind what was told: those that meet a word of the message itself or are like it, and what was
        told only where just that is asked again; behind what the shopper has done none that names it.
        """
        if not self.told:
            return list(sentences)
        fresh = [one for one in sentences if without_verdict(one.text) not in self.told]
        if self.after == "why":
            return [one for one in sentences if _REASON.search(one.text)]
        if self.after == "done":
            return [one for one in fresh if not self._meets_of(one) and near(one) >= _LIKE]
        if any(self._meets_of(one) >= _HALF for one in sentences):
            return [one for one in sentences if self._meets_of(one) >= _HALF or self._is_of_kind(one)]
        again = [one for one in sentences if one not in fresh and self._is_of_kind(one)]
        said = [one for one in fresh if self._is_of_kind(one) or self._meets_of(one) or near(one) >= _LIKE]
        return [*said, *again] or [one for one in sentences if near(one) >= _JUST_THAT]

    def _meets_of(self, one: Sentence) -> float:
        """The share of the message's own words."""
        return sum(meets(word, one.stems) for word in self.fresh) / len(self.fresh) if self.fresh else 0.0

    def _is_of_kind(self, one: Sentence) -> bool:
        return any(kind.search(one.text) for kind in self.kinds)

    def weighed(self, scored: ScoredChunk) -> Callable[[Sentence], float]:
        """What a sentence of the page is worth: how likely it answers, as it was judged, and what of the act's topic it meets.

        Unjudged: the share of the question that it meets, how like it is, and whether it looks as the answer should.
        """
        near, answers = scored.sentences, scored.answers

        def judged(one: Sentence) -> float:
            return answers[one.place] + _TOPICAL * share(one.stems & self.topic, self.topic, self.weights)

        def unjudged(one: Sentence) -> float:
            met = sum(self.weights[word] for word in one.stems & self.weights.keys()) / (
                sum(self.weights.values()) or 1.0
            )
            return met + _OF_KIND * self._is_of_kind(one) + _NEAR * _of(near, one)

        return judged if answers else unjudged

    def chosen(self, scored: ScoredChunk, most: int) -> list[Sentence]:
        """A sentence of the page, or two short ones in its order, of at most about ``most`` words."""
        worth = self.weighed(scored)
        sentences = self.open(sentences_in(scored.chunk), partial(_of, scored.sentences))
        ranked = sorted(sentences, key=worth, reverse=True)
        first = ranked[:1]
        room = most - sum(len(one.text.split()) for one in first)
        least = self._beside(scored, worth(ranked[0])) if ranked else 0.0
        second = [one for one in ranked[1:2] if len(one.text.split()) <= room and worth(one) > least]
        return sorted((*first, *second), key=lambda one: one.place)

    def _beside(self, scored: ScoredChunk, best: float) -> float:
        """What another sentence must be worth, to be quoted beside the best one."""
        if scored.answers:
            return max(_LEAST_BESIDE, (_AS_GOOD if self.goes_on else _NOT_MUCH_LESS) * best)
        if not scored.sentences:
            return WEAK_FIT
        return max(_WORTH_IT, _AS_GOOD * best) if self.goes_on else _WORTH_IT


def _of(near: Sequence[float], one: Sentence) -> float:
    return near[one.place] if one.place < len(near) else 0.0


def kinds_asked(own: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """The looks of what is asked for: of "how long" a span of time, of "how much" an amount."""
    return tuple(looks for words, looks in _KINDS if own & words)


def without_verdict(text: str) -> str:
    """A sentence of a page behind a verdict that was given already: its own "Yes," would answer something else."""
    _, comma, rest = text.partition(", ")
    return rest[0].upper() + rest[1:] if comma and rest and text.startswith(("Yes, ", "No, ")) else text
