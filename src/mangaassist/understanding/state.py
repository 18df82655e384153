"""The dialogue moved on by one message: ``merge`` makes its meaning complete, ``after`` is the state once it is answered (T-4).

Both are pure: values in, a value out. Neither looks at the text; what counts was read by then.
"""

from typing import Final

import msgspec

from mangaassist.domain.acts import ACTS, Act, counts_as
from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care, HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import Label, Wish
from mangaassist.domain.writing import NO_NOTES, WritingNotes
from mangaassist.understanding.analysis import analyse, stem
from mangaassist.understanding.dialogue_acts import acts_of
from mangaassist.understanding.hearing import (
    ABROAD,
    OF_BOOKS,
    OF_ORDERS,
    OF_PAGES,
    VERDICTS,
    Hearing,
    agrees,
    asks_among_cards,
    topic_asked,
)
from mangaassist.understanding.questions import (
    LONGEST,
    TWO_CODES,
    in_context,
    page_question,
    place_question,
    question_of,
)
from mangaassist.understanding.readings import FEW
from mangaassist.understanding.reckoning import reckoned
from mangaassist.understanding.references import distinct, focus, resolve, series_only
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.talked_titles import with_talked_titles
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import language_named
from mangaassist.understanding.wish_merging import says_something, wishes_said
from mangaassist.understanding.wishes_in_dialogue import avoided, is_sought, read_by, refused_by, wishes_of

MOST_TALKED_OF: Final = 8
MOST_SHOWN_SERIES: Final = 60
MOST_IN_FOCUS: Final = 50
MOST_PHRASES: Final = 80
MOST_ORDERS: Final = 8
MOST_WORDS: Final = 12

_ABOUT_BOOKS: Final = frozenset(
    {*(act for act, row in ACTS.items() if row.topic in ("product", "series")), Act.OFFER_ON, Act.WHY}
)
_SEARCHES: Final = frozenset(act for act, row in ACTS.items() if row.topic == "shelf") - VERDICTS - {Act.WHY}
"""What they look for is in the wish: "she" and "that one" beside them are nothing that is asked about."""
_NAMED_ONLY: Final = frozenset({Act.CARRIES})
"""About a series that the message has to name: "do you have horror" asks about none that is in focus."""
_OF_OFFERS: Final = frozenset({Act.OFFERS, Act.OFFER_ON, Act.CODE})
_BY_KIND: Final = frozenset({"genre", "demographic", "author"})
_ASKS_KIND: Final = frozenset(
    {Act.CONTENT, Act.GENRE, Act.AGE_FIT, Act.AUTHOR, Act.BY_SAME_AUTHOR, Act.SIMILAR, Act.WHY}
)
_IN_PASSING: Final = frozenset(
    {
        *(Act.GREETING, Act.THANKS, Act.APOLOGY, Act.PRAISE, Act.INSULT, Act.WORDLESS, Act.HOW_ARE_YOU, Act.MY_NAME),
        *(Act.REMEMBER, Act.BYE, Act.BOT),
    }
)
"""Said between two questions: what was talked of before is still talked of."""


def heard_in(state: DialogueState, utterance: Utterance, scene: Scene = NO_SCENE) -> Hearing:
    """The message beside what it points at: what decides its acts."""
    utterance = with_talked_titles(utterance, state)
    resolved = resolve(utterance, state, scene)
    return Hearing(
        utterance=utterance, state=state, resolved=resolved, said=wishes_said(utterance, with_words=False)[0]
    )


def merge(
    state: DialogueState,
    utterance: Utterance,
    scene: Scene = NO_SCENE,
    between: tuple[Intent, Intent] | None = None,
) -> Meaning:
    """The message's complete meaning. ``between`` are two intents that the model could not tell apart: they are asked back about
    only where the dialogue does not decide. Total: whatever the values, it raises nothing.
    """
    hearing = heard_in(state, utterance, scene)
    utterance = hearing.utterance
    heard = acts_of(hearing)
    acts = tuple(one.act for one in heard)
    idle_words = any(act in _OF_OFFERS for act in acts) or utterance.is_negated
    said = wishes_said(utterance, with_words=not idle_words)
    targets = _titled(_held_against(hearing, acts, _targets(hearing, acts, scene)), scene)
    targets, reckoning = reckoned(hearing, acts, targets)
    cheaper = Act.EDITION in acts and utterance.limits.comparative == "cheaper"
    editions_compared = (Act.COMPARE in acts or cheaper) and len(targets) == 1
    if Act.LATEST in acts or (utterance.is_whole and not any(one.format for one in utterance.targets)):
        targets = distinct(series_only(targets))
    if editions_compared:
        targets = (
            tuple(msgspec.structs.replace(one, format=None, asin=None) for one in targets if one.series_id) or targets
        )
    wishes = wishes_of(hearing, acts, targets, said)
    read, refused = read_by(hearing), refused_by(hearing)
    implied = bool(targets) and not hearing.resolved.targets
    follows_page = _follows_page(hearing, acts)
    is_follow_up = _is_follow_up(hearing, implied, wishes) or follows_page
    places = _places(hearing, acts)
    carried = places and not hearing.mentions("country")
    return Meaning(
        text=utterance.text,
        guess=_guess(heard),
        acts=heard,
        targets=targets,
        sought=wishes,
        orders=_orders(hearing, acts),
        order_items=_order_items(hearing, acts),
        aside=utterance.aside,
        codes=_codes(hearing, acts),
        offer_words=_offer_words(hearing, acts),
        goods=_values(utterance, "goods"),
        countries=tuple(code for code, _ in places),
        places=tuple(said for _, said in places),
        day=utterance.day,
        read=read,
        refused=refused,
        avoid=avoided(hearing, acts, wishes, (*read, *refused)),
        here=scene.here,
        premise=utterance.premise,
        reckoning=reckoning,
        question=place_question(acts[0], tuple(said for _, said in places))
        if carried
        else page_question(utterance.text, state)
        if follows_page
        else _question(hearing, acts, targets, wishes, is_complete=not is_follow_up),
        describes=(
            *utterance.stems,
            *(_stems_of(places, utterance.language) if carried else ()),
            *(_asked_before(hearing) if follows_page else ()),
        ),
        wants_page=state.page if follows_page and not carried else "",
        own_question=utterance.text[:LONGEST],
        page_question=page_question(utterance.text, state) if state.page else "",
        care=utterance.care or _still_of_another(hearing, heard),
        called=utterance.called,
        reader=hearing.said.reader,
        upset=utterance.upset,
        is_follow_up=is_follow_up,
        language=utterance.language,
        between=between if _is_open(heard, targets, wishes) else None,
        other_works=_other_works(utterance) if acts[0] in (Act.FIND, Act.CARRIES) else (),
        titles=_named_titles(hearing, wishes, scene),
    )


def _targets(hearing: Hearing, acts: tuple[Act, ...], scene: Scene) -> tuple[Target, ...]:
    """What it is asked of: named, pointed at, proposed; else, for what is asked of books, what is in focus."""
    state = hearing.state
    if acts[0] in VERDICTS | {Act.COMPARE} and asks_among_cards(hearing):
        several = state.targets if len(state.targets) > 1 else tuple(card.target() for card in state.shown)
        return hearing.resolved.targets or several
    if acts[0] in VERDICTS and _of_its_editions(hearing):
        return state.targets
    if hearing.resolved.targets:
        found = hearing.resolved.targets
        return () if all(act in _SEARCHES for act in acts) else _added_up(found, state) if Act.TOTAL in acts else found
    if state.proposal is not None and agrees(hearing) and state.proposal.act in acts[:1]:
        return state.proposal.targets
    if Act.CODE in acts and hearing.last_of(OF_BOOKS | {Act.OFFER_ON}) and hearing.utterance.is_fragment:
        return focus(state, scene)
    if Act.FREE_SHIPPING in acts and Act.TOTAL in state.acts and not scene.cart:
        return state.targets
    if not any(act in _ABOUT_BOOKS - _NAMED_ONLY for act in acts) or _names_a_kind(hearing, acts):
        return ()
    if hearing.said.like and Act.SIMILAR in acts:
        return ()
    strange = hearing.utterance.words and not hearing.utterance.pointers
    if not state.targets and len(state.shown) > 1 and strange:
        return ()
    if not state.targets and len(state.shown) > 1 and not scene.is_new_to(state) and Act.ADD_TO_CART not in acts:
        return tuple(card.target() for card in state.shown)
    return focus(state, scene)


def _held_against(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "Is it like Horimiya", "how gory compared to Berserk": what it is like is the other one that is compared."""
    if Act.COMPARE not in acts or not hearing.said.like or len(targets) > 1:
        return targets
    return distinct((*series_only(targets), *(Target(series_id=one) for one in hearing.said.like)))


def _of_its_editions(hearing: Hearing) -> bool:
    """ "The cheapest one" after the box sets of one series is the cheapest of those."""
    one_series = len({one.series_id for one in hearing.state.targets}) == 1
    bare = not (hearing.said.wanted or hearing.said.like or hearing.utterance.words or hearing.utterance.targets)
    return hearing.of_one_book and one_series and bare


def _added_up(found: tuple[Target, ...], state: DialogueState) -> tuple[Target, ...]:
    """ "Together" of one volume: with the other ones of its series that were talked of just before."""
    one = found[0]
    if len(found) > 1 or one.volume is None or found != state.targets:
        return found
    beside = (other for other in state.talked_of if other.series_id == one.series_id and other.volume is not None)
    return distinct((*beside, one))


def _names_a_kind(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """ "How much are romance manga" is not about the book in focus."""
    kinds = any(mention.kind in _BY_KIND for mention in hearing.utterance.mentions)
    return kinds and not hearing.utterance.pointers and not any(act in _ASKS_KIND for act in acts)


def _titled(targets: tuple[Target, ...], scene: Scene) -> tuple[Target, ...]:
    """With the titles of the catalog, where a target has only its series."""
    return tuple(
        one if one.title or not one.series_id else msgspec.structs.replace(one, title=scene.title(one.series_id))
        for one in targets
    )[:MOST_IN_FOCUS]


def _guess(heard: tuple[HeardAct, ...]) -> IntentGuess:
    first = heard[0]
    intents = [counts_as(one.act) for one in heard]
    second = next((intent for intent in intents[1:] if intent not in (intents[0], Intent.CHITCHAT)), None)
    return IntentGuess(intents[0], first.confidence, "model" if first.stage == "model" else "rules", second)


def _orders(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """Named, or in focus for what is asked of an order; "the other one" is the one after that in focus."""
    named = _values(hearing.utterance, "order")
    if named or not any(act in OF_ORDERS for act in acts):
        return named
    told = hearing.state.orders
    if placed := _placed(hearing, told):
        return placed
    of_list = Act.ORDER_LIST in hearing.state.acts and hearing.utterance.pointers
    if Act.ORDER_LIST in acts or of_list or hearing.utterance.targets or hearing.points("last_order"):
        return ()
    return told[1:] if hearing.points("other") else told


def _placed(hearing: Hearing, told: tuple[str, ...]) -> tuple[str, ...]:
    """ "The second one" of a list of orders, where no cards were shown since."""
    if Act.ORDER_LIST not in hearing.state.acts:
        return ()
    places = [place for pointer in hearing.utterance.pointers if pointer.kind == "place" for place in pointer.places]
    return tuple(told[place] for place in places if -len(told) <= place < len(told))


def _question(
    hearing: Hearing,
    acts: tuple[Act, ...],
    targets: tuple[Target, ...],
    wishes: tuple[Wish, ...],
    *,
    is_complete: bool,
) -> str:
    """A short question of the store's ways goes on about the order, return or offer that was talked of."""
    if acts[:2] == (Act.POLICY, Act.CODE):
        return TWO_CODES
    topic = topic_asked(hearing, acts)
    if topic is not None:
        return in_context(hearing.utterance.text, topic)
    return question_of(hearing.utterance.text, acts, targets, wishes, is_complete=is_complete)


def _order_items(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    """What of an order is meant: by series, else by the message's describing words; a follow-up is about the same thing."""
    if not any(act in OF_ORDERS for act in acts):
        return ()
    resolved, state = hearing.resolved, hearing.state
    goes_on = any(act in OF_ORDERS for act in state.acts)
    targets = (
        resolved.targets if resolved.targets else (state.targets if goes_on and not hearing.utterance.words else ())
    )
    aside = hearing.utterance.aside
    items = dict.fromkeys(one.series_id for one in targets if one.series_id is not None and one.series_id not in aside)
    if aside and not items:
        return ()
    labels = (m.said for m in hearing.utterance.mentions if m.kind in ("theme", "genre", "author", "mood") and m.said)
    return tuple(items) or (*labels, *_words_with_volumes(hearing.utterance))


def _words_with_volumes(utterance: Utterance) -> tuple[str, ...]:
    """ "Vinland 3": of a title that is half said the volume tells which order holds it."""
    if not utterance.volumes or not utterance.words:
        return utterance.words
    return tuple(f"{' '.join(utterance.words)} {volume}" for volume in utterance.volumes)


def _codes(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    named = _values(hearing.utterance, "code")
    of_offers = any(act in _OF_OFFERS for act in acts)
    leans = hearing.points("that_offer", "it", "cart") or hearing.utterance.is_fragment
    meant = leans or not any(one.stage == "rules" for one in hearing.own)
    return named or (hearing.state.codes if meant and of_offers else ())


def _offer_words(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[str, ...]:
    if not any(act in _OF_OFFERS for act in acts):
        return ()
    if hearing.names_no_thing and any(act in _OF_OFFERS for act in hearing.state.acts):
        return tuple(hearing.state.wish.said())
    labels = (
        m.said for m in hearing.utterance.mentions if m.kind in ("genre", "theme", "demographic", "format", "mood")
    )
    return tuple(dict.fromkeys((*labels, *hearing.utterance.words)))


def _follows_page(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """Whether it goes on about the help page that was told last."""
    state, utterance = hearing.state, hearing.utterance
    was_page = any(act in OF_PAGES for act in state.acts)
    leans = utterance.is_fragment or (bool(utterance.pointers) and not hearing.resolved.targets)
    told = bool(state.page or state.question)
    return told and was_page and acts[0] in OF_PAGES and leans and not utterance.targets


def _places(hearing: Hearing, acts: tuple[Act, ...]) -> tuple[tuple[str, str], ...]:
    """Countries that are named, by code and as they were said; else those talked of, for what is asked about shipping there."""
    named = tuple((m.value, m.said) for m in hearing.utterance.mentions if m.kind == "country")
    asks_on = acts[0] in ABROAD and any(act in OF_PAGES for act in hearing.state.acts)
    return tuple(dict.fromkeys(named)) or (hearing.state.places if asks_on else ())


def _still_of_another(hearing: Hearing, heard: tuple[HeardAct, ...]) -> Care:
    """ "I'm his wife, it's ok" changes nothing about another customer's data; "where is my order then" is about one's own."""
    person, own = hearing.mentions("person"), heard[0].stage == "rules"
    of_orders = heard[0].act in OF_ORDERS or heard[0].act is Act.POLICY
    return "other_customer" if hearing.state.refused_data and (person or of_orders) and not own else ""


def _asked_before(hearing: Hearing) -> tuple[str, ...]:
    """The telling words of the question that a word or two go on from: "to hawaii?" after "how long does shipping take"."""
    if len(hearing.utterance.stems) > FEW:
        return ()
    read = analyse(hearing.state.question)
    stop = language_named(read.language).stop
    return tuple(token.stem for token in read.tokens if token.text not in stop and token.text[0].isalnum())[:MOST_WORDS]


def _stems_of(places: tuple[tuple[str, str], ...], language: str) -> tuple[str, ...]:
    return tuple(stem(word, language) for _, said in places for word in said.lower().split())


def _is_follow_up(hearing: Hearing, implied: bool, wishes: tuple[Wish, ...]) -> bool:
    carried = bool(wishes) and not hearing.state.wish.is_empty and wishes[0] != hearing.said
    return hearing.utterance.is_fragment or hearing.resolved.by_dialogue or implied or carried


def _is_open(heard: tuple[HeardAct, ...], targets: tuple[Target, ...], wishes: tuple[Wish, ...]) -> bool:
    """Whether asking back helps: a model was unsure, and neither a thing nor a wish says what is meant."""
    return heard[0].stage == "model" and not targets and not any(map(says_something, wishes))


def _named_titles(hearing: Hearing, wishes: tuple[Wish, ...], scene: Scene) -> tuple[tuple[str, str], ...]:
    series = (one.value for one in hearing.utterance.mentions if one.kind == "series")
    likes = (one for wish in wishes for one in wish.like)
    return tuple((one, scene.title(one)) for one in dict.fromkeys((*series, *hearing.said.like, *likes)))


def _other_works(utterance: Utterance) -> tuple[str, ...]:
    """What else a message says than the name would be what it is like, or for whom: then nobody asks for the work itself."""
    works = [(mention.value, mention.said) for mention in utterance.mentions if mention.kind == "medium"]
    is_all = frozenset(utterance.stems) <= frozenset(_stems_of(tuple(works), utterance.language))
    return tuple(said for _, said in works) if is_all else ()


def _values(utterance: Utterance, kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(mention.value for mention in utterance.mentions if mention.kind == kind))


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
    targets = _in_focus(state, meaning, shown)
    shown_series = (*state.shown_series, *(card.series_id for card in shown if card.series_id))
    return DialogueState(
        acts=state.acts if passing else acts,
        question=state.question if passing else meaning.question,
        targets=targets,
        talked_of=_talked_of(state, targets),
        shown=_list_shown(state, shown, searched=is_sought(acts) and meaning.act not in VERDICTS),
        shown_series=_newest(shown_series, MOST_SHOWN_SERIES),
        wish=_wish_left(state, meaning, acts),
        reckoning=meaning.reckoning,
        asked_content=_asked_content(meaning),
        read=meaning.read or state.read,
        refused=meaning.refused or state.refused,
        orders=tuple(dict.fromkeys((*meaning.orders, *told_orders)))[:MOST_ORDERS] or state.orders,
        codes=meaning.codes or state.codes,
        places=tuple(zip(meaning.countries, meaning.places, strict=False))
        or (state.places if passing or any(act in OF_PAGES for act in acts) else ()),
        called=meaning.called or state.called,
        refused_data=meaning.care == "other_customer",
        page=page_title or (state.page if passing or any(act in OF_PAGES for act in acts) else ""),
        here=meaning.here,
        proposal=notes.proposal,
        asked_for=notes.asked_for,
        phrases=_newest((*state.phrases, *notes.phrases), MOST_PHRASES),
        summary=state.summary,
    )


def _wish_left(state: DialogueState, meaning: Meaning, acts: tuple[Act, ...]) -> Wish:
    """The wish that was looked for; of any other message only for whom it is."""
    if meaning.sought and is_sought(acts):
        return meaning.sought[0]
    return msgspec.structs.replace(state.wish, reader=meaning.seeks.reader or meaning.reader or state.wish.reader)


def _asked_content(meaning: Meaning) -> tuple[Label, ...]:
    return meaning.seeks.wanted if meaning.asks(Act.CONTENT) else ()


def _in_focus(state: DialogueState, meaning: Meaning, shown: tuple[Shown, ...]) -> tuple[Target, ...]:
    """What was asked of, as the cards know it; a list of several suggestions leaves nothing particular in focus."""
    if meaning.act in VERDICTS and shown:
        return (shown[0].target(),)
    if meaning.targets:
        return tuple(_as_found(_as_shown(_as_sold(one, shown), shown), shown) for one in meaning.targets)
    if shown:
        return (shown[0].target(),) if len(shown) == 1 else ()
    return state.targets


def _list_shown(state: DialogueState, shown: tuple[Shown, ...], *, searched: bool) -> tuple[Shown, ...]:
    """The cards that places count. An answer about some of a list leaves the list: "the second one" may still come; a list that
    was narrowed is another one."""
    if searched and shown:
        return shown
    of_list = {card.series_id for card in shown} <= {card.series_id for card in state.shown}
    return state.shown if of_list and len(shown) < len(state.shown) else shown or state.shown


def _as_sold(target: Target, shown: tuple[Shown, ...]) -> Target:
    """Without an edition of which the answer had nothing to show: what is asked next is of the book, not of what is not there."""
    of_series = [card.format for card in shown if card.series_id == target.series_id and card.format is not None]
    missing = target.format is not None and bool(of_series) and target.format not in of_series
    return msgspec.structs.replace(target, format=None) if missing else target


def _as_shown(target: Target, shown: tuple[Shown, ...]) -> Target:
    """A target that was only an ASIN, by the card that told what it is."""
    if target.series_id is not None:
        return target
    return next((card.target() for card in shown if card.asin == target.asin), target)


def _as_found(target: Target, shown: tuple[Shown, ...]) -> Target:
    """An edition that was looked for in vain is not in focus: "cheapest version" after it means those that there are."""
    formats = {card.format for card in shown if card.series_id == target.series_id}
    if target.format is None or not formats or target.format in formats:
        return target
    return msgspec.structs.replace(target, format=None)


def _talked_of(state: DialogueState, targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """What was in focus before, without what is in focus now."""
    now = distinct(targets)
    before = (one for one in distinct((*state.talked_of, *state.targets)) if one not in now)
    return tuple(before)[-MOST_TALKED_OF:]


def _newest(values: tuple[str, ...], most: int) -> tuple[str, ...]:
    """Each once, where it came last; the oldest go."""
    return tuple(reversed(tuple(dict.fromkeys(reversed(values)))))[-most:]
