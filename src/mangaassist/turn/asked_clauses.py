"""A message that asks for two things, of which the pages answer one or both: each is answered, in its order (M-2, T-10, K-2)."""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from mangaassist.domain.acts import ACTS, Act, intent_of
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.knowledge.words import asked
from mangaassist.turn.asked_answer import TRAINED_ON, Before, by_answer, is_of_pages
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.speculation import Speculation

FEW: Final = 2
OPEN: Final = HeardAct(Act.POLICY, 0.5, "model")
"""What a clause asks that no rule heard: something of the store's ways, perhaps."""


async def by_clauses(
    meaning: Meaning, before: Before, retriever: Retrieval, speculation: Speculation, head: AskedHead
) -> Meaning:
    """The meaning with the pages' answer to each clause that asks for one; as it is where nothing would be told beside another."""
    if len(meaning.clauses) < FEW or meaning.care or meaning.language != TRAINED_ON:
        return meaning
    acts: list[HeardAct] = []
    wanted: dict[str, float] = {}
    unanswered: list[str] = []
    for clause in meaning.clauses:
        if clause.act is not None and _is_answered(clause.act.act, meaning):
            acts.append(_as_heard(clause.act, meaning.acts))
        else:
            own = _by_itself(meaning, clause.text)
            read = await _of_pages(own, before, retriever, speculation, head) if _may_ask(own) else own
            acts += read.acts[:1] if read.wants_answers else ()
            wanted.update(read.wants_answers)
            unanswered += () if read.wants_answers else (clause.text,)
        before = _behind(before, clause.text)
    others = [one for one in acts if not is_of_pages(one.act)]
    if not wanted or (unanswered and len(others) + len(wanted) < FEW):
        return _searched_by_clause(meaning, unanswered, others)
    told = _once(acts)
    return structs.replace(
        meaning,
        acts=told,
        guess=IntentGuess(intent_of(told[0].act), told[0].confidence, "rules"),
        between=None,
        sought=meaning.sought if any(ACTS[one.act].topic == "shelf" for one in told) else (),
        store_question="",
        wants_answers=tuple(wanted.items()),
        wants_page="",
    )


def _may_ask(own: Meaning) -> bool:
    """Beside a book "does it just stop" is asked of that: of the store's ways more is said."""
    return not own.targets or len(asked(own.text)) >= FEW


async def _of_pages(
    own: Meaning, before: Before, retriever: Retrieval, speculation: Speculation, head: AskedHead
) -> Meaning:
    """A clause by itself; where that asks for no answer, behind what was asked before it."""
    read = await by_answer(own, _behind(before, ""), retriever, speculation, head, is_clause=True)
    if read.wants_answers or not before.state.question:
        return read
    return await by_answer(own, before, retriever, speculation, head, is_clause=True)


def _searched_by_clause(meaning: Meaning, unanswered: list[str], others: list[HeardAct]) -> Meaning:
    """Beside what the store's data answers the pages are searched for the other clause, and not for all of the message. After a
    question of the store's ways "what does it cost" asks for no book's price."""
    first, *later = meaning.acts
    if is_of_pages(first.act) and not others:
        kept = tuple(one for one in later if _is_answered(one.act, meaning) or is_of_pages(one.act))
        return meaning if len(kept) == len(later) else structs.replace(meaning, acts=(first, *kept))
    if not others or len(unanswered) != 1 or not any(is_of_pages(one.act) for one in meaning.acts):
        return meaning
    return structs.replace(meaning, question=unanswered[0])


def _is_answered(act: Act, meaning: Meaning) -> bool:
    """Whether something else than a page answers it: no price where no book is named that may have one."""
    of_books = ACTS[act].topic in ("product", "series")
    return not is_of_pages(act) and (bool(meaning.targets) or not of_books)


def _by_itself(meaning: Meaning, text: str) -> Meaning:
    """One clause as if it were the whole message."""
    return structs.replace(
        meaning,
        text=text,
        own_question=text,
        acts=(OPEN,),
        joins=False,
        clauses=(),
        store_question="",
        case="",
        likely=(),
    )


def _behind(before: Before, question: str) -> Before:
    """After this question of the same message, and no answer yet."""
    return structs.replace(before, state=structs.replace(before.state, question=question), answer="")


def _as_heard(own: HeardAct, heard: Iterable[HeardAct]) -> HeardAct:
    """As the dialogue reads it, where it made another act of the same kind of it."""
    alike = [one for one in heard if ACTS[one.act].topic == ACTS[own.act].topic]
    return next((one for one in alike if one.act is own.act), alike[0] if alike else own)


def _once(acts: Iterable[HeardAct]) -> tuple[HeardAct, ...]:
    first: dict[Act, HeardAct] = {}
    for one in acts:
        first.setdefault(one.act, one)
    return tuple(first.values())
