"""Faq: the store's facts decide where they can, else the sentence of the page that answers; unknown is said plainly, once."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.acts import Act
from mangaassist.domain.days import NamedDay
from mangaassist.domain.derived import Derived, FreeShipping, MembershipAtRate
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.evidence import Degradation, Evidence
from mangaassist.domain.store_facts import NO_FACTS, AbroadRate
from mangaassist.domain.writing import PastTurn, WritingTask
from mangaassist.models.writers.offline import help_pages
from mangaassist.models.writers.offline.phrasing import PHRASES
from tests.writing.at_the_counter import AIKO, WRITER, asked, every_way, page, said, written_page

RATES = (
    AbroadRate(countries=("CA",), fee=Decimal("9.99"), least_days=6, most_days=10),
    AbroadRate(countries=("GB", "DE"), fee=Decimal("14.99"), least_days=8, most_days=12),
)


def rated(*acts: Act, **meaning: Any) -> WritingTask:
    """A message to a store that tells what it costs and how long it takes abroad."""
    task = asked(*acts, **meaning)
    return replace(task, evidence=replace(task.evidence, facts=replace(task.evidence.facts, abroad=RATES)))


def test_of_the_rates_abroad_only_that_of_the_country_is_told() -> None:
    """S-8, T-11: one row is the answer to one country."""
    for text in every_way(rated(Act.SHIPS_TO, countries=("GB",))):
        assert text.startswith("Yes")
        assert "the United Kingdom: $14.99 per order, 8 to 12 business days" in text
        assert "9.99" not in text.replace("14.99", "")


def test_how_long_and_how_much_are_told_of_the_country_alone() -> None:
    assert "6 to 10 business days" in said(rated(Act.DELIVERY_TIME, countries=("CA",)))
    assert "$" not in said(rated(Act.DELIVERY_TIME, countries=("CA",)))
    assert "$9.99 per order" in said(rated(Act.SHIPPING_COST, countries=("CA",)))


def test_both_together_are_one_answer() -> None:
    text = said(rated(Act.SHIPS_TO, Act.DELIVERY_TIME, Act.SHIPPING_COST, countries=("CA",)))
    assert text.count("6 to 10") == 1


def test_a_country_that_is_not_served_costs_nothing() -> None:
    for text in every_way(rated(Act.SHIPPING_COST, countries=("BR",))):
        assert text.startswith("No")


def test_what_shipping_costs_is_that_of_the_cart() -> None:
    shipping = FreeShipping(
        limit=Decimal(35), subtotal=Decimal("21.98"), missing=Decimal("13.02"), currency="USD", fee=Decimal("3.99")
    )
    evidence = Evidence(cart=(demo.product("uzumaki"),), derived=Derived(free_shipping=shipping))
    text = said(asked(Act.SHIPPING_COST, evidence=evidence))
    assert text.startswith("$3.99")
    assert "$13.02 more" in text
    free = replace(shipping, subtotal=Decimal(40), missing=Decimal(0))
    assert "Nothing" in said(asked(Act.SHIPPING_COST, evidence=replace(evidence, derived=Derived(free_shipping=free))))


@pytest.mark.parametrize(("way", "first"), [("whats your phone number", "1-800"), ("email", "help@")])
def test_the_way_of_reaching_people_that_is_asked_for_comes_first(way: str, first: str) -> None:
    assert first in said(asked(Act.CONTACT, about=way)).split(".")[0]


def test_a_country_on_the_list_is_confirmed_with_what_it_costs() -> None:
    evidence = Evidence(chunks=(page("international-shipping"),))
    for text in every_way(asked(Act.SHIPS_TO, about="do you ship to canada", countries=("CA",), evidence=evidence)):
        assert text.startswith("Yes")
        assert "Canada costs $9.99" in text
        assert text.count("Yes") == 1


def test_a_country_that_is_not_on_the_list_is_refused() -> None:
    for text in every_way(asked(Act.SHIPS_TO, countries=("KP",))):
        assert text.startswith("No")
        assert "North Korea" in text


def test_the_home_country_needs_no_place_on_the_list() -> None:
    assert said(asked(Act.SHIPS_TO, countries=("US",))).startswith("Yes")


def test_of_two_countries_each_gets_its_answer() -> None:
    text = said(asked(Act.SHIPS_TO, countries=("GB", "IR")))
    assert "ship to the United Kingdom" in text or "deliver to the United Kingdom" in text
    assert "Iran" in text


def test_without_a_list_of_countries_the_page_answers() -> None:
    task = asked(
        Act.SHIPS_TO,
        about="ship to canada",
        countries=("CA",),
        evidence=Evidence(chunks=(page("international-shipping"),)),
    )
    text = said(replace(task, evidence=replace(task.evidence, facts=NO_FACTS)))
    assert text.startswith("We ship to Canada")


def test_how_long_it_takes_names_the_days_on_which_it_would_be_there() -> None:
    text = said(asked(Act.DELIVERY_TIME, about="can i have it by friday"))
    assert "3 to 5 business days" in text
    assert "Wednesday, December 2" in text
    assert "Friday, December 4" in text
    assert "Tuesday, December 1" in text


def test_who_asks_for_the_fast_way_hears_of_no_other() -> None:
    text = said(asked(Act.DELIVERY_TIME, about="and express?"))
    assert "Express" in text
    assert "tandard" not in text


def test_what_shipping_costs_names_fee_and_limit() -> None:
    text = said(asked(Act.SHIPPING_COST))
    assert "$3.99" in text
    assert "$35" in text


def test_a_member_pays_no_standard_shipping() -> None:
    assert said(asked(Act.SHIPPING_COST, evidence=Evidence(customer=AIKO))).startswith("Nothing")


def test_whether_somebody_is_a_member_comes_before_the_rule() -> None:
    evidence = Evidence(customer=AIKO, chunks=(page("membership-renewal"),))
    for text in every_way(asked(Act.MEMBERSHIP, about="am i a member and when does it renew", evidence=evidence)):
        assert "Inkwell Circle" in text.split(".")[0]
        assert "not" not in text.split(".")[0]
        assert "renews every year at $19" in text


def test_who_asks_on_about_the_membership_is_not_told_again_that_they_are_a_member() -> None:
    evidence = Evidence(customer=AIKO, chunks=(page("membership-renewal"),))
    task = asked(
        Act.MEMBERSHIP, about="when does it renew", evidence=evidence, state=DialogueState(acts=(Act.MEMBERSHIP,))
    )
    assert said(task).startswith("Inkwell Circle renews every year")


def test_who_is_no_member_hears_so() -> None:
    stranger = replace(AIKO, member=False)
    for text in every_way(asked(Act.MEMBERSHIP, evidence=Evidence(customer=stranger))):
        assert "not a member" in text or "isn't active" in text


@pytest.mark.parametrize(
    ("orders", "told"),
    [
        (12, ["Yes", "12 orders", "**$47.88**", "$19 a year"]),
        (1, ["Not by the shipping alone", "1 order a", "**$3.99**"]),
    ],
)
def test_whether_a_membership_pays_off_at_a_rate_is_said_by_a_year_s_shipping(orders: int, told: list[str]) -> None:
    at_rate = MembershipAtRate(
        orders=orders, shipping=orders * Decimal("3.99"), fee=Decimal(19), limit=Decimal(35), currency="USD"
    )
    evidence = Evidence(derived=Derived(membership_at_rate=at_rate))
    for text in every_way(asked(Act.POLICY, about="is the membership worth it", evidence=evidence)):
        assert all(piece in text for piece in told)


def test_what_is_on_file_is_on_the_account_page() -> None:
    for text in every_way(asked(Act.MY_ACCOUNT, evidence=Evidence(customer=AIKO))):
        assert "Aiko Tanaka" in text
        assert "account page" in text


def test_a_guest_has_nothing_on_file() -> None:
    assert said(asked(Act.MY_ACCOUNT)).startswith("You aren't signed in")


def test_how_to_reach_people_names_phone_mail_hours_and_whether_they_are_there() -> None:
    text = said(asked(Act.CONTACT, evidence=Evidence(derived=Derived(open_now=False))))
    for part in (
        "1-800-555-0142",
        "help@inkwellmanga.example",
        "Monday to Saturday, 8am to 8pm Eastern",
        "Sundays: closed",
    ):
        assert part in text
    assert "team" in text.split(".")[0]


@pytest.mark.parametrize("goods", ["figures", "anime figures"])
def test_goods_that_are_not_sold_are_refused(goods: str) -> None:
    for text in every_way(asked(Act.OTHER_GOODS, goods=(goods,))):
        assert text.startswith(("No", "Sorry, no"))


def test_books_as_such_are_not_taken_for_used_books() -> None:
    task = asked(Act.OTHER_GOODS, goods=("books",))
    task = replace(
        task, evidence=replace(task.evidence, facts=replace(task.evidence.facts, does_not_sell=("used books",)))
    )
    assert "don't sell" not in said(task)


def test_a_page_s_own_verdict_is_better_than_a_bare_no() -> None:
    evidence = Evidence(chunks=(page("merchandise"),))
    text = said(asked(Act.OTHER_GOODS, about="do you sell figures", goods=("figures",), evidence=evidence))
    assert text.startswith("No, we sell books only")


@pytest.mark.parametrize(
    ("about", "names", "begins"),
    [
        ("do u price match amazon", ("price-match",), "We do not match prices"),
        ("can i use a gift card to pay for circle?", ("use-gift-card",), ""),
        ("can i return an opened box set", ("return-window", "box-set-returns"), "No, a shrink-wrapped box set"),
        ("do gift cards expire", ("buy-gift-card",), "We sell gift cards"),
        ("which direction do i read manga", ("read-right-to-left",), "Nearly all the books"),
    ],
)
def test_a_sentence_or_two_of_the_page_answer_and_the_page_is_named(
    about: str, names: tuple[str, ...], begins: str
) -> None:
    text = said(asked(Act.POLICY, about=about, evidence=Evidence(chunks=tuple(map(page, names)))))
    assert text.startswith(begins)
    assert len(text.split()) <= 65
    assert "page “" in text


def test_what_nobody_knows_is_said_plainly_with_a_person_who_may() -> None:
    for text in every_way(asked(Act.POLICY, about="is there a loyalty elephant")):
        assert "don't know" in text or "couldn't find" in text
        assert text.count("**Talk to a person**") == 1


def test_a_page_that_hardly_meets_the_question_is_not_quoted() -> None:
    evidence = Evidence(chunks=(page("gift-wrap", score=0.4),))
    text = said(asked(Act.POLICY, about="is the paper acid free and archival", evidence=evidence))
    assert "gift wrap" not in text.lower()


def test_pages_that_could_not_be_searched_are_not_called_silent() -> None:
    down = Evidence(degraded=(Degradation("knowledge", "done without"),))
    assert "can't search our help pages" in said(asked(Act.POLICY, about="gift wrap", evidence=down))


def test_two_questions_are_both_answered_in_full() -> None:
    first, second = said(asked(Act.SHIPS_TO, Act.DELIVERY_TIME, countries=("US",))).split("\n\n")
    assert "the United States" in first
    assert "3 to 5 business days" in second


def test_other_pages_that_were_found_are_suggested() -> None:
    evidence = Evidence(chunks=(page("gift-wrap"), page("gift-message")))
    offered = WRITER.suggestions(asked(Act.POLICY, about="gift wrap", evidence=evidence))
    assert offered[0] == "Can I add a gift message?"


def test_a_deadline_that_nothing_can_keep_is_denied() -> None:
    for text in every_way(asked(Act.DELIVERY_TIME, about="need it by friday", day=NamedDay(weekday=4))):
        assert text.startswith("No")
        assert "Tuesday, December 1" in text


def test_a_deadline_that_express_alone_keeps_is_kept_by_express() -> None:
    for text in every_way(asked(Act.DELIVERY_TIME, about="there by tuesday?", day=NamedDay(weekday=1))):
        assert text.startswith("With express")
        assert "$8.99" in text


def test_a_deadline_that_standard_shipping_keeps_is_confirmed() -> None:
    for text in every_way(asked(Act.DELIVERY_TIME, about="before christmas?", day=NamedDay(month=12, day=25))):
        assert text.startswith(("Yes", "That should work"))


def test_a_day_on_which_nobody_is_there_is_denied() -> None:
    for text in every_way(asked(Act.CONTACT, about="sundays?", day=NamedDay(weekday=6))):
        assert text.startswith("No")


def test_days_at_home_are_never_told_of_a_country_abroad() -> None:
    text = said(asked(Act.DELIVERY_TIME, about="how long to canada", countries=("CA",)))
    assert "3 to 5" not in text


def test_goods_that_no_page_holds_are_not_confirmed_by_a_page_on_other_goods() -> None:
    evidence = Evidence(chunks=(page("buy-gift-card"),))
    for text in every_way(asked(Act.OTHER_GOODS, about="do you sell pokemon cards", evidence=evidence)):
        assert "Yes" not in text
        assert "box sets" in text


TOLD = "Gift wrap costs $2.99 per item and can be added in the basket."


@pytest.mark.parametrize(
    ("about", "before", "is_at_an_end"),
    [
        ("basket", TOLD, True),
        ("waterproof", TOLD, False),
        ("basket", "Your order is on its way.", False),
    ],
)
def test_that_the_pages_hold_no_more_is_said_only_of_what_a_page_told(
    about: str, before: str, is_at_an_end: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S-5: what was told of an order is no answer of a page, and a page that names nothing of the question did not tell it."""
    monkeypatch.setattr(help_pages, "passage", lambda *_: None)
    task = asked(
        Act.POLICY,
        about=about,
        evidence=Evidence(chunks=(written_page("Wrap", TOLD),)),
        history=(PastTurn("and then", before, "faq"),),
        is_follow_up=True,
        fresh=tuple(help_pages.stems(about)),
    )
    for text in every_way(task):
        assert any(ending in text for ending in PHRASES["faq.no_more"]) is is_at_an_end


def test_what_no_page_told_before_is_asked_of_the_pages_as_a_question_of_its_own() -> None:
    task = asked(
        Act.POLICY,
        about="gift wrap",
        evidence=Evidence(chunks=(written_page("Do you offer gift wrap?", TOLD),)),
        history=(PastTurn("where is it", "It left the warehouse.", "order_tracking"),),
        is_follow_up=True,
        fresh=tuple(help_pages.stems("parcels")),
    )
    for text in every_way(task):
        assert "$2.99" in text


@pytest.mark.parametrize(("before", "is_at_an_end"), [(TOLD, True), ("Your order is on its way.", False)])
def test_who_did_what_no_page_told_is_not_told_that_it_was(before: str, is_at_an_end: bool) -> None:
    task = asked(
        Act.POLICY,
        about="tried that",
        evidence=Evidence(chunks=(written_page("Wrap", TOLD),)),
        history=(PastTurn("and then", before, "faq"),),
        is_follow_up=True,
        after="done",
    )
    for text in every_way(task):
        assert any(ending in text for ending in PHRASES["faq.no_more"]) is is_at_an_end
