"""M-9: with an encoder that is a call away, pass and search begin before anybody asks; what it brought and wasted is counted."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from mangaassist.domain.chunks import Chunk
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.encoding import Encoded, Encoder
from mangaassist.errors import ModelFailure, ServiceFailure
from mangaassist.knowledge.asked_answers import Talk
from mangaassist.knowledge.index import IndexHit, IndexQuery, Revision
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.telemetry.metrics import Metrics
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.memory_index import MemoryIndex
from mangaassist.testing.store_data import NOW
from mangaassist.testing.word_encoder import WordEncoder
from mangaassist.turn.budget import Budget
from mangaassist.turn.head_start import HeadStart
from mangaassist.turn.memory import TurnRecord
from mangaassist.turn.search_ahead import SearchAhead
from mangaassist.turn.speculation import Speculation
from tests.turn.house import RECOMMEND, House, seconds

AWAY_S = 0.03
SEARCH_S = 0.004
ASKS = "how do i get my money back for a torn parcel"
IN_STOCK = "is Berserk volume 1 in stock?"
PAGE = "Torn parcels: you get your money back for a torn parcel."


class FarEncoder(WordEncoder):
    """A call away. What was sent to it, when, and what of it was cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, float]] = []
        self.cancelled: list[str] = []
        self.over: list[float] = []

    async def encode(self, texts: Sequence[str]) -> Any:
        self.sent += [(text, seconds()) for text in texts]
        try:
            await asyncio.sleep(AWAY_S)
        except asyncio.CancelledError:
            self.cancelled += texts
            self.over.append(seconds())
            raise
        return await super().encode(texts)


class Searcher(FarEncoder):
    """Good for searching alone, with another beside it that reads."""

    def __init__(self) -> None:
        super().__init__()
        self.beside = WordEncoder()

    @property
    def reader(self) -> Encoder:
        return self.beside


class SlowIndex(MemoryIndex):
    """Every search of the pages, and when it began."""

    def __init__(self) -> None:
        super().__init__()
        self.searched: list[tuple[str, float]] = []
        self.vectors: list[Any] = []

    async def search(self, query: IndexQuery) -> Sequence[IndexHit]:
        if "policy" in query.source_types:
            self.searched.append((query.text, seconds()))
            self.vectors.append(query.vector)
        await asyncio.sleep(SEARCH_S)
        return await super().search(query)


async def far_house(*, speculates: bool = True) -> tuple[House, FarEncoder, SlowIndex]:
    encoder, index, house = FarEncoder(), SlowIndex(), House()
    chunk = Chunk(
        chunk_id="torn#0", document_id="torn", title="Torn parcels", content=PAGE, source_type="faq", category="",
        last_updated=NOW, version=1,
    )  # fmt: skip
    vectors = (await WordEncoder().encode([PAGE]))[:1]
    await index.write([Revision(document_id="torn", source="folder", version=1, chunks=(chunk,), vectors=vectors)])
    house.without(encoder=encoder, retriever=Retriever(index), speculates=speculates)
    return house, encoder, index


def counted(metrics: Metrics, what: str, outcome: str) -> float:
    return metrics.speculations.labels(what, outcome)._value.get()


def gained_ms(metrics: Metrics, what: str) -> float:
    return metrics.speculation_gain.labels(what)._sum.get() * 1000


async def test_a_pass_to_a_far_encoder_has_left_before_the_message_is_read() -> None:
    encoder = FarEncoder()
    async with Speculation(encoder, ASKS, Budget(seconds), at_once=True):
        assert [text for text, _ in encoder.sent] == [ASKS]


async def test_a_pass_in_this_process_waits_until_somebody_does() -> None:
    encoder = FarEncoder()
    async with Speculation(encoder, ASKS, Budget(seconds)):
        assert encoder.sent == []


async def test_what_is_read_beside_does_not_wait_for_the_vector_that_is_far() -> None:
    encoder = Searcher()
    async with Speculation(encoder, ASKS, Budget(seconds), at_once=True) as speculation:
        began = seconds()
        assert await speculation.reading() is not None
        assert seconds() == began
        assert await speculation.vector() is not None
        assert seconds() - began == pytest.approx(AWAY_S)
    assert ([text for text, _ in encoder.sent], encoder.beside.given) == ([ASKS], [ASKS])


async def test_a_far_vector_that_fails_takes_nothing_that_is_read_beside_along() -> None:
    """M-11: either fails alone."""
    encoder = Searcher()
    encoder.fails = lambda _: ModelFailure("titan", "gone")
    async with Speculation(encoder, ASKS, Budget(seconds), at_once=True) as speculation:
        assert await speculation.vector() is None
        assert (reading := await speculation.reading()) is not None
        assert reading.features is not None


async def test_a_far_vector_is_not_paid_for_before_somebody_wants_it_where_nothing_is_begun_ahead() -> None:
    encoder = Searcher()
    async with Speculation(encoder, ASKS, Budget(seconds)) as speculation:
        assert await speculation.reading() is not None
        assert encoder.sent == []
        assert await speculation.vector() is not None
    assert [text for text, _ in encoder.sent] == [ASKS]


async def test_the_search_for_what_is_asked_of_the_pages_begins_with_the_vector() -> None:
    house, encoder, index = await far_house()
    answered = await house.ask(ASKS)
    assert [source.chunk_id for source in answered.metadata.sources] == ["torn#0"]
    assert index.searched[0] == (ASKS, pytest.approx(AWAY_S))
    assert (counted(house.metrics, "embed", "used"), counted(house.metrics, "search", "used")) == (1, 1)
    assert [text for text, _ in encoder.sent] == [ASKS]


async def test_without_speculation_the_answer_is_the_same_and_nothing_is_searched_ahead() -> None:
    house, _, index = await far_house(speculates=False)
    answered = await house.ask(ASKS)
    assert [source.chunk_id for source in answered.metadata.sources] == ["torn#0"]
    assert {text for text, _ in index.searched} == {ASKS}
    assert (counted(house.metrics, "search", "used"), counted(house.metrics, "search", "wasted")) == (0, 0)


async def test_what_the_plan_does_not_need_is_cancelled_at_the_encoder_and_counted_as_waste() -> None:
    house, encoder, index = await far_house()
    await house.ask("hello")
    assert encoder.cancelled == ["hello"]
    assert index.searched == []
    assert counted(house.metrics, "embed", "wasted") == 1
    assert (counted(house.metrics, "search", "used"), counted(house.metrics, "search", "wasted")) == (0, 0)
    assert gained_ms(house.metrics, "embed") == 0


async def test_what_a_plan_does_not_need_is_cancelled_before_its_services_are_waited_for() -> None:
    house, encoder, _ = await far_house()
    house.store.faults["inventory"] = Fault(delay_s=0.01)
    await house.ask(IN_STOCK)
    assert encoder.cancelled == [IN_STOCK]
    assert encoder.over == [pytest.approx(0.0)]


async def test_no_pages_are_searched_ahead_for_a_plan_that_searches_books() -> None:
    house, _, index = await far_house()
    await house.ask(RECOMMEND)
    assert index.searched == []


async def test_a_message_behind_the_question_before_it_is_searched_for_itself_and_the_search_ahead_is_waste() -> None:
    house, encoder, index = await far_house()
    said, whole, budget = "and if torn", "do parcels come whole and if torn", Budget(seconds)
    async with (
        Speculation(encoder, said, budget, at_once=True) as speculation,
        SearchAhead(house.dependencies.retriever, speculation, said, budget, at_once=True) as search,
    ):
        own, joined = await speculation.vector_of(said), await speculation.vector_of(whole)
        assert own is not None
        chunks, _ = await search.asked_in(Talk(text=said, own=own, before="do parcels come whole", joined=joined))
    assert [one.chunk_id for one in chunks] == ["torn#0"]
    assert [text for text, _ in index.searched] == [said, said]
    assert search.head_start.outcome == "wasted"


async def test_nothing_is_searched_ahead_for_what_goes_on() -> None:
    house, _, index = await far_house()
    house.session = house.session.with_turn(
        TurnRecord(
            response_id="r", message_id="m", message="x", answer="y", intent="faq", dialogue=DialogueState(question="x")
        )
    )
    await house.ask(ASKS)
    assert (counted(house.metrics, "search", "used"), counted(house.metrics, "search", "wasted")) == (0, 0)
    assert index.searched


async def test_a_search_ahead_that_failed_is_made_again_by_whoever_asks() -> None:
    house, encoder, index = await far_house()
    index.failure = ServiceFailure("knowledge", "error")
    budget, retriever = Budget(seconds), house.dependencies.retriever
    async with (
        Speculation(encoder, ASKS, budget, at_once=True) as speculation,
        SearchAhead(retriever, speculation, ASKS, budget, at_once=True) as search,
    ):
        vector = await speculation.vector()
        assert vector is not None
        await asyncio.sleep(2 * SEARCH_S)
        index.failure = None
        chunks, _ = await search.asked_in(Talk(text=ASKS, own=vector))
    assert [one.chunk_id for one in chunks] == ["torn#0"]


async def test_what_is_expected_is_sent_in_one_call_and_what_of_it_is_not_asked_for_is_waste() -> None:
    encoder = FarEncoder()
    async with Speculation(encoder, "hm", Budget(seconds), at_once=True) as speculation:
        speculation.expect(("one", "hm", "two", "one"))
        vector = await speculation.vector_of("two")
        assert seconds() == pytest.approx(AWAY_S)
    assert vector is not None
    assert vector.tolist() == WordEncoder().vector("two").tolist()
    assert encoder.sent == [("hm", 0.0), ("one", 0.0), ("two", 0.0)]
    assert [start.outcome for start in speculation.head_starts] == ["wasted", "wasted", "used"]


async def test_nothing_that_is_expected_is_sent_where_a_pass_is_made_in_this_process() -> None:
    encoder = FarEncoder()
    async with Speculation(encoder, "hm", Budget(seconds)) as speculation:
        speculation.expect(("one", "two"))
        assert await speculation.vector_of("two") is not None
    assert [text for text, _ in encoder.sent if text != "hm"] == ["two"]


async def test_what_is_expected_and_fails_is_without_a_vector_and_nothing_more() -> None:
    encoder = FarEncoder()
    encoder.fails = lambda text: ModelFailure("encoder", "gone") if text == "one" else None
    async with Speculation(encoder, "hm", Budget(seconds), at_once=True) as speculation:
        speculation.expect(("one",))
        assert await speculation.vector_of("one") is None
        assert await speculation.vector() is not None


async def test_the_question_made_whole_leaves_with_the_message_before_a_model_has_said_what_it_is() -> None:
    house, encoder, _ = await far_house()
    answered = await house.ask("finished horror series under 15 volumes")
    texts = dict(encoder.sent)
    assert len(texts) == 2, "the message, and what it asks for in full"
    assert set(texts.values()) == {0.0}
    assert answered.metadata.timings["embed"] == pytest.approx(AWAY_S * 1000)


@pytest.mark.parametrize("speculates", [True, False])
async def test_while_another_encoders_knowledge_answers_pages_are_found_by_words_and_the_answer_says_so(
    speculates: bool,
) -> None:
    """K-3, M-11: no vector is given to be compared with those of the encoder before."""
    house, encoder, index = await far_house(speculates=speculates)
    house.without(retriever=Retriever(index, by_words_alone=lambda: True))
    answered = await house.ask(ASKS)
    assert [source.chunk_id for source in answered.metadata.sources] == ["torn#0"]
    assert answered.metadata.degraded == ("embedding",)
    assert index.vectors == [None]
    assert {text for text, _ in encoder.sent} <= {ASKS}, "the intent is read as ever"


class Clock:
    """Milliseconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("began", "asked", "ended", "outcome", "gain_ms"),
    [
        (1, 5, 31, "used", 4),  # asked while it was on its way
        (1, 50, 31, "used", 30),  # asked when it was there: all of its own time
        (5, 1, 31, "used", 0),  # asked before it could begin
        (1, None, 31, "wasted", 0),
        (None, 5, None, None, 0),  # never begun
    ],
)
def test_the_gain_is_the_time_that_whoever_asked_need_not_wait(
    began: float | None, asked: float | None, ended: float | None, outcome: str | None, gain_ms: float
) -> None:
    clock = Clock()
    one = HeadStart("search", clock)
    for moment, happens in sorted(
        (moment, happens)
        for moment, happens in ((began, "begin"), (asked, "ask"), (ended, "end"))
        if moment is not None
    ):
        clock.now = moment
        getattr(one, happens)()
    assert (one.outcome, one.gain_ms) == (outcome, gain_ms)


async def test_what_is_read_of_a_far_message_is_the_same_as_of_a_near_one() -> None:
    async with Speculation(FarEncoder(), ASKS, Budget(seconds), at_once=True) as speculation:
        read = await speculation.reading()
    assert isinstance(read, Encoded)
    assert read.vectors[0].tolist() == WordEncoder().vector(ASKS).tolist()
