"""S-2 to S-6: the one generic caller, with a clock that stands still and operations that do as they are told."""

import asyncio
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.domain.customers import GUEST, Identity
from mangaassist.errors import FailureKind, NotFound, ServiceFailure
from mangaassist.services.breaker import MINIMUM_CALLS, OPEN_S
from mangaassist.services.caller import Caller
from mangaassist.services.policies import POLICIES, Service
from mangaassist.services.questions import Question
from mangaassist.stores.memory.cache import MemoryCache

ANY = {service: Question(service, "any", str) for service in POLICIES}
AIKO = Identity("aiko", "token-of-aiko")
BEN = Identity("ben", "token-of-ben")
FOREVER = math.inf

SLOW_TABLE = {service: msgspec.structs.replace(policy, timeout_s=0.02) for service, policy in POLICIES.items()}
"""The same table with time limits that a test can wait for."""


class Scripted:
    """A service of which each try ends as scripted: a value is given, an exception raised, ``HANG`` never ends."""

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.tries = 0
        self.cancelled = 0
        self.began = asyncio.Event()

    async def __call__(self, limit: float) -> Any:
        step = self.script[min(self.tries, len(self.script) - 1)]
        self.tries += 1
        self.began.set()
        if step is HANG:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if isinstance(step, Exception):
            raise step
        return step


HANG = object()


def failing(kind: FailureKind) -> ServiceFailure:
    return ServiceFailure("any", kind)


@pytest.fixture
def heard() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def caller(clock: Any, heard: list[tuple[str, str]]) -> Caller:
    return Caller(
        MemoryCache(clock),
        clock=clock,
        wall=clock.wall,
        jitter=lambda: 0.01,
        sleep=clock.sleep,
        observe=lambda service, outcome, _: heard.append((service, outcome)),
        policies=SLOW_TABLE,
    )


async def ask(caller: Caller, service: Service, operation: Any, **options: Any) -> Any:
    return await caller.call(ANY[service], operation, **{"deadline": FOREVER, "identity": GUEST, **options})


async def open_breaker(caller: Caller, service: Service) -> None:
    for _ in range(MINIMUM_CALLS):
        await ask(caller, service, Scripted(failing("contract")))


async def test_what_the_service_gives_is_given_with_the_time_at_which_it_was_true(caller: Caller, clock: Any) -> None:
    answer = await ask(caller, "catalog", Scripted("value"))
    assert (answer.value, answer.failure, answer.cached, answer.as_of) == ("value", None, False, clock.wall())


# --- who may ask ---


@pytest.mark.parametrize("service", ["profile", "orders", "shipping", "returns"])
@pytest.mark.parametrize("identity", [GUEST, Identity("aiko", None), Identity(None, "token")], ids=repr)
async def test_a_guest_is_told_to_sign_in_without_a_call(
    caller: Caller, service: Service, identity: Identity, heard: list[tuple[str, str]]
) -> None:
    operation = Scripted("secret")
    answer = await ask(caller, service, operation, identity=identity, about="k")
    assert answer.failure.kind == "unauthenticated"
    assert (answer.value, operation.tries) == (None, 0)
    assert heard == [(service, "unauthenticated")]


async def test_a_guest_may_ask_a_service_for_which_signing_in_is_optional(caller: Caller) -> None:
    assert (await ask(caller, "recommendations", Scripted("value"))).value == "value"


# --- what is kept ---


async def test_a_kept_answer_is_given_without_a_call_until_its_time_is_over(caller: Caller, clock: Any) -> None:
    operation = Scripted("first", "second")
    await ask(caller, "inventory", operation, about="k")
    fetched_at = clock.wall()
    clock.now += 29.9
    kept = await ask(caller, "inventory", operation, about="k")
    assert (kept.value, kept.cached, kept.as_of, operation.tries) == ("first", True, fetched_at, 1)
    clock.now += 0.1
    assert (await ask(caller, "inventory", operation, about="k")).value == "second"


async def test_a_price_is_never_kept_even_when_somebody_names_a_key(caller: Caller) -> None:
    operation = Scripted("9.99", "10.99")
    assert (await ask(caller, "pricing", operation, about="k")).value == "9.99"
    again = await ask(caller, "pricing", operation, about="k")
    assert (again.value, again.cached) == ("10.99", False)


async def test_one_customers_kept_answer_is_never_given_to_another(caller: Caller) -> None:
    operation = Scripted("aiko's", "ben's", "everybody's")
    for identity, value in ((AIKO, "aiko's"), (BEN, "ben's"), (GUEST, "everybody's"), (AIKO, "aiko's")):
        assert (await ask(caller, "recommendations", operation, about="k", identity=identity)).value == value
    assert operation.tries == 3


async def test_a_failure_is_not_kept(caller: Caller) -> None:
    operation = Scripted(failing("contract"), "value")
    assert (await ask(caller, "catalog", operation, about="k")).failure is not None
    assert (await ask(caller, "catalog", operation, about="k")).value == "value"


async def test_what_does_not_exist_is_no_failure_and_is_asked_for_again(caller: Caller) -> None:
    operation = Scripted(NotFound("no such order"), "value")
    absent = await ask(caller, "orders", operation, about="k", identity=AIKO)
    assert (absent.value, absent.failure) == (None, None)
    assert (await ask(caller, "orders", operation, about="k", identity=AIKO)).value == "value"


async def test_the_breaker_does_not_hear_of_what_does_not_exist(caller: Caller) -> None:
    for _ in range(100):
        await ask(caller, "orders", Scripted(NotFound("no such order")), identity=AIKO)
    assert caller._breakers["orders"].calls == 0


# --- time limits ---


async def test_a_call_that_hangs_is_cancelled_at_the_time_limit_of_its_service(caller: Caller) -> None:
    operation = Scripted(HANG)
    answer = await ask(caller, "pricing", operation)
    assert answer.failure.kind == "timeout"
    assert operation.cancelled == operation.tries == 1


@given(policy_s=st.floats(0.1, 1), left_s=st.floats(0.001, 2))
async def test_a_call_never_gets_more_than_its_limit_nor_more_than_the_turn_has_left(
    policy_s: float, left_s: float
) -> None:
    limits: list[float] = []

    async def operation(limit: float) -> str:
        limits.append(limit)
        return "value"

    table = {"catalog": msgspec.structs.replace(POLICIES["catalog"], timeout_s=policy_s)}
    caller = Caller(MemoryCache(), clock=lambda: 50.0, policies=table)
    await ask(caller, "catalog", operation, deadline=50.0 + left_s)
    assert limits == [pytest.approx(min(policy_s, left_s))]


async def test_with_no_time_left_nothing_is_called_and_the_service_is_not_blamed(caller: Caller, clock: Any) -> None:
    operation = Scripted("value")
    answer = await ask(caller, "catalog", operation, deadline=clock.now)
    assert (answer.failure.kind, operation.tries) == ("out_of_time", 0)
    assert caller._breakers["catalog"].calls == 0


async def test_a_timeout_counts_against_the_breaker(caller: Caller) -> None:
    await ask(caller, "pricing", Scripted(HANG))
    assert caller._breakers["pricing"].error_rate == 1.0


async def test_a_call_that_the_turn_cut_short_does_not_count_against_the_breaker(caller: Caller, clock: Any) -> None:
    answer = await ask(caller, "pricing", Scripted(HANG), deadline=clock.now + 0.002)
    assert answer.failure.kind == "out_of_time"
    assert caller._breakers["pricing"].calls == 0


async def test_cancelling_the_turn_cancels_the_call_and_tells_the_breaker_nothing(
    caller: Caller, heard: list[tuple[str, str]]
) -> None:
    operation = Scripted(HANG)
    turn = asyncio.create_task(ask(caller, "pricing", operation))
    await operation.began.wait()
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert operation.cancelled == 1
    assert caller._breakers["pricing"].calls == 0
    assert heard == [("pricing", "cancelled")]


# --- retries ---


@pytest.mark.parametrize("kind", ["timeout", "unreachable", "error"])
async def test_a_transient_failure_is_tried_once_more_after_a_pause(
    caller: Caller, clock: Any, kind: FailureKind
) -> None:
    operation, before = Scripted(failing(kind), "value"), clock.now
    answer = await ask(caller, "catalog", operation)
    assert (answer.value, operation.tries, clock.now) == ("value", 2, before + 0.01)
    assert answer.retried


@pytest.mark.parametrize("kind", ["contract", "rejected"])
async def test_a_failure_that_another_try_cannot_mend_is_not_tried_again(caller: Caller, kind: FailureKind) -> None:
    operation = Scripted(failing(kind), "value")
    answer = await ask(caller, "catalog", operation)
    assert (answer.failure.kind, answer.retried) == (kind, False)
    assert operation.tries == 1


@pytest.mark.parametrize("service", POLICIES)
async def test_no_service_is_tried_more_often_than_its_table_allows(caller: Caller, service: Service) -> None:
    operation = Scripted(failing("error"))
    await ask(caller, service, operation, identity=AIKO)
    assert operation.tries == 1 + POLICIES[service].retries


async def test_what_is_not_idempotent_is_never_tried_again(caller: Caller) -> None:
    operation = Scripted(failing("error"), "value")
    assert (await ask(caller, "catalog", operation, idempotent=False)).failure is not None
    assert operation.tries == 1


async def test_no_retry_begins_when_its_pause_would_use_up_the_budget(caller: Caller, clock: Any) -> None:
    operation, before = Scripted(failing("error"), "value"), clock.now
    answer = await ask(caller, "catalog", operation, deadline=before + 0.01)
    assert (operation.tries, answer.failure.kind, clock.now) == (1, "error", before)


# --- the contract and the breaker ---


@pytest.mark.parametrize(
    "error",
    [
        msgspec.ValidationError("Expected `str`, got `int`"),
        msgspec.DecodeError("JSON is malformed"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_an_answer_outside_its_contract_is_a_failure_that_counts(caller: Caller, error: Exception) -> None:
    answer = await ask(caller, "reviews", Scripted(error))
    assert (answer.value, answer.failure.kind) == (None, "contract")
    assert caller._breakers["reviews"].error_rate == 1.0


async def test_a_mistake_of_our_own_is_not_hidden_as_a_service_failure(caller: Caller) -> None:
    with pytest.raises(KeyError):
        await ask(caller, "catalog", Scripted(KeyError("oops")))


async def test_an_open_breaker_answers_at_once_and_without_a_call(caller: Caller) -> None:
    await open_breaker(caller, "pricing")
    operation = Scripted("value")
    answer = await ask(caller, "pricing", operation)
    assert (answer.failure.kind, operation.tries) == ("open", 0)
    assert caller.breakers()["pricing"] == "open"
    assert caller.breakers()["catalog"] == "closed"


async def test_what_is_kept_is_given_while_the_breaker_is_open(caller: Caller) -> None:
    await ask(caller, "catalog", Scripted("value"), about="k")
    await open_breaker(caller, "catalog")
    assert (await ask(caller, "catalog", Scripted("other"), about="k")).value == "value"


async def test_a_call_that_the_service_rejects_as_wrong_opens_nothing(caller: Caller) -> None:
    for _ in range(MINIMUM_CALLS * 3):
        await ask(caller, "orders", Scripted(failing("rejected")), identity=AIKO)
    assert caller.breakers()["orders"] == "closed"


async def test_a_cancelled_probe_does_not_shut_the_service_out_for_ever(caller: Caller, clock: Any) -> None:
    await open_breaker(caller, "pricing")
    clock.now += OPEN_S
    operation = Scripted(HANG)
    probe = asyncio.create_task(ask(caller, "pricing", operation))
    await operation.began.wait()
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert (await ask(caller, "pricing", Scripted("value"))).value == "value"
    assert caller.breakers()["pricing"] == "closed"


async def test_calls_over_half_of_the_time_limit_open_the_breaker_though_they_succeed(caller: Caller) -> None:
    async def slowly(limit: float) -> str:
        await asyncio.sleep(0.6 * limit)
        return "value"

    for _ in range(MINIMUM_CALLS):
        assert (await ask(caller, "inventory", slowly)).value == "value"
    assert caller.breakers()["inventory"] == "open"


async def test_a_slow_call_is_remarked_and_so_is_the_opening(clock: Any) -> None:
    remarks = list[tuple[str, str]]()
    caller = Caller(
        MemoryCache(clock),
        clock=clock,
        policies=SLOW_TABLE,
        remark=lambda service, what: remarks.append((service, what)),
    )
    for _ in range(MINIMUM_CALLS):
        await ask(caller, "pricing", Scripted(HANG))
    assert remarks.count(("pricing", "slow")) == MINIMUM_CALLS
    assert remarks.count(("pricing", "opened")) == 1


async def test_a_fifth_of_the_calls_at_most_is_tried_again(clock: Any) -> None:
    remarks = list[str]()
    never_opens = {"catalog": msgspec.structs.replace(POLICIES["catalog"], breaker_threshold=1.1, slow_threshold=1.1)}
    caller = Caller(
        MemoryCache(clock),
        clock=clock,
        sleep=clock.sleep,
        policies=never_opens,
        remark=lambda _, what: remarks.append(what),
    )
    operation = Scripted(failing("unreachable"))
    for _ in range(100):
        await ask(caller, "catalog", operation)
    assert operation.tries == 100 + 20
    assert remarks.count("not_retried") == 80


async def test_a_retry_that_finds_the_breaker_open_keeps_the_first_failure(caller: Caller) -> None:
    for _ in range(MINIMUM_CALLS - 1):
        await ask(caller, "catalog", Scripted(failing("contract")))
    operation = Scripted(failing("error"))
    assert (await ask(caller, "catalog", operation)).failure.kind == "error"
    assert operation.tries == 1


# --- many at once ---


async def test_a_thousand_shoppers_who_ask_the_same_thing_make_one_call(caller: Caller) -> None:
    operation = Scripted("value")

    async def slowly(limit: float) -> Any:
        await asyncio.sleep(0)
        return await operation(limit)

    answers = await asyncio.gather(*(ask(caller, "catalog", slowly, about="k") for _ in range(1000)))
    assert {answer.value for answer in answers} == {"value"}
    assert operation.tries == 1


async def test_one_shopper_who_leaves_does_not_cancel_the_call_that_another_waits_for(caller: Caller) -> None:
    gate = asyncio.Event()

    async def operation(limit: float) -> str:
        await gate.wait()
        return "value"

    first = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    second = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    gate.set()
    assert (await second).value == "value"


async def test_the_call_is_cancelled_when_the_last_shopper_who_waits_for_it_leaves(caller: Caller) -> None:
    operation = Scripted(HANG)
    asking = [asyncio.create_task(ask(caller, "catalog", operation, about="k")) for _ in range(3)]
    await operation.began.wait()
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    await asyncio.sleep(0)
    assert operation.cancelled == operation.tries == 1


async def test_who_asks_just_after_everybody_left_gets_a_call_of_their_own(caller: Caller) -> None:
    operation = Scripted(HANG, "value")
    leaving = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    await operation.began.wait()
    leaving.cancel()
    asking = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    await asyncio.gather(leaving, return_exceptions=True)
    assert (await asking).value == "value"


async def test_another_turns_short_budget_is_no_reason_to_go_without(caller: Caller, clock: Any) -> None:
    operation = Scripted(HANG, "value")
    hurried = asyncio.create_task(ask(caller, "catalog", operation, about="k", deadline=clock.now + 0.002))
    await operation.began.wait()
    patient = await ask(caller, "catalog", operation, about="k", deadline=clock.now + 10)
    assert (await hurried).failure.kind == "out_of_time"
    assert patient.value == "value"


async def test_who_joins_a_call_waits_no_longer_than_their_own_turn(clock: Any) -> None:
    caller = Caller(MemoryCache(clock), clock=clock, wall=clock.wall)  # the catalog may take 200 ms
    operation = Scripted(HANG)
    leader = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    await operation.began.wait()
    joined = await ask(caller, "catalog", operation, about="k", deadline=clock.now + 0.001)
    assert joined.failure.kind == "out_of_time"
    assert not leader.done()
    leader.cancel()
    await asyncio.gather(leader, return_exceptions=True)


async def test_closing_cancels_what_is_on_its_way(caller: Caller) -> None:
    operation = Scripted(HANG)
    asking = asyncio.create_task(ask(caller, "catalog", operation, about="k"))
    await operation.began.wait()
    await caller.close()
    await asyncio.gather(asking, return_exceptions=True)
    assert operation.cancelled == 1


# --- batches ---


class Shelf:
    """A batch operation that knows the keys it is told, and notes what it was asked for."""

    def __init__(self, known: Mapping[str, str], failure: Exception | None = None) -> None:
        self.known = known
        self.failure = failure
        self.asked: list[tuple[str, ...]] = []

    async def __call__(self, batch: tuple[str, ...], limit: float) -> Mapping[str, str]:
        self.asked.append(batch)
        if self.failure:
            raise self.failure
        return {key: self.known[key] for key in batch if key in self.known}


async def ask_each(caller: Caller, service: Service, shelf: Shelf, keys: list[str], **options: Any) -> Any:
    return await caller.call_each(
        ANY[service], shelf, abouts=keys, **{"deadline": FOREVER, "identity": GUEST, **options}
    )


async def test_a_batch_that_was_tried_again_says_so(caller: Caller) -> None:
    again = Scripted(failing("error"), {"a": "A"})
    answer = await caller.call_each(
        ANY["inventory"], lambda _, limit: again(limit), abouts=["a"], deadline=FOREVER, identity=GUEST
    )
    assert (answer.value, answer.retried) == ({"a": "A"}, True)


async def test_a_batch_asks_only_for_what_is_missing(caller: Caller) -> None:
    shelf = Shelf({"a": "A", "b": "B", "c": "C"})
    await ask_each(caller, "inventory", shelf, ["a", "b"])
    answer = await ask_each(caller, "inventory", shelf, ["b", "c", "b", "x"])
    assert answer.value == {"b": "B", "c": "C"}
    assert shelf.asked == [("a", "b"), ("c", "x")]
    assert not answer.cached


async def test_a_batch_of_which_all_is_kept_makes_no_call(caller: Caller, heard: list[tuple[str, str]]) -> None:
    shelf = Shelf({"a": "A"})
    await ask_each(caller, "inventory", shelf, ["a"])
    answer = await ask_each(caller, "inventory", shelf, ["a"])
    assert (answer.value, answer.cached, len(shelf.asked)) == ({"a": "A"}, True, 1)
    assert heard == [("inventory", "ok"), ("inventory", "cached")]


@given(count=st.integers(0, 450))
async def test_no_call_of_a_batch_asks_for_more_than_a_hundred(count: int) -> None:
    keys = [str(number) for number in range(count)]
    shelf = Shelf({key: key for key in keys})
    answer = await ask_each(Caller(MemoryCache()), "inventory", shelf, keys)
    assert answer.value == {key: key for key in keys}
    assert all(len(batch) <= 100 for batch in shelf.asked)
    assert sorted(key for batch in shelf.asked for key in batch) == sorted(keys)


async def test_what_is_known_all_the_same_stands_beside_the_failure_with_its_date(caller: Caller, clock: Any) -> None:
    await ask_each(caller, "catalog", Shelf({"a": "A"}), ["a"])
    dated = clock.wall()
    clock.now += 60
    answer = await ask_each(caller, "catalog", Shelf({}, failing("contract")), ["a", "b"])
    assert (answer.value, answer.failure.kind, answer.as_of) == ({"a": "A"}, "contract", dated)


async def test_a_batch_that_fails_without_anything_known_has_no_value(caller: Caller) -> None:
    answer = await ask_each(caller, "catalog", Shelf({}, failing("contract")), ["a"])
    assert (answer.value, answer.failure.kind) == (None, "contract")


async def test_a_batch_of_prices_is_fetched_anew_every_time(caller: Caller) -> None:
    shelf = Shelf({"a": "9.99"})
    await ask_each(caller, "pricing", shelf, ["a"])
    await ask_each(caller, "pricing", shelf, ["a"])
    assert len(shelf.asked) == 2


async def test_a_batch_that_a_guest_may_not_ask_for_is_refused_without_a_call(caller: Caller) -> None:
    shelf = Shelf({"a": "A"})
    answer = await ask_each(caller, "orders", shelf, ["a"])
    assert (answer.failure.kind, shelf.asked) == ("unauthenticated", [])


def test_the_clock_of_the_wall_says_its_zone() -> None:
    from mangaassist.services.caller import utc_now

    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)
