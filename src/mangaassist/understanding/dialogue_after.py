"""The dialogue once a message was answered: what the next one may go on from (T-4). Pure: values in, a value out."""

from typing import Final

import msgspec

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Shown
from mangaassist.domain.meaning import Meaning
from mangaassist.domain.wishes import Label, Wish
from mangaassist.domain.writing import NO_NOTES, WritingNotes
from mangaassist.understanding.focus_left import in_focus, list_shown, newest, talked_of_before
from mangaassist.understanding.hearing import OF_ORDERS, OF_PAGES, VERDICTS
from mangaassist.understanding.page_talk import topic_left
from mangaassist.understanding.wishes_in_dialogue import is_sought

MOST_SHOWN_SERIES: Final = 60
MOST_PHRASES: Final = 80
MOST_ORDERS: Final = 8
MOST_LISTS: Final = 4
_IN_PASSING: Final = frozenset(
    {
        *(Act.GREETING, Act.THANKS, Act.APOLOGY, Act.PRAISE, Act.INSULT, Act.WORDLESS, Act.HOW_ARE_YOU, Act.MY_NAME),
        *(Act.GOOD_WISHES, Act.TELLING, Act.REMEMBER, Act.BYE, Act.BOT, Act.SURE, Act.MEANT, Act.OKAY),
    }
)
"""Said between two questions: what was talked of before is still talked of."""
_OF_TROUBLE: Final = frozenset({Act.HUMAN, Act.COMPLAINT, Act.CALLBACK, Act.CONTACT, Act.ABILITY, Act.UNSURE})
"""Beside an order's trouble they go on with it."""


def after(
    state: DialogueState,
    meaning: Meaning,
    shown: tuple[Shown, ...] = (),
    told_orders: tuple[str, ...] = (),
    page_title: str = "",
    notes: WritingNotes = NO_NOTES,
) -> DialogueState:
    """The state once the message was answered, with what the answer showed, told, offered and asked."""
    acts = tuple(one.act for one in meaning.acts)
    passing = all(act in _IN_PASSING for act in acts)
    targets = in_focus(state, meaning, shown)
    shown_series = (*state.shown_series, *(card.series_id for card in shown if card.series_id))
    searched = is_sought(acts) and meaning.act not in VERDICTS
    return DialogueState(
        acts=state.acts if passing else acts,
        question=state.question if passing else meaning.question,
        targets=targets,
        talked_of=talked_of_before(state, targets),
        shown=list_shown(state, shown, searched=searched),
        lists=(*state.lists, shown)[-MOST_LISTS:] if searched and len(shown) > 1 else state.lists,
        shown_series=newest(shown_series, MOST_SHOWN_SERIES),
        wish=_wish_left(state, meaning, acts),
        wishes=_wishes_left(state, meaning, acts),
        reckoning=meaning.reckoning,
        asked_content=_asked_content(meaning),
        read=meaning.read or state.read,
        refused=meaning.refused or state.refused,
        orders=tuple(dict.fromkeys((*told_orders, *meaning.orders)))[:MOST_ORDERS] or state.orders,
        order_topic=_order_topic(state, acts),
        aspects=meaning.aspects,
        problem=meaning.problem if _order_topic(state, acts) else None,
        case=meaning.case or (state.case if _order_topic(state, acts) else ""),
        codes=meaning.codes or state.codes,
        places=tuple(zip(meaning.countries, meaning.places, strict=False))
        or (state.places if passing or any(act in OF_PAGES for act in acts) else ()),
        called=meaning.called or state.called,
        refused_data=meaning.care == "other_customer",
        page=page_title or (state.page if passing or any(act in OF_PAGES for act in acts) else ""),
        topic=topic_left(state, meaning, page_title, passing=passing),
        here=meaning.here,
        proposal=notes.proposal,
        asked_for=notes.asked_for,
        chosen=notes.chosen or (state.chosen if passing else ""),
        phrases=newest((*state.phrases, *notes.phrases), MOST_PHRASES),
        summary=state.summary,
    )


def _order_topic(state: DialogueState, acts: tuple[Act, ...]) -> Act | None:
    """What was asked of orders last: pages and courtesies leave it, anything else ends the talk of them."""
    own = next((act for act in acts if act in OF_ORDERS), None)
    stays = all(act in _IN_PASSING or act in OF_PAGES or act in _OF_TROUBLE for act in acts)
    return own or (state.order_topic if stays else None)


def _wish_left(state: DialogueState, meaning: Meaning, acts: tuple[Act, ...]) -> Wish:
    """The wish that was looked for; of any other message only for whom it is."""
    if meaning.sought and is_sought(acts):
        return meaning.sought[0]
    return msgspec.structs.replace(state.wish, reader=meaning.seeks.reader or meaning.reader or state.wish.reader)


def _wishes_left(state: DialogueState, meaning: Meaning, acts: tuple[Act, ...]) -> tuple[Wish, ...]:
    """Of several people each one's wish, the one that was changed in its place."""
    if not (meaning.sought and is_sought(acts)):
        return state.wishes
    if len(meaning.sought) > 1:
        return meaning.sought
    changed = meaning.seeks
    said = changed.reader.said if changed.reader else ""
    return tuple(changed if one.reader and one.reader.said == said else one for one in state.wishes)


def _asked_content(meaning: Meaning) -> tuple[Label, ...]:
    return meaning.seeks.wanted if meaning.asks(Act.CONTENT) else ()
