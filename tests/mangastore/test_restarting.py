"""What is done at the shop outlives its process, dies with its folder, and is whole or as before if the process dies (D-1)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mangastore.account_book import Settings
from mangastore.data.addresses import Address
from mangastore.data.orders import Order
from mangastore.data.series import Series
from mangastore.pictures import Picture
from mangastore.settings import StoreSettings
from mangastore.store import Store, open_store

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
AIKO = "cus-aiko"
HOME = Address(name="Aiko Tanaka", street="5 New Road", city="Dayton", region="OH", postal_code="45402", country="US")
ASIN = "B0CANYBOOK"

Start = Callable[..., Store]


class Died(BaseException):
    pass


@pytest.fixture
def start(tmp_path: Path, some_series: list[Series]) -> Start:
    def started(folder: str = "state", series: list[Series] = some_series) -> Store:
        settings = StoreSettings(port=0, grpc_port=0, public_url="http://shop", state_dir=tmp_path / folder)
        return open_store(settings, clock=lambda: NOW, all_series=series)

    return started


def order_of(store: Store, state: str) -> Order:
    return next(order for order in store.orders_of(AIKO) if order.state == state)


def all_of(store: Store) -> tuple[object, ...]:
    customer = store.customers.find(AIKO)
    assert customer is not None
    return store.orders_of(AIKO), store.accounts.of(customer), store.wish_lists.of(AIKO)


def does_everything(store: Store) -> None:
    customer = store.customers.find(AIKO)
    assert customer is not None
    store.accounts.change(customer, Settings(newsletter=False))
    store.accounts.alert(customer, ASIN, wanted=True)
    store.accounts.remove_card(customer, "card-1")
    made = store.wish_lists.begin(AIKO, "For Mia")
    store.wish_lists.add(AIKO, made.id, ASIN)
    store.wish_lists.share(AIKO, made.id, shared=True)
    placed = order_of(store, "placed")
    store.orders.cancel(store.orders.readdress(placed, HOME), (), NOW)
    delivered = order_of(store, "delivered")
    begun = store.orders.send_back(delivered, [delivered.lines[0].product.asin], "misprint", "replacement", NOW)
    store.orders.add_photo(begun, 0, Picture("image/png", 1, 1, b"\x89PNG\x00\xff"))


def test_all_that_was_done_is_there_after_a_restart(start: Start) -> None:
    before = start()
    untouched = all_of(before)
    does_everything(before)
    after = start()
    assert all_of(after) == all_of(before) != untouched
    (link,) = [one.shared for one in before.wish_lists.of(AIKO) if one.shared]
    assert after.wish_lists.shared(link).asins == (ASIN,)
    shown = next(order for order in after.orders_of(AIKO) if order.returns and order.returns[-1].photos)
    assert shown.returns[-1].photos[0].body == b"\x89PNG\x00\xff"
    assert order_of(after, "cancelled").ship_to == HOME


def test_what_is_done_after_a_restart_stands_beside_what_was_done_before(start: Start) -> None:
    does_everything(start())
    again = start()
    made = again.wish_lists.begin(AIKO, "For Ken")
    lists = [one.name for one in start().wish_lists.of(AIKO)]
    assert lists[-2:] == ["For Mia", "For Ken"]
    again.wish_lists.drop(AIKO, made.id)
    assert [one.name for one in start().wish_lists.of(AIKO)] == lists[:-1]
    assert order_of(start(), "cancelled").ship_to == HOME


def test_a_new_folder_begins_anew(start: Start) -> None:
    untouched = all_of(start("another"))
    does_everything(start())
    assert all_of(start("a third")) == untouched


@pytest.mark.parametrize("dies_in", ["fsync", "replace"])
def test_who_dies_while_writing_leaves_what_was_before_and_the_next_start_goes_on(
    start: Start, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    before = start()
    does_everything(before)

    def dies(*_: object) -> None:
        raise Died

    with monkeypatch.context() as dying:
        dying.setattr(*((os, "fsync") if dies_in == "fsync" else (Path, "replace")), dies)
        customer = before.customers.find(AIKO)
        assert customer is not None
        for deed in (
            lambda: before.wish_lists.begin(AIKO, "never"),
            lambda: before.accounts.change(customer, Settings(renewal=False)),
            lambda: before.orders.readdress(order_of(before, "placed"), HOME),
        ):
            with pytest.raises(Died):
                deed()
    after = start()
    assert all_of(after) == all_of(before)
    after.wish_lists.begin(AIKO, "goes on")
    assert start().wish_lists.of(AIKO)[-1].name == "goes on"


@pytest.mark.parametrize("name", ["accounts", "wish-lists", "orders"])
def test_a_file_that_cannot_be_read_is_moved_aside_and_the_others_are_read(
    start: Start, tmp_path: Path, name: str
) -> None:
    before = start()
    does_everything(before)
    (tmp_path / "state" / f"{name}.json").write_text("{", encoding="utf-8")
    after = start()
    parts = dict(
        zip(("orders", "accounts", "wish-lists"), zip(all_of(after), all_of(before), strict=True), strict=True)
    )
    assert {part for part, (now, then) in parts.items() if now != then} == {name}
    assert (tmp_path / "state" / f"{name}.unreadable").read_text(encoding="utf-8") == "{"


def test_an_order_that_another_catalogue_makes_of_other_products_is_as_it_is_made(
    start: Start, some_series: list[Series]
) -> None:
    before = start()
    placed = order_of(before, "placed")
    before.orders.cancel(placed, (), NOW)
    named = {line.product.series.id for line in placed.lines}
    other = [series for series in some_series if series.id not in named]
    made = next(order for order in start("another", other).orders_of(AIKO) if order.id == placed.id)
    assert [line.product.asin for line in made.lines] != [line.product.asin for line in placed.lines]
    assert next(order for order in start("state", other).orders_of(AIKO) if order.id == placed.id) == made


def test_a_photo_that_is_gone_takes_nothing_along(start: Start, tmp_path: Path) -> None:
    does_everything(start())
    (photo,) = (tmp_path / "state" / "photos").iterdir()
    photo.unlink()
    (case,) = [case for order in start().orders_of(AIKO) for case in order.returns if case.reason == "misprint"]
    assert (case.wish, tuple(case.photos)) == ("replacement", ())
