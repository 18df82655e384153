"""M-2, M-9, M-11: who decides, and what happens when the model is away, late or not needed."""

import asyncio
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Shown
from mangaassist.domain.encoding import Encoded, Vectors
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Care, Meaning
from mangaassist.errors import ModelFailure
from mangaassist.testing.scripted_answers import CARD
from mangaassist.testing.store_data import NOW
from mangaassist.testing.word_encoder import FEATURES, WordEncoder
from mangaassist.turn import speculation
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.turn.reader import MOST_READ, Understanding
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.act_decision import FLOOR, ActScores, IntentScores
from mangaassist.understanding.dialogue_signs import Sign
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.titles import SeriesTitle
from mangaassist.wire.page import NOWHERE

HARD = "hmm so about that thing we spoke of"
CLEAR = "where is my order?"
HEADS = TrainedHeads.load()
WHISKERS = Lexicon.with_catalog([SeriesTitle(series_id="dw", title="Dungeon Whiskers")])


class RecordingEncoder(WordEncoder):
    """Remembers which of the two it was asked for; with ``hangs`` it never answers."""

    def __init__(self, failure: Exception | None = None, hangs: bool = False) -> None:
        super().__init__(fails=lambda _: failure)
        self.encoded: list[str] = []
        self.read_: list[str] = []
        self._hangs = hangs

    async def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return await super().encode(texts)

    async def read(self, texts: Sequence[str]) -> Encoded:
        self.read_ += texts
        if self._hangs:
            await asyncio.Event().wait()
        return Encoded(await super().encode(texts), np.zeros((len(texts), FEATURES), np.float32))


class BlindEncoder(RecordingEncoder):
    """Knows nothing of intents."""

    async def read(self, texts: Sequence[str]) -> Encoded:
        return Encoded(await self.encode(texts), None)


@pytest.fixture
def understanding() -> Understanding:
    return Understanding(HEADS)


async def understand(understanding: Understanding, text: str, encoder: RecordingEncoder) -> Meaning:
    async with Speculation(encoder, text, Budget(lambda: 0.0)) as begun:
        return await understanding.understand(understanding.heard(text), Session(session_id="s"), NOWHERE, begun)


async def test_what_the_rules_settle_no_model_is_asked_for(understanding: Understanding) -> None:
    encoder = RecordingEncoder()
    meaning = await understand(understanding, CLEAR, encoder)
    assert (meaning.intent, meaning.guess.stage) == (Intent.ORDER_TRACKING, "rules")
    assert (encoder.read_, encoder.encoded) == ([], [])


async def test_one_pass_gives_the_intent_and_the_search_vector(understanding: Understanding) -> None:
    encoder = RecordingEncoder()
    async with Speculation(encoder, HARD, Budget(lambda: 0.0)) as begun:
        meaning = await understanding.understand(understanding.heard(HARD), Session(session_id="s"), NOWHERE, begun)
        vector = await begun.vector()
    assert meaning.guess.stage == "model"
    assert vector is not None
    assert encoder.read_ == [HARD]
    assert encoder.encoded == []


@pytest.mark.parametrize("encoder", [RecordingEncoder(ModelFailure("encoder", "gone")), BlindEncoder()])
async def test_without_the_model_the_rules_decide_and_then_the_knowledge_base_is_asked_and_that_is_told(
    understanding: Understanding, encoder: RecordingEncoder
) -> None:
    meaning = await understand(understanding, HARD, encoder)
    assert (meaning.intent, meaning.guess.stage) == (Intent.FAQ, "rules")
    assert [degradation.service for degradation in meaning.degraded] == ["classifier"]


@pytest.mark.parametrize("text", [CLEAR, HARD])
async def test_what_was_understood_as_it_should_be_tells_of_nothing(understanding: Understanding, text: str) -> None:
    assert (await understand(understanding, text, RecordingEncoder())).degraded == ()


async def test_what_the_rules_settle_needs_no_model_that_is_gone(understanding: Understanding) -> None:
    meaning = await understand(understanding, CLEAR, RecordingEncoder(ModelFailure("encoder", "gone")))
    assert (meaning.intent, meaning.degraded) == (Intent.ORDER_TRACKING, ())


async def test_the_budget_of_a_turn_that_waited_leaves_its_pass_alone(understanding: Understanding) -> None:
    """A pass that waits because others are served has not failed, however late it is (M-10)."""
    hours = iter(range(0, 10**9, 3600))
    async with Speculation(RecordingEncoder(), HARD, Budget(lambda: next(hours))) as begun:
        meaning = await understanding.understand(understanding.heard(HARD), Session(session_id="s"), NOWHERE, begun)
    assert (meaning.guess.stage, meaning.degraded) == ("model", ())


async def test_an_encoder_that_never_answers_does_not_hold_the_turn_for_ever(
    understanding: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speculation, "LONGEST_S", 0.0)
    meaning = await understand(understanding, HARD, RecordingEncoder(hangs=True))
    assert [degradation.service for degradation in meaning.degraded] == ["classifier"]


async def test_a_pass_that_nobody_needs_is_cancelled(understanding: Understanding) -> None:
    encoder = RecordingEncoder(hangs=True)
    async with Speculation(encoder, CLEAR, Budget(lambda: 0.0)) as begun:
        await understanding.understand(understanding.heard(CLEAR), Session(session_id="s"), NOWHERE, begun)
        begun.drop()
        await asyncio.sleep(0)
    assert not begun.head_start.is_used
    assert (encoder.read_, encoder.encoded) == ([], [])


async def test_a_series_learnt_later_is_known_by_name(understanding: Understanding) -> None:
    text = "is Dungeon Whiskers volume 2 in stock?"
    assert not (await understand(understanding, text, RecordingEncoder())).titles
    understanding.learn(WHISKERS)
    meaning = await understand(understanding, text, RecordingEncoder())
    assert [(one.series_id, one.volume) for one in meaning.targets] == [("dw", 2)]


# ---- two intents that are too close to call (M-2), and what the conversation adds (T-4)


class Undecided(Struct, frozen=True):
    """Heads that cannot tell two intents apart."""

    first: Intent
    second: Intent

    def act_scores(self, features: NDArray[np.float32]) -> ActScores:
        return {}

    def care(self, features: NDArray[np.float32], vector: NDArray[np.float32], named: Care = "") -> Care:
        return named

    def elsewhere(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
        return 0.0

    def telling(self, features: NDArray[np.float32], vector: NDArray[np.float32]) -> tuple[float, ...]:
        return (1.0, 0.0, 0.0, 0.0, 0.0)

    def in_dialogue(self, features: NDArray[np.float32], signs: Iterable[Sign]) -> ActScores:
        return {}

    def intent_scores(self, features: NDArray[np.float32]) -> IntentScores:
        return (self.first, FLOOR - 0.05), (self.second, FLOOR - 0.06)


class OfDelivery(Undecided, frozen=True):
    """After shipping was talked of, everything asks how long it takes."""

    def in_dialogue(self, features: NDArray[np.float32], signs: Iterable[Sign]) -> ActScores:
        chance = 0.9 if "after shipping_cost" in dict(signs) else 0.1
        return {Act.DELIVERY_TIME: chance, Act.FIND: 0.01}


class OfNoMatter(OfDelivery, frozen=True):
    """Nothing is ever the matter."""

    def care(self, features: NDArray[np.float32], vector: NDArray[np.float32], named: Care = "") -> Care:
        return ""


class FeaturedEncoder(RecordingEncoder):
    """Tells features, as the shipped encoder does."""

    async def read(self, texts: Sequence[str]) -> Encoded:
        return replace(await super().read(texts), features=np.ones((len(texts), FEATURES), np.float32))


async def of_delivery(text: str, *acts: Act) -> Meaning:
    dialogue = DialogueState(acts=acts)
    turns = tuple(replace(turn, dialogue=dialogue) for turn in after().turns)
    session = Session(session_id="s", version=1, turns=turns)
    async with Speculation(FeaturedEncoder(), text, Budget(lambda: 0.0)) as begun:
        understanding = Understanding(OfDelivery(Intent.FAQ, Intent.PROMOTION))
        return await understanding.understand(understanding.heard(text), session, NOWHERE, begun)


async def test_what_the_dialogue_makes_likely_is_heard_instead_of_a_guess() -> None:
    meaning = await of_delivery("and to my aunt", Act.SHIPPING_COST)
    assert (meaning.act, meaning.acts[0].stage, meaning.in_dialogue) == (Act.DELIVERY_TIME, "dialogue", 0.9)
    assert dict(meaning.likely) == {"page": 0.9, "shelf": 0.01}
    assert (await of_delivery("and to my aunt", Act.FIND)).act is not Act.DELIVERY_TIME


async def test_a_phrase_of_distress_stands_unless_the_pass_says_that_nothing_is_the_matter() -> None:
    assert (await of_delivery("i want to kill myself", Act.FIND)).care == "distress"
    async with Speculation(FeaturedEncoder(), "which one has suicide in it", Budget(lambda: 0.0)) as begun:
        understanding = Understanding(OfNoMatter(Intent.FAQ, Intent.PROMOTION))
        meaning = await understanding.understand(
            understanding.heard("which one has suicide in it"), Session(session_id="s"), NOWHERE, begun
        )
    assert meaning.care == ""


async def test_the_reading_of_dialogues_was_trained_on_english_alone() -> None:
    assert (await of_delivery("¿dónde está mi pedido?", Act.SHIPPING_COST)).act is Act.TRACK


async def undecided(text: str, first: Intent, second: Intent, session: Session | None = None) -> Meaning:
    async with Speculation(RecordingEncoder(), text, Budget(lambda: 0.0)) as begun:
        reader = Understanding(Undecided(first, second))
        return await reader.understand(reader.heard(text), session or Session(session_id="s"), NOWHERE, begun)


async def test_two_intents_that_are_too_close_are_asked_back() -> None:
    meaning = await undecided("pirates and stuff", Intent.FAQ, Intent.PROMOTION)
    assert meaning.between == (Intent.FAQ, Intent.PROMOTION)


@pytest.mark.parametrize("first", [Intent.CHITCHAT, Intent.RECOMMENDATION])
@pytest.mark.parametrize(("text", "intent"), [("pirates", Intent.RECOMMENDATION), ("good", Intent.CHITCHAT)])
async def test_nobody_is_asked_back_whether_they_want_to_chat(first: Intent, text: str, intent: Intent) -> None:
    second = Intent.RECOMMENDATION if first is Intent.CHITCHAT else Intent.CHITCHAT
    meaning = await undecided(text, first, second)
    assert (meaning.between, meaning.intent) == (None, intent)


def after(intent: str = "product_discovery", *asins: str) -> Session:
    """A session in which these cards were shown last."""
    cards = tuple(replace(CARD, asin=asin) for asin in asins)
    acts = {"order_tracking": Act.TRACK, "faq": Act.POLICY}
    dialogue = DialogueState(
        acts=(acts.get(intent, Act.FIND),),
        shown=tuple(Shown(asin=asin, series_id=asin, title=asin) for asin in asins),
        orders=("112-0000000-0000001", "112-0000000-0000002") if intent == "order_tracking" else (),
    )
    turn = TurnRecord(
        response_id="r",
        message_id="m",
        message="?",
        answer="!",
        intent=intent,
        products=cards,
        dialogue=dialogue,
        at=NOW,
    )
    return Session(session_id="s", version=1, turns=(turn,))


async def test_what_is_settled_by_what_was_shown_is_not_asked_back() -> None:
    meaning = await undecided("the second one", Intent.FAQ, Intent.PROMOTION, after("faq", "B0AAAAAAA1", "B0AAAAAAA2"))
    assert (meaning.between, meaning.intent) == (None, Intent.PRODUCT_QUESTION)
    assert [one.asin for one in meaning.targets] == ["B0AAAAAAA2"]


async def test_which_one_is_about_all_that_was_shown() -> None:
    shown = after("product_discovery", "B0AAAAAAA1", "B0AAAAAAA2")
    meaning = await undecided("which of them is longer", Intent.PRODUCT_DISCOVERY, Intent.FAQ, shown)
    assert [one.asin for one in meaning.targets] == ["B0AAAAAAA1", "B0AAAAAAA2"]


async def test_after_an_order_the_other_one_is_an_order_still() -> None:
    meaning = await undecided("and the other one?", Intent.PRODUCT_DISCOVERY, Intent.FAQ, after("order_tracking"))
    assert meaning.intent is Intent.ORDER_TRACKING


async def test_a_limit_of_volumes_names_no_volume_and_what_is_not_wanted_is_known() -> None:
    meaning = await undecided("a series under 10 volumes without magic", Intent.FAQ, Intent.PROMOTION)
    assert meaning.targets == ()
    assert meaning.seeks.volumes.most == 9
    assert [label.said for label in meaning.seeks.unwanted] == ["magic"]


async def test_a_text_of_the_store_names_its_series_as_far_as_it_is_read(understanding: Understanding) -> None:
    understanding.learn(WHISKERS)
    assert understanding.series_in("Try Dungeon Whiskers today") == ("dw",)
    assert understanding.series_in("x " * MOST_READ + "Dungeon Whiskers") == ()


async def test_what_a_follow_up_asks_for_that_the_dialogue_decides_leaves_ahead_where_the_encoder_is_far(
    understanding: Understanding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """M-9: it is not sent only once the message was read."""
    told: list[str] = []
    session = after("faq")
    async with Speculation(FeaturedEncoder(), "and to canada", Budget(lambda: 0.0), at_once=True) as begun:
        read = begun.reading

        async def reading() -> Encoded | None:
            told.append("read")
            return await read()

        monkeypatch.setattr(begun, "expect", lambda _: told.append("expected"))
        monkeypatch.setattr(begun, "reading", reading)
        await understanding.understand(understanding.heard("and to canada"), session, NOWHERE, begun)
    assert told == ["expected", "read"]
