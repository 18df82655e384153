"""What the intent head cannot know: what a message names, what it points at, and what was talked of before (T-4)."""

import re
from collections.abc import Callable
from typing import Final

import msgspec
from msgspec import Struct

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess
from mangaassist.turn.demands import demands_of
from mangaassist.turn.wishes import SAME_MAKER, names_goods, only_points, telling

SURELY_UPSET = 0.8
"""Under this confidence of the model, a message that names a series is about the series and asks for nobody."""
UNSURE = 0.6
VERY_UNSURE = 0.5

CHOOSES: Final = re.compile(
    r"\bwhich(?: one)?(?: of (?:them|these|those|the two))?(?:'s| is| are| has| costs?)\b"
    r"|\bthe (?:cheapest|longest|shortest) (?:one|of)\b",
    re.IGNORECASE,
)
_HAS_ORDERED: Final = re.compile(
    r"\b(?:my|mine|orders?|ordered|bought|parcels?|packages?|track(?:ing)?|shipment|it|they|them|stuff)\b",
    re.IGNORECASE,
)
_SHIPPING_AT_ALL: Final = re.compile(
    r"\b(?:how (?:long|much|fast)|do you|does)\b.{0,40}\b(?:ship\w*|deliver\w*)\b", re.IGNORECASE
)
_CODE: Final = re.compile(r"\b[A-Z]{3,12}\d{1,3}\b")
_OWN: Final = re.compile(r"\b(?:my|mine|orders?|ordered|parcels?|packages?|track\w*)\b", re.IGNORECASE)
_OTHER_GOODS: Final = re.compile(
    r"\b(?:figures?|figurines?|plush(?:ies)?|posters?|merch(?:andise)?|dvds?|blu-?rays?|funko|t-?shirts?|keychains?"
    r"|stickers?|gift[- ]?wrap\w*|gift cards?|kindle|e-?books?|light novels?|manhwas?|manhuas?|webtoons?)\b",
    re.IGNORECASE,
)
_ASKS: Final = re.compile(r"^\W*(?:is|are|was|does|do|did|how|which|why|when|can)\b", re.IGNORECASE)
_LATEST: Final = re.compile(r"\b(?:latest|newest|most recent|last) (?:volume|vol|book)\b", re.IGNORECASE)
_OF_ORDERS: Final = frozenset({Intent.ORDER_TRACKING, Intent.RETURN_REQUEST})
_OF_THE_STORE: Final = frozenset({Intent.PROMOTION, Intent.CHECKOUT_HELP, Intent.FAQ, Intent.RETURN_REQUEST})


class IntentContext(Struct, frozen=True):
    """A message and what is known of it. ``last_intent`` is that of the turn before, or nothing."""

    text: str
    entities: Entities
    subjects: tuple[str, ...]
    cheaper: bool
    last_intent: str


def reconsidered(guess: IntentGuess, context: IntentContext) -> IntentGuess:
    """The guess, or what the first fitting row makes of it. What a rule settled stands, but for "cheaper"."""
    guess = _without_echo(guess, context)
    intent = next((intent for fits, intent in _ROWS if fits(guess, context)), None)
    if intent is None and _goes_on(guess, context):
        intent = Intent(context.last_intent)
    return guess if intent is None else msgspec.structs.replace(guess, intent=intent)


def _without_echo(guess: IntentGuess, context: IntentContext) -> IntentGuess:
    """A question about a book names it: that is no second wish to find one."""
    second = guess.secondary
    echoes = guess.intent is Intent.PRODUCT_QUESTION and second is Intent.PRODUCT_DISCOVERY
    stray = second is Intent.PRODUCT_QUESTION and not names_goods(context.entities) and not context.subjects
    if (echoes and not context.entities.genres) or stray:
        return msgspec.structs.replace(guess, secondary=None)
    return guess


def _modelled(guess: IntentGuess, *intents: Intent) -> bool:
    return guess.stage == "model" and (not intents or guess.intent in intents)


def _chooses(guess: IntentGuess, context: IntentContext) -> bool:
    return len(context.subjects) > 1 and bool(CHOOSES.search(context.text)) and _modelled(guess)


def _seeks_cheaper(guess: IntentGuess, context: IntentContext) -> bool:
    return context.cheaper and bool(context.subjects)


def _names_goods_idly(guess: IntentGuess, context: IntentContext) -> bool:
    """Whoever names goods is not chatting, and hardly asking for a person."""
    entities = context.entities
    names_one = bool(entities.series or entities.authors or entities.asins)
    doubtful = _modelled(guess, Intent.ESCALATION) and guess.confidence < SURELY_UPSET
    return (_modelled(guess, Intent.CHITCHAT) and names_goods(entities)) or (doubtful and names_one)


def _asks_in_passing(guess: IntentGuess, context: IntentContext) -> bool:
    """A series is named and the model is not sure that the store's ways are meant."""
    return bool(context.entities.series) and _modelled(guess, *_OF_THE_STORE) and guess.confidence < UNSURE


def _points(guess: IntentGuess, context: IntentContext) -> bool:
    """ "The second one", "vol 3 instead": about what it points at."""
    entities = context.entities
    narrows = entities.genres or entities.price_ceiling is not None or demands_of(context.text).any
    points = bool(context.subjects) and not narrows and not names_goods(entities)
    return _modelled(guess) and points and only_points(context.text)


def _limits(guess: IntentGuess, context: IntentContext) -> bool:
    """ "Under $10 please" and "less than 5 volumes" narrow what was shown."""
    demands = demands_of(context.text)
    sized = (demands.most is not None or demands.least is not None) and not _ASKS.match(context.text)
    limited = context.entities.price_ceiling is not None or context.entities.price_floor is not None or sized
    return (
        limited
        and _modelled(guess, *_OF_THE_STORE, Intent.CHITCHAT, Intent.PRODUCT_QUESTION)
        and not telling(context.text)
    )


def _asks_for_the_maker(guess: IntentGuess, context: IntentContext) -> bool:
    return bool(context.subjects) and bool(SAME_MAKER.search(context.text))


def _of_other_goods(guess: IntentGuess, context: IntentContext) -> bool:
    return (
        _modelled(guess, Intent.PRODUCT_DISCOVERY)
        and bool(_OTHER_GOODS.search(context.text))
        and not context.entities.series
    )


def _names_a_code(guess: IntentGuess, context: IntentContext) -> bool:
    doubtful = _modelled(guess, Intent.PRODUCT_QUESTION, Intent.PRODUCT_DISCOVERY, Intent.CHITCHAT, Intent.FAQ)
    return doubtful and bool(_CODE.search(context.text)) and not context.entities.series and not context.text.isupper()


def _of_no_order(guess: IntentGuess, context: IntentContext) -> bool:
    if not _modelled(guess, Intent.ORDER_TRACKING):
        return False
    unsure = guess.confidence < UNSURE and not _HAS_ORDERED.search(context.text)
    return unsure or bool(_SHIPPING_AT_ALL.search(context.text) and not _OWN.search(context.text))


def _asks_for_the_latest(guess: IntentGuess, context: IntentContext) -> bool:
    return (
        len(context.entities.series) == 1
        and bool(_LATEST.search(context.text))
        and guess.intent is Intent.PRODUCT_DISCOVERY
    )


def _goes_on(guess: IntentGuess, context: IntentContext) -> bool:
    """ "And the other one?" after an order was looked up is about orders still."""
    return (
        _modelled(guess)
        and guess.confidence < VERY_UNSURE
        and context.last_intent in _OF_ORDERS
        and not context.subjects
        and only_points(context.text)
    )


_ROWS: Final[tuple[tuple[Callable[[IntentGuess, IntentContext], bool], Intent], ...]] = (
    (_chooses, Intent.PRODUCT_QUESTION),
    (_seeks_cheaper, Intent.PRODUCT_DISCOVERY),
    (_of_other_goods, Intent.FAQ),
    (_of_no_order, Intent.FAQ),
    (_names_a_code, Intent.PROMOTION),
    (_names_goods_idly, Intent.PRODUCT_DISCOVERY),
    (_asks_in_passing, Intent.PRODUCT_QUESTION),
    (_asks_for_the_latest, Intent.PRODUCT_QUESTION),
    (_points, Intent.PRODUCT_QUESTION),
    (_limits, Intent.PRODUCT_DISCOVERY),
    (_asks_for_the_maker, Intent.PRODUCT_DISCOVERY),
)
