"""S-5: a turn tells what it did without, blames whoever used up its time, and never a service that is well."""

import asyncio
import math

import msgspec
import pytest

from mangaassist.domain.customers import GUEST
from mangaassist.domain.evidence import Degradation, Evidence
from mangaassist.domain.products import ProductQuery
from mangaassist.services.degradations import LATE, OURSELVES, Degradations, to_blame
from mangaassist.services.policies import POLICIES
from mangaassist.services.turn_calls import TurnCall
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.store_data import AIKO, STORE
from mangaassist.testing.virtual_time import in_virtual_time

ASINS = tuple(product.asin for product in STORE.products)
BERSERK = ProductQuery(series_ids=("berserk",))


def test_one_a_service_is_told_in_the_order_of_first_failure() -> None:
    degradations = Degradations()
    for service, words in (("pricing", "first"), ("knowledge", "second"), ("pricing", "third")):
        degradations.note(Degradation(service, words))
    assert degradations.noted == (Degradation("pricing", "first"), Degradation("knowledge", "second"))


def test_a_service_that_answered_late_and_then_failed_has_failed() -> None:
    degradations = Degradations()
    degradations.note_unasked("shipping", "orders")
    assert (degradations.failed("orders"), degradations.failed("shipping")) == (False, True)
    degradations.note(Degradation("orders", "gone"))
    assert degradations.noted == (Degradation("orders", "gone"),)
    assert degradations.failed("orders")


@pytest.mark.parametrize(
    ("took", "gone", "blamed"),
    [
        ({"recommendations": 0.5, "catalog": 0.05}, 0.55, "recommendations"),
        ({"orders": 0.3, "shipping": 0.2}, 0.5, "orders"),
        ({"catalog": 0.05}, 0.06, "catalog"),
        ({"catalog": 0.05}, 0.5, None),
        ({}, 0.5, None),
        ({"catalog": 0.0}, 0.0, None),
    ],
    ids=["the slow one", "the slowest", "itself", "our own doing", "nobody was asked", "no time from the beginning"],
)
def test_who_used_up_the_time_is_to_blame(took: dict[str, float], gone: float, blamed: str | None) -> None:
    assert to_blame(took, gone) == blamed


def test_what_was_not_asked_is_missing_though_nobody_blames_it() -> None:
    late = Degradation("recommendations", LATE, answered=True)
    evidence = Evidence(degraded=(late, Degradation("pricing", "no prices")), unasked=frozenset({"catalog"}))
    failed = [service for service in ("catalog", "pricing", "recommendations", "reviews") if evidence.failed(service)]
    assert failed == ["catalog", "pricing"]


@in_virtual_time
async def test_every_phase_and_every_failure_of_a_turn_are_noted_in_one_place() -> None:
    store = FakeStore(pricing=Fault("fail"), catalog=Fault("unreachable"))
    turn = store.services.for_turn(GUEST)
    await turn.within(10.0).prices(ASINS)
    turn.note(Degradation("knowledge", "no pages"))
    await turn.within(20.0).existing(ASINS)
    await turn.within(30.0).prices(ASINS)
    assert [noted.service for noted in turn.degraded] == ["pricing", "knowledge", "catalog"]
    assert turn.degraded[0].fallback == POLICIES["pricing"].fallback


@in_virtual_time
async def test_each_question_of_a_turn_is_heard_with_what_came_of_it_in_every_phase() -> None:
    store, heard = FakeStore(pricing=Fault("fail"), inventory=Fault(delay_s=0.05)), list[TurnCall]()
    turn = store.services.for_turn(GUEST, None, heard.append)
    await turn.within(10.0).prices(ASINS)
    await turn.within(20.0).stock(ASINS)
    await turn.stock(ASINS)
    await turn.orders(3)
    assert [(call.service, call.question, call.outcome) for call in heard] == [
        ("pricing", "price", "error"),
        ("inventory", "stock", "ok"),
        ("inventory", "stock", "cached"),
        ("orders", "orders", "unauthenticated"),
    ]
    assert [round(call.took_s, 3) for call in heard[1:3]] == [0.05, 0.0]
    assert heard[1].began_s + heard[1].took_s == heard[2].began_s


@in_virtual_time
async def test_two_turns_know_nothing_of_each_other() -> None:
    services = FakeStore(pricing=Fault("fail")).services
    await services.for_turn(GUEST).prices(ASINS)
    assert services.for_turn(GUEST).degraded == ()


@in_virtual_time
async def test_a_guest_without_an_account_is_no_degradation() -> None:
    turn = FakeStore().services.for_turn(GUEST)
    await turn.orders(3)
    assert turn.degraded == ()
    assert not turn.failed("orders")


@in_virtual_time
async def test_each_phase_has_a_deadline_of_its_own() -> None:
    store = FakeStore(reviews=Fault(delay_s=0.25))
    turn = store.services.for_turn(GUEST)
    assert (await turn.within(store.clock() + 0.2).ratings(ASINS)).failure
    assert (await turn.within(store.clock() + 0.3).ratings(ASINS)).value
    assert (await turn.within(math.inf).ratings(ASINS)).value


# --- who is blamed ---


@in_virtual_time
async def test_the_recommender_leaves_its_fallback_the_time_that_it_needs() -> None:
    store = FakeStore(recommendations=Fault(delay_s=5))
    turn = store.services.for_turn(GUEST).within(0.55)
    assert (await turn.recommended(("B0BERSERK1",), (), 5)).failure
    assert store.clock() == pytest.approx(0.55 - POLICIES["recommendations"].fallback_s)
    assert (await turn.search(BERSERK)).value
    assert [noted.service for noted in turn.degraded] == ["recommendations"]
    assert turn.degraded[0].fallback == POLICIES["recommendations"].fallback


@in_virtual_time
async def test_no_retry_of_the_recommender_takes_the_time_of_its_fallback() -> None:
    store = FakeStore(recommendations=Fault("fail", delay_s=0.295))
    await store.services.for_turn(GUEST).within(0.55).recommended((), (), 5)
    assert (len(store.asked("recommendations")), store.clock()) == (1, 0.295)


@in_virtual_time
async def test_without_a_budget_the_recommender_has_its_whole_time() -> None:
    store = FakeStore(recommendations=Fault(delay_s=0.49))
    assert (await store.services.for_turn(GUEST).recommended((), (), 5)).value


@in_virtual_time
async def test_a_catalog_that_is_not_asked_any_more_is_not_blamed_but_what_it_knows_is_missing() -> None:
    slow = {**POLICIES, "recommendations": msgspec.structs.replace(POLICIES["recommendations"], fallback_s=0)}
    store = FakeStore(recommendations=Fault(delay_s=5), policies=slow)
    turn = store.services.for_turn(GUEST).within(0.5)
    await turn.recommended((), (), 5)
    assert (await turn.search(BERSERK)).failure
    assert store.asked("catalog") == []
    assert [noted.service for noted in turn.degraded] == ["recommendations"]
    assert turn.degraded[0].fallback == slow["recommendations"].fallback
    assert turn.unasked == {"catalog"}
    assert turn.failed("catalog")


@in_virtual_time
async def test_a_call_that_is_cut_short_because_another_answered_late_blames_the_late_one() -> None:
    store = FakeStore(orders=Fault(delay_s=0.45), shipping=Fault(delay_s=0.2))
    turn = store.services.for_turn(AIKO).within(0.55)
    orders = (await turn.orders(3)).value or ()
    assert (await turn.shipments(orders[1].order_id)).failure
    assert turn.degraded == (Degradation("orders", LATE, answered=True),)
    assert (turn.failed("orders"), turn.failed("shipping")) == (False, True)


@in_virtual_time
async def test_time_that_no_service_took_is_our_own_doing() -> None:
    store = FakeStore()
    turn = store.services.for_turn(GUEST).within(0.5)
    await asyncio.sleep(1)
    await turn.search(BERSERK)
    assert turn.degraded == (OURSELVES,)
    assert turn.failed("catalog")


@in_virtual_time
async def test_a_slow_service_that_had_a_fair_time_is_to_blame_itself() -> None:
    store = FakeStore(catalog=Fault(delay_s=5))
    turn = store.services.for_turn(GUEST).within(0.15)
    await turn.search(BERSERK)
    assert [noted.service for noted in turn.degraded] == ["catalog"]
    assert turn.unasked == frozenset()


# --- sold, not sold, could not be checked ---

UNKNOWN = "B0ZZZZZZZ9"


@in_virtual_time
async def test_an_asin_that_could_not_be_checked_is_told_from_one_that_is_not_sold() -> None:
    store = FakeStore()
    turn = store.services.for_turn(GUEST)
    assert (await turn.existing(["B0BERSERK1", UNKNOWN])).value == {"B0BERSERK1": True, UNKNOWN: False}
    store.faults["catalog"] = Fault("fail")
    answer = await turn.existing(["B0BERSERK1", UNKNOWN, "B0UZUMAKI1", "made up"])
    assert answer.value == {"B0BERSERK1": True, UNKNOWN: False, "made up": False}
    assert answer.failure


@in_virtual_time
async def test_of_an_answer_in_part_the_rest_could_not_be_checked() -> None:
    store = FakeStore(catalog=Fault("refuse", times=1))
    many = [f"B0{number:08}" for number in range(150)]
    answer = await store.services.for_turn(GUEST).existing(["B0BERSERK1", *many])
    assert answer.failure
    assert len(answer.value or ()) == 51  # the second of two batches
    assert not any((answer.value or {}).values())
