"""The dialogue moved on by one message: ``merge`` makes its meaning complete, ``after`` is the state once it is answered (T-4).

Both are pure: values in, a value out. Neither looks at the text; what counts was read by then.
"""

from typing import Final

import msgspec

from mangaassist.domain.acts import Act, counts_as
from mangaassist.domain.dialogue import DialogueState, Shown, SpecialCase, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care, HeardAct, IntentGuess, Meaning
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import Label, Reader, Wish
from mangaassist.domain.writing import NO_NOTES, WritingNotes
from mangaassist.understanding.analysis import analyse, stem
from mangaassist.understanding.asked_of import asked_of, with_titles
from mangaassist.understanding.coverage import asked_about
from mangaassist.understanding.dialogue_acts import acts_of
from mangaassist.understanding.focus_left import in_focus, list_shown, newest, talked_of_before
from mangaassist.understanding.hearing import ABROAD, FAULTS, OF_ORDERS, OF_PAGES, VERDICTS, Hearing, topic_asked
from mangaassist.understanding.orders_and_offers import (
    OF_OFFERS,
    aspects_meant,
    codes_meant,
    items_meant,
    orders_meant,
    selection_meant,
    values_named,
    words_of_offer,
)
from mangaassist.understanding.page_talk import joined_questions, topic_left, topic_of
from mangaassist.understanding.questions import (
    LONGEST,
    OF_MEMBERSHIP,
    TWO_CODES,
    in_context,
    page_question,
    place_question,
    question_of,
)
from mangaassist.understanding.readings import BOUND, FEW
from mangaassist.understanding.readings_of_pages import key_of_wait, store_question
from mangaassist.understanding.reckoning import reckoned
from mangaassist.understanding.references import distinct, resolve, series_only
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.talked_titles import with_talked_titles
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import language_named, questions_of_orders, questions_of_store
from mangaassist.understanding.wish_merging import says_something, wishes_said
from mangaassist.understanding.wishes_in_dialogue import avoided, is_sought, read_by, refused_by, wishes_of

MOST_SHOWN_SERIES: Final = 60
MOST_PHRASES: Final = 80
MOST_ORDERS: Final = 8
MOST_LISTS: Final = 4
MOST_WORDS: Final = 12
_IN_PASSING: Final = frozenset(
    {
        *(Act.GREETING, Act.THANKS, Act.APOLOGY, Act.PRAISE, Act.INSULT, Act.WORDLESS, Act.HOW_ARE_YOU, Act.MY_NAME),
        *(Act.REMEMBER, Act.BYE, Act.BOT, Act.SURE, Act.MEANT, Act.OKAY),
    }
)
"""Said between two questions: what was talked of before is still talked of."""


_KIND_ASKED: Final = {Act.PRICE: "cost", Act.DELIVERY_TIME: "long", Act.SHIPPING_COST: "cost"}
"""The stem for what is asked of a page by words that say little: "how much is that", "how long"."""


def heard_in(state: DialogueState, utterance: Utterance, scene: Scene = NO_SCENE) -> Hearing:
    """The message beside what it points at: what decides its acts."""
    utterance = with_talked_titles(utterance, state)
    resolved = resolve(utterance, state, scene)
    return Hearing(
        utterance=utterance,
        state=state,
        resolved=resolved,
        said=wishes_said(utterance, with_words=False)[0],
        has_cart=bool(scene.cart),
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
    idle_words = any(act in OF_OFFERS for act in acts) or utterance.is_negated or Act.AGE_FIT in acts
    said = wishes_said(utterance, with_words=not idle_words)
    targets = with_titles(_held_against(hearing, acts, asked_of(hearing, acts, scene)), scene)
    targets = _from_the_start(hearing, acts, targets)
    targets, reckoning = reckoned(hearing, acts, targets, scene)
    cheaper = Act.EDITION in acts and utterance.limits.comparative == "cheaper"
    editions_compared = (Act.COMPARE in acts or cheaper) and len(targets) == 1
    if Act.LATEST in acts or (utterance.is_whole and not any(one.format for one in utterance.targets)):
        targets = distinct(series_only(targets))
    if acts[0] is Act.SET_OR_SINGLES and not utterance.targets and _are_boxes_of(targets, state):
        targets = state.targets
    if editions_compared:
        targets = (
            tuple(msgspec.structs.replace(one, format=None, asin=None) for one in targets if one.series_id) or targets
        )
    of_all = any(one.kind in ("all", "they") and not one.places for one in utterance.pointers)
    of_all = of_all and utterance.limits.count is None and all(one.volume is None for one in targets)
    targets = _as_one_edition(acts, _as_whole(acts, targets), of_all=of_all)
    wishes = wishes_of(hearing, acts, targets, said)
    if utterance.care == "sorrow":
        asks = any(one.stage == "rules" for one in heard)
        wishes = tuple(_without_sorrow(wish, asks=asks) for wish in wishes)
    read, refused = read_by(hearing), refused_by(hearing)
    implied = bool(targets) and not hearing.resolved.targets
    store_key = store_question(hearing) or key_of_wait(hearing, acts)
    aspects = aspects_meant(hearing, acts)
    asked = questions_of_store(utterance.language).get(store_key, "")
    if not asked and aspects:
        asked = questions_of_orders(utterance.language).get(aspects[0], "")
    follows_page = not store_key and _follows_page(hearing, acts)
    is_follow_up = _is_follow_up(hearing, implied, wishes) or follows_page
    places = _places(hearing, acts)
    carried = places and not hearing.mentions("country")
    return Meaning(
        text=utterance.text,
        guess=_guess(heard),
        acts=heard,
        targets=targets,
        sought=wishes,
        orders=orders_meant(hearing, acts),
        order_items=items_meant(hearing, acts),
        selection=selection_meant(hearing, acts),
        place_asked=_place_asked(hearing, acts),
        case=_case(hearing, acts),
        after=utterance.after,
        aspects=aspects,
        problem=_problem(hearing, acts),
        aside=tuple(one.series_id or "" for one in targets) if "add_items" in aspects else utterance.aside,
        codes=codes_meant(hearing, acts),
        offer_words=() if utterance.premise == "multibuy" else words_of_offer(hearing, acts),
        goods=values_named(utterance, "goods"),
        countries=tuple(code for code, _ in places),
        places=tuple(said for _, said in places),
        day=utterance.day,
        read=read,
        refused=refused,
        avoid=avoided(hearing, acts, wishes, (*read, *refused)),
        here=scene.here,
        premise=utterance.premise,
        store_question=store_key,
        reckoning=reckoning,
        question=asked
        if asked
        else place_question(acts[0], tuple(said for _, said in places))
        if carried or (places and acts[0] in (Act.DELIVERY_TIME, Act.SHIPPING_COST))
        else f"{OF_MEMBERSHIP}: {utterance.text}"
        if follows_page and acts[0] is Act.MEMBERSHIP and hearing.last is Act.MEMBERSHIP
        else page_question(utterance.text, state)
        if follows_page and not _case(hearing, acts)
        else _question(hearing, acts, targets, wishes, is_complete=not is_follow_up),
        describes=(*_stems_of_question(asked), *(utterance.stems if aspects else ()))
        if asked
        else (
            *utterance.stems,
            *(_stems_of(places, utterance.language) if carried else ()),
            *(_asked_before(hearing) if follows_page else ()),
            *(_KIND_ASKED.get(one.act, "") for one in hearing.ruled if follows_page and one.act in _KIND_ASKED),
        ),
        fresh=utterance.stems,
        aspect=next(iter(utterance.measures), "") if Act.COMPARE in acts else "",
        aspect_less=utterance.aspect_less,
        aspect_than=utterance.aspect_than or hearing.held_against_shown,
        left_over=asked_about(heard, utterance),
        wants_page=state.page if follows_page and not carried and acts[0] is not Act.MEMBERSHIP else "",
        own_question=utterance.text[:LONGEST],
        page_questions=joined_questions(hearing),
        topic=topic_of(utterance.folded, utterance.language),
        care=utterance.care or _still_of_another(hearing, heard),
        called=utterance.called,
        reader=hearing.said.reader or _child_talked_of(hearing),
        chooses=hearing.points("choice"),
        upset=utterance.upset,
        is_follow_up=is_follow_up,
        language=utterance.language,
        between=between if _is_open(heard, targets, wishes) else None,
        other_works=_other_works(utterance) if acts[0] in (Act.FIND, Act.CARRIES) else (),
        titles=_named_titles(hearing, wishes, scene),
        unknown=_unknown_words(hearing, targets),
    )


def _held_against(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "Is it like Horimiya", "scarier than Uzumaki": what it is measured by is the other one that is compared."""
    if Act.COMPARE in acts and hearing.held_against_shown:
        return distinct((hearing.state.shown[0].target(), *series_only(hearing.state.targets)))
    measured = hearing.utterance.measures or hearing.points("it")
    if Act.COMPARE in acts and measured and len({one.series_id for one in targets}) == 1:
        before = hearing.state.targets if hearing.utterance.targets else ()
        targets = distinct(series_only((*before[:1], *targets)))
    if Act.COMPARE not in acts or not hearing.said.like or len(targets) > 1:
        return targets
    return distinct((*series_only(targets), *(Target(series_id=one) for one in hearing.said.like)))


def _from_the_start(hearing: Hearing, acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "After that" once it was told where a series starts is after its first volume."""
    goes_on = Act.NEXT_VOLUME in acts and Act.START in hearing.state.acts and not hearing.utterance.targets
    if not goes_on or len(targets) != 1 or targets[0].volume is not None or not targets[0].series_id:
        return targets
    return (msgspec.structs.replace(targets[0], volume=1, asin=None),)


def _as_whole(acts: tuple[Act, ...], targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """ "The total in singles", "the rest": single volumes of no particular number are the whole series."""
    if Act.TOTAL not in acts:
        return targets
    return tuple(
        msgspec.structs.replace(one, format=None, asin=None)
        if one.volume is None and one.format is Format.PAPERBACK and one.series_id
        else one
        for one in targets
    )


def _as_one_edition(acts: tuple[Act, ...], targets: tuple[Target, ...], *, of_all: bool) -> tuple[Target, ...]:
    """ "How many of them are there" after four omnibuses were shown asks about the edition, not about those four."""
    if acts[0] is Act.EDITION and _are_editions(targets):
        return tuple(msgspec.structs.replace(one, volume=None, format=None, asin=None) for one in targets[:1])
    same = len({(one.series_id, one.format) for one in targets}) == 1
    is_whole = acts[0] in (Act.EDITION, Act.SET_OR_SINGLES) or (acts[0] is Act.TOTAL and of_all)
    if not is_whole or len(targets) < FEW or not same or targets[0].series_id is None:
        return targets
    return distinct(series_only(targets))


def _are_boxes_of(targets: tuple[Target, ...], state: DialogueState) -> bool:
    """ "Cheaper than singles?" after a box is about that box, though it names the single volumes."""
    singles = all(one.format is Format.PAPERBACK for one in targets)
    series = {one.series_id for one in targets} == {one.series_id for one in state.targets}
    return singles and series and any(one.format in BOUND for one in state.targets)


def _are_editions(targets: tuple[Target, ...]) -> bool:
    """Several editions of one series."""
    series, formats = {one.series_id for one in targets}, {one.format for one in targets}
    return len(series) == 1 and len(formats) > 1 and None not in series


def _guess(heard: tuple[HeardAct, ...]) -> IntentGuess:
    first = heard[0]
    intents = [counts_as(one.act) for one in heard]
    second = next((intent for intent in intents[1:] if intent not in (intents[0], Intent.CHITCHAT)), None)
    return IntentGuess(intents[0], first.confidence, "model" if first.stage == "model" else "rules", second)


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
    if case := _case(hearing, acts):
        return f"{_SPECIAL[case][1]}: {hearing.utterance.text.strip()}"[:LONGEST]
    topic = topic_asked(hearing, acts)
    if topic is not None:
        return in_context(hearing.utterance.text, topic)
    return question_of(hearing.utterance.text, acts, targets, wishes, is_complete=is_complete)


_SPECIAL: Final[dict[SpecialCase, tuple[frozenset[Act], str]]] = {
    "misprint": (frozenset({Act.DAMAGED}), "My copy has missing or misprinted pages, a printing error"),
    "own_accident": (frozenset({Act.DAMAGED, Act.RETURN, Act.EXCHANGE}), "My book arrived damaged"),
    "aged": (frozenset({Act.DAMAGED, Act.RETURN, Act.EXCHANGE}), "My book arrived damaged"),
    "damaged_set": (
        frozenset({Act.RETURN, Act.RETURN_WINDOW, Act.DAMAGED, Act.POLICY}),
        "Can I return an opened box set that is damaged",
    ),
    "opened_set": (frozenset({Act.RETURN, Act.RETURN_WINDOW}), "Can I return an opened box set"),
    "other_book": (frozenset({Act.EXCHANGE}), "Can I exchange a book for another one"),
}
"""Of which acts a case has a rule of its own, and what the pages are asked then."""


def _case(hearing: Hearing, acts: tuple[Act, ...]) -> SpecialCase:
    """What it says itself; else what the talk of the order has told, as long as that is gone on with."""
    own, known = hearing.utterance.case, hearing.state.case
    if own == "dented_box":
        own = "damaged_set" if known in ("opened_set", "damaged_set") else ""
    case: SpecialCase = own or known
    return case if case and acts[0] in _SPECIAL[case][0] else ""


def _problem(hearing: Hearing, acts: tuple[Act, ...]) -> Act | None:
    """What was wrong with what came: as this message says it, else as the talk of the order did."""
    told = next((act for act in acts if act in FAULTS), None)
    return told or (hearing.state.problem if any(act in OF_ORDERS | OF_PAGES for act in acts) else None)


def _place_asked(hearing: Hearing, acts: tuple[Act, ...]) -> int | None:
    """ "Is this the first one", "is it the newest"."""
    if Act.WHICH_VOLUME not in acts:
        return None
    places = [place for one in hearing.utterance.pointers if one.kind == "place" for place in one.places]
    kinds = {one.kind for one in hearing.utterance.pointers}
    if places:
        return places[0]
    newest = "last_volume" in kinds or hearing.utterance.limits.ordering == "newest"
    return 0 if "first_volume" in kinds else -1 if newest else None


def _follows_page(hearing: Hearing, acts: tuple[Act, ...]) -> bool:
    """Whether it goes on about the help page that was told last."""
    state, utterance = hearing.state, hearing.utterance
    was_page = any(act in OF_PAGES for act in state.acts)
    implied = all(one.act is not acts[0] for one in hearing.own)
    leans = utterance.is_fragment or implied or (bool(utterance.pointers) and not hearing.resolved.targets)
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
    if len(hearing.utterance.stems) > FEW or hearing.utterance.after:
        return ()
    read = analyse(hearing.state.question)
    stop = language_named(read.language).stop
    return tuple(token.stem for token in read.tokens if token.text not in stop and token.text[0].isalnum())[:MOST_WORDS]


def _child_talked_of(hearing: Hearing) -> Reader | None:
    """A child stays in mind: what is asked next of a book may be asked for it."""
    reader = hearing.state.wish.reader
    return reader if reader is not None and reader.is_child else None


def _without_sorrow(wish: Wish, *, asks: bool) -> Wish:
    """Who is sad asks for no sad book, and their trouble is no description of one, unless they ask for books in so many words."""
    wanted = tuple(label for label in wish.wanted if (label.kind, label.value) != ("mood", "sad"))
    return msgspec.structs.replace(wish, wanted=wanted if asks else (), words=())


def _stems_of_question(question: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token.stem for token in analyse(question).tokens if token.text[0].isalnum()))


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


def _unknown_words(hearing: Hearing, targets: tuple[Target, ...]) -> tuple[str, ...]:
    """What may be a title that the catalog lacks: telling words beside a question that names nothing and leans on nothing."""
    utterance = hearing.utterance
    leans = targets or utterance.targets or utterance.pointers or hearing.wishes
    return () if leans else utterance.words


def _other_works(utterance: Utterance) -> tuple[str, ...]:
    """What else a message says than the name would be what it is like, or for whom: then nobody asks for the work itself."""
    works = [(mention.value, mention.said) for mention in utterance.mentions if mention.kind == "medium"]
    is_all = frozenset(utterance.stems) <= frozenset(_stems_of(tuple(works), utterance.language))
    return tuple(said for _, said in works) if is_all else ()


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


_OF_TROUBLE: Final = frozenset({Act.HUMAN, Act.COMPLAINT, Act.CALLBACK, Act.CONTACT, Act.ABILITY, Act.UNSURE})


def _wish_left(state: DialogueState, meaning: Meaning, acts: tuple[Act, ...]) -> Wish:
    """The wish that was looked for; of any other message only for whom it is."""
    if meaning.sought and is_sought(acts):
        return meaning.sought[0]
    return msgspec.structs.replace(state.wish, reader=meaning.seeks.reader or meaning.reader or state.wish.reader)


def _asked_content(meaning: Meaning) -> tuple[Label, ...]:
    return meaning.seeks.wanted if meaning.asks(Act.CONTENT) else ()
