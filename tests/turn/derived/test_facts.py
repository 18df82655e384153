"""T-11: one turn's derived facts together, and whether the store's people answer now."""

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import Target
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct, IntentGuess, Meaning
from mangaassist.domain.store_facts import OpeningHours, Support
from mangaassist.turn.derived.facts import Ground, derived, open_now
from tests.turn.derived.known import NOW, asin, volume
from tests.turn.derived.test_offers import offer

SIX = tuple(volume(number) for number in range(1, 7))


def asked(act: Act, *targets: Target) -> Meaning:
    return Meaning(
        text="x",
        guess=IntentGuess(Intent.PRODUCT_QUESTION, 1.0, "rules"),
        acts=(HeardAct(act),),
        targets=targets,
    )


def known(meaning: Meaning, **more: Any) -> Ground:
    return Ground(meaning=meaning, now=NOW, **more)


def test_what_is_named_together_is_summed_and_a_whole_series_by_its_single_volumes() -> None:
    two = asked(Act.TOTAL, Target(series_id="monster", volume=1), Target(series_id="monster", volume=2))
    assert derived(known(two, named=SIX[:2])).total.amount == Decimal(20)
    whole = asked(Act.TOTAL, Target(series_id="monster"))
    assert derived(known(whole, named=SIX[:1], shelf=SIX)).total.amount == Decimal(60)


def test_offers_speak_for_what_is_named_and_else_for_the_cart() -> None:
    meaning = asked(Act.OFFER_ON)
    (named,) = derived(known(meaning, named=SIX[2:3], cart=SIX[:1], promotions=(offer(),))).offers
    assert named.covers is False
    (carted,) = derived(known(meaning, cart=SIX[:1], promotions=(offer(),), quantities={asin("V1"): 2})).offers
    assert (carted.covers, carted.saves) == (True, Decimal("2.00"))


def test_nothing_follows_from_nothing() -> None:
    found = derived(known(asked(Act.PRICE)))
    assert (found.total, found.cart_total, found.free_shipping, found.orders, found.offers) == (
        None,
        None,
        None,
        (),
        (),
    )


HOURS = (OpeningHours(weekday=2, opens=time(8), closes=time(20)),)  # Wednesday


@pytest.mark.parametrize(
    ("support", "moment", "expected"),
    [
        (Support(hours=HOURS), datetime(2026, 11, 25, 8, tzinfo=UTC), True),
        (Support(hours=HOURS), datetime(2026, 11, 25, 20, tzinfo=UTC), False),
        (Support(hours=HOURS), datetime(2026, 11, 26, 12, tzinfo=UTC), False),
        (Support(hours=HOURS, timezone="America/New_York"), datetime(2026, 11, 25, 8, tzinfo=UTC), False),
        (Support(hours=HOURS, timezone="America/New_York"), datetime(2026, 11, 26, 0, tzinfo=UTC), True),
        (Support(hours=HOURS, timezone="Nowhere/Else"), datetime(2026, 11, 25, 12, tzinfo=UTC), None),
        (Support(), datetime(2026, 11, 25, 12, tzinfo=UTC), None),
    ],
)
def test_people_answer_by_the_hours_of_their_own_town(
    support: Support, moment: datetime, expected: bool | None
) -> None:
    assert open_now(support, moment) is expected
