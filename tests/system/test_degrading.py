"""S-1, S-5, S-7: the answer gets thinner, never wrong."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.questions import QUESTIONS
from benchmarks.system import Running, running, shopper, sign_in
from mangaassist.domain.intents import Intent
from mangaassist.wire.frames import Degraded
from tests.system.conftest import STRETCHED
from tests.system.test_answers import amounts, ask


@pytest.mark.parametrize("mode", ["fail", "wrong"])
async def test_without_live_prices_no_price_leaves(system: Running, faults, mode: str) -> None:
    await faults("pricing", mode)
    heard = await ask(system, "who wrote Vinland Saga?")
    assert [frame.service for frame in heard.frames if isinstance(frame, Degraded)] == ["pricing"]
    assert not amounts(heard.transcript.text)
    assert heard.transcript.products
    assert all(not card.price for card in heard.transcript.products)


@pytest.mark.parametrize("mode", ["fail", "wrong"])
async def test_without_inventory_a_card_says_nothing_of_stock(system: Running, faults, mode: str) -> None:
    await faults("inventory", mode)
    heard = await ask(system, f"is Dorohedoro volume {3 if mode == 'fail' else 4} in stock?")
    assert "inventory" in heard.transcript.metadata.degraded
    assert all(card.availability is None for card in heard.transcript.products)
    assert "in stock" not in heard.transcript.text.lower().replace("whether it's in stock", "")


async def test_without_orders_the_shopper_is_told_and_offered_a_person(system: Running, faults) -> None:
    await faults("orders", "fail")
    heard = await ask(system, "where is my order?", "dana")  # nobody else asks as dana, so nothing of theirs is cached
    assert "orders" in heard.transcript.metadata.degraded
    assert "talk_to_human" in [button.type for button in heard.transcript.buttons]


async def test_a_slow_service_is_waited_for_until_its_time_limit_and_no_longer(system: Running, faults) -> None:
    delay_ms = 60_000
    await faults("reviews", "slow", delay_ms=delay_ms)
    heard = await ask(system, "who wrote Golden Kamuy?")
    assert heard.transcript.metadata.degraded == ("reviews",)
    assert heard.transcript.metadata.latency_ms < delay_ms


@pytest.fixture(scope="module")
def alone(system: Running, first_start, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The assistant with everything it learnt, and no store."""
    data: Path = tmp_path_factory.mktemp("alone")
    shutil.copytree(first_start.data, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.log", "store"))
    with running(data, ("serve",), STRETCHED) as started:
        yield started


@pytest.mark.parametrize("intent", list(Intent))
async def test_without_any_store_every_intent_still_gets_an_answer_and_no_price(alone: Running, intent: Intent) -> None:
    async with shopper(alone) as asking:
        heard = await asking.ask(QUESTIONS[intent][0])
    assert len(heard.transcript.text) > 20
    assert not heard.transcript.products
    told = " ".join(frame.fallback for frame in heard.transcript.degraded)
    assert "some products" not in told  # a notice speaks of what is shown, and nothing is
    assert "are shown" not in told
    if intent is not Intent.FAQ and intent is not Intent.CHECKOUT_HELP:
        assert not amounts(heard.transcript.text)


async def test_without_any_store_a_token_cannot_be_checked_and_a_guest_is_welcome(
    alone: Running, system: Running
) -> None:
    import websockets

    token = await sign_in(system, "aiko")
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with shopper(alone, token):
            pass
    assert refused.value.response.status_code == 503
