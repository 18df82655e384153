"""Rules and model together: which acts a message asks, and whether two readings are too close to call (M-2, T-10)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from mangaassist.domain.acts import ACTS, MOVES, Act, counts_as, intent_of
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care, HeardAct
from mangaassist.understanding.act_conditions import as_fits, overridden, with_clauses
from mangaassist.understanding.dialogue_signs import Sign
from mangaassist.understanding.utterance import Utterance
from mangaassist.understanding.vocabulary import topic_in

FLOOR: Final = 0.35
"""Under this joint score the model is more often wrong than right."""
SECOND: Final = 0.7
"""What an act beside the first one must reach: a wrong second answer costs more than a missing one."""
CLOSE: Final = 0.1
"""How near another intent must be for the shopper to be asked which one is meant."""
INTENT_WEIGHT: Final = 0.5
"""The intent head has read many more messages than the act head."""
RULE_WEIGHT: Final = 0.35
"""What a rule that does not settle counts beside the model."""
SURE_WEIGHT: Final = 0.5
"""What a rule counts that is hardly ever wrong, where words are left that it does not explain."""
FAINTLY: Final = 0.1
"""What the usual act of an intent is worth at least, against acts of which the act head believes none."""
MORE_THAN_HELLO: Final = 0.2
"""From here on what is heard beside a greeting is what the message wants."""
RULED: Final = 0.9
"""A rule that is so sure knows better than a model that looks for books of no kind."""
SURE: Final = 0.96
"""The precision of a rule from which it is believed against a model that thinks of something else altogether."""
MUCH_SURER: Final = 0.85
"""From this probability the intent head is right more often than an act of another intent."""
MOST_ACTS: Final = 3

ActScores = Mapping[Act, float]
IntentScores = Sequence[tuple[Intent, float]]

_USUAL: Final[dict[Intent, Act]] = {
    Intent.PRODUCT_DISCOVERY: Act.FIND,
    Intent.PRODUCT_QUESTION: Act.ABOUT,
    Intent.RECOMMENDATION: Act.RECOMMEND,
    Intent.ORDER_TRACKING: Act.TRACK,
    Intent.RETURN_REQUEST: Act.RETURN,
    Intent.PROMOTION: Act.OFFERS,
    Intent.CHECKOUT_HELP: Act.CHECKOUT_PROBLEM,
    Intent.FAQ: Act.POLICY,
    Intent.ESCALATION: Act.HUMAN,
    Intent.CHITCHAT: Act.OFF_TOPIC,
}
"""The act of an intent that is known without its act."""


_ALSO: Final[dict[Act, tuple[Intent, ...]]] = {
    Act.CANCEL_ORDER: (Intent.ORDER_TRACKING,),
    Act.CHANGE_ORDER: (Intent.CHECKOUT_HELP,),
    Act.CONTACT: (Intent.FAQ,),
    Act.OTHER_GOODS: (Intent.FAQ,),
    Act.LATEST: (Intent.PRODUCT_DISCOVERY,),
    Act.START: (Intent.RECOMMENDATION,),
    Act.COMPARE: (Intent.RECOMMENDATION,),
    Act.PREORDERS: (Intent.PRODUCT_QUESTION,),
    Act.DELIVERY_TIME: (Intent.ORDER_TRACKING,),
    Act.RETURN_WINDOW: (Intent.FAQ,),
    Act.SET_OR_SINGLES: (Intent.PROMOTION,),
    Act.CODE: (Intent.CHECKOUT_HELP,),
}
"""Intents that messages with an act are labelled with elsewhere, so that the intent head divides them: both count for it."""


class Heads(Protocol):
    """What the model says of one message, read off the same features: float32 [features], of length 1."""

    def act_scores(self, features: NDArray[np.float32]) -> ActScores:
        """The probability, 0 to 1, that each act is among what is asked; they need not sum to 1."""
        ...

    def care(self, features: NDArray[np.float32], vector: NDArray[np.float32], named: Care = "") -> Care:
        """What the message surely calls for; empty where nothing does. ``named`` is what a phrase of it calls for."""
        ...

    def elsewhere(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
        """How likely the message is about something else than a store's matters, 0 to 1."""
        ...

    def telling(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> tuple[float, ...]:
        """How likely the message asks, 0 to 1, then how likely it only tells each kind of thing; they sum to 1."""
        ...

    def in_dialogue(self, features: NDArray[np.float32], signs: Iterable[Sign]) -> ActScores:
        """The probability of each act, all that is known of the dialogue among it; they sum to 1."""
        ...

    def intent_scores(self, features: NDArray[np.float32]) -> IntentScores:
        """Every intent with its probability, likeliest first."""
        ...


class Decision(Struct, frozen=True):
    """The message with its acts, the most important first; ``between`` are two intents that are too close to call."""

    utterance: Utterance
    between: tuple[Intent, Intent] | None = None


def decide(
    utterance: Utterance, act_scores: ActScores, intent_scores: IntentScores, has_focus: bool = False
) -> Decision:
    """Rules that settle win. Else the acts by rules and model together, of those that can be asked here.

    ``has_focus``: something of the catalog is talked of, so that an act about it needs no name.
    """
    utterance = msgspec.structs.replace(utterance, intents=tuple(intent_scores))
    # The heads have learned from English messages alone: in another language a rule knows better than they do.
    if utterance.settled or (utterance.language != "en" and any(heard.act not in MOVES for heard in utterance.acts)):
        return Decision(utterance)
    ranked = _ranked(utterance, act_scores, intent_scores, has_focus)
    if not ranked:
        return Decision(utterance)
    ranked = _behind_greeting(_as_intents_say(ranked, utterance.intents), utterance)
    ranked = _of_pages(_of_named_books(_without_small_talk(ranked, utterance), utterance), utterance)
    first = overridden(ranked[0], utterance, has_focus)
    acts = (first, *(() if _is_plain_name(utterance) else _others(first, ranked[1:], describes=_describes(utterance))))
    acts = with_clauses(acts, utterance)
    between = _between(first, ranked) if first is ranked[0] else None
    if between and Intent.FAQ in between and not utterance.untold and topic_in(utterance.folded, utterance.language):
        acts, between = (HeardAct(Act.POLICY, first.confidence, "model"),), None  # a topic of the pages is named
    moves = tuple(heard for heard in utterance.acts if heard.act in MOVES)
    return Decision(
        msgspec.structs.replace(utterance, acts=(*acts, *moves)),
        between,
    )


def _ranked(
    utterance: Utterance, act_scores: ActScores, intent_scores: IntentScores, has_focus: bool
) -> list[HeardAct]:
    """Every act that the message can ask, with its joint score, likeliest first; each once."""
    intents = dict(intent_scores)
    ruled = {heard.act: heard.confidence for heard in utterance.acts if heard.act not in MOVES}
    scores = {act: score for act, score in act_scores.items() if act not in MOVES}
    for act, probability in _by_intent(intents).items():
        least = FAINTLY * probability if act_scores else probability
        scores[act] = max(scores.get(act, 0.0), least)
    joint: dict[Act, HeardAct] = {}
    for act in {**ruled, **scores}:
        heard = (
            _heard(act, ruled.get(act), scores.get(act, 0.0), intents)
            if act in scores or not act_scores
            # The model has never met this act: it cannot speak against it.
            else HeardAct(act, ruled[act], "rules")
        )
        fitting = as_fits(act, utterance, has_focus)
        if fitting not in joint or joint[fitting].confidence < heard.confidence:
            joint[fitting] = msgspec.structs.replace(heard, act=fitting)
    return sorted(joint.values(), key=lambda heard: -heard.confidence)


def _as_intents_say(ranked: list[HeardAct], intents: IntentScores) -> list[HeardAct]:
    """The intent follows the act, except where the intent head is much surer: then its likeliest act comes first."""
    if not intents or intents[0][1] < MUCH_SURER:
        return ranked
    intent = intents[0][0]
    if _can_have(ranked[0].act, intent):
        return ranked
    other = next((one for one in ranked if _can_have(one.act, intent)), None)
    return ranked if other is None else [other, *(one for one in ranked if one is not other)]


def _can_have(act: Act, intent: Intent) -> bool:
    return intent in (counts_as(act), *_ALSO.get(act, ()))


def _behind_greeting(ranked: list[HeardAct], utterance: Utterance) -> list[HeardAct]:
    """ "Hi i ordered something ...": who says more than hello wants more than hello."""
    rest = [one for one in ranked if ACTS[one.act].topic != "talk" and one.confidence >= MORE_THAN_HELLO]
    if ranked[0].act is not Act.GREETING or not rest or not (utterance.words or utterance.mentions):
        return ranked
    return [*rest, *(one for one in ranked if one not in rest)]


def _without_small_talk(ranked: list[HeardAct], utterance: Utterance) -> list[HeardAct]:
    """Where chatting and something else are too close, words that tell something decide: nobody is asked which one it is."""
    close = [one for one in ranked if ranked[0].confidence - one.confidence <= CLOSE]
    if ranked[0].confidence >= FLOOR or len({intent_of(one.act) for one in close}) == 1:
        return ranked
    tells = bool(utterance.words or utterance.mentions)
    fitting = [one for one in close if (ACTS[one.act].intent is Intent.CHITCHAT) is not tells]
    idle = any(ACTS[one.act].intent is Intent.CHITCHAT for one in close)
    return [*fitting, *(one for one in ranked if one not in fitting)] if idle and fitting else ranked


def _heard(act: Act, ruled: float | None, score: float, intents: Mapping[Intent, float]) -> HeardAct:
    """The weighted geometric mean of what act and intent are believed, beside what a rule says."""
    modelled = score ** (1 - INTENT_WEIGHT) * _believed(act, intents, score) ** INTENT_WEIGHT
    if ruled is None:
        return HeardAct(act, modelled, "model")
    weight = SURE_WEIGHT if ruled >= SURE else RULE_WEIGHT
    return HeardAct(act, weight * ruled + (1 - weight) * modelled, "rules")


def _believed(act: Act, intents: Mapping[Intent, float], otherwise: float) -> float:
    """What the intent head makes of an act's intent, and of those that it takes the act for."""
    if not intents:
        return otherwise
    return min(1.0, sum(intents.get(intent, 0.0) for intent in (counts_as(act), *_ALSO.get(act, ()))))


def _by_intent(intents: Mapping[Intent, float]) -> dict[Act, float]:
    return {_USUAL[intent]: probability for intent, probability in intents.items()}


_NEVER_BESIDE_A_WISH: Final = frozenset({Act.FROM_PURCHASES, Act.CARRIES, Act.OTHER_GOODS})
"""What a model hears beside a wish for books, and no rule does: it was the wish all along."""


def _others(first: HeardAct, rest: Sequence[HeardAct], *, describes: bool) -> tuple[HeardAct, ...]:
    """What else is asked, surely. Small talk beside a question is no wish of its own."""
    said = {first.act, *(_SEARCHES if first.act is Act.CARRIES and not describes else ())}
    return tuple(
        heard
        for heard in rest
        if heard.confidence >= SECOND
        and ACTS[heard.act].topic != "talk"
        and heard.act not in said
        and not (ACTS[first.act].topic == "shelf" and heard.stage == "model" and heard.act in _NEVER_BESIDE_A_WISH)
    )[: MOST_ACTS - 1]


_SEARCHES: Final = frozenset({Act.FIND, Act.RECOMMEND, Act.MORE})


def _describes(utterance: Utterance) -> bool:
    return any(m.kind in ("genre", "theme", "mood", "demographic", "author", "medium") for m in utterance.mentions)


_ELSEWHERE: Final = frozenset({"order", "page", "talk", "offer"})


def _of_named_books(ranked: list[HeardAct], utterance: Utterance) -> list[HeardAct]:
    """What a sure rule hears of a book that is named comes before an order, a page or any book that a model thinks of."""
    first = ranked[0].act
    searches = first in _SEARCHES and not _describes(utterance)  # of no kind: it can only be the book that is named
    strays = ranked[0].stage == "model" and (ACTS[first].topic in _ELSEWHERE or searches)
    if not (utterance.targets and strays):
        return ranked
    of_books = (one for one in utterance.acts if ACTS[one.act].topic in ("series", "product"))
    sure = {one.act for one in of_books if one.confidence >= (RULED if searches else SURE)}
    sure -= {Act.CARRIES}  # nothing but that it is named
    asked = [one for one in ranked if one.act in sure]
    return [*asked, *(one for one in ranked if one not in asked)]


def _of_pages(ranked: list[HeardAct], utterance: Utterance) -> list[HeardAct]:
    """ "What's an omnibus": a rule hears a question of the store's ways, and nothing that is named is wanted."""
    wanted = utterance.targets or any(mention.role != "named" for mention in utterance.mentions)
    page = [one for one in ranked if one.act is Act.POLICY]
    ruled = any(one.act is Act.POLICY and one.confidence >= RULED for one in utterance.acts)
    if wanted or not (ruled and page and utterance.mentions and ranked[0].act in _SEARCHES):
        return ranked
    return [*page, *(one for one in ranked if one not in page and one.act not in _SEARCHES)]


def _is_plain_name(utterance: Utterance) -> bool:
    """Nothing but a title: there is no second question in it."""
    return bool(utterance.targets) and not (utterance.words or utterance.pointers or utterance.acts)


def _between(first: HeardAct, ranked: Sequence[HeardAct]) -> tuple[Intent, Intent] | None:
    """Two intents, where the model is unsure of the first and another one is close. Nobody is asked whether they want to chat."""
    if first.stage == "rules" or first.confidence >= FLOOR:
        return None
    one = intent_of(first.act)
    other = next((heard for heard in ranked if intent_of(heard.act) is not one), None)
    if other is None or first.confidence - other.confidence > CLOSE:
        return None
    two = intent_of(other.act)
    return None if Intent.CHITCHAT in (one, two) else (one, two)
