"""M-6, M-7, M-8: what a model answered is given again to who asks the same, and to nobody else."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.chunks import Chunk
from mangaassist.knowledge.index import Revision
from mangaassist.models.routing import Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.services.cache import Cache, Dated, Space
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.scripted_writer import Fail, ScriptedWriter
from mangaassist.testing.store_data import AIKO, NOW, STORE
from mangaassist.turn.answer_cache import ANSWERS, LONGEST, WORDINGS, AnswerCache
from mangaassist.turn.common_questions import without_wording
from mangaassist.turn.stages import Answered, CommonQuestion
from tests.counters import Away
from tests.turn.asking import asks
from tests.turn.house import House

ASKS = "do you ship to hawaii?"
ALIKE = "please: do you ship to hawaii?"
PAGE = "We ship to Hawaii at the normal $3.99 rate. Delivery takes 7 to 10 business days."
ANSWER = "Yes, we ship to Hawaii for $3.99."
STOCK = "is berserk volume 1 in stock?"


class Asked:
    """Shoppers of one process: each conversation is its own, what models wrote is everybody's."""

    def __init__(self, writer: ScriptedWriter, cache: Cache | None = None, **store: Any) -> None:
        self.writer = writer
        self.figures: Counter[tuple[str, str]] = Counter()
        self.at = datetime(2026, 11, 26, 12, tzinfo=UTC)
        self.cache = cache or MemoryCache(lambda: 0.0)
        self.answers = AnswerCache(self.cache, "words", self._count, lambda: self.at)
        self.house = House(small=writer, large=writer)
        self.serve(FakeStore(**store))
        self.version = 0

    def _count(self, what: str, why: str) -> None:
        self.figures[what, why] += 1

    def serve(self, store: FakeStore) -> None:
        self.house.store = store
        self.house.without(answers=self.answers, services=store.services)

    async def know(self, text: str = PAGE) -> None:
        self.version += 1
        chunk = Chunk(
            chunk_id="faq-hawaii#0", document_id="faq-hawaii", title="Do you ship to Hawaii?", content=text,
            source_type="faq", category="shipping", last_updated=NOW, version=self.version,
        )  # fmt: skip
        vectors = await self.house.dependencies.encoder.encode([f"{chunk.title} {chunk.content}"])
        told = Revision(
            document_id="faq-hawaii", source="content", version=self.version, chunks=(chunk,), vectors=vectors
        )
        await self.house.index.write([told])

    async def __call__(self, text: str, *said: str, **more: Any) -> Answered:
        """The answer in a conversation in which this was said before."""
        self.house.again()
        return await self.house.ask(text, *said, **more)

    @property
    def calls(self) -> int:
        return len(self.writer.tasks)


async def shoppers(answer: str = ANSWER, **more: Any) -> Asked:
    asked = Asked(ScriptedWriter(answer, cost_usd=0.25), **more)
    await asked.know()
    return asked


# ---- given again


async def test_who_asks_the_same_in_other_words_is_given_the_answer_again_and_no_model_is_asked() -> None:
    ask = await shoppers()
    first, again = await ask(ASKS), await ask(ALIKE)
    assert again.text == first.text == ANSWER
    assert ask.calls == 1
    told = again.metadata
    assert (told.tier, told.model, told.cost_usd, told.tokens_in, told.cached) == ("cache", "cache", 0, 0, True)
    assert told.reason.startswith("the answer to the same question")
    assert (first.metadata.model, first.metadata.cached) == ("scripted", False)
    assert told.sources == first.metadata.sources
    assert ask.figures == {("miss", "new"): 1, ("kept", ""): 1, ("hit", ""): 1}


async def test_an_answer_given_again_is_neither_reserved_nor_counted() -> None:
    ask = await shoppers()
    await ask(ASKS)
    ask.house.without(spending=SpendLedger(Away()), model_calls=ModelCalls(Away(), 1))
    again = await ask(ASKS)
    assert (again.metadata.model, again.metadata.degraded) == ("cache", ())


async def test_another_question_is_not_answered_by_it() -> None:
    ask = await shoppers()
    await ask(ASKS)
    assert (await ask("how do i change my password?")).metadata.model == "scripted"


async def test_a_common_question_is_answered_by_what_was_kept_when_the_model_is_dead() -> None:
    ask = await shoppers()
    await ask(ASKS)
    ask.writer.steps = (Fail(),)
    assert (await ask(ALIKE)).text == ANSWER
    assert (await ask("how do i change my password?")).metadata.model == "offline"


async def test_an_answer_of_another_wording_or_process_is_found_through_the_cache_that_they_share() -> None:
    one = await shoppers()
    await one(ASKS)
    other = await shoppers(cache=one.cache)
    assert (await other(ALIKE)).metadata.model == "cache"
    assert other.calls == 0


# ---- keyed to knowledge, facts and date; today's price


async def test_what_was_written_from_other_knowledge_is_never_given_again() -> None:
    ask = await shoppers()
    await ask(ASKS)
    await ask.know()
    assert (await ask(ASKS)).metadata.model == "scripted"
    assert ask.calls == 2


async def test_nothing_is_given_again_once_the_stores_facts_have_changed() -> None:
    ask = await shoppers()
    models: list[str] = []
    for days in (30, 30, 77):
        ask.serve(FakeStore(data=replace(STORE, facts=replace(STORE.facts, return_days=days))))
        await ask.house.store.services.refresh_facts()
        models.append((await ask(ASKS)).metadata.model)
    assert models == ["scripted", "cache", "scripted"]


async def test_nothing_is_given_again_on_another_day() -> None:
    ask = await shoppers()
    await ask(ASKS)
    ask.serve(FakeStore(wall=lambda: NOW + timedelta(days=1)))
    assert (await ask(ASKS)).metadata.model == "scripted"


async def test_nothing_is_given_again_after_an_hour() -> None:
    ask = await shoppers()
    await ask(ASKS)
    ask.at += LONGEST
    assert (await ask(ASKS)).metadata.model == "scripted"


def costing(amount: str) -> FakeStore:
    prices = {asin: replace(price, current=Decimal(amount)) for asin, price in STORE.prices.items()}
    return FakeStore(data=replace(STORE, prices=prices))


async def test_an_answer_given_again_shows_todays_price() -> None:
    ask = await shoppers("It is in stock at {{price:B0BERSERK1}}.")
    ask.serve(costing("9.99"))
    assert (await ask(STOCK)).text == "It is in stock at $9.99."
    ask.serve(costing("12.49"))
    again = await ask(STOCK)
    assert (again.metadata.model, again.text) == ("cache", "It is in stock at $12.49.")
    assert ask.calls == 1


async def test_what_is_out_of_stock_since_is_asked_anew() -> None:
    ask = await shoppers("It is in stock.")
    await ask(STOCK)
    stock = {asin: replace(one, state="out_of_stock", quantity=0) for asin, one in STORE.stock.items()}
    ask.serve(FakeStore(data=replace(STORE, stock=stock)))
    assert (await ask(STOCK)).metadata.model != "cache"


async def test_where_prices_are_away_nothing_is_given_again() -> None:
    ask = await shoppers("It is in stock at {{price:B0BERSERK1}}.")
    await ask(STOCK)
    ask.serve(FakeStore(pricing=Fault("fail")))
    assert (await ask(STOCK)).metadata.model != "cache"
    assert ask.figures["refused", "degraded"]


# ---- what is never kept


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("It is in stock at $9.99.", "price"),
        ("It costs nine dollars and ninety-nine cents.", "price"),
        ("Yes, Lena, we ship there.", "echo"),
    ],
)
async def test_no_price_and_no_word_of_the_shoppers_own_is_kept(answer: str, why: str) -> None:
    ask = await shoppers(answer)
    await ask("my name is lena, do you ship to hawaii?" if why == "echo" else STOCK)
    assert ("kept", "") not in ask.figures
    assert ask.figures["refused", why] or ask.figures["refused", "corrected"], ask.figures


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("where is my order 112-0000001-0000001?", "intent"),
        ("can i buy berserk for my 9 year old, is it in stock?", "person"),
        ("do you ship to hawaii by friday?", "day"),
        ("recommend me something like Berserk", "intent"),
    ],
)
async def test_what_one_shopper_asks_for_themselves_is_never_kept(said: str, why: str) -> None:
    ask = await shoppers()
    await ask(said)
    assert ask.figures["refused", why] == 1, ask.figures
    assert ("kept", "") not in ask.figures


async def test_an_order_never_enters() -> None:
    ask = await shoppers()
    await ask("is my order shipped? do you ship to hawaii?", AIKO)
    assert ("kept", "") not in ask.figures


async def test_what_the_review_corrected_or_a_model_left_unfinished_is_never_kept() -> None:
    for steps in (("Barnes & Noble ships to Hawaii.",), ("Yes, we ship", Fail())):
        ask = await shoppers()
        ask.writer.steps = steps
        await ask(ASKS)
        assert ("kept", "") not in ask.figures


async def test_what_the_offline_writer_wrote_in_a_models_place_is_never_kept() -> None:
    ask = await shoppers()
    ask.writer.steps = (Fail(),)
    await ask(ASKS)
    assert ask.figures["refused", "writer"] == 1


# ---- what lies in the cache


async def kept_as(put: Callable[[bytes], Any]) -> Asked:
    ask = await shoppers()
    held: dict[str, Dated] = {}
    keep = ask.cache.put_many

    async def put_many(space: Space, items: dict[str, Dated]) -> None:
        held.update({key: Dated(put(one.value), one.as_of) for key, one in items.items()})
        await keep(space, held)

    ask.cache.put_many = put_many
    await ask(ASKS)
    return ask


def changed(change: Callable[[list[Any]], None]) -> Callable[[bytes], bytes]:
    def put(packed: bytes) -> bytes:
        entries = msgspec.msgpack.decode(packed)
        change(entries)
        return msgspec.msgpack.encode(entries)

    return put


HOSTILE: list[Callable[[bytes], Any]] = [
    lambda _: b"",
    lambda _: b"\xc1",
    lambda packed: packed[:-3],
    lambda _: 7,
    changed(lambda entries: entries[0].__setitem__(0, b"short")),
    changed(lambda entries: entries[0].__setitem__(0, b"\xff" * len(entries[0][0]))),
    changed(lambda entries: entries[0][2].__setitem__(0, "x" * 100_000)),
    changed(lambda entries: entries[0][2].__setitem__(0, "")),
    changed(lambda entries: entries.extend(entries * WORDINGS)),
]


@pytest.mark.parametrize("put", HOSTILE)
async def test_what_is_broken_in_the_cache_is_counted_and_left_alone(put: Callable[[bytes], Any]) -> None:
    ask = await kept_as(put)
    assert (await ask(ASKS)).metadata.model == "scripted"
    assert sum(count for (what, _), count in ask.figures.items() if what == "broken") > 0


async def test_a_kept_answer_that_names_a_product_or_page_of_nobodys_evidence_is_not_used() -> None:
    for change in (
        changed(lambda entries: entries[0][2].__setitem__(0, "Buy {{price:B0UZUMAKI1}}")),
        changed(lambda entries: entries[0][2].__setitem__(0, "It is $1.23 today.")),
        changed(lambda entries: entries[0][2].__setitem__(1, ["faq-other#0"])),
    ):
        ask = await kept_as(change)
        assert (await ask(ASKS)).metadata.model == "scripted"


class Down(MemoryCache):
    async def get_many(self, *_: Any) -> dict[str, Dated]:
        raise OSError

    async def put_many(self, *_: Any) -> None:
        raise OSError


async def test_a_cache_that_is_away_costs_no_answer() -> None:
    ask = await shoppers(cache=Down())
    assert [(await ask(ASKS)).text for _ in range(2)] == [ANSWER] * 2
    assert ask.figures["broken", "unreachable"]


async def test_of_one_key_only_so_many_wordings_are_kept() -> None:
    ask = await shoppers()
    kept: list[int] = []
    keep, reads = ask.cache.put_many, iter(np.eye(64, dtype=np.float32))

    async def put_many(space: Space, items: dict[str, Dated]) -> None:
        assert space is ANSWERS
        kept.append(len(msgspec.msgpack.decode(next(iter(items.values())).value)))
        await keep(space, items)

    async def question(*_: Any) -> CommonQuestion:
        return CommonQuestion("key", next(reads))

    ask.cache.put_many = put_many
    ask.answers.question = question
    ask.house.without(spending=SpendLedger(MemoryCounters(lambda: 0.0)), router=Router())
    for _ in range(WORDINGS + 3):
        await ask(ASKS)
    assert kept == [*range(1, WORDINGS + 1), *[WORDINGS] * 3]


async def test_without_a_model_nothing_is_looked_up() -> None:
    house = House()
    assert house.dependencies.answers is None
    assert (await house.ask(ASKS)).metadata.cached is False


def test_how_surely_it_was_heard_makes_no_other_question() -> None:
    """M-8: nor how likely a page's answer is asked for; which one it is does."""
    heard = asks(Act.POLICY, wants_answers=(("returns#0=2", 0.9),), in_dialogue=0.9, likely=(("page", 0.9),))
    less = replace(heard, wants_answers=(("returns#0=2", 0.6),), in_dialogue=0.4, likely=(("page", 0.5),))
    other = replace(heard, wants_answers=(("returns#0=3", 0.9),))
    assert without_wording(heard) == without_wording(less) != without_wording(other)
