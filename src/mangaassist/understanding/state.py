"""A message made complete by the dialogue that it is part of: ``merge`` gives its meaning (T-4).

Pure: values in, a value out. Nothing here looks at the text; what counts was read by then. What a turn leaves behind is
``dialogue_after.after``.
"""

import msgspec

from mangaassist.domain.acts import Act, counts_as
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import ANY_ORDER, Care, HeardAct, IntentGuess, Meaning
from mangaassist.domain.wishes import EMPTY_WISH, Reader, Wish
from mangaassist.understanding.act_conditions import with_clauses
from mangaassist.understanding.coverage import asked_about
from mangaassist.understanding.dialogue_acts import acts_of
from mangaassist.understanding.experience import with_experience
from mangaassist.understanding.hearing import OF_ORDERS, Hearing
from mangaassist.understanding.lexicon import tastes
from mangaassist.understanding.orders_and_offers import (
    OF_OFFERS,
    codes_meant,
    items_meant,
    orders_meant,
    selection_meant,
    values_named,
    words_of_offer,
)
from mangaassist.understanding.page_talk import joined_questions, topic_of
from mangaassist.understanding.questions import LONGEST
from mangaassist.understanding.readings_of_claims import claim_meant
from mangaassist.understanding.references import resolve
from mangaassist.understanding.scene import NO_SCENE, Scene
from mangaassist.understanding.search_question import searched_for, stems_of_names, wish_question
from mangaassist.understanding.special_cases import case_meant, problem_meant
from mangaassist.understanding.talked_titles import with_talked_titles
from mangaassist.understanding.tallies import goes_on_with_list, tally_heard
from mangaassist.understanding.targets_meant import targets_meant
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.wish_merging import says_something, wishes_said
from mangaassist.understanding.wishes_in_dialogue import avoided, read_by, refused_by, wishes_of


def heard_in(state: DialogueState, utterance: Utterance, scene: Scene = NO_SCENE) -> Hearing:
    """The message beside what it points at: what decides its acts."""
    utterance = with_experience(with_talked_titles(utterance, state), state)
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
    decided: tuple[HeardAct, ...] = (),
) -> Meaning:
    """The message's complete meaning. ``between`` are two intents that the model could not tell apart: they are asked back about
    only where the dialogue does not decide. ``decided`` are its acts, where somebody has read it who knew the dialogue. Total:
    whatever the values, it raises nothing.
    """
    hearing = heard_in(state, utterance, scene)
    utterance = hearing.utterance
    heard = decided or acts_of(hearing)
    if decided and utterance.clauses:
        heard = with_clauses(decided, utterance)
    acts = tuple(one.act for one in heard)
    idle_words = any(act in OF_OFFERS for act in acts) or utterance.is_negated or Act.AGE_FIT in acts
    targets, reckoning = targets_meant(hearing, acts, scene)
    wishes = wishes_of(hearing, acts, targets, wishes_said(utterance, with_words=not idle_words))
    if utterance.care == "sorrow":
        asks = any(one.stage == "rules" for one in heard)
        wishes = tuple(_without_sorrow(wish, asks=asks) for wish in wishes)
    would_seek = wishes or wishes_of(hearing, (Act.FIND,), (), wishes_said(utterance))
    tally = tally_heard(hearing) if Act.ORDER_LIST in acts else ""
    read, refused = read_by(hearing), refused_by(hearing)
    searched = searched_for(hearing, acts, targets, wishes, scene.store)
    return Meaning(
        text=utterance.text,
        guess=_guess(heard),
        acts=heard,
        targets=targets,
        sought=wishes,
        orders=hearing.state.orders if goes_on_with_list(hearing, tally) else orders_meant(hearing, acts),
        order_items=() if tally else items_meant(hearing, acts),
        selection=ANY_ORDER if tally == "due" else selection_meant(hearing, acts),
        tally=tally,
        place_asked=_place_asked(hearing, acts),
        case=case_meant(hearing, acts),
        after=utterance.after,
        aspects=searched.aspects,
        problem=problem_meant(hearing, acts),
        aside=tuple(one.series_id or "" for one in targets) if "add_items" in searched.aspects else utterance.aside,
        codes=codes_meant(hearing, acts),
        offer_words=() if utterance.premise == "multibuy" else words_of_offer(hearing, acts),
        goods=values_named(utterance, "goods"),
        countries=tuple(code for code, _ in searched.places),
        places=tuple(said for _, said in searched.places),
        day=utterance.day,
        minutes_ago=utterance.minutes_ago,
        read=read,
        refused=refused,
        seen=tuple(dict.fromkeys(card.series_id for card in state.shown)),
        told=tuple(dict.fromkeys(card.series_id for card in state.shown if card.told)) if len(state.shown) > 1 else (),
        avoid=avoided(hearing, acts, wishes, (*read, *refused)),
        here=scene.here,
        premise=utterance.premise,
        claim=claim_meant(hearing, acts),
        untold=utterance.untold,
        store_question=searched.store_question,
        reckoning=reckoning,
        counted=utterance.counts,
        quotable=utterance.quotable,
        question=searched.question,
        describes=searched.describes,
        fresh=utterance.stems,
        aspect=next(iter(utterance.measures), "") if Act.COMPARE in acts else "",
        aspect_less=utterance.aspect_less,
        aspect_than=utterance.aspect_than or hearing.held_against_shown,
        left_over=asked_about(heard, utterance),
        wants_page=searched.wants_page,
        told_page=state.page,
        own_question=utterance.text[:LONGEST],
        recalls=utterance.recalls[:LONGEST],
        would_seek=next(iter(would_seek), EMPTY_WISH),
        wish_question=wish_question(utterance),
        page_questions=joined_questions(hearing),
        topic=topic_of(utterance.folded, utterance.language),
        care=utterance.care or ("secret" if scene.typed_secret else _still_of_another(hearing, heard)),
        asker=utterance.asker,
        asked_as=utterance.asked_as,
        asks_must=utterance.asks_must,
        asks_ongoing=utterance.asks_ongoing,
        asks_either=utterance.asks_either,
        joins=utterance.joins,
        clauses=utterance.clauses,
        percent=utterance.percent,
        called=utterance.called,
        reader=hearing.said.reader or _child_talked_of(hearing),
        chooses=hearing.points("choice"),
        upset=utterance.upset,
        is_follow_up=searched.is_follow_up,
        language=utterance.language,
        between=between if _is_open(heard, targets, wishes) else None,
        other_works=_other_works(utterance) if acts[0] in (Act.FIND, Act.CARRIES) else (),
        titles=_named_titles(hearing, wishes, scene),
        unknown=_unknown_words(hearing, targets),
    )


def _guess(heard: tuple[HeardAct, ...]) -> IntentGuess:
    first = heard[0]
    intents = [counts_as(one.act) for one in heard]
    second = next((intent for intent in intents[1:] if intent not in (intents[0], Intent.CHITCHAT)), None)
    return IntentGuess(intents[0], first.confidence, "model" if first.stage == "model" else "rules", second)


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


def _still_of_another(hearing: Hearing, heard: tuple[HeardAct, ...]) -> Care:
    """ "I'm his wife, it's ok" changes nothing about another customer's data; "where is my order then" is about one's own."""
    person, own = hearing.mentions("person"), heard[0].stage == "rules"
    of_orders = heard[0].act in OF_ORDERS or heard[0].act is Act.POLICY
    return "other_customer" if hearing.state.refused_data and (person or of_orders) and not own else ""


def _child_talked_of(hearing: Hearing) -> Reader | None:
    """A child stays in mind: what is asked next of a book may be asked for it."""
    reader = hearing.state.wish.reader
    return reader if reader is not None and reader.is_child else None


def _without_sorrow(wish: Wish, *, asks: bool) -> Wish:
    """Who is sad asks for no sad book, and their trouble is no description of one, unless they ask for books in so many words."""
    levels = {name for name, taste in tastes().items() if taste.level}  # "my dog died" wishes for no dog that dies
    wanted = tuple(label for label in wish.wanted if label.kind != "mood" or label.value not in {"sad", *levels})
    return msgspec.structs.replace(wish, wanted=wanted if asks else (), words=())


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
    is_all = frozenset(utterance.stems) <= frozenset(stems_of_names((said for _, said in works), utterance.language))
    return tuple(said for _, said in works) if is_all else ()
