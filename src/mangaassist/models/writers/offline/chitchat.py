"""Small talk: warm, short, and never the same twice; what it knows of the shopper is their name alone."""

from collections.abc import Iterator
from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.dialogue import Proposal
from mangaassist.domain.intents import Intent
from mangaassist.domain.wishes import EMPTY_WISH
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.by_act import first_name, nothing_more
from mangaassist.models.writers.offline.phrasing import PHRASES, Phrasing
from mangaassist.models.writers.offline.wording import opening_of

offer_next = nothing_more

LONGEST_RETOLD: Final = 160
SHORTEST_TOLD: Final = 60
"""Letters: a shorter answer was small talk."""
_TO_READ: Final = ("Recommend me something to start with", "What's on offer right now?", "Surprise me")


def compose(task: WritingTask, phrasing: Phrasing) -> str:
    act = _mood(task)
    if act in _OFFERS_TO_READ:
        phrasing.propose(Proposal(act=Act.SURPRISE, wish=EMPTY_WISH))
        phrasing.ask_for("taste")
    return phrasing.say(_key(act, task), **_names(task))


def suggestions(task: WritingTask) -> Iterator[str]:
    if not task.meaning.asks(Act.BYE, Act.INSULT):
        yield from _TO_READ


def courtesy(task: WritingTask, phrasing: Phrasing) -> str:
    """What a greeting or thanks gets that comes with a question: a word in front of the answer, once."""
    act = next((heard.act for heard in task.meaning.acts if f"chitchat.brief.{heard.act}" in PHRASES), None)
    return phrasing.once(f"chitchat.brief.{act}", **_names(task)) if act else ""


def _mood(task: WritingTask) -> Act:
    talk = [heard.act for heard in task.meaning.acts if _is_talk(heard.act)]
    return next((act for act in talk if act is not Act.GREETING), talk[0] if talk else Act.OFF_TOPIC)


def _is_talk(act: Act) -> bool:
    return act in (Act.SURE, Act.TELLING) or (ACTS[act].intent is Intent.CHITCHAT and f"chitchat.{act}" in PHRASES)


def _key(act: Act, task: WritingTask) -> str:
    """Where the answer depends on who is there, or on what was said before, its own wording."""
    if act is Act.TELLING:
        return f"chitchat.telling_{task.meaning.telling or 'life'}"
    if act is Act.SURE:
        return f"chitchat.sure_{_said_of(task)}"
    if act is Act.MEANT and not _last_words(task):
        return "chitchat.meant_nothing"
    if act is Act.MEANT and _last_words(task).endswith(":"):
        return "chitchat.meant_list"
    if act is Act.MY_NAME and task.meaning.called:
        return "chitchat.name_told"
    if act is Act.MY_NAME and task.state.called:
        return "chitchat.name_known"
    if act is Act.MY_NAME and task.evidence.customer is None:
        return "chitchat.my_name_guest"
    if act is Act.GREETING and task.history:
        return "chitchat.greeting_again"
    return f"chitchat.{act}"


def _names(task: WritingTask) -> dict[str, str]:
    """``name`` follows a word (", Aiko"), ``first`` too but without the comma."""
    name = first_name(task)
    called = task.meaning.called or task.state.called
    return {"name": name, "first": name.removeprefix(","), "called": called, "told": _last_words(task)}


def _said_of(task: WritingTask) -> str:
    """What the answer before rested on."""
    last = task.state.acts[0] if task.state.acts else Act.OFF_TOPIC
    return "unknown" if last is Act.DETAIL else _RESTS_ON.get(ACTS[last].topic, "book")


_RESTS_ON: Final = {
    "shelf": "shelf",
    "page": "page",
    "order": "order",
    "offer": "offer",
    "cart": "offer",
    "talk": "talk",
}


def _last_words(task: WritingTask) -> str:
    """The first sentence of the last answer that told anything: it says the most."""
    told = (turn.answer for turn in reversed(task.history) if len(turn.answer) > SHORTEST_TOLD)
    return opening_of(next(told, "").split("\n")[0], LONGEST_RETOLD)


_OFFERS_TO_READ: Final = frozenset({Act.BORED, Act.UNSURE})
