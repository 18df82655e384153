"""Where a trained reading of the whole dialogue is surer than rules and heads, it says what a message asks (T-4, T-10)."""

from collections.abc import Mapping
from typing import Final

from mangaassist.domain.acts import ACTS, Act, Topic
from mangaassist.domain.claims import NO_CLAIM
from mangaassist.domain.dialogue import PLAIN_SUM, DialogueState
from mangaassist.domain.meaning import HeardAct, Meaning
from mangaassist.understanding.hearing import OF_SHELF

LIKELY: Final = 0.5
"""From this probability an act is heard instead of one that is doubted: what is likelier than not (training/talk/DATACARD.md)."""
DOUBTED: Final = 0.25
"""Under this probability an act that the dialogue or a model suggests is doubted."""
SURELY, SURELY_NOT = 0.85, 0.05
"""The same two where a rule heard the act in the message's own words, or in a word of few meanings: it is wrong far less often."""
_LISTS: Final = OF_SHELF | {Act.REFINE, Act.REJECT, Act.MORE}
"""What asks for a list of books in one way or another: which way, rules know better by what is named."""
_OF_FIGURES: Final = frozenset(
    {Act.PRICE, Act.TOTAL, Act.VOLUMES, Act.EDITION, Act.SET_OR_SINGLES, Act.NEXT_VOLUME, Act.WHICH_VOLUME, Act.LATEST}
)
"""Of volumes, editions and their prices: which of it is asked, numbers and formats in the message tell."""
_FAMILIES: Final = (_LISTS, _OF_FIGURES)
_LEFT_ALONE: Final = frozenset({Act.YES, Act.NO, Act.OKAY, Act.THANKS, Act.WORDLESS, Act.SELECT})
"""They answer what was offered or told, or point at a place in it, of which the dialogue's rules know more."""
_OF_CART: Final = frozenset(act for act, row in ACTS.items() if row.topic == "cart")


def heard_instead(
    own: Meaning, probabilities: Mapping[Act, float], state: DialogueState, *, has_cart: bool
) -> HeardAct | None:
    """The act to be heard instead of the first of our ``own`` reading; None where that stands."""
    likeliest = max(probabilities, key=lambda act: probabilities[act])
    first, chance = own.acts[0], probabilities[likeliest]
    least, most = (SURELY, SURELY_NOT) if _is_by_words(own) else (LIKELY, DOUBTED)
    if own.reckoning.fills_up or own.reckoning.against or own.tally == "due" or own.claim != NO_CLAIM:
        return (
            None  # "the cheapest to get there", "what comes by sunday": the acts know the extreme, or one order, alone
        )
    if likeliest is Act.COMPARE and len(own.seeks.like) > 1 and not own.targets:
        return None  # "she likes nana, i like berserk" wants something like both
    if _is_run_of_volumes(own) and likeliest in _LISTS:
        return None  # "he got volume 1, so the next few" as a present: it names what is wanted
    if chance < least or likeliest in _LEFT_ALONE or believed(first.act, probabilities) >= most:
        return None
    if likeliest in _OF_CART and not has_cart:
        return None
    act = {Act.REFINE: _last_list(state), Act.REJECT: Act.MORE}.get(likeliest, likeliest)
    return HeardAct(act, chance, "dialogue")


def _is_run_of_volumes(own: Meaning) -> bool:
    """Whether several volumes of one series are what it is about."""
    numbered = len(own.targets) > 1 and all(one.volume is not None for one in own.targets)
    return numbered and len({one.series_id for one in own.targets}) == 1


def believed(act: Act, probabilities: Mapping[Act, float]) -> float:
    """The probability of an act, or of any that is asked much like it."""
    alike = next((family for family in _FAMILIES if act in family), (act,))
    return sum(probabilities.get(one, 0.0) for one in alike)


def of_topics(probabilities: Mapping[Act, float]) -> tuple[tuple[Topic, float], ...]:
    """How likely something of each topic is asked."""
    likely: dict[Topic, float] = {}
    for act, chance in probabilities.items():
        topic = ACTS[act].topic
        likely[topic] = likely.get(topic, 0.0) + chance
    return tuple(likely.items())


def _is_by_words(own: Meaning) -> bool:
    """Whether the reading rests on words that a rule knows."""
    told = own.tally or own.aspects or own.store_question or own.case or own.codes or own.premise or own.untold
    return own.acts[0].stage == "rules" or bool(told) or own.reckoning != PLAIN_SUM


def _last_list(state: DialogueState) -> Act:
    """A wish that is changed is still the wish that it was."""
    return next((act for act in state.acts if act in OF_SHELF and ACTS[act].topic == "shelf"), Act.FIND)
