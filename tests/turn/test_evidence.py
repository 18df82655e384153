"""T-3, S-3, S-5: what a turn knows, and that it says of everything that it could not ask."""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning, SeriesMention
from mangaassist.domain.products import Format
from mangaassist.errors import ServiceFailure
from mangaassist.services.policies import POLICIES
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.store_data import AIKO, NOW
from mangaassist.testing.virtual_time import in_virtual_time
from mangaassist.turn.budget import Budget
from mangaassist.turn.evidence import Gathering
from mangaassist.turn.plans import PLANS
from mangaassist.wire.page import NOWHERE, PageContext

BLUE_PERIOD = SeriesMention("blue-period", "Blue Period", 1.0)
BERSERK = SeriesMention("berserk", "Berserk", 1.0)
ONE_PIECE = SeriesMention("one-piece", "One Piece", 1.0)


def chunk(asin: str, content: str) -> ScoredChunk:
    return ScoredChunk(
        Chunk(
            chunk_id=f"chunk-{asin}", document_id=asin, content=content, source_type="product", asin=asin, title=content,
            category="", last_updated=NOW, version=1,
        ),
        0.6,
    )  # fmt: skip


DARK = (chunk("B0BERSERK1", "a swordsman hunts demons"), chunk("B0WITCHHT1", "magic that is drawn"))


class Knowledge:
    """Gives the same chunks to everybody, or fails."""

    def __init__(self, chunks: tuple[ScoredChunk, ...] = (), failure: Exception | None = None) -> None:
        self.chunks, self.failure = chunks, failure
        self.vectors: list[Any] = []

    async def search(self, text: str, vector: Any, plan: Any) -> tuple[ScoredChunk, ...]:
        self.vectors.append(vector)
        if self.failure:
            raise self.failure
        return self.chunks


class Encoded:
    """The encoder's pass, or that it did not come."""

    def __init__(self, comes: bool = True) -> None:
        self._comes = comes

    async def vector(self) -> Any:
        return np.ones(384, np.float32) if self._comes else None


def meant(intent: Intent, text: str, entities: Entities | None = None, **more: Any) -> Meaning:
    return Meaning(text=text, guess=IntentGuess(intent, 0.9, "rules"), entities=entities or Entities(), **more)


async def gathered(
    store: FakeStore,
    meaning: Meaning,
    knowledge: Knowledge | None = None,
    *,
    identity: Identity = GUEST,
    page: PageContext = NOWHERE,
    encoded: Encoded | None = None,
    shown: Any = (),
    series_in: Callable[[str], tuple[str, ...]] = lambda _: (),
) -> Evidence:
    budget = Budget(store.clock)
    services = store.services.for_turn(identity).within(budget.deadline("services"))
    gathering = Gathering(
        PLANS[meaning.intent], meaning, page, services,
        knowledge or Knowledge(),  # pyright: ignore[reportArgumentType]
        encoded or Encoded(),  # pyright: ignore[reportArgumentType]
        budget, shown=shown, is_guest=identity.is_guest, series_in=series_in,
    )  # fmt: skip
    return await gathering.evidence()


def titles(evidence: Evidence) -> list[str]:
    return [known.product.title for known in evidence.products]


def blamed(evidence: Evidence) -> list[str]:
    return [degradation.service for degradation in evidence.degraded]


LIKE_BLUE_PERIOD = meant(Intent.RECOMMENDATION, "something like Blue Period", Entities(series=(BLUE_PERIOD,)))
LIKE_BERSERK = meant(Intent.RECOMMENDATION, "like Berserk", Entities(series=(BERSERK,)))
ABOUT_ONE_PIECE = meant(Intent.PRODUCT_QUESTION, "who wrote One Piece?", Entities(series=(ONE_PIECE,)))
DARK_FANTASY = meant(Intent.PRODUCT_DISCOVERY, "swordsman stories", wish="description")
HORROR = meant(Intent.PRODUCT_DISCOVERY, "horror manga", Entities(genres=("Horror",)))
VOLUMES = meant(Intent.PRODUCT_DISCOVERY, "One Piece 1 and 2", Entities(series=(ONE_PIECE,), volumes=(1, 2)))


# --- what was not asked is told ---


@pytest.mark.parametrize(
    "fault", [Fault("fail"), Fault("wrong"), Fault(delay_s=3)], ids=["fails", "is wrong", "is slow"]
)
@pytest.mark.parametrize(
    "meaning", [LIKE_BLUE_PERIOD, ABOUT_ONE_PIECE, DARK_FANTASY, HORROR, VOLUMES], ids=lambda meaning: meaning.text
)
@in_virtual_time
async def test_without_the_catalog_nothing_is_found_and_nothing_is_called_not_found(
    meaning: Meaning, fault: Fault
) -> None:
    evidence = await gathered(FakeStore(catalog=fault), meaning, Knowledge(DARK))
    assert evidence.products == ()
    assert blamed(evidence) == ["catalog"]
    assert evidence.failed("catalog")


@in_virtual_time
async def test_what_is_like_a_series_that_could_not_be_looked_up_is_not_the_shoppers_own_history() -> None:
    store = FakeStore(catalog=Fault("fail", times=2))  # the first question and its retry; well again after that
    evidence = await gathered(store, LIKE_BLUE_PERIOD, identity=AIKO)
    assert (evidence.products, blamed(evidence)) == ((), ["catalog"])


@in_virtual_time
async def test_a_search_of_which_one_question_fails_says_so_beside_what_the_others_found() -> None:
    store = FakeStore(catalog=Fault("refuse", times=1))
    evidence = await gathered(store, HORROR, Knowledge(DARK))
    assert "Berserk, Vol. 1" in titles(evidence)
    assert blamed(evidence) == ["catalog"]


@pytest.mark.parametrize("service", ["pricing", "inventory", "reviews"])
@in_virtual_time
async def test_what_is_not_known_of_a_product_is_left_out_and_told(service: str) -> None:
    evidence = await gathered(FakeStore(**{service: Fault("fail")}), ABOUT_ONE_PIECE)
    assert titles(evidence) == ["One Piece, Vol. 1"]
    known = evidence.products[0]
    facts = {"pricing": known.price, "inventory": known.stock, "reviews": known.rating}
    assert facts.pop(service) is None
    assert all(facts.values())
    assert [service for service in POLICIES if evidence.failed(service)] == [service]


@pytest.mark.parametrize(
    ("service", "intent"),
    [
        ("orders", Intent.ORDER_TRACKING),
        ("shipping", Intent.ORDER_TRACKING),
        ("profile", Intent.ORDER_TRACKING),
        ("returns", Intent.RETURN_REQUEST),
        ("promotions", Intent.PROMOTION),
        ("recommendations", Intent.RECOMMENDATION),
    ],
)
@in_virtual_time
async def test_every_service_that_an_intent_needs_and_misses_is_told(service: str, intent: Intent) -> None:
    evidence = await gathered(FakeStore(**{service: Fault("fail")}), meant(intent, "please"), identity=AIKO)
    assert blamed(evidence) == [service]
    assert evidence.failed(service)


@in_virtual_time
async def test_knowledge_that_fails_is_told_and_the_products_are_there_all_the_same() -> None:
    knowledge = Knowledge(failure=ServiceFailure("knowledge", "timeout"))
    evidence = await gathered(FakeStore(), ABOUT_ONE_PIECE, knowledge)
    assert (titles(evidence), evidence.chunks) == (["One Piece, Vol. 1"], ())
    assert blamed(evidence) == ["knowledge"]


@in_virtual_time
async def test_without_a_vector_the_words_alone_are_searched_and_that_is_told() -> None:
    knowledge = Knowledge(DARK)
    evidence = await gathered(FakeStore(), ABOUT_ONE_PIECE, knowledge, encoded=Encoded(comes=False))
    assert (knowledge.vectors, evidence.chunks) == ([None], DARK)
    assert blamed(evidence) == ["embedding"]


@in_virtual_time
async def test_what_the_plan_does_not_need_is_neither_asked_nor_missed() -> None:
    store, knowledge = FakeStore(catalog=Fault("fail"), orders=Fault("fail")), Knowledge(DARK)
    evidence = await gathered(store, meant(Intent.CHITCHAT, "hello"), knowledge)
    assert (evidence, store.calls, knowledge.vectors) == (Evidence(), [], [])


@in_virtual_time
async def test_a_guest_is_asked_to_sign_in_and_no_account_is_asked_for() -> None:
    store = FakeStore()
    evidence = await gathered(store, meant(Intent.ORDER_TRACKING, "where is it?"))
    assert (evidence.sign_in_needed, evidence.degraded, store.calls) == (True, (), [])


# --- time ---


@in_virtual_time
async def test_a_slow_recommender_leaves_time_for_its_fallback_and_nobody_else_is_blamed() -> None:
    store = FakeStore(recommendations=Fault(delay_s=0.5))
    evidence = await gathered(store, LIKE_BERSERK, Knowledge(DARK))
    assert titles(evidence) == ["Witch Hat Atelier, Vol. 1", "Uzumaki", "One Piece, Vol. 1"]
    assert all(known.price and known.stock and known.rating for known in evidence.products)
    assert blamed(evidence) == ["recommendations"]
    assert not evidence.failed("catalog")
    assert store.clock() <= 0.55


@in_virtual_time
async def test_without_recommender_and_knowledge_the_catalog_recommends_what_has_most_in_common() -> None:
    store = FakeStore(recommendations=Fault("fail"))
    evidence = await gathered(store, LIKE_BERSERK, Knowledge(failure=ServiceFailure("knowledge", "timeout")))
    assert titles(evidence) == ["Witch Hat Atelier, Vol. 1", "Uzumaki", "One Piece, Vol. 1"]
    assert set(blamed(evidence)) == {"recommendations", "knowledge"}


@in_virtual_time
async def test_a_store_at_the_pace_of_a_distant_one_still_has_its_recommender_replaced_in_time() -> None:
    distant = {service: Fault(delay_s=0.06) for service in POLICIES}
    store = FakeStore(**{**distant, "recommendations": Fault(delay_s=5)})
    evidence = await gathered(store, LIKE_BERSERK, Knowledge(DARK))
    assert titles(evidence) == ["Witch Hat Atelier, Vol. 1", "Uzumaki", "One Piece, Vol. 1"]
    assert blamed(evidence) == ["recommendations"]


@in_virtual_time
async def test_when_everything_is_slow_the_turn_ends_at_its_deadline_and_everything_is_told() -> None:
    store = FakeStore(**{service: Fault(delay_s=10) for service in POLICIES})
    evidence = await gathered(store, LIKE_BLUE_PERIOD, Knowledge(DARK), identity=AIKO)
    assert store.clock() <= 0.55 + 1e-9
    assert evidence.products == ()
    assert {"catalog", "profile"} <= set(blamed(evidence))


@in_virtual_time
async def test_stopping_the_turn_ends_every_question_of_it() -> None:
    store = FakeStore(**{service: Fault(delay_s=10) for service in POLICIES})
    task = asyncio.create_task(gathered(store, LIKE_BLUE_PERIOD, identity=AIKO))
    asyncio.get_running_loop().call_later(0.01, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == {asyncio.current_task()}


# --- the page (T-6) ---


def before(section: str) -> PageContext:
    return PageContext(store_section=section)


@pytest.mark.parametrize("intent", [Intent.PRODUCT_DISCOVERY, Intent.RECOMMENDATION])
@pytest.mark.parametrize(
    ("section", "found"),
    [
        ("genre/horror", {"Berserk, Vol. 1", "Uzumaki"}),
        ("Horror", {"Berserk, Vol. 1", "Uzumaki"}),
        ("demographic/shonen", {"Yotsuba&!, Vol. 1", "One Piece, Vol. 1"}),
        ("manga > box sets", {"One Piece Box Set 1"}),
    ],
)
@in_virtual_time
async def test_what_is_good_here_is_what_is_good_on_this_shelf(intent: Intent, section: str, found: set[str]) -> None:
    evidence = await gathered(FakeStore(), meant(intent, "what's good here?"), page=before(section))
    assert set(titles(evidence)) == found


@pytest.mark.parametrize("section", [None, "home", "search", "deals", "cart", "help", "product"])
@in_virtual_time
async def test_a_page_of_no_kind_narrows_nothing(section: str | None) -> None:
    evidence = await gathered(
        FakeStore(), meant(Intent.RECOMMENDATION, "what's good here?"), page=PageContext(store_section=section)
    )
    assert len(evidence.products) == 7


@pytest.mark.parametrize(
    ("meaning", "found"),
    [
        (meant(Intent.RECOMMENDATION, "a romance", Entities(genres=("Romance",))), "A Sign of Affection, Vol. 1"),
        (VOLUMES, "One Piece, Vol. 1"),
        (ABOUT_ONE_PIECE, "One Piece, Vol. 1"),
        (meant(Intent.PRODUCT_DISCOVERY, "books by Kamome Shirahama", Entities(authors=("Kamome Shirahama",))),
         "Witch Hat Atelier, Vol. 1"),
        (meant(Intent.PRODUCT_DISCOVERY, "omnibus", Entities(formats=(Format.OMNIBUS,))), "Berserk Deluxe Edition, Vol. 1"),
        (meant(Intent.PRODUCT_DISCOVERY, "painting students", wish="description"), "Blue Period, Vol. 1"),
        (meant(Intent.PRODUCT_QUESTION, "is it any good?", subjects=("B0WITCHHT1",)), "Witch Hat Atelier, Vol. 1"),
    ],
    ids=lambda value: value.text if isinstance(value, Meaning) else "",
)  # fmt: skip
@in_virtual_time
async def test_who_names_what_they_want_gets_it_whatever_shelf_they_stand_before(meaning: Meaning, found: str) -> None:
    evidence = await gathered(FakeStore(), meaning, page=before("genre/horror"))
    assert found in titles(evidence)


@in_virtual_time
async def test_under_ten_dollars_goes_on_from_what_was_shown_and_not_from_the_shelf() -> None:
    from decimal import Decimal

    from mangaassist.turn.cards import card

    store = FakeStore()
    shown = (await gathered(store, ABOUT_ONE_PIECE)).products
    limited = meant(Intent.PRODUCT_DISCOVERY, "under $10, please", Entities(price_ceiling=Decimal(10)))
    evidence = await gathered(store, limited, page=before("genre/romance"), shown=tuple(map(card, shown)))
    assert titles(evidence)[0] == "One Piece, Vol. 1"
    assert "A Sign of Affection, Vol. 1" not in titles(evidence)
