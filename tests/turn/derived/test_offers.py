"""T-11: what an offer covers, what is missing to its conditions, and what it takes off."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from msgspec import structs

from mangaassist.domain.products import Discount, Promotion
from mangaassist.turn.derived.offers import fit
from tests.turn.derived.known import NOW, asin, book, volume


def offer(**more: Any) -> Promotion:
    given: dict[str, Any] = {
        "promotion_id": "p", "kind": "coupon", "title": "P", "description": "", "percent_off": 10,
        "asins": (asin("V1"), asin("V2")), "starts_at": NOW, "ends_at": NOW + timedelta(days=1),
    }  # fmt: skip
    return Promotion(**given | more)


def test_an_offer_covers_what_it_lists_and_nothing_else() -> None:
    found = fit(offer(), [volume(1), volume(3)])
    assert (found.covers, found.asins) == (True, (asin("V1"),))
    assert fit(offer(), [volume(3)]).covers is False


def test_an_offer_whose_list_is_cut_off_covers_what_the_store_says_it_does() -> None:
    assert fit(offer(), [volume(3)], {asin("V3")}).covers is True
    assert fit(offer(asins=(), everything=True), [book("Z", "1.00")]).covers is True


def test_a_coupon_takes_its_part_off_what_it_covers_to_the_cent() -> None:
    assert fit(offer(), [volume(1, "9.99"), volume(3, "50.00")]).saves == Decimal("1.00")
    assert fit(offer(percent_off=15), [volume(1, "9.90")], quantities={asin("V1"): 2}).saves == Decimal("2.97")


def test_what_is_missing_to_its_conditions_is_told_and_nothing_is_saved_before_they_are_met() -> None:
    few = fit(offer(minimum_items=3), [volume(1), volume(2)])
    assert (few.needs_items, few.saves) == (1, None)
    assert fit(offer(minimum_items=3), [volume(1), volume(2)], quantities={asin("V1"): 2}).needs_items == 0
    little = fit(offer(minimum_amount=Decimal(25)), [volume(1), volume(2)])
    assert (little.needs_amount, little.saves) == (Decimal(5), None)
    assert fit(offer(minimum_amount=Decimal(20)), [volume(1), volume(2)]).saves == Decimal("2.00")


def test_a_bundle_of_a_whole_series_needs_every_volume_of_it() -> None:
    whole = offer(kind="bundle", whole_series=True, asins=tuple(asin(f"V{n}") for n in range(1, 7)))
    assert fit(whole, [volume(1), volume(2)]).needs_items == 4
    every = fit(whole, [volume(n) for n in range(1, 7)])
    assert (every.needs_items, every.saves) == (0, Decimal("6.00"))


def test_what_does_not_cover_a_book_has_no_conditions_for_it() -> None:
    found = fit(offer(minimum_items=3, minimum_amount=Decimal(25)), [volume(5)])
    assert (found.covers, found.needs_items, found.needs_amount, found.saves) == (False, 0, 0, None)


def test_a_deal_is_in_the_price_already_and_took_off_what_the_store_says() -> None:
    known = volume(1)
    assert known.price is not None
    dealt = structs.replace(known, price=structs.replace(known.price, discounts=(Discount("P", Decimal("1.50")),)))
    found = fit(offer(kind="deal"), [dealt])
    assert (found.already_in_price, found.saves) == (True, Decimal("1.50"))
    assert fit(offer(kind="deal"), [known]).saves is None


def test_nobody_says_what_is_saved_on_what_has_no_price() -> None:
    assert fit(offer(), [volume(1, None)]).saves is None


def test_a_code_takes_its_part_off_what_a_member_pays() -> None:
    found = fit(offer(), [volume(1, "10.00", member="9.00")], member=True)
    assert found.saves == Decimal("0.90")
