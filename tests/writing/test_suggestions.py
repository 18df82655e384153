"""W-4: follow-up questions that the assistant can answer."""

from types import SimpleNamespace

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.models.writers.suggestions import suggestions


def test_they_speak_of_what_was_found(shelf: SimpleNamespace) -> None:
    evidence = Evidence(products=(shelf.product("uzumaki"), shelf.product("tomie")))
    offered = suggestions(shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY, evidence))
    assert offered == ("What is Uzumaki about?", "Anything cheaper?", "Is Uzumaki finished?")


def test_without_prices_nothing_cheaper_is_offered(shelf: SimpleNamespace) -> None:
    evidence = Evidence(products=(shelf.product("uzumaki"), shelf.product("tomie")), degraded=shelf.without("pricing"))
    assert "Anything cheaper?" not in suggestions(shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY, evidence))


def test_what_was_just_asked_is_not_offered(shelf: SimpleNamespace) -> None:
    evidence = Evidence(products=(shelf.product("berserk"),))
    asked = shelf.asks("Is it in stock?", Intent.PRODUCT_QUESTION, evidence)
    assert "Is it in stock?" not in suggestions(asked)
    assert "Show me box sets" not in suggestions(shelf.asks("show me box sets", Intent.CHITCHAT))


def test_only_a_delivered_order_is_offered_for_return(shelf: SimpleNamespace) -> None:
    moving = suggestions(shelf.asks("where is it", Intent.ORDER_TRACKING, Evidence(orders=shelf.orders()[:2])))
    assert not any("return" in one for one in moving)
    done = suggestions(shelf.asks("where is it", Intent.ORDER_TRACKING, Evidence(orders=shelf.orders()[3:4])))
    assert any(one.startswith("Can I return order") for one in done)


def test_a_guest_who_must_sign_in_is_offered_what_needs_no_account(shelf: SimpleNamespace) -> None:
    offered = suggestions(shelf.asks("where is my order", Intent.ORDER_TRACKING, Evidence(sign_in_needed=True)))
    assert offered == ("How long does delivery take?", "What is your return policy?")


def test_the_other_pages_found_become_questions(shelf: SimpleNamespace) -> None:
    chunks = shelf.searched("promo code not working")
    offered = suggestions(shelf.asks("promo code not working", Intent.FAQ, Evidence(chunks=chunks)))
    assert set(offered) & {scored.chunk.title for scored in chunks[1:]}


def test_the_second_intent_and_the_two_meanings_are_offered(shelf: SimpleNamespace) -> None:
    both = suggestions(shelf.asks("x", Intent.RETURN_REQUEST, secondary=Intent.RECOMMENDATION))
    assert both[0] == "Recommend me something to read"
    unclear = suggestions(shelf.asks("x", Intent.FAQ, between=(Intent.ORDER_TRACKING, Intent.PROMOTION)))
    assert unclear == ("Where is my order?", "What's on offer right now?")


def test_a_second_wish_that_names_its_measure_is_one_tap_away(shelf: SimpleNamespace) -> None:
    wish = "return my last order and find me something better like vagabond"
    task = shelf.asks(wish, Intent.RETURN_REQUEST, Evidence(sign_in_needed=True), secondary=Intent.PRODUCT_DISCOVERY)
    assert suggestions(task)[0] == "Recommend something like Vagabond"
