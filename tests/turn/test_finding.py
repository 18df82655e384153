"""T-2, T-4, T-5, S-1: which products an answer is about, by what was named, pointed at, described or set as a limit."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import Evidence, ProductEvidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import Entities, IntentGuess, Meaning, SeriesMention
from mangaassist.domain.products import Format
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.store_data import AIKO, DELIVERED, IN_TRANSIT, PLACED, STORE
from mangaassist.testing.virtual_time import in_virtual_time
from mangaassist.turn.cards import card
from mangaassist.turn.plans import DIVERSE_PRODUCTS, PRECISE_POLICY, PRODUCT_FACTS, RATINGS_EXPLAINED
from mangaassist.wire.page import NOWHERE, PageContext
from tests.turn.test_evidence import BERSERK, ONE_PIECE, Knowledge, chunk, gathered, meant, titles

WITCH_HAT = SeriesMention("witch-hat-atelier", "Witch Hat Atelier", 1.0)
DISCOVERY, QUESTION, RECOMMENDATION = Intent.PRODUCT_DISCOVERY, Intent.PRODUCT_QUESTION, Intent.RECOMMENDATION


async def found(meaning: Meaning, *chunks: ScoredChunk, **more: Any) -> list[str]:
    """The titles that the evidence holds, in their order."""
    store = more.pop("store", None) or FakeStore()
    return titles(await gathered(store, meaning, Knowledge(chunks), **more))


def named(*series: SeriesMention, **more: Any) -> Entities:
    return Entities(series=series, **more)


def shown(*asins: str) -> Any:
    """Cards that the shopper saw."""
    products = {product.asin: product for product in STORE.products}
    return tuple(card(ProductEvidence(product=products[asin], price=STORE.prices[asin])) for asin in asins)


# ---- what is named


@pytest.mark.parametrize(
    ("text", "entities", "titles"),
    [
        ("berserk", named(BERSERK), ["Berserk, Vol. 1"]),
        ("berserk vol 2", named(BERSERK, volumes=(2,)), ["Berserk, Vol. 2"]),
        ("berserk vol 9", named(BERSERK, volumes=(9,)), ["Berserk, Vol. 1"]),
        ("berserk omnibus", named(BERSERK, formats=(Format.OMNIBUS,)), ["Berserk Deluxe Edition, Vol. 1"]),
        ("berserk box set", named(BERSERK, formats=(Format.BOX_SET,)), ["Berserk, Vol. 1"]),
        (
            "berserk deluxe 1",
            named(BERSERK, formats=(Format.OMNIBUS,), volumes=(1,)),
            ["Berserk Deluxe Edition, Vol. 1"],
        ),
        ("berserk and one piece", named(BERSERK, ONE_PIECE), ["Berserk, Vol. 1", "One Piece, Vol. 1"]),
        ("by junji ito", Entities(authors=("Junji Ito",)), ["Uzumaki"]),
        ("the latest volume of witch hat", named(WITCH_HAT), ["Witch Hat Atelier, Vol. 1"]),
        ("hm", Entities(), []),
    ],
)
@in_virtual_time
async def test_a_question_is_about_what_it_names(text: str, entities: Entities, titles: list[str]) -> None:
    assert await found(meant(QUESTION, text, entities)) == titles


@in_virtual_time
async def test_the_latest_volume_of_a_series_is_its_last() -> None:
    data = replace(STORE, products=tuple(replace(one, series_volumes=3) for one in STORE.products))
    asked = meant(QUESTION, "the latest volume", named(BERSERK))
    assert await found(asked, store=FakeStore(data=data)) == ["Berserk, Vol. 3"]
    other = meant(QUESTION, "who wrote it?", named(BERSERK))
    assert await found(other, store=FakeStore(data=data)) == ["Berserk, Vol. 1"]


@in_virtual_time
async def test_the_second_omnibus_is_not_the_one_that_holds_the_second_volume() -> None:
    first = next(product for product in STORE.products if product.asin == "B0BERSERKD")
    second = replace(first, asin="B0BERSERKE", title="Berserk Deluxe Edition, Vol. 2", volume_from=4, volume_to=6)
    store = FakeStore(data=replace(STORE, products=(*STORE.products, second)))
    asked = meant(QUESTION, "berserk deluxe vol 2", named(BERSERK, formats=(Format.OMNIBUS,), volumes=(2,)))
    assert await found(asked, store=store) == ["Berserk Deluxe Edition, Vol. 2"]


@in_virtual_time
async def test_a_question_is_about_what_it_points_at_or_another_volume_of_it() -> None:
    pointed = meant(QUESTION, "is it good?", subjects=("B0BERSERK2",))
    assert await found(pointed) == ["Berserk, Vol. 2"]
    instead = meant(QUESTION, "vol 3 instead", Entities(volumes=(3,)), subjects=("B0BERSERK2",))
    assert await found(instead) == ["Berserk, Vol. 3"]
    none_such = meant(QUESTION, "vol 30 instead", Entities(volumes=(30,)), subjects=("B0BERSERK2",))
    assert await found(none_such) == ["Berserk, Vol. 2"]


@pytest.mark.parametrize(
    ("text", "entities", "titles"),
    [
        ("one piece 1 and 2", named(ONE_PIECE, volumes=(1, 2)), ["One Piece, Vol. 1", "One Piece, Vol. 2"]),
        ("one piece 2 and 99", named(ONE_PIECE, volumes=(2, 99)), ["One Piece, Vol. 2"]),
        ("berserk", named(BERSERK), ["Berserk, Vol. 1", "Berserk, Vol. 2", "Berserk, Vol. 3", "Berserk Deluxe Edition, Vol. 1"]),
        ("berserk 2", named(BERSERK, volumes=(2,)), ["Berserk, Vol. 2"]),
        ("books by shirahama", Entities(authors=("Kamome Shirahama",)), ["Witch Hat Atelier, Vol. 1"]),
        ("berserk hardcover 2", named(BERSERK, formats=(Format.HARDCOVER,), volumes=(2,)), ["Berserk, Vol. 1"]),
        ("hardcover horror", Entities(formats=(Format.HARDCOVER,), genres=("Horror",)), ["Uzumaki"]),
        ("romance", Entities(genres=("Romance",)), ["A Sign of Affection, Vol. 1"]),
    ],
)  # fmt: skip
@in_virtual_time
async def test_a_search_finds_what_it_names(text: str, entities: Entities, titles: list[str]) -> None:
    assert sorted(await found(meant(DISCOVERY, text, entities))) == sorted(titles)


@in_virtual_time
async def test_a_search_for_nothing_in_particular_finds_what_readers_love() -> None:
    assert len(await found(meant(DISCOVERY, "show me manga"))) == 7


@in_virtual_time
async def test_what_else_somebody_made_is_of_the_same_maker_and_another_series() -> None:
    other = replace(STORE.products[0], asin="B0GIGANTO1", title="Gigantomakhia", series_id="giganto",
                    series_title="Gigantomakhia")  # fmt: skip
    store = FakeStore(data=replace(STORE, products=(*STORE.products, other)))
    asked = meant(DISCOVERY, "what else did he make?", subjects=("B0BERSERK1",))
    assert await found(asked, store=store) == ["Gigantomakhia"]


# ---- what is described


@in_virtual_time
async def test_a_description_finds_what_it_means_and_what_holds_half_of_its_words() -> None:
    asked = meant(DISCOVERY, "swordsman hunting demons in dark castles", wish="description")
    assert "Berserk, Vol. 1" in await found(asked)
    by_meaning = meant(DISCOVERY, "melancholic nostalgic gentle wonders", wish="description")
    assert await found(by_meaning, chunk("B0YOTSUBA2", "a small girl")) == ["Yotsuba&!, Vol. 1"]


@in_virtual_time
async def test_a_description_of_what_nobody_sells_finds_nothing() -> None:
    asked = meant(DISCOVERY, "quantum accounting for submarine dentists", wish="description")
    far = replace(chunk("B0YOTSUBA1", "a small girl"), score=0.41)
    assert await found(asked, far) == []


@pytest.mark.parametrize(("score", "titles"), [(0.41, []), (0.42, ["Yotsuba&!, Vol. 1"])])
@in_virtual_time
async def test_knowledge_that_is_near_enough_is_what_a_description_means(score: float, titles: list[str]) -> None:
    asked = meant(DISCOVERY, "melancholic nostalgic gentle wonders", wish="description")
    assert await found(asked, ScoredChunk(chunk("B0YOTSUBA1", "a small girl").chunk, score)) == titles


@pytest.mark.parametrize(
    ("text", "entities", "ranked"),
    [
        ("what's good?", Entities(), "12"),
        ("something finished", Entities(), "50"),
        ("what's good?", Entities(formats=(Format.HARDCOVER,)), "50"),
    ],
)
@in_virtual_time
async def test_the_more_is_demanded_the_more_must_be_ranked(text: str, entities: Entities, ranked: str) -> None:
    store = FakeStore()
    await found(meant(RECOMMENDATION, text, entities), store=store)
    assert dict(store.asked("recommendations")[0].about)["limit"] == ranked


@in_virtual_time
async def test_one_or_two_words_must_be_heard_of() -> None:
    asked = meant(DISCOVERY, "xyzzy plugh", wish="description")
    assert await found(asked, chunk("B0YOTSUBA1", "a small girl")) == []
    heard = meant(DISCOVERY, "acrobats plugh", wish="description")
    assert await found(heard, chunk("B0YOTSUBA1", "a small acrobat")) == ["Yotsuba&!, Vol. 1"]


@in_virtual_time
async def test_a_title_must_be_there_with_all_its_words() -> None:
    assert await found(meant(DISCOVERY, "do you have uzumaki spirals", wish="title")) == ["Uzumaki"]
    asked = meant(DISCOVERY, "do you have uzumaki nightfall", wish="title")
    assert await found(asked, chunk("B0UZUMAKI1", "spirals")) == []


@in_virtual_time
async def test_knowledge_of_a_late_volume_or_of_no_product_leads_to_the_first_volume_of_the_series() -> None:
    faq = chunk("B0BERSERK1", "a page")
    page = ScoredChunk(replace(faq.chunk, chunk_id="c0", asin=None), 0.9)
    asked = meant(RECOMMENDATION, "magical apprentices and pirates friendship", wish="description")
    got = await found(asked, page, chunk("B01PIECEV3", "pirates"), chunk("B0WITCHHT1", "apprentices"))
    assert set(got[:2]) == {"One Piece, Vol. 1", "Witch Hat Atelier, Vol. 1"}


@pytest.mark.parametrize(
    ("text", "absent"),
    [("horror for a 13 year old", "Uzumaki"), ("horror without spirals", "Uzumaki"), ("a finished horror", "Berserk, Vol. 1")],
)  # fmt: skip
@pytest.mark.parametrize("intent", [DISCOVERY, RECOMMENDATION])
@in_virtual_time
async def test_what_the_message_demands_is_met_by_all_that_is_shown(intent: Intent, text: str, absent: str) -> None:
    horror = Entities(genres=("Horror",))
    assert absent in await found(meant(intent, "horror", horror))
    assert absent not in await found(meant(intent, text, horror))


@in_virtual_time
async def test_a_question_about_a_book_is_answered_whatever_its_words_would_demand() -> None:
    asked = meant(QUESTION, "is berserk for a 10 year old?", named(BERSERK))
    assert await found(asked) == ["Berserk, Vol. 1"]


# ---- recommendations


@in_virtual_time
async def test_a_recommendation_says_why_and_never_what_it_shall_be_like() -> None:
    evidence = await gathered(FakeStore(), meant(RECOMMENDATION, "something like berserk", named(BERSERK)))
    assert evidence.products
    assert all(known.product.series_id != "berserk" for known in evidence.products)
    assert all(known.reason for known in evidence.products)


@pytest.mark.parametrize(
    ("meaning", "page"),
    [
        (meant(RECOMMENDATION, "more like this one", subjects=("B0UZUMAKI1",)), NOWHERE),
        (meant(RECOMMENDATION, "what goes with these?"), PageContext(cart_asins=("B0UZUMAKI1",))),
        (meant(RECOMMENDATION, "like uzumaki", named(SeriesMention("uzumaki", "Uzumaki", 1.0))), NOWHERE),
    ],
)
@in_virtual_time
async def test_a_recommendation_goes_by_what_is_named_pointed_at_or_in_the_cart(
    meaning: Meaning, page: PageContext
) -> None:
    store = FakeStore()
    got = await found(meaning, store=store, page=page)
    assert "Uzumaki" not in got
    (asked,) = store.asked("recommendations")
    assert "B0UZUMAKI1" in dict(asked.about).values()


@in_virtual_time
async def test_of_many_things_in_the_cart_the_first_three_are_what_a_recommendation_goes_by() -> None:
    store = FakeStore()
    page = PageContext(cart_asins=("B0UZUMAKI1", "B0WITCHHT1", "B0AFFECTN1", "B0YOTSUBA1"))
    await found(meant(RECOMMENDATION, "what goes with these?"), store=store, page=page)
    (asked,) = store.asked("recommendations")
    assert tuple(value for name, value in asked.about if name == "seed") == page.cart_asins[:3]


def guide(content: str, score: float = 0.6, title: str = "Manga about magic") -> ScoredChunk:
    made = chunk("g", content)
    return ScoredChunk(replace(made.chunk, source_type="editorial", title=title, asin=None), score)


def series_in(text: str) -> tuple[str, ...]:
    known = {product.series_title: product.series_id for product in STORE.products}
    return tuple(series_id for title, series_id in known.items() if title in text)


async def guided(text: str, *chunks: ScoredChunk) -> dict[str, str]:
    """What is recommended, with why."""
    asked = meant(RECOMMENDATION, text, wish="description")
    evidence = await gathered(FakeStore(), asked, Knowledge(chunks), series_in=series_in)
    return {known.product.title: known.reason for known in evidence.products}


@in_virtual_time
async def test_the_stores_own_guide_to_a_subject_comes_first_and_is_named() -> None:
    magic = guide("Try **Witch Hat Atelier** for magic, or **Yotsuba&!**.")
    got = await guided("a manga about magic", magic)
    assert got["Witch Hat Atelier, Vol. 1"] == got["Yotsuba&!, Vol. 1"] == "From our guide “Manga about magic”"


@pytest.mark.parametrize(
    "page",
    [
        guide("Try **Witch Hat Atelier** for magic.", score=0.41),
        guide("Try **Witch Hat Atelier** for cooking.", title="Manga about cooking"),
        guide("Nothing is named here of magic."),
        ScoredChunk(replace(guide("**Witch Hat Atelier** magic").chunk, source_type="faq"), 0.6),
    ],
    ids=["far", "of something else", "names nothing", "no guide"],
)
@in_virtual_time
async def test_what_is_no_guide_to_the_subject_is_not_called_one(page: ScoredChunk) -> None:
    assert not any(
        reason.startswith("From our guide") for reason in (await guided("a manga about magic", page)).values()
    )


@in_virtual_time
async def test_of_two_guides_the_one_that_is_nearer_is_told_of() -> None:
    near = guide("**Yotsuba&!** magic", 0.7, "Near magic")
    far = guide("**Berserk** magic", 0.5, "Far magic")
    told = await guided("a manga about magic", far, near)
    assert told["Yotsuba&!, Vol. 1"] == "From our guide “Near magic”"
    assert "Berserk, Vol. 1" not in told


# ---- limits: T-4


def priced(**prices: str) -> FakeStore:
    """The store with other prices for some."""
    changed = {asin: replace(STORE.prices[asin], current=Decimal(price)) for asin, price in prices.items()}
    return FakeStore(data=replace(STORE, prices=STORE.prices | changed))


@pytest.mark.parametrize(
    ("limits", "titles"),
    [
        ({"price_ceiling": Decimal("9.99")}, ["Berserk, Vol. 1", "Witch Hat Atelier, Vol. 1"]),
        ({"price_floor": Decimal("9.99")}, ["Berserk, Vol. 1", "Witch Hat Atelier, Vol. 1"]),
        ({"price_floor": Decimal(10)}, []),
        ({}, ["Berserk, Vol. 1", "Witch Hat Atelier, Vol. 1"]),
    ],
)
@in_virtual_time
async def test_what_fits_the_limits_is_shown(limits: dict[str, Decimal], titles: list[str]) -> None:
    got = await found(meant(DISCOVERY, "fantasy", Entities(genres=("Fantasy",), **limits)))
    assert sorted(title for title in got if "Deluxe" not in title) == titles


async def limited(ceiling: str, entities: dict[str, Any], store: FakeStore | None = None) -> Evidence:
    asked = meant(DISCOVERY, "within a limit", Entities(price_ceiling=Decimal(ceiling), **entities))
    return await gathered(store or FakeStore(), asked)


@in_virtual_time
async def test_when_all_costs_too_much_what_is_near_and_fits_is_shown_and_then_the_least_expensive() -> None:
    evidence = await limited("12", {"series": (BERSERK,), "formats": (Format.OMNIBUS,)})
    assert titles(evidence)[-1] == "Berserk Deluxe Edition, Vol. 1"
    assert titles(evidence)[0] == "Berserk, Vol. 1"
    assert evidence.over_limit == {"B0BERSERKD"}
    assert evidence.ceiling == Decimal(12)


@in_virtual_time
async def test_of_what_costs_too_much_only_the_least_expensive_is_told() -> None:
    store = priced(B0BERSERK1="8.00", B0WITCHHT1="7.00", B0BERSERKD="6.50")
    evidence = await limited("5", {"genres": ("Fantasy",)}, store)
    assert len(evidence.products) == len(evidence.over_limit) == 1
    assert evidence.products[0].price is not None
    assert evidence.products[0].price.current <= 7


@in_virtual_time
async def test_without_live_prices_no_limit_drops_anything() -> None:
    store = FakeStore(pricing=Fault("fail"))
    evidence = await limited("5", {"genres": ("Romance",)}, store)
    assert (titles(evidence), evidence.over_limit) == (["A Sign of Affection, Vol. 1"], frozenset())


@in_virtual_time
async def test_cheaper_is_less_than_the_least_expensive_that_was_shown_the_least_expensive_first() -> None:
    store = priced(B0UZUMAKI1="6.00", B0WITCHHT1="5.00", B0YOTSUBA1="9.99")
    asked = meant(DISCOVERY, "anything cheaper?", subjects=("B0BERSERK1",), cheaper=True)
    evidence = await gathered(store, asked, shown=shown("B0BERSERKD", "B0BERSERK1"))
    costs = [known.price.current for known in evidence.products if known.price]
    assert costs == [Decimal(5), Decimal(6)]
    assert evidence.over_limit == frozenset()


@in_virtual_time
async def test_cheaper_than_what_is_least_expensive_already_is_told_so() -> None:
    asked = meant(DISCOVERY, "anything cheaper?", subjects=("B0BERSERK1",), cheaper=True)
    evidence = await gathered(FakeStore(), asked, shown=shown("B0BERSERK1"))
    assert len(evidence.products) == len(evidence.over_limit) == 1


@in_virtual_time
async def test_a_limit_that_is_named_holds_whatever_was_shown() -> None:
    store = priced(B0UZUMAKI1="6.00", B0WITCHHT1="5.00")
    entities = Entities(price_ceiling=Decimal("5.50"))
    asked = meant(DISCOVERY, "cheaper, under 5.50", entities, subjects=("B0BERSERK1",), cheaper=True)
    assert await found(asked, store=store, shown=shown("B0BERSERK1")) == ["Witch Hat Atelier, Vol. 1"]


@pytest.mark.parametrize(
    ("asin", "title", "single"),
    [
        ("B01PIECEBX", "One Piece Box Set 1", "One Piece, Vol. 1"),
        ("B0BERSERKD", "Berserk Deluxe Edition, Vol. 1", "Berserk, Vol. 1"),
    ],
)
@in_virtual_time
async def test_cheaper_than_a_large_edition_is_looked_for_among_its_like_and_single_volumes_of_its_series(
    asin: str, title: str, single: str
) -> None:
    got = await found(meant(DISCOVERY, "anything cheaper?", subjects=(asin,), cheaper=True), shown=shown(asin))
    assert single in got
    assert title not in got


# ---- promotions and the cart


@in_virtual_time
async def test_promoted_products_are_shown_and_those_of_the_kind_that_is_asked_for() -> None:
    promoted = ["One Piece, Vol. 1", "One Piece, Vol. 2"]
    assert await found(meant(Intent.PROMOTION, "any deals?")) == promoted
    comedy = Entities(genres=("Comedy",))
    assert await found(meant(Intent.PROMOTION, "deals on comedy?", comedy)) == promoted
    romance = Entities(genres=("Romance",))
    assert await found(meant(Intent.PROMOTION, "deals on romance?", romance)) == promoted  # rather than nothing
    assert await found(meant(Intent.PROMOTION, "is berserk on sale?", named(BERSERK))) == ["Berserk, Vol. 1"]
    pointed = meant(Intent.PROMOTION, "is it on sale?", subjects=("B0UZUMAKI1",))
    assert await found(pointed) == ["Uzumaki"]


@in_virtual_time
async def test_a_promotion_of_very_many_products_leaves_room_for_the_next_one() -> None:
    every = tuple(product.asin for product in STORE.products)
    large = replace(STORE.promotions[0], promotion_id="large", asins=every[:8])
    other = replace(large, promotion_id="other", asins=every[8:])
    store = FakeStore(data=replace(STORE, promotions=(large, other)))
    await found(meant(Intent.PROMOTION, "any deals?"), store=store)
    asked = next(call for call in store.asked("catalog") if call.what == "products")
    assert set(asked.about) == {*every[:6], *every[8:14]}


@in_virtual_time
async def test_a_question_on_discounts_that_no_promotion_speaks_to_shows_no_promoted_books() -> None:
    assert await found(meant(Intent.PROMOTION, "any discount for students?")) == []
    assert await found(meant(Intent.PROMOTION, "any pirate discount?")) == ["One Piece, Vol. 1", "One Piece, Vol. 2"]


@pytest.mark.parametrize(("text", "searched"), [("any deals?", []), ("any discount for students?", [PRECISE_POLICY])])
@in_virtual_time
async def test_the_pages_on_discounts_are_read_when_more_is_asked_than_what_is_on_offer(
    text: str, searched: list[Any]
) -> None:
    knowledge = Planned()
    await gathered(FakeStore(), meant(Intent.PROMOTION, text), knowledge)
    assert [plan for _, plan in knowledge.searched] == searched


@in_virtual_time
async def test_at_the_checkout_the_cart_is_known_and_what_shall_go_into_it() -> None:
    page = PageContext(cart_asins=("B0UZUMAKI1", "B0BERSERK1"))
    asked = meant(Intent.CHECKOUT_HELP, "put one piece into my cart", named(ONE_PIECE))
    evidence = await gathered(FakeStore(), asked, page=page)
    assert sorted(known.product.title for known in evidence.cart) == ["Berserk, Vol. 1", "Uzumaki"]
    assert all(known.price for known in evidence.cart)
    assert titles(evidence) == ["One Piece, Vol. 1"]
    why = meant(Intent.CHECKOUT_HELP, "why is one piece still in my cart", named(ONE_PIECE))
    assert titles(await gathered(FakeStore(), why, page=page)) == []


# ---- orders


async def orders(
    text: str, intent: Intent = Intent.ORDER_TRACKING, store: FakeStore | None = None, **entities: Any
) -> Evidence:
    return await gathered(store or FakeStore(), meant(intent, text, Entities(**entities)), identity=AIKO)


def ids(evidence: Evidence) -> list[str]:
    return [owned.order.order_id for owned in evidence.orders]


@in_virtual_time
async def test_the_order_that_is_named_is_told_of_and_no_other() -> None:
    assert ids(await orders("where is it", order_ids=(DELIVERED.order_id,))) == [DELIVERED.order_id]
    assert ids(await orders("where is it", order_ids=("112-9999999-9999999",))) == []


@in_virtual_time
async def test_without_a_name_the_newest_orders_come_first_and_those_that_hold_what_is_named_before_them() -> None:
    assert ids(await orders("where are they")) == [PLACED.order_id, IN_TRANSIT.order_id, DELIVERED.order_id]
    yotsuba = SeriesMention("yotsuba", "Yotsuba&!", 1.0)
    assert ids(await orders("where is yotsuba", series=(yotsuba,)))[0] == DELIVERED.order_id


@in_virtual_time
async def test_parcels_are_asked_for_of_what_has_left_alone() -> None:
    store = FakeStore()
    evidence = await orders("where are they", store=store)
    assert len(store.asked("shipping")) == 2
    parcels = {owned.order.order_id: owned.shipments for owned in evidence.orders}
    assert parcels[IN_TRANSIT.order_id] == STORE.shipments
    assert parcels[PLACED.order_id] == parcels[DELIVERED.order_id] == ()
    assert all(owned.returns is None for owned in evidence.orders)
    assert evidence.customer is not None


@in_virtual_time
async def test_what_has_arrived_can_go_back_and_what_has_not_left_can_be_cancelled() -> None:
    store = FakeStore()
    back = await orders("i want to send it back", Intent.RETURN_REQUEST, store)
    assert store.asked("shipping") == []
    assert ids(back)[0] == DELIVERED.order_id
    assert back.orders[0].returns == STORE.returns[0]
    store = FakeStore(data=replace(STORE, orders={"aiko": (IN_TRANSIT, PLACED, DELIVERED)}))
    cancelled = await orders("please cancel it", Intent.RETURN_REQUEST, store)
    assert ids(cancelled)[0] == PLACED.order_id


# ---- knowledge


class Planned(Knowledge):
    """Remembers what was searched and how."""

    def __init__(self, *chunks: ScoredChunk) -> None:
        super().__init__(chunks)
        self.searched: list[tuple[str, Any]] = []

    async def search(self, text: str, vector: Any, plan: Any) -> tuple[ScoredChunk, ...]:
        self.searched.append((text, plan))
        return await super().search(text, vector, plan)


@pytest.mark.parametrize(
    "text", ["is it ok for my son?", "is it for a 12 year old", "what is it rated", "is it violent"]
)
@in_virtual_time
async def test_whom_a_book_is_for_is_answered_with_the_page_on_ratings(text: str) -> None:
    knowledge = Planned(chunk("B0BERSERK1", "dark"))
    evidence = await gathered(FakeStore(), meant(QUESTION, text, named(BERSERK)), knowledge)
    assert knowledge.searched == [(text, PRODUCT_FACTS), ("What do the age ratings mean?", RATINGS_EXPLAINED)]
    assert len(evidence.chunks) == 1  # what both found is there once


@pytest.mark.parametrize(
    ("intent", "text", "plan"),
    [
        (QUESTION, "who wrote it?", PRODUCT_FACTS),
        (DISCOVERY, "berserk for my son", DIVERSE_PRODUCTS),
        (Intent.FAQ, "what is it rated", PRECISE_POLICY),
    ],
)
@in_virtual_time
async def test_no_other_question_reads_the_page_on_ratings(intent: Intent, text: str, plan: Any) -> None:
    knowledge = Planned()
    await gathered(FakeStore(), meant(intent, text, named(BERSERK)), knowledge)
    assert knowledge.searched == [(text, plan)]


@in_virtual_time
async def test_who_is_asked_back_which_of_two_things_is_meant_is_shown_nothing_yet() -> None:
    store = FakeStore()
    between = Meaning(
        text="one piece", guess=IntentGuess(QUESTION, 0.4, "model"), entities=named(ONE_PIECE),
        between=(QUESTION, DISCOVERY),
    )  # fmt: skip
    assert await gathered(store, between) == Evidence()
    assert store.calls == []
