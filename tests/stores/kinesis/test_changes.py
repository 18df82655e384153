"""K-5, O-5: changes from a stream that is split and merged while it is read, expires, and holds what is no change."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.system import free_port
from mangaassist.errors import ServiceFailure, StartFailed
from mangaassist.knowledge.sources.changes import Forgotten, Heard, Unread
from mangaassist.stores.kinesis.changes import KinesisChanges
from mangaassist.stores.kinesis.shards import READ, Places, Shard, due, places_of
from tests.contracts.change_feed import heard, read, told
from tests.contracts.test_change_feed import InKinesis, record
from tests.streams import PATIENT_FACTOR, fresh_stream
from tests.tables import REGION

pytestmark = pytest.mark.usefixtures("aws_environment")


@pytest.fixture
async def carrier(kinesalite_url: str) -> AsyncIterator[InKinesis]:
    async with fresh_stream(kinesalite_url) as stream:
        carrier = InKinesis(stream)
        yield carrier
        for one in carrier.opened:
            await one.close()


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


async def test_over_splits_and_merges_each_product_is_heard_once_in_its_order_whoever_goes_on(
    carrier: InKinesis,
) -> None:
    """From every cursor on the way, as a process would that is started anew there."""
    for version, reshard in enumerate((None, carrier.stream.split, carrier.stream.merge, carrier.stream.split), 1):
        if reshard is not None:
            await reshard()
        for number in range(8):
            await carrier.tell(told(number, version))
    feed = await carrier.feed()
    feed._sleep = at_once
    found = await heard(feed, "", 32)
    assert read(found) == {f"B0{number:08}": [(version, False) for version in (1, 2, 3, 4)] for number in range(8)}
    for place in (0, 9, 17, 27):
        again = await heard(feed, found[place].cursor, 31 - place)
        rest = read(found[: place + 1])
        for asin, versions in read(again).items():
            rest.setdefault(asin, []).extend(versions)
        assert rest == read(found)


async def test_shards_that_are_split_while_they_are_read_go_on_in_their_children(carrier: InKinesis) -> None:
    feed = await carrier.feed()
    feed._sleep = at_once
    await carrier.tell(told(1))
    stream = feed.after("")
    async with asyncio.timeout(60):
        assert isinstance(await anext(stream), Heard)
        for _ in range(3):
            await carrier.stream.split()
        for number in range(2, 12):
            await carrier.tell(told(number))
        later = [await anext(stream) for _ in range(10)]
    await stream.aclose()
    assert len(read(later)) == 10


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\xff", b"[]", b'{"asin": "B000000001"}', b"[" * 100_000,
        record(told(1)).replace(b'"asin":"B000000001","title"', b'"asin":"B000000002","title"'),
    ],
)  # fmt: skip
async def test_a_record_that_is_no_change_is_told_as_what_it_is_and_the_next_is_heard(
    carrier: InKinesis, raw: bytes
) -> None:
    await carrier.stream.put(raw or b"\n", "B000000001")
    await carrier.tell(told(1))
    broken, good = await heard(await carrier.feed(), "", 2)
    assert isinstance(broken, Unread)
    assert broken.detail
    assert isinstance(good, Heard)


async def test_a_place_that_is_older_than_what_the_stream_keeps_is_forgotten(carrier: InKinesis) -> None:
    await carrier.tell(told(1))
    feed = await carrier.feed()
    [one] = await heard(feed, "", 1)
    then = places_of(one.cursor).at
    feed._now = lambda: then + 24 * 3600 + 1
    with pytest.raises(Forgotten):
        await heard(feed, one.cursor, 1)
    assert len(await heard(feed, "", 1)) == 1, "from the oldest on all is there"


async def test_a_start_without_the_stream_is_refused_in_clear_words(kinesalite_url: str) -> None:
    with pytest.raises(StartFailed, match=r"stream nowhere cannot be read \(ResourceNotFoundException\)"):
        await KinesisChanges.open("nowhere", REGION, kinesalite_url, PATIENT_FACTOR)


async def test_a_kinesis_that_is_away_is_a_passing_failure() -> None:
    feed = await KinesisChanges.open("changes", REGION, f"http://127.0.0.1:{free_port()}", 1)
    with pytest.raises(ServiceFailure) as failed:
        await heard(feed, "", 1)
    assert (failed.value.service, failed.value.transient) == ("catalog", True)
    await feed.close()


# ---- which shard is read next


@given(st.data())
def test_no_shard_is_read_before_its_parents_and_all_are_read_in_the_end(data: st.DataObject) -> None:
    shards: list[Shard] = []
    for number in range(data.draw(st.integers(1, 12))):
        parents = data.draw(st.lists(st.sampled_from(shards), max_size=2, unique=True)) if shards else []
        shards.append(Shard(f"s{number}", tuple(one.shard_id for one in parents)))
    told_of = data.draw(st.lists(st.sampled_from(shards), min_size=1, unique=True))
    places, order = Places(), list[str]()
    while ready := due(told_of, places):
        chosen = data.draw(st.sampled_from(ready))
        order.append(chosen)
        places = places_of(places.moved(chosen, READ, 1.0).cursor)
    assert sorted(order) == sorted(one.shard_id for one in told_of)
    for shard in told_of:
        for parent in set(shard.parents) & set(order):
            assert order.index(parent) < order.index(shard.shard_id)


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=4), st.floats(0, 2e9))
def test_a_cursor_gives_the_places_that_it_was_made_of(after: dict[str, str], at: float) -> None:
    assert places_of(Places(after, at).cursor) == Places(after, at)


def test_what_the_stream_no_longer_tells_of_is_no_part_of_the_cursor() -> None:
    places = Places({"old": READ, "new": "7"}, 1.0).among([Shard("new", ("old",))])
    assert msgspec.json.decode(places.cursor) == {"after": {"new": "7"}, "at": 1.0}
