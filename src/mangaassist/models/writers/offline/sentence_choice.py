"""Which sentence of a help page answers: as the reranker judged it, else by words and likeness; and which may be told again."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from msgspec import Struct

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.dialogue import AfterTold
from mangaassist.models.writers.offline.page_words import Sentence, meets, sentences_in, share, stems
from mangaassist.models.writers.offline.verdicts import Verdict

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
_DECIDES: Final = 0.4
"""What it counts that a sentence says yes or no to what is asked."""
_AGAIN: Final = 0.6
"""What it costs that a sentence was told a moment ago."""
_HALF: Final = 0.5
_SAID: Final = re.compile(r"(Yes|No)[,:] ")
_SAYS: Final[dict[str, Verdict]] = {"Yes": "yes", "No": "no"}
_REASON: Final = re.compile(r"\b(because|since|so that|for this reason|therefore)\b")
_OF_KIND: Final = 0.5
_LEADS: Final = {"faq": (0.6, 0.25, 0.1), "policy": (0.15, 0.05, 0.02)}
"""A faq page answers its own title in its first sentences; a policy page is read where the question points."""
_KINDS: Final = (
    (
        frozenset({"long", "fast", "quick", "quickli", "soon", "when"}),
        re.compile(r"\d+ (?:business |calendar )?(?:minute|hour|day|week|month)|same day|at once|next business day"),
    ),
    (frozenset({"much", "cost", "fee", "expens", "charg"}), re.compile(r"\$\d|free of charge|\bfree\b")),
    (frozenset({"money", "refund"}), re.compile(r"refund|\bback\b")),
)
"""By stems of what is asked: what the sentence that answers looks like."""


class GoesOn(Struct, frozen=True):
    """What speaks for a sentence of any page where a message goes on about what was told, by our own fragments.

    ``asked`` and ``told_last`` are for the page that the dialogue points at and the one that was told last."""

    alone: float = 2.5
    joined: float = 1.5
    near: float = 1.5
    asked_so: float = 3.0
    """Of an answer of such a page how near its wordings are, in place of itself; elsewhere the fragment may ask something else."""
    words: float = 1.0
    kind: float = 0.6
    decides: float = 0.6
    again: float = 1.5
    asked: float = 1.5
    told_last: float = 1.3
    bare: float = 2.5
    """How much more the page counts for words that could be asked of anything: "how long does it take"."""
    least: float = 2.2
    """With less than this nothing on the pages answers."""
    beside: float = 0.8
    """By how much less a second sentence may be worth, to be quoted too."""


_GOES_ON: Final = GoesOn()
BARE: Final = frozenset(
    {
        *(
            "long",
            "fast",
            "quick",
            "quickli",
            "soon",
            "when",
            "take",
            "much",
            "cost",
            "fee",
            "expens",
            "charg",
            "free",
            "extra",
        ),
        *("pay", "money", "mean", "happen", "work", "often", "mani", "doe", "long", "last", "start", "end"),
    }
)


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
    is_one_of_several: bool = False
    """Whether the message asks something else as well."""
    titled: Callable[[str], bool] = lambda _: False
    """Whether the title of a page asks all that the message asks."""
    wants_page: str = ""
    told_page: str = ""
    """The titles of the page that the dialogue points at and of the one that was told last."""
    is_bare: bool = False
    """Whether the message says nothing that could not be asked of anything: "where do i type it in", "how long"."""
    decides: Callable[[Sentence, str], Verdict] = lambda _sentence, _title: ""
    """What a sentence of the page of this title says to a question for yes or no."""

    def open(self, sentences: Sequence[Sentence], near: Callable[[Sentence], float]) -> list[Sentence]:
        """Those that may answer. Behind what was told: those that meet a word of the message itself or are like it, and what was
        told only where just that is asked again; behind what the shopper has done none that names it.
        """
        if not self.told:
            return list(sentences)
        fresh = [one for one in sentences if not self.was_told(one)]
        if self.after == "why":
            return [one for one in sentences if _REASON.search(one.text)]
        if self.after == "done":
            return [one for one in fresh if not self._meets_of(one) and near(one) >= _LIKE]
        said = [one for one in fresh if self._is_of_kind(one) or self._meets_of(one) or near(one) >= _LIKE]
        again = [
            one for one in sentences if one not in fresh and (self._meets_of(one) >= _HALF or near(one) >= _JUST_THAT)
        ]
        return [*said, *again]

    def _meets_of(self, one: Sentence) -> float:
        """The share of the message's own words."""
        return sum(meets(word, one.stems) for word in self.fresh) / len(self.fresh) if self.fresh else 0.0

    def _is_of_kind(self, one: Sentence) -> bool:
        return any(kind.search(one.text) for kind in self.kinds)

    def judged(self, scored: ScoredChunk) -> tuple[float, ...]:
        """How likely each sentence answers; none where more than one plain question was judged: several at once, or one joined
        with what was told, which all sentences of its page share."""
        return () if self.goes_on or self.is_one_of_several else scored.answers

    def weighed(self, scored: ScoredChunk) -> Callable[[Sentence], float]:
        """What a sentence of the page is worth: how likely it answers, as it was judged, and what of the act's topic it meets.

        Unjudged: the share of the question that it meets, how like it is, and whether it looks as the answer should.
        """
        near, answers = scored.sentences, self.judged(scored)
        leads = () if self.told else _LEADS.get(scored.chunk.source_type, _LEADS["policy"])

        def decided(one: Sentence) -> float:
            return _DECIDES * bool(self.decides(one, scored.chunk.title))

        def judged(one: Sentence) -> float:
            topical = _TOPICAL * share(one.stems & self.topic, self.topic, self.weights)
            return answers[one.place] + topical + decided(one)

        def unjudged(one: Sentence) -> float:
            met = sum(self.weights[word] for word in one.stems & self.weights.keys()) / (
                sum(self.weights.values()) or 1.0
            )
            looks = _OF_KIND * self._is_of_kind(one) + _of(leads, one) - _AGAIN * self.was_told(one)
            return met + looks + _NEAR * _of(near, one) + decided(one)

        if self.is_judged_both_ways(scored):
            return partial(self._going_on, scored)
        return judged if answers else unjudged

    def _going_on(self, scored: ScoredChunk, one: Sentence) -> float:
        """What a sentence is worth to a message that goes on about what was told: as it was judged both ways, how like it is, the
        message's own words, what it looks like, and whether it says anything new.

        A fragment by itself is no proof for the answers of another page.
        """
        weights = _GOES_ON
        lean = weights.bare if self.is_bare else 1.0
        is_asked = scored.chunk.is_answer and scored.chunk.title in (self.wants_page, self.told_page)
        joined, alone = _of(scored.answers, one), _of(scored.alone, one)
        if scored.chunk.is_answer and not is_asked:
            alone = min(alone, joined)
        return (
            weights.alone * alone
            + weights.joined * joined
            + (weights.asked_so * scored.score if is_asked else weights.near * _of(scored.sentences, one))
            + weights.words * self._meets_of(one)
            + weights.kind * self._is_of_kind(one)
            + weights.decides * bool(self.decides(one, scored.chunk.title))
            - weights.again * (self.was_told(one) or self._says_nothing_new(one))
            + lean * weights.asked * (scored.chunk.title == self.wants_page)
            + lean * weights.told_last * (scored.chunk.title == self.told_page)
        )

    def chosen(self, scored: ScoredChunk, most: int) -> list[Sentence]:
        """A sentence of the page, or two short ones in its order, of at most about ``most`` words; an answer whole."""
        worth = self.weighed(scored)
        if scored.chunk.is_answer:
            return list(sentences_in(scored.chunk)) if self._candidates(scored, worth) else []
        ranked = sorted(self._candidates(scored, worth), key=worth, reverse=True)
        if not ranked:
            return []
        first, *others = ranked
        if self._is_of_the_page(first, scored):
            second = sorted(others, key=lambda one: one.place)[:1]
        else:
            second = [one for one in others[:1] if worth(one) > self._beside(scored, worth(first))]
        room = most - len(first.text.split())
        both = [first, *(one for one in second if len(one.text.split()) <= room)]
        return both if self.decides(first, scored.chunk.title) else sorted(both, key=lambda one: one.place)

    def is_judged_both_ways(self, scored: ScoredChunk) -> bool:
        """Whether the page was held against a message that goes on by itself, and joined with what it goes on about."""
        return bool(self.told and scored.answers and scored.alone) and not self.after

    def _candidates(self, scored: ScoredChunk, worth: Callable[[Sentence], float]) -> list[Sentence]:
        sentences = sentences_in(scored.chunk)
        if self.is_judged_both_ways(scored):
            return [one for one in sentences if worth(one) >= _GOES_ON.least]
        if scored.chunk.is_answer and scored.score >= _JUST_THAT and not self.after:
            return list(sentences)
        return self.open(sentences, partial(_of, scored.sentences))

    def was_told(self, one: Sentence) -> bool:
        """Whether it was said a moment ago."""
        return bool(self.told) and without_verdict(one.text) in self.told

    def _says_nothing_new(self, one: Sentence) -> bool:
        """Whether all its telling words were told a moment ago."""
        return bool(one.stems) and one.stems <= stems(self.told)

    def _is_of_the_page(self, first: Sentence, scored: ScoredChunk) -> bool:
        """Whether the page itself is asked for, so that it answers as it begins."""
        return first.place == 0 and bool(self.judged(scored)) and self.titled(scored.chunk.title)

    def _beside(self, scored: ScoredChunk, best: float) -> float:
        """What another sentence must be worth, to be quoted beside the best one."""
        if self.is_judged_both_ways(scored):
            return best - _GOES_ON.beside
        if self.judged(scored):
            return max(_LEAST_BESIDE, (_AS_GOOD if self.goes_on else _NOT_MUCH_LESS) * best)
        if not scored.sentences:
            return WEAK_FIT
        return max(_WORTH_IT, _AS_GOOD * best) if self.goes_on else _WORTH_IT


def _of(numbers: Sequence[float], one: Sentence) -> float:
    return numbers[one.place] if one.place < len(numbers) else 0.0


def kinds_asked(own: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """The looks of what is asked for: of "how long" a span of time, of "how much" an amount."""
    return tuple(looks for words, looks in _KINDS if own & words)


def without_verdict(text: str) -> str:
    """A sentence of a page behind a verdict that was given already: its own "Yes," would answer something else."""
    said = said_verdict(text)
    rest = text[len(said) + 2 :]
    return rest[0].upper() + rest[1:] if said and rest else text


def said_verdict(text: str) -> Verdict:
    """The yes or no that a text begins with."""
    found = _SAID.match(text)
    return _SAYS[found[1]] if found else ""
