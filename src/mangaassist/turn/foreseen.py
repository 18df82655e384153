"""What a turn will want embedded, as far as its meaning tells before the turn has begun to ask (M-9)."""

from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import Meaning
from mangaassist.turn.asked_answer import texts_asked
from mangaassist.turn.plans import plan_for


def foreseen(meaning: Meaning, state: DialogueState) -> tuple[str, ...]:
    """The texts by which the pages' answers are looked for, and the question that the plan searches for."""
    question = (meaning.question,) if plan_for(meaning).knowledge is not None else ()
    return (*texts_asked(meaning, state), *question)
