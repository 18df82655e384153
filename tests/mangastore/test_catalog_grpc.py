"""The catalogue over gRPC: batch get, search, checks and the stream of changes."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import grpc
import pytest

from mangaproto import catalog_pb2 as pb
from mangastore.server import RunningStore, running_store
from mangastore.settings import StoreSettings
from mangastore.store import open_store


async def _refused(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value.code()


async def test_products_come_whole_and_unknown_ones_are_left_out(
    catalog: Any, running: RunningStore, asin: str
) -> None:
    answer = await catalog.GetProducts(pb.GetProductsRequest(asins=["B0ZZZZZZZZ", asin, "nonsense", asin]))
    (product,) = answer.products
    assert product.title == "Vinland Saga, Vol. 1"
    assert (product.volume, product.HasField("volume_from")) == (1, False)
    assert product.image_url == f"{running.http_url}/covers/{asin}.svg"
    assert product.url == f"{running.http_url}/p/{asin}"
    assert product.language == "en"
    assert product.format == pb.FORMAT_PAPERBACK
    assert product.series_status != pb.STATUS_UNSPECIFIED


async def test_a_collection_names_its_first_and_last_volume(catalog: Any, running: RunningStore) -> None:
    omnibus = next(p for p in running.store.catalogue.shelf("vinland-saga") if p.format == "omnibus")
    answer = await catalog.GetProducts(pb.GetProductsRequest(asins=[omnibus.asin]))
    product = answer.products[0]
    assert not product.HasField("volume")
    assert (product.volume_from, product.volume_to) == (1, 2)


async def test_asins_are_checked(catalog: Any, asin: str) -> None:
    answer = await catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin, "B0ZZZZZZZZ"]))
    assert list(answer.existing) == [asin]


async def test_too_much_is_refused(catalog: Any, asin: str) -> None:
    invalid = grpc.StatusCode.INVALID_ARGUMENT
    assert await _refused(catalog.GetProducts(pb.GetProductsRequest(asins=[asin] * 101))) is invalid
    assert await _refused(catalog.CheckAsins(pb.CheckAsinsRequest(asins=[asin] * 101))) is invalid
    assert await _refused(catalog.SearchProducts(pb.SearchProductsRequest(text="x" * 2001))) is invalid
    assert await _refused(catalog.SearchProducts(pb.SearchProductsRequest(limit=51))) is invalid
    assert await _refused(catalog.SearchProducts(pb.SearchProductsRequest(limit=-1))) is invalid
    assert await _refused(catalog.SearchProducts(pb.SearchProductsRequest(genres=["x"] * 101))) is invalid


async def test_search_over_the_wire(catalog: Any) -> None:
    request = pb.SearchProductsRequest(text="vinland saga", volume=3, formats=[pb.FORMAT_PAPERBACK], limit=1)
    answer = await catalog.SearchProducts(request)
    assert [product.title for product in answer.products] == ["Vinland Saga, Vol. 3"]


async def test_a_watcher_reads_the_catalogue_and_then_every_change(
    catalog: Any, running: RunningStore, http: Any, asin: str
) -> None:
    size = len(running.store.catalogue)
    stream = catalog.WatchChanges(pb.WatchChangesRequest(after_cursor=0))
    events = [await stream.read() for _ in range(size)]
    assert {event.asin for event in events} == {product.asin for product in running.store.catalogue}
    cursors = [event.cursor for event in events]
    assert cursors == sorted(set(cursors))
    assert events[-1].cursor == events[-1].head
    assert all(event.op == pb.CHANGE_OP_UPSERT and event.product.asin == event.asin for event in events)

    async with http.patch(f"/admin/products/{asin}", json={"title": "Vinland Saga, the first"}) as response:
        edit = await response.json()
    event = await asyncio.wait_for(stream.read(), 60)
    assert (event.cursor, event.product.title) == (edit["cursor"], "Vinland Saga, the first")
    assert event.version > next(one.version for one in events if one.asin == asin)
    assert event.emitted_at.seconds > 0

    async with http.patch(f"/admin/products/{asin}", json={"deleted": True}) as response:
        assert response.status == 200
    event = await asyncio.wait_for(stream.read(), 60)
    assert (event.op, event.asin, event.HasField("product")) == (pb.CHANGE_OP_DELETE, asin, False)
    stream.cancel()


async def test_a_watcher_goes_on_after_its_cursor(catalog: Any, running: RunningStore, http: Any, asin: str) -> None:
    head = running.store.catalogue.changes.head
    await (await http.patch(f"/admin/products/{asin}", json={"title": "One"})).json()
    await (await http.patch(f"/admin/products/{asin}", json={"title": "Two"})).json()
    stream = catalog.WatchChanges(pb.WatchChangesRequest(after_cursor=head))
    event = await asyncio.wait_for(stream.read(), 60)
    assert event.product.title == "Two"  # superseded changes are not told
    stream.cancel()


async def test_a_cursor_that_was_never_given_reads_everything(catalog: Any, running: RunningStore) -> None:
    stream = catalog.WatchChanges(pb.WatchChangesRequest(after_cursor=running.store.catalogue.changes.head + 5))
    event = await asyncio.wait_for(stream.read(), 60)
    assert event.asin == next(iter(running.store.catalogue)).asin
    stream.cancel()


async def test_a_restart_without_changes_keeps_cursors_and_one_after_an_edit_starts_anew(
    settings: StoreSettings, some_series: Any
) -> None:
    fixed = StoreSettings(port=0, grpc_port=0, state_dir=settings.state_dir, public_url="http://shop.example")

    async def head(edit: bool) -> int:
        async with running_store(fixed, lambda final: open_store(final, all_series=some_series)) as running:
            catalogue = running.store.catalogue
            before = catalogue.changes.head
            if edit:
                catalogue.edit(next(iter(catalogue)).asin, title="Another")
            return before

    first = await head(edit=False)
    assert await head(edit=True) == first
    assert await head(edit=False) > first


async def test_products_that_vanish_between_releases_are_told(settings: StoreSettings, some_series: Any) -> None:
    async with running_store(settings, lambda final: open_store(final, all_series=some_series)) as running:
        gone = {product.asin for product in running.store.catalogue if product.series.id == "uzumaki"}
    fewer = [series for series in some_series if series.id != "uzumaki"]
    async with running_store(settings, lambda final: open_store(final, all_series=fewer)) as running:
        changes = running.store.catalogue.changes.after(0, 100_000)
    assert {change.asin for change in changes if change.deleted} == gone


async def test_a_slow_reader_holds_nothing_but_its_cursor(running: RunningStore) -> None:
    log, catalogue = running.store.catalogue.changes, running.store.catalogue
    reader = log.follow(0)
    await anext(reader)
    asin = next(iter(catalogue)).asin
    for turn in range(5000):
        catalogue.edit(asin, title=f"Title {turn}")
    assert len(log.after(0, 10**9)) < 3 * len(catalogue) + 600
    seen = [await anext(reader) for _ in range(len(catalogue))]
    assert seen[-1].cursor == log.head


async def test_every_filter_of_a_search_crosses_the_wire(catalog: Any) -> None:
    async def ids(**filters: Any) -> set[str]:
        request = pb.SearchProductsRequest(one_per_series=True, limit=50, **filters)
        return {product.series_id for product in (await catalog.SearchProducts(request)).products}

    everything = await ids()
    assert len(everything) == 7
    assert await ids(labels=["PIRATES"]) == {"one-piece"}
    assert await ids(without_labels=["horror"]) == everything - {"berserk", "uzumaki"}
    assert await ids(without_series_ids=["haikyu"]) == everything - {"haikyu"}
    assert await ids(without_authors=["Junji Ito"]) == everything - {"uzumaki"}
    assert await ids(without_demographics=["shonen"]) == {"berserk", "uzumaki", "vinland-saga"}
    assert await ids(least_volumes=100) == {"one-piece"}
    assert "one-piece" not in await ids(most_volumes=99)
    assert await ids(published_from=1990, published_to=1999) == {"one-piece", "uzumaki"}
    assert "one-piece" not in await ids(statuses=[pb.STATUS_FINISHED])
    assert "berserk" not in await ids(age_ratings=["Teen", "All Ages"])
    assert {"haikyu", "one-piece"} <= await ids(traits=["gore:none|some"]) <= everything - {"berserk", "uzumaki"}
    assert "berserk" not in await ids(without_traits=["gore:some|strong"])
    assert await ids(traits=["lead:female", "scary:strong"]) == {"uzumaki"}
    assert (
        await ids(traits=["what-nobody-judged:some"]) == await ids(without_traits=["what-nobody-judged:some"]) == set()
    )


async def test_a_list_of_asins_holds_all_that_fits_in_the_order_of_the_search(
    catalog: Any, running: RunningStore
) -> None:
    request = pb.SearchProductsRequest(series_ids=["one-piece"], limit=2)
    listed = (await catalog.ListAsins(request)).asins
    searched = [product.asin for product in (await catalog.SearchProducts(request)).products]
    assert set(listed) == {product.asin for product in running.store.catalogue.shelf("one-piece")}
    assert len(listed) > 100
    assert listed[:2] == searched


async def test_too_many_values_of_a_new_filter_are_refused_in_both_questions(catalog: Any) -> None:
    request = pb.SearchProductsRequest(labels=["x"] * 101)
    assert await _refused(catalog.SearchProducts(request)) is grpc.StatusCode.INVALID_ARGUMENT
    assert await _refused(catalog.ListAsins(request)) is grpc.StatusCode.INVALID_ARGUMENT


async def test_the_newest_volume_of_a_running_series_says_when_it_came_or_comes_out(
    catalog: Any, running: RunningStore
) -> None:
    shelf = [product for product in running.store.catalogue.shelf("one-piece") if product.is_single]
    answer = await catalog.GetProducts(pb.GetProductsRequest(asins=[shelf[-1].asin, shelf[0].asin]))
    newest, first = answer.products
    today = running.store.clock().date()
    assert -91 < (date.fromisoformat(newest.released) - today).days <= 70
    assert first.released == ""
