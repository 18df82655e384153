"""Chooses the sentence of a help page that answers: extractive, so nothing is said that the page does not say."""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from math import log
from typing import Final, cast

from msgspec import Struct, structs
from Stemmer import Stemmer  # pyright: ignore[reportUnknownVariableType] -- a C module without types

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.dialogue import AfterTold
from mangaassist.domain.evidence import amounts_in
from mangaassist.domain.sentences import sentences_of
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.phrasing import Phrasing

BRIEF: Final = 45
"""Words that an answer quotes of a page: a sentence, or two short ones."""
WEAK_FIT: Final = 0.25
SURE_FIT: Final = 0.5
SURE_SCORE: Final = 0.6
"""A page whose cosine reaches this answers even where it words things differently ("bitcoin", "cryptocurrency")."""
ENOUGH: Final = 0.68
"""What cosine and half the fit must come to below that. On 65 questions of shoppers: of those that no page answers ("who owns this
shop", "is shipping insured") one in ten still gets a page, of those that one answers nine in ten."""
ANSWERS: Final = 0.5
"""The least probability at which a page that was judged answers; below it, it is said that nobody here knows."""
KNOWN_PAGES: Final = 256
OF_THE_STORE: Final = frozenset({"faq", "policy", "editorial"})
"""What readers say of a book is no rule of the store, whatever else the message asked for."""
_CLEARLY_BETTER: Final = 0.3
_FAR_BEHIND: Final = 0.2
_BEHIND: Final = 0.12
"""In cosine: a page so much less like the question than the first one is about something else, whatever words it shares."""
_NAMED_BY_TITLE: Final = 0.5
"""How much a page counts whose title holds the question's words, beside its sentences."""
_LEADS: Final = {"faq": (0.6, 0.25, 0.1), "policy": (0.15, 0.05, 0.02)}
"""A faq page answers its own title in its first sentences; a policy page is read where the question points."""

_WORTH_IT: Final = 0.6
_AS_GOOD: Final = 0.65
"""What a second sentence must be worth, to be quoted too: nearly as much as the first where a follow-up asks for one thing."""
_TOPICAL: Final = 0.5
"""What the words of the act's topic count in a sentence beside the probability that it answers."""
_HALF_AS_GOOD: Final = 0.5
_LEAST_BESIDE: Final = 0.15
_NEAR: Final = 1.5
"""What the cosine of a sentence to the question counts beside the words that both share."""
_LIKE: Final = 0.5
"""The cosine at which a sentence answers that shares no word with a question that goes on."""
_JUST_THAT: Final = 0.6
"""The cosine at which a sentence that was told is asked for again."""
_CARRIED: Final = 0.3
"""What a word of the question before counts behind what was told."""
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

_WORD: Final = re.compile(r"[a-z0-9]+")
_DATA: Final = files("mangaassist.models.writers.offline") / "data"
_STOP_WORDS: Final = frozenset((_DATA / "stop_words.txt").read_text(encoding="utf-8").split())
_stemmed: Final = cast("Callable[[list[str]], list[str]]", Stemmer("english").stemWords)  # pyright: ignore[reportUnknownMemberType]


@lru_cache(KNOWN_PAGES)
def stems(text: str) -> frozenset[str]:
    """The telling words of a text, stemmed as understanding stems those of the question."""
    words = (word for word in _WORD.findall(text.lower().replace("'", "").replace("’", "")) if word not in _STOP_WORDS)
    return frozenset(_stemmed(list(words)))


_TOPIC_WORDS: Final = tomllib.loads((_DATA / "topics.toml").read_text(encoding="utf-8"))
TOPICS: Final = {Act(name): stems(words) for name, words in _TOPIC_WORDS.items() if isinstance(words, str)}
"""The stems that tell what an act is about, whatever words the shopper chose for it."""
_CASES: Final = {name: stems(str(words)) for name, words in _TOPIC_WORDS["cases"].items()}
"""The same of what has a rule of its own, whatever holds for other books."""
_ALIKE: Final = tuple(
    (next(iter(stems(word)), ""), stems(str(words)))
    for word, words in tomllib.loads((_DATA / "alike.toml").read_text(encoding="utf-8")).items()
)


_LIGHT: Final = stems("use get want need make well")
"""Words that change nothing of what a page's title asks."""


class Passage(Struct, frozen=True):
    """A sentence or two of one page. ``fit`` is the share of the question's weight that they and the title meet, 0 to 1."""

    chunk: Chunk
    text: str
    fit: float
    score: float
    on_topic: float = 0.0
    """The same share of what the topic of the act that was asked for is about."""

    is_followed: bool = False
    """Whether it is the page that was told last and that the message goes on about."""
    answering: float | None = None
    """The probability that the page answers, where it was judged."""

    @property
    def is_weak(self) -> bool:
        """Whether neither its meaning nor its words speak to the question: better unknown than a wrong page."""
        if self.is_followed:
            return False
        if self.answering is not None:
            return self.answering < ANSWERS
        return self.score < SURE_SCORE and self.score + self.fit / 2 < ENOUGH

    @property
    def is_sure(self) -> bool:
        return self.fit >= SURE_FIT


class _Sentence(Struct, frozen=True):
    text: str
    place: int
    stems: frozenset[str]


def _meets(word: str, met: frozenset[str]) -> bool:
    return word in met or bool(_alike(word) & met)


def _also(words: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(_alike, words))


def _alike(word: str) -> frozenset[str]:
    return frozenset[str]().union(*(alike for one, alike in _ALIKE if one == word))


def passage(
    task: WritingTask, act: Act | None = None, most: int = BRIEF, pages: Sequence[ScoredChunk] | None = None
) -> Passage | None:
    """What the pages of this turn say to the question, of at most about ``most`` words; None where none of them speaks to it.

    ``act``: the telling words of its topic count beside the shopper's own. The first page is the ranker's choice and wins unless a
    later one meets clearly more of the question; the page that was found to be asked for answers alone.
    ``pages``: of these alone.
    """
    of_act = TOPICS.get(act, frozenset()) if act else frozenset[str]()
    is_case = bool(act) and task.meaning.case in _CASES
    topic = _CASES[task.meaning.case] if is_case else of_act
    words = frozenset[str]() if is_case else frozenset(task.meaning.describes)
    own = words | _also(words)
    given = task.evidence.chunks if pages is None else pages
    goes_back = bool(task.meaning.after and _just_told(task, act))
    chunks = [
        scored
        for scored in given
        if scored.chunk.content.strip() and (not goes_back or scored.chunk.title in (task.state.page, ""))
    ]
    weights = _weights(own | topic, [scored.chunk for scored in chunks])
    told = _just_told(task, act)
    fresh = frozenset(task.meaning.fresh or task.meaning.describes) - _STOP_WORDS
    if told:
        weights = {
            word: one * (1.0 if _meets(word, fresh) or word in _also(fresh) else _CARRIED)
            for word, one in weights.items()
        }
    asking = _Asking(
        weights, words, topic, _kinds_asked(own), told, task.meaning.is_follow_up, task.meaning.after, fresh
    )
    found = [one for one in (_passage(scored, asking, most) for scored in chunks) if one.text]
    if not found:
        return None

    follows = found[0].chunk.title == task.meaning.wants_page  # else its own words have found another one first

    def worth(one: Passage) -> float:
        if one.answering is not None:
            return one.answering + one.on_topic
        lead = _CLEARLY_BETTER if one is found[0] else 0.0
        titled = _NAMED_BY_TITLE * _share(stems(one.chunk.title), own, weights)
        return one.fit + one.on_topic + titled + lead

    best = found[0] if follows else max(_near(found), key=worth)
    followed = follows and best is found[0]
    keeps = is_case or _is_titled(task, best.chunk.title, topic)
    return structs.replace(best, is_followed=followed, text=best.text if keeps else without_verdict(best.text))


def _near(found: Sequence[Passage]) -> list[Passage]:
    """The first page, and those that are not much less like the question than it."""
    first = found[0]
    behind = _BEHIND if first.score >= SURE_SCORE else _FAR_BEHIND
    return [one for one in found if one.answering is not None or one.score >= first.score - behind]


def _is_titled(task: WritingTask, title: str, topic: frozenset[str]) -> bool:
    """Whether the page's title asks all that the message asks: its "Yes," is said to the title and to nothing else."""
    own = () if task.meaning.store_question else task.meaning.fresh
    asked = frozenset((*task.meaning.describes, *own)) - _STOP_WORDS - _LIGHT
    names = " ".join((*task.meaning.order_items, *(target.title for target in task.meaning.targets)))
    met = stems(title) | topic | stems(names.replace("-", " "))
    return bool(asked or not task.meaning.is_follow_up) and all(_meets(word, met) for word in asked)


def rule(task: WritingTask, act: Act | None = None, most: int = BRIEF) -> str:
    """The sentence alone, where a page surely speaks to it; else nothing. For answers that have more to say than the page."""
    found = passage(task, act, most)
    topical = act is None or act not in TOPICS or (found is not None and found.on_topic >= WEAK_FIT)
    return found.text if found and found.is_sure and topical else ""


def beside(task: WritingTask, act: Act, most: int = BRIEF // 2, *, with_verdict: bool = False) -> str:
    """What a page says to the part of the question that goes beyond ``act`` ("who pays for it", "already opened"); else nothing."""
    names = " ".join((*task.meaning.order_items, *(target.title for target in task.meaning.targets)))
    beyond = frozenset(task.meaning.describes) - TOPICS.get(act, frozenset()) - stems(names.replace("-", " "))
    pages = [scored for scored in task.evidence.chunks if scored.chunk.source_type in OF_THE_STORE]
    asking = _Asking(_weights(beyond, [scored.chunk for scored in pages]), beyond)
    found = [_passage(scored, asking, most) for scored in pages]
    best = max(found, key=lambda one: one.fit, default=None)
    if best is None or best.fit < SURE_FIT:
        return ""
    return best.text if with_verdict else without_verdict(best.text)


def amount_for(task: WritingTask, name: str) -> str:
    """The sentence that names an amount for ``name`` ("Canada costs $9.99"), or one on the page that names it; else nothing."""
    wanted = stems(name)
    pages = [sentences_in(scored.chunk) for scored in task.evidence.chunks]
    naming = [page for page in pages if any(wanted <= one.stems for one in page)]
    priced = [one for page in naming for one in page if any(amounts_in(one.text))]
    return next((one.text for one in sorted(priced, key=lambda one: not wanted <= one.stems)), "")


def days_for(task: WritingTask, name: str) -> str:
    """The sentence that tells how many days it takes to ``name``; else nothing."""
    wanted = stems(name) | stems("days")
    told = (one for scored in task.evidence.chunks for one in sentences_in(scored.chunk) if wanted <= one.stems)
    return min((one.text for one in told), key=len, default="")


def mentions(found: Passage, words: str) -> bool:
    """Whether the page speaks of any of these at all, in its title or in what would be quoted."""
    return bool(stems(words) & (stems(found.chunk.title) | stems(found.text)))


def remedy(task: WritingTask, act: Act) -> str:
    """What the store does about a problem: of a page on this problem alone, whatever words it was told in."""
    found = passage(task, act)
    return found.text if found and found.on_topic >= SURE_FIT else ""


def without_verdict(text: str) -> str:
    """A sentence of a page behind a verdict that was given already: its own "Yes," would answer something else."""
    _, comma, rest = text.partition(", ")
    return rest[0].upper() + rest[1:] if comma and rest and text.startswith(("Yes, ", "No, ")) else text


def cited(found: Passage, phrasing: Phrasing) -> str:
    """The passage first, then from which page it is."""
    return f"{found.text} {phrasing.say('faq.cited', page=found.chunk.title.rstrip(' .'))}"


def sentences_in(chunk: Chunk) -> tuple[_Sentence, ...]:
    return _sentences(chunk.content, chunk.title)


def _weights(asked: frozenset[str], chunks: Iterable[Chunk]) -> dict[str, float]:
    """Words that few of the sentences hold say more."""
    held_by = [one.stems for chunk in chunks for one in sentences_in(chunk)]
    held = Counter(word for words in held_by for word in words & asked)
    return {word: log(1 + len(held_by) / (1 + held[word])) for word in asked}


class _Asking(Struct, frozen=True):
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

    def open(self, sentences: Sequence[_Sentence], near: Callable[[_Sentence], float]) -> list[_Sentence]:
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

    def _meets_of(self, one: _Sentence) -> float:
        """The share of the message's own words."""
        return sum(_meets(word, one.stems) for word in self.fresh) / len(self.fresh) if self.fresh else 0.0

    def _is_of_kind(self, one: _Sentence) -> bool:
        return any(kind.search(one.text) for kind in self.kinds)

    def worth(self, one: _Sentence, leads: Sequence[float], near: float) -> float:
        """The share of the question that it meets, how like it is, and whether it looks as the answer should."""
        total = sum(self.weights.values()) or 1.0
        met = sum(self.weights[word] for word in one.stems & self.weights.keys()) / total
        lead = leads[one.place] if one.place < len(leads) else 0.0
        return met + _OF_KIND * self._is_of_kind(one) + _NEAR * near + lead


def _passage(scored: ScoredChunk, asking: _Asking, most: int) -> Passage:
    """The fit is that to the question's own words or to the topic's, whichever is met better."""
    chunk, near = scored.chunk, scored.sentences
    leads = _LEADS.get(chunk.source_type, _LEADS["policy"])
    sentences = sentences_in(chunk)
    if any(without_verdict(one.text) in asking.told for one in sentences):
        leads = ()

    def nearness(one: _Sentence) -> float:
        return near[one.place] if one.place < len(near) else 0.0

    def worth(one: _Sentence) -> float:
        if scored.answers:
            return scored.answers[one.place] + _TOPICAL * _share(one.stems & asking.topic, asking.topic, asking.weights)
        return asking.worth(one, leads, nearness(one))

    open_ones = asking.open(sentences, nearness)
    least = partial(_beside_judged, asking) if scored.answers else partial(_beside, asking, near)
    chosen = _fitting(sorted(open_ones, key=worth, reverse=True), worth, most, least)
    met = frozenset[str]().union(*(one.stems for one in chosen)) | stems(chunk.title)
    on_topic = _share(met, asking.topic, asking.weights)
    fit = max(_share(met, asking.own | (_also(asking.own) & asking.weights.keys()), asking.weights), on_topic)
    text = " ".join(one.text for one in chosen)
    return Passage(chunk, text, fit, scored.score, on_topic, answering=scored.answering)


def _beside_judged(asking: _Asking, best: float) -> float:
    return max(_LEAST_BESIDE, (_AS_GOOD if asking.goes_on else _HALF_AS_GOOD) * best)


def _beside(asking: _Asking, near: Sequence[float], best: float) -> float:
    """What another sentence must be worth, to be quoted beside the best one."""
    if not near:
        return WEAK_FIT
    return max(_WORTH_IT, _AS_GOOD * best) if asking.goes_on else _WORTH_IT


def _kinds_asked(own: frozenset[str]) -> tuple[re.Pattern[str], ...]:
    """The looks of what is asked for: of "how long" a span of time, of "how much" an amount."""
    return tuple(looks for words, looks in _KINDS if own & words)


def _just_told(task: WritingTask, act: Act | None) -> str:
    """The answer before, where this message goes on about it; what is done about a problem is said again."""
    goes_on = act in (None, Act.POLICY, Act.MEMBERSHIP) and task.meaning.is_follow_up
    return task.history[-1].answer if goes_on and task.history else ""


def _share(met: frozenset[str], asked: frozenset[str], weights: Mapping[str, float]) -> float:
    total = sum(weights[word] for word in asked)
    return sum(weights[word] for word in met & asked) / total if total else 0.0


def _fitting(
    ranked: list[_Sentence], worth: Callable[[_Sentence], float], most: int, least_of: Callable[[float], float]
) -> list[_Sentence]:
    """The best sentence, and the next best where both are short and it says something to the question; in the page's order."""
    chosen = ranked[:1]
    length = sum(len(one.text.split()) for one in chosen)
    least = least_of(worth(ranked[0])) if ranked else 0.0
    chosen += [one for one in ranked[1:2] if length + len(one.text.split()) <= most and worth(one) > least]
    return sorted(chosen, key=lambda one: one.place)


@lru_cache(KNOWN_PAGES)
def _sentences(content: str, title: str) -> tuple[_Sentence, ...]:
    """The same pages answer most questions: those asked for last are kept as they were read."""
    told = sentences_of(content, title)
    return tuple(_Sentence(text, place, stems(text)) for place, text in enumerate(told))
