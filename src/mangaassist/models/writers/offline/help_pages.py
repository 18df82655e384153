"""Chooses the sentence of a help page that answers: extractive, so nothing is said that the page does not say."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.evidence import amounts_in
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.page_words import (
    CASES,
    LIGHT,
    STOP_WORDS,
    TOPICS,
    also,
    meets,
    sentences_in,
    share,
    stems,
    weights_of,
)
from mangaassist.models.writers.offline.phrasing import Phrasing
from mangaassist.models.writers.offline.sentence_choice import (
    BARE,
    WEAK_FIT,
    Asking,
    kinds_asked,
    said_verdict,
    without_verdict,
)
from mangaassist.models.writers.offline.verdicts import Polar, Verdict, verdict

BRIEF: Final = 45
"""Words that an answer quotes of a page: a sentence, or two short ones."""
SURE_FIT: Final = 0.5
SURE_SCORE: Final = 0.6
"""A page whose cosine reaches this answers even where it words things differently ("bitcoin", "cryptocurrency")."""
ENOUGH: Final = 0.68
"""What cosine and half the fit must come to below that. On 65 questions of shoppers: of those that no page answers ("who owns this
shop", "is shipping insured") one in ten still gets a page, of those that one answers nine in ten."""
ANSWERS: Final = 0.5
MAY_ANSWER: Final = 0.3
"""The least probability at which a page that was judged answers; below it, it is said that nobody here knows. The second is for
pages that likeness and words speak for as well."""
OF_THE_STORE: Final = frozenset({"faq", "policy", "editorial"})
"""What readers say of a book is no rule of the store, whatever else the message asked for."""
_CLEARLY_BETTER: Final = 0.3
_FAR_BEHIND: Final = 0.2
_BEHIND: Final = 0.12
"""In cosine: a page so much less like the question than the first one is about something else, whatever words it shares."""
_NAMED_BY_TITLE: Final = 0.5
"""How much a page counts whose title holds the question's words, beside its sentences."""
_NEAR_TITLE: Final = 0.7
_SURELY_ASKED: Final = 0.65
"""How likely an answer must be what is asked for, so that its yes or no is said to the question."""
_SAID_SO, _SURELY_SAID = 0.4, 0.55
"""The least score at which an answer's yes or no is told: where it holds every word of a question for one, and where not."""
_VERDICTS: Final[dict[Verdict, str]] = {"": "", "yes": "Yes. ", "no": "No. "}
_OF_MUST: Final = stems("need must required necessary")
_CARRIED: Final = 0.3
"""What a word of the question before counts behind what was told."""


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
    worth: float = 0.0
    """What its best sentence is worth; comparable among the pages of a message that goes on."""
    verdict: Verdict = ""
    """What its first sentence says to a question for yes or no, where it does not say so itself."""

    @property
    def told(self) -> str:
        """The verdict first."""
        return f"{_VERDICTS[self.verdict]}{self.text}"

    @property
    def is_weak(self) -> bool:
        """Whether neither its meaning nor its words speak to the question: better unknown than a wrong page."""
        if self.is_followed:
            return False
        doubted = self.score < SURE_SCORE and self.score + self.fit / 2 < ENOUGH
        if self.answering is None:
            return doubted
        return self.answering < (ANSWERS if doubted else MAY_ANSWER)

    @property
    def is_sure(self) -> bool:
        return self.fit >= SURE_FIT


def passage(
    task: WritingTask, act: Act | None = None, most: int = BRIEF, pages: Sequence[ScoredChunk] | None = None
) -> Passage | None:
    """What the pages of this turn say to the question, of at most about ``most`` words; None where none of them speaks to it.

    ``act``: the telling words of its topic count beside the shopper's own. The first page is the ranker's choice and wins unless a
    later one meets clearly more of the question; the page that was found to be asked for answers alone.
    ``pages``: of these alone.
    """
    if task.meaning.wants_answers and pages is None:
        return _wanted(task, most)
    of_act = TOPICS.get(act, frozenset()) if act else frozenset[str]()
    is_case = bool(act) and task.meaning.case in CASES
    topic = CASES[task.meaning.case] if is_case else of_act
    words = frozenset[str]() if is_case else frozenset(task.meaning.describes)
    own = words | also(words)
    given = task.evidence.chunks if pages is None else pages
    goes_back = bool(task.meaning.after and _just_told(task, act))
    chunks = [
        scored
        for scored in given
        if scored.chunk.content.strip() and (not goes_back or scored.chunk.title in (task.state.page, ""))
    ]
    weights = weights_of(own | topic, [scored.chunk for scored in chunks])
    told = _just_told(task, act)
    fresh = frozenset(task.meaning.fresh or task.meaning.describes) - STOP_WORDS
    if told:
        weights = {
            word: one * (1.0 if meets(word, fresh) or word in also(fresh) else _CARRIED)
            for word, one in weights.items()
        }
    asking = Asking(
        weights,
        words,
        topic,
        kinds_asked(own),
        told,
        task.meaning.is_follow_up,
        task.meaning.after,
        fresh,
        len(task.meaning.acts) > 1,
        lambda title: _is_titled(task, title, topic),
        task.meaning.wants_page,
        task.meaning.told_page,
        frozenset(task.meaning.fresh) <= BARE,
        lambda one, title: verdict(_polar(task, title), one.text),
    )
    found = [one for one in (_passage(scored, asking, most) for scored in chunks) if one.text]
    if not found:
        return None

    follows = found[0].chunk.title == task.meaning.wants_page  # else its own words have found another one first

    def worth(one: Passage) -> float:
        if one.answering is not None:
            return one.answering + one.on_topic
        lead = _CLEARLY_BETTER if one is found[0] else 0.0
        titled = _NAMED_BY_TITLE * share(stems(one.chunk.title), own, weights)
        return one.fit + one.on_topic + titled + lead

    goes_on = any(asking.is_judged_both_ways(one) for one in chunks)
    best = max(found, key=lambda one: one.worth) if goes_on else found[0] if follows else max(_near(found), key=worth)
    followed = goes_on or (follows and best is found[0])
    if best.chunk.is_answer and _is_titled(task, best.chunk.title, topic):
        best = next((one for one in found if _is_page_of(best.chunk, one.chunk)), best)
    keeps = is_case or _says_it_to(task, best, topic)
    return structs.replace(_as_said(best, keeps=keeps), is_followed=followed)


def _as_said(found: Passage, *, keeps: bool) -> Passage:
    """With its own yes or no where it ``keeps`` that, else with the one that its sentence decides."""
    bare = without_verdict(found.text)
    says_so = keeps and found.text != bare
    own = found.chunk.is_answer and bool(said_verdict(found.text))
    return structs.replace(found, text=found.text if keeps else bare, verdict="" if says_so or own else found.verdict)


def _wanted(task: WritingTask, most: int) -> Passage | None:
    """The answer that was found to be asked for, told whole."""
    chances = dict(task.meaning.wants_answers)
    told = [one for one in task.evidence.chunks if one.chunk.chunk_id in chances]
    asking = Asking(
        weights_of(frozenset(task.meaning.fresh), [one.chunk for one in told]), frozenset(task.meaning.fresh)
    )
    found = [_passage(one, asking, most) for one in told]
    if not found:
        return None
    keeps = found[0].score >= _SURELY_ASKED and _says_it_to(task, found[0], frozenset())
    return structs.replace(_as_said(found[0], keeps=keeps), is_followed=True)


def each_wanted(task: WritingTask) -> list[Passage]:
    """Each of several answers that are asked for, in the order of the questions."""
    alone = (
        structs.replace(task, meaning=structs.replace(task.meaning, wants_answers=(one,)))
        for one in task.meaning.wants_answers
    )
    return [found for found in (_wanted(one, BRIEF) for one in alone) if found is not None]


def _is_page_of(answer: Chunk, other: Chunk) -> bool:
    return other.document_id == answer.document_id and not other.is_answer


def _says_it_to(task: WritingTask, found: Passage, topic: frozenset[str]) -> bool:
    """Whether what was found says its yes or no to the question: a page to its title, an answer to its wordings.

    What is asked the other way round is near to them as well: then what the sentence itself decides counts. Whether something must
    be is no question of whether it can: "Yes, you can check out as a guest" says no yes to "do i need an account".
    """
    if task.meaning.asks_must and not _OF_MUST & (stems(found.chunk.title) | stems(found.text)):
        return False
    if not found.chunk.is_answer:
        return _is_titled(task, found.chunk.title, topic) or _is_nearly_titled(task, found)
    if found.verdict:
        return found.verdict == said_verdict(found.text)
    asked = frozenset(task.meaning.fresh) - STOP_WORDS - LIGHT
    speaks_of_it = bool(task.meaning.asker) and all(meets(word, stems(found.text)) for word in asked)
    least = _SAID_SO if speaks_of_it else _SURELY_SAID
    return found.score >= least and not kinds_asked(frozenset(task.meaning.describes))


def _is_nearly_titled(task: WritingTask, found: Passage) -> bool:
    """Whether a question for yes or no is so near to the page that the page's own verdict is said to it."""
    return bool(task.meaning.asker) and found.score >= _NEAR_TITLE and (found.answering or 0.0) >= MAY_ANSWER


def _polar(task: WritingTask, title: str) -> Polar:
    """The message as a question for yes or no; what goes on about a page need not name again what that is about."""
    meaning = task.meaning
    topic = stems(meaning.topic or (task.state.topic if meaning.is_follow_up else ""))
    about = stems(title) if meaning.is_follow_up and title == task.state.page else frozenset[str]()
    return Polar(meaning.asker, meaning.fresh, topic | about)


def _near(found: Sequence[Passage]) -> list[Passage]:
    """The first page, and those that are not much less like the question than it."""
    first = found[0]
    behind = _BEHIND if first.score >= SURE_SCORE else _FAR_BEHIND
    return [one for one in found if one.answering is not None or one.score >= first.score - behind]


def _is_titled(task: WritingTask, title: str, topic: frozenset[str]) -> bool:
    """Whether the page's title asks all that the message asks: its "Yes," is said to the title and to nothing else."""
    own = () if task.meaning.store_question else task.meaning.fresh
    asked = frozenset((*task.meaning.describes, *own)) - STOP_WORDS - LIGHT
    names = " ".join((*task.meaning.order_items, *(target.title for target in task.meaning.targets)))
    met = stems(title) | topic | stems(names.replace("-", " "))
    return bool(asked or not task.meaning.is_follow_up) and all(meets(word, met) for word in asked)


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
    asking = Asking(weights_of(beyond, [scored.chunk for scored in pages]), beyond)
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


def naming(pages: Sequence[ScoredChunk], words: frozenset[str]) -> str:
    """The shortest sentence that holds one of ``words``, or what means the same; else nothing."""
    told = (
        one.text
        for scored in pages
        for one in sentences_in(scored.chunk)
        if any(meets(word, one.stems) for word in words)
    )
    return without_verdict(min(told, key=len, default=""))


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
    found = passage(task, act, pages=[scored for scored in task.evidence.chunks if not scored.chunk.is_answer])
    return found.text if found and found.on_topic >= SURE_FIT else ""


def added(task: WritingTask, found: Passage) -> str:
    """What another page says to a question that the message adds ("wrap these and put a note in"): one whose title names what the
    first page leaves out; else nothing."""
    if not task.meaning.joins:
        return ""
    told = stems(found.chunk.title) | stems(found.text)
    left = frozenset(word for word in frozenset(task.meaning.fresh) - STOP_WORDS - LIGHT if not meets(word, told))
    pages = [
        one for one in task.evidence.chunks if one.chunk.title != found.chunk.title and one.chunk.source_type == "faq"
    ]
    naming = [one for one in pages if any(meets(word, stems(one.chunk.title)) for word in left)]
    asking = Asking(weights_of(left, [one.chunk for one in naming]), left)
    best = max((_passage(one, asking, BRIEF // 2) for one in naming), key=lambda one: one.fit, default=None)
    return without_verdict(best.text) if best is not None and best.fit >= SURE_FIT else ""


def cited(found: Passage, phrasing: Phrasing, more: str = "") -> str:
    """The passage first, then ``more`` of another page, then from which page it is."""
    told = f"{found.told} {more}".strip()
    return f"{told} {phrasing.say('faq.cited', page=found.chunk.title.rstrip(' .'))}"


def _passage(scored: ScoredChunk, asking: Asking, most: int) -> Passage:
    """The fit is that to the question's own words or to the topic's, whichever is met better."""
    chosen = asking.chosen(scored, most)
    met = frozenset[str]().union(*(one.stems for one in chosen)) | stems(scored.chunk.title)
    on_topic = share(met, asking.topic, asking.weights)
    fit = max(share(met, asking.own | (also(asking.own) & asking.weights.keys()), asking.weights), on_topic)
    text = " ".join(without_verdict(one.text) if place else one.text for place, one in enumerate(chosen))
    decided = asking.decides(chosen[0], scored.chunk.title) if chosen else ""
    worth = max(map(asking.weighed(scored), chosen), default=0.0)
    return Passage(
        scored.chunk, text, fit, scored.score, on_topic, answering=scored.answering, worth=worth, verdict=decided
    )


def was_told(task: WritingTask) -> bool:
    """Whether a page's sentence that was told in this dialogue holds all that the message asks: our pages hold no more of it."""
    words = () if task.meaning.after else task.meaning.fresh or task.meaning.describes
    asked = frozenset(words) - STOP_WORDS - LIGHT - BARE
    answers = [turn.answer for turn in task.history]
    told = (
        one
        for scored in task.evidence.chunks
        if scored.chunk.source_type in OF_THE_STORE
        for one in sentences_in(scored.chunk)
        if any(without_verdict(one.text) in answer for answer in answers)
    )
    return any(all(meets(word, one.stems) for word in asked) for one in told)


def _just_told(task: WritingTask, act: Act | None) -> str:
    """The answer before, where this message goes on about it; what is done about a problem is said again."""
    goes_on = act in (None, Act.POLICY, Act.MEMBERSHIP) and task.meaning.is_follow_up
    return task.history[-1].answer if goes_on and task.history else ""
