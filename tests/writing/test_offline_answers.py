"""M-6, S-1, T-7: what the offline writer tells a shopper, intent by intent, with everything there and with parts missing."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence, ProductEvidence, price_placeholder
from mangaassist.domain.intents import Intent
from mangaassist.domain.products import Stock
from mangaassist.models.writers.offline.writer import compose

Answer = Callable[..., str]


@pytest.fixture
def answer(shelf: SimpleNamespace) -> Answer:
    def said(text: str, intent: Intent, evidence: Evidence = Evidence(), **asked: object) -> str:  # noqa: B008
        return compose(shelf.asks(text, intent, evidence, **asked))

    return said


@pytest.fixture(scope="session")
def berserk(shelf: SimpleNamespace) -> ProductEvidence:
    return shelf.product("berserk")


class TestDiscovery:
    def test_what_was_found_is_named_with_its_author_and_its_price(
        self, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        found = tuple(shelf.product(name) for name in ("uzumaki", "parasyte"))
        text = answer("scary manga", Intent.PRODUCT_DISCOVERY, Evidence(products=found))
        assert "horror" in text
        assert "**Uzumaki** by Junji Ito" in text
        assert price_placeholder(found[0].asin) in text

    def test_a_named_series_is_answered_with_its_editions(
        self, answer: Answer, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        deluxe = shelf.product("berserk", None, "omnibus")
        text = answer("do you have berserk", Intent.PRODUCT_DISCOVERY, Evidence(products=(deluxe, berserk)))
        assert deluxe.product.title in text
        assert "43 volumes" in text

    def test_a_volume_that_does_not_exist_is_said_not_to(self, answer: Answer, berserk: ProductEvidence) -> None:
        text = answer("berserk vol 99", Intent.PRODUCT_DISCOVERY, Evidence(products=(berserk,)))
        assert "no volume 99" in text

    def test_nothing_found_within_the_limit_repeats_the_limit(self, answer: Answer) -> None:
        text = answer("horror under $5", Intent.PRODUCT_DISCOVERY, Evidence(ceiling=Decimal(5)))
        assert "nothing for horror manga up to $5" in text

    def test_nothing_found_asks_for_something_to_go_on(self, answer: Answer) -> None:
        assert "author" in answer("quantum beekeeping", Intent.PRODUCT_DISCOVERY) or "genre" in answer(
            "quantum beekeeping", Intent.PRODUCT_DISCOVERY
        )

    def test_without_the_catalog_it_says_so(self, answer: Answer, shelf: SimpleNamespace) -> None:
        text = answer("horror manga", Intent.PRODUCT_DISCOVERY, Evidence(degraded=shelf.without("catalog")))
        assert "can't reach our catalog" in text

    def test_without_pricing_a_limit_is_said_to_be_unchecked(
        self, answer: Answer, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        evidence = Evidence(
            products=(replace(berserk, price=None), replace(shelf.product("uzumaki"), price=None)),
            ceiling=Decimal(15),
            degraded=shelf.without("pricing"),
        )
        text = answer("horror under $15", Intent.PRODUCT_DISCOVERY, evidence)
        assert "couldn't check them against your limit" in text
        assert "$" not in text

    def test_what_costs_too_much_is_said_to_with_its_price_and_what_comes_near(
        self, answer: Answer, shelf: SimpleNamespace, berserk: ProductEvidence
    ) -> None:
        deluxe = shelf.product("berserk", None, "omnibus")
        evidence = Evidence(products=(berserk, deluxe), over_limit=frozenset({deluxe.asin}), ceiling=Decimal(20))
        text = answer("berserk deluxe under $20", Intent.PRODUCT_DISCOVERY, evidence)
        assert f"**{deluxe.product.title}** costs {price_placeholder(deluxe.asin)}, which is over your $20" in text
        assert f"- **Berserk, Vol. 1**: {price_placeholder(berserk.asin)}" in text

    def test_when_nothing_is_cheaper_the_least_expensive_is_named(
        self, answer: Answer, berserk: ProductEvidence
    ) -> None:
        evidence = Evidence(products=(berserk,), over_limit=frozenset({berserk.asin}))
        text = answer("anything cheaper?", Intent.PRODUCT_DISCOVERY, evidence, cheaper=True)
        assert "costs less and found nothing" in text
        assert price_placeholder(berserk.asin) in text

    def test_an_edition_that_is_not_there_is_said_to_be_missing(self, answer: Answer, berserk: ProductEvidence) -> None:
        text = answer("berserk box set", Intent.PRODUCT_DISCOVERY, Evidence(products=(berserk,)))
        assert text.startswith("I don't find box sets of **Berserk**.")


class TestRecommendation:
    def test_it_goes_from_what_was_liked_and_gives_the_recommenders_reason(
        self, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        pick = replace(shelf.product("vagabond"), reason="Readers of Vinland Saga also bought it")
        text = answer("i loved vinland saga", Intent.RECOMMENDATION, Evidence(products=(pick,)))
        assert "**Vinland Saga**" in text
        assert "Readers of Vinland Saga also bought it." in text

    def test_a_reason_that_all_share_is_given_once(self, answer: Answer, shelf: SimpleNamespace) -> None:
        picks = tuple(
            replace(shelf.product(name), reason="Readers of Monster also bought it") for name in ("vagabond", "pluto")
        )
        text = answer("like monster vol 1", Intent.RECOMMENDATION, Evidence(products=picks))
        assert text.count("also bought it") == 1

    def test_as_many_as_were_asked_for(self, answer: Answer, shelf: SimpleNamespace) -> None:
        picks = tuple(shelf.product(name) for name in ("vagabond", "pluto", "uzumaki", "berserk"))
        assert answer("two series please", Intent.RECOMMENDATION, Evidence(products=picks)).count("\n- ") == 2

    def test_a_mature_title_is_called_one(self, answer: Answer, berserk: ProductEvidence) -> None:
        assert "rated Mature" in answer("dark fantasy", Intent.RECOMMENDATION, Evidence(products=(berserk,)))

    def test_without_anything_to_go_on_it_asks(self, answer: Answer) -> None:
        assert "?" in answer("recommend me something", Intent.RECOMMENDATION) or "Tell me" in answer(
            "recommend me something", Intent.RECOMMENDATION
        )

    def test_an_entry_is_read_at_a_glance(self, answer: Answer, shelf: SimpleNamespace) -> None:
        names = ("vagabond", "pluto", "uzumaki", "vinland-saga")
        picks = tuple(replace(shelf.product(name), reason="Shares action and drama with Monster") for name in names)
        entries = answer("something like monster vol 1", Intent.RECOMMENDATION, Evidence(products=picks)).splitlines()[
            1:
        ]
        lengths = [len(entry.split()) for entry in entries if entry.startswith("- ")]
        assert lengths
        assert max(lengths) <= 26
        assert sum(lengths) / len(lengths) <= 21


AGES = [
    ("is it suitable for a 10 year old?", "naruto", "meant for 13 and up", "I'd rather not give it to a 10-year-old"),
    ("is it ok for my 14 year old?", "naruto", "meant for 13 and up", "that fits a 14-year-old"),
    ("is it ok for kids?", "berserk", "meant for 18 and up", "not for younger children"),
]

QUESTIONS = [
    ("how much is it", "is {{price:"),
    ("is it in stock", "is in stock"),
    ("how many pages", "208 pages"),
    ("who wrote it", "is by Kentaro Miura"),
    ("what's the latest volume", "is volume 43"),
    ("how many volumes are there", "has 43 volumes so far"),
    ("is it finished", "Not yet"),
    ("is it ok for my kid", "is rated Mature"),
    ("what language is it in", "is in English"),
    ("is it paperback", "is a paperback"),
    ("who is the publisher", "is published by Dark Horse Manga"),
    ("when was it first published", "was first published in 1989"),
    ("isbn?", "The ISBN of"),
    ("what genre is it", "a seinen series"),
    ("any good?", "out of 5"),
    ("where do i start", "with volume 1"),
    ("what is it about", "swordsman Guts"),
]


class TestProductQuestion:
    @pytest.mark.parametrize(("text", "told"), QUESTIONS)
    def test_what_was_asked_comes_first(self, text: str, told: str, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer(text, Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)), subjects=(berserk.asin,))
        assert told in said.partition("\n")[0]

    @pytest.mark.parametrize(("text", "series", "meant", "verdict"), AGES)
    def test_whether_it_suits_a_reader_is_answered_by_the_page_on_ratings(
        self, text: str, series: str, meant: str, verdict: str, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        known = shelf.product(series)
        evidence = Evidence(products=(known,), chunks=shelf.searched("what do the age ratings mean"))
        said = answer(text, Intent.PRODUCT_QUESTION, evidence, subjects=(known.asin,))
        assert meant in said
        assert verdict in said

    def test_without_the_page_on_ratings_no_age_is_made_up(self, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer("is it ok for a 10 year old?", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)))
        assert "rated Mature" in said
        assert "18" not in said

    def test_the_longer_of_two_is_named(self, answer: Answer, berserk: ProductEvidence, shelf: SimpleNamespace) -> None:
        other = shelf.product("vinland-saga")
        both = (berserk.asin, other.asin)
        said = answer(
            "which one is longer?", Intent.PRODUCT_QUESTION, Evidence(products=(berserk, other)), subjects=both
        )
        assert said.startswith("**Berserk** is the longer one with 43 volumes")

    def test_a_volume_that_never_came_out_is_not_replaced_by_the_first(
        self, answer: Answer, berserk: ProductEvidence
    ) -> None:
        said = answer("when is berserk volume 120 coming out", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)))
        assert "no volume 120" in said

    def test_pointing_at_a_book_shows_it(self, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer(
            "the second one", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)), subjects=(berserk.asin,)
        )
        assert said.startswith("Here's **Berserk, Vol. 1**")

    def test_what_the_store_does_not_know_is_not_made_up(self, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer("does it smell nice", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)), subjects=("x",))
        assert said.startswith("I don't have that detail")

    def test_the_price_of_the_latest_volume_is_not_that_of_the_first(
        self, answer: Answer, berserk: ProductEvidence
    ) -> None:
        assert "{{price" not in answer("latest volume?", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)))

    def test_restocking_names_the_day(self, answer: Answer, berserk: ProductEvidence, shelf: SimpleNamespace) -> None:
        away = Stock(asin=berserk.asin, state="backorder", restock_date=shelf.today)
        evidence = Evidence(products=(replace(berserk, stock=away),))
        assert "on backorder, expected November 25" in answer(
            "when is it back in stock", Intent.PRODUCT_QUESTION, evidence
        )
        undated = Evidence(products=(replace(berserk, stock=replace(away, restock_date=None)),))
        assert "no date for it yet" in answer("when is it back in stock", Intent.PRODUCT_QUESTION, undated)

    def test_without_pricing_it_sends_to_the_product_page(
        self, answer: Answer, berserk: ProductEvidence, shelf: SimpleNamespace
    ) -> None:
        evidence = Evidence(products=(replace(berserk, price=None),), degraded=shelf.without("pricing"))
        assert "see the product page for today's price" in answer("how much is it", Intent.PRODUCT_QUESTION, evidence)

    def test_two_products_are_put_side_by_side(
        self, answer: Answer, berserk: ProductEvidence, shelf: SimpleNamespace
    ) -> None:
        deluxe = shelf.product("berserk", None, "omnibus")
        evidence = Evidence(products=(berserk, deluxe))
        said = answer("what's the difference", Intent.PRODUCT_QUESTION, evidence, subjects=(berserk.asin, deluxe.asin))
        assert "paperback" in said and "volumes 1 to 3" in said
        assert f"**{berserk.product.title}** costs less" in said

    def test_a_guessed_product_is_called_a_guess(self, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer("how many pages", Intent.PRODUCT_QUESTION, Evidence(products=(berserk,)))
        assert said.startswith("I take it you mean **Berserk, Vol. 1**")

    def test_without_any_product_it_asks_which(self, answer: Answer) -> None:
        assert "title" in answer("is it in stock", Intent.PRODUCT_QUESTION)


class TestOrders:
    def test_a_parcel_on_its_way_has_carrier_day_and_number(self, answer: Answer, shelf: SimpleNamespace) -> None:
        owned = shelf.orders()[1]
        said = answer("where is it", Intent.ORDER_TRACKING, Evidence(orders=(owned,)), guest=False)
        parcel = owned.shipments[0]
        assert owned.order.order_id in said
        assert f"with {parcel.carrier}, expected Friday, November 27" in said
        assert parcel.tracking_number in said

    def test_a_title_in_the_message_chooses_the_order(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("where is a bride's story", Intent.ORDER_TRACKING, Evidence(orders=shelf.orders()[:3]))
        assert said.startswith(f"Your order {shelf.orders()[2].order.order_id}")

    def test_an_unknown_order_number_is_repeated_back(self, answer: Answer) -> None:
        said = answer("track 112-0000000-0000000", Intent.ORDER_TRACKING)
        assert "can't find order 112-0000000-0000000" in said

    def test_without_the_orders_service_a_person_is_offered(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("where is my order", Intent.ORDER_TRACKING, Evidence(degraded=shelf.without("orders")))
        assert "couldn't load your order" in said
        assert "Talk to a person" in said

    def test_without_shipping_the_state_is_told_without_tracking(self, answer: Answer, shelf: SimpleNamespace) -> None:
        owned = replace(shelf.orders()[1], shipments=())
        evidence = Evidence(orders=(owned,), degraded=shelf.without("shipping"))
        said = answer("where is my order", Intent.ORDER_TRACKING, evidence)
        assert "is on its way" in said
        assert "can't reach its tracking" in said
        assert "expected" not in said

    def test_a_guest_is_asked_to_sign_in(self, answer: Answer) -> None:
        assert "sign in" in answer("where is my order", Intent.ORDER_TRACKING, Evidence(sign_in_needed=True)).lower()

    def test_no_orders_is_said(self, answer: Answer) -> None:
        assert "any orders" in (said := answer("where is my order", Intent.ORDER_TRACKING)) or "no orders" in said


class TestReturns:
    def test_what_can_go_back_names_the_last_day(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("return vinland saga", Intent.RETURN_REQUEST, Evidence(orders=shelf.orders()[3:6]))
        assert "can be returned until January 31, 2027" in said
        assert "Monster" not in said

    def test_a_book_that_was_not_bought_is_not_taken_for_another(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("return fullmetal alchemist", Intent.RETURN_REQUEST, Evidence(orders=shelf.orders()[3:5]))
        assert said.startswith("I don't see **Fullmetal Alchemist** in your recent orders.")

    def test_a_series_that_the_next_wish_is_measured_by_chooses_no_order(
        self, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        wish = "return my last order and find me something better like vagabond"
        evidence = Evidence(orders=shelf.orders()[3:6])
        said = answer(wish, Intent.RETURN_REQUEST, evidence, secondary=Intent.PRODUCT_DISCOVERY)
        assert "I don't see" not in said
        assert "something like **Vagabond**" in said.rpartition("\n")[2]

    def test_a_refund_names_amount_and_day(self, answer: Answer, shelf: SimpleNamespace) -> None:
        owned = shelf.orders()[5]
        said = answer("where is my refund", Intent.RETURN_REQUEST, Evidence(orders=(owned,)))
        assert f"${owned.returns.refund_amount:.2f} was issued on November 17" in said

    def test_what_cannot_go_back_says_why(self, answer: Answer, shelf: SimpleNamespace) -> None:
        owned = shelf.orders()[7]
        ends = owned.returns.window_ends
        owned = replace(
            owned,
            returns=replace(owned.returns, eligible=False, reason=f"The return window ended on {ends.isoformat()}."),
        )
        said = answer("return it", Intent.RETURN_REQUEST, Evidence(orders=(owned,)))
        assert f"can't be returned. The return window ended on {ends:%B} {ends.day}" in said

    def test_without_the_returns_service_the_returns_centre_is_named(
        self, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        evidence = Evidence(orders=shelf.orders()[3:4], degraded=shelf.without("returns"))
        said = answer("return my order", Intent.RETURN_REQUEST, evidence)
        assert "returns centre" in said
        assert "can be returned" not in said

    def test_the_rules_come_from_the_page(self, answer: Answer, shelf: SimpleNamespace) -> None:
        chunks = shelf.searched("how long do i have to return something")
        evidence = Evidence(orders=shelf.orders()[3:4], chunks=chunks)
        said = answer("how long do i have to return something", Intent.RETURN_REQUEST, evidence)
        assert "30 days from delivery" in said
        assert chunks[0].chunk.title in said


class TestStore:
    def test_an_offer_names_its_code_and_its_days(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("is INK10 active", Intent.PROMOTION, Evidence(promotions=shelf.promotions()))
        assert "code **INK10**" in said
        assert "from Monday, November 2 to Friday, January 1" in said

    def test_the_offer_that_was_asked_for_comes_alone(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("horror discount", Intent.PROMOTION, Evidence(promotions=shelf.promotions()))
        assert "Long Nights" in said
        assert "Sports Season" not in said

    def test_a_discount_that_no_offer_speaks_of_is_answered_by_the_page(
        self, answer: Answer, shelf: SimpleNamespace
    ) -> None:
        chunks = shelf.searched("is there a student discount")
        evidence = Evidence(promotions=shelf.promotions(), chunks=chunks)
        said = answer("is there a student discount", Intent.PROMOTION, evidence)
        assert "no separate student" in said
        assert "Sports Season" not in said

    def test_an_unknown_code_is_not_confirmed(self, answer: Answer, shelf: SimpleNamespace) -> None:
        said = answer("does code SAVE50 work", Intent.PROMOTION, Evidence(promotions=shelf.promotions()))
        assert "can't find the code SAVE50" in said

    def test_without_promotions_none_is_promised(self, answer: Answer, shelf: SimpleNamespace) -> None:
        down = answer("any deals", Intent.PROMOTION, Evidence(degraded=shelf.without("promotions")))
        assert "can't look up" in down
        assert "offer" in answer("any deals", Intent.PROMOTION)

    def test_the_cart_is_listed_with_its_prices(self, answer: Answer, berserk: ProductEvidence) -> None:
        said = answer("what's in my cart", Intent.CHECKOUT_HELP, Evidence(cart=(berserk,)))
        assert f"**Berserk, Vol. 1**: {price_placeholder(berserk.asin)}" in said

    def test_a_help_page_is_quoted_with_its_title(self, answer: Answer, shelf: SimpleNamespace) -> None:
        chunks = shelf.searched("do you have gift cards")
        said = answer("do you have gift cards", Intent.FAQ, Evidence(chunks=chunks))
        assert f"“{chunks[0].chunk.title}”" in said
        assert "we sell gift cards" in said

    def test_what_no_page_says_is_not_known(self, answer: Answer) -> None:
        said = answer("do you sell pizza", Intent.FAQ)
        assert "don't know" in said or "couldn't find" in said
        assert "Talk to a person" in said


class TestTalk:
    def test_a_customer_is_greeted_by_first_name(self, answer: Answer, shelf: SimpleNamespace) -> None:
        assert "Aiko" in answer("hello", Intent.CHITCHAT, Evidence(customer=shelf.aiko))

    def test_it_says_that_it_is_a_program(self, answer: Answer) -> None:
        said = answer("are you a real person?", Intent.CHITCHAT)
        assert "program" in said or "software" in said

    def test_another_subject_is_turned_back_to_the_store(self, answer: Answer) -> None:
        assert "shelf" in (said := answer("capital of mongolia", Intent.CHITCHAT)) or "store" in said

    def test_an_upset_shopper_hears_that_we_are_sorry(self, answer: Answer) -> None:
        assert "sorry" in answer("this is ridiculous, get me a human", Intent.ESCALATION)
        assert "sorry" not in answer("can i talk to somebody", Intent.ESCALATION)

    @pytest.mark.parametrize("text", ["????", "lol k", "hmm", "ok"])
    def test_a_message_without_words_is_asked_what_it_looks_for(self, text: str, answer: Answer) -> None:
        assert "looking for" in (said := answer(text, Intent.CHITCHAT)) or "you're after" in said

    def test_two_intents_too_close_to_call_are_asked_about(self, answer: Answer) -> None:
        said = answer("my code", Intent.FAQ, between=(Intent.PROMOTION, Intent.CHECKOUT_HELP))
        assert "what's on offer" in said and "paying" in said

    def test_the_second_intent_is_offered(self, answer: Answer, shelf: SimpleNamespace) -> None:
        evidence = Evidence(orders=shelf.orders()[3:4])
        said = answer("return this and find me more", Intent.RETURN_REQUEST, evidence, secondary=Intent.RECOMMENDATION)
        assert "something to read" in said.rpartition("\n")[2]
