"""The shopper's own orders as a witness of what a message with a title asks (M-2, S-5, T-4)."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mangaassist.domain.acts import Act
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.encoding import Encoded
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.word_encoder import FEATURES, WordEncoder
from mangaassist.turn.reader import Understanding
from mangaassist.understanding.act_decision import ActScores, IntentScores
from mangaassist.understanding.dialogue_signs import Sign
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from tests.turn.house import House

AIKO: Final = Identity(customer_id="aiko", token="aiko")
BERSERK: Final = Lexicon.with_catalog([SeriesTitle(series_id="berserk", title="Berserk")])
SAID: Final = "hm berserk so what gives with that"


class OfWords(WordEncoder):
    """Tells in its features whether an order is spoken of."""

    async def read(self, texts: Sequence[str]) -> Encoded:
        features = np.zeros((len(texts), FEATURES), np.float32)
        features[:, 1] = 1.0
        features[:, 0] = ["my order" in text for text in texts]
        return Encoded(await self.encode(texts), features)


class HearsOrders:
    """A message leans towards an order by ``leans``; where one is spoken of, it is late."""

    def __init__(self, leans: float = 0.2) -> None:
        self._leans = leans

    def act_scores(self, features: NDArray[np.float32]) -> ActScores:
        return {Act.LATE: 0.9} if features[0] else {Act.ABOUT: 0.5, Act.LATE: self._leans}

    def intent_scores(self, features: NDArray[np.float32]) -> IntentScores:
        return ((Intent.ORDER_TRACKING, 0.9),) if features[0] else ((Intent.PRODUCT_QUESTION, 0.9),)

    def care(self, features: Any, vector: Any, named: Care = "") -> Care:
        return named

    def elsewhere(self, features: Any, vector: Any) -> float:
        return 0.0

    def telling(self, features: Any, vector: Any) -> tuple[float, ...]:
        return (1.0, 0.0, 0.0, 0.0, 0.0)

    def in_dialogue(self, features: Any, signs: Iterable[Sign]) -> ActScores:
        return {Act.ABOUT: 0.4}


async def acts_of(
    said: str = SAID, identity: Identity = AIKO, leans: float = 0.2, *, orders_away: bool = False
) -> list[str]:
    """The acts of an answer, by the heads above."""
    house = House()
    understanding = Understanding(HearsOrders(leans))
    understanding.learn(BERSERK)
    if orders_away:
        house.store.faults["orders"] = Fault(mode="unreachable")
    house = house.without(encoder=OfWords(), understanding=understanding)
    return list((await house.ask(said, identity)).metadata.acts)


async def test_a_title_of_an_own_order_stands_for_the_order_where_the_message_leans_that_way() -> None:
    assert (await acts_of())[0] == Act.LATE


async def test_a_question_of_the_book_stays_one_though_an_order_holds_it() -> None:
    assert (await acts_of(leans=0.01))[0] != Act.LATE


async def test_a_book_of_no_order_of_theirs_stands_for_none() -> None:
    assert (await acts_of("hm berserk 40 so what gives with that"))[0] != Act.LATE


async def test_a_guest_has_no_orders_that_a_title_could_stand_for() -> None:
    assert (await acts_of(identity=GUEST))[0] != Act.LATE


async def test_while_orders_are_away_a_title_is_heard_as_ever() -> None:
    assert (await acts_of(orders_away=True))[0] != Act.LATE
