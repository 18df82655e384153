"""Whatever is wrong with a store is said by service, endpoint, field and what was expected (O-4, S-7)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from mangaassist.store_checks.asked_store import AskedStore
from mangaassist.store_checks.running import counted, findings
from mangaassist.store_checks.table import CHECKS
from mangaproto import catalog_pb2 as pb
from tests.store_checks.conftest import Ask, Spoil, clock


def changed(rows: str, field: str, value: Any) -> Spoil:
    """The answer, its first row with another value."""

    def spoil(answer: dict[str, Any]) -> dict[str, Any]:
        answer[rows][0][field] = value
        return answer

    return spoil


def without(rows: str, field: str) -> Spoil:
    def spoil(answer: dict[str, Any]) -> dict[str, Any]:
        del answer[rows][0][field]
        return answer

    return spoil


def backwards(answer: dict[str, Any]) -> dict[str, Any]:
    return {"prices": answer["prices"][::-1]}


def aged(answer: dict[str, Any]) -> dict[str, Any]:
    row = answer["prices"][0]
    row["as_of"] = (datetime.fromisoformat(row["as_of"]) - timedelta(hours=1)).isoformat()
    return answer


PRICES, STOCK, RANKED = "/pricing/v1/prices", "/inventory/v1/stock", "/recommendations/v1/ranked"
OFFERS, PAGES, FACTS = "/promotions/v1/promotions", "/content/v1/entries", "/content/v1/store-facts"
REST = (
    ("pricing.prices", PRICES, changed("prices", "current", 9.99), "prices[0].current", "text"),
    ("pricing.prices", PRICES, changed("prices", "current", "9.9"), "prices[0].current", "two decimals"),
    ("pricing.prices", PRICES, without("prices", "as_of"), "prices[0].as_of", "this field"),
    ("pricing.prices", PRICES, changed("prices", "currency", "DOLLAR"), "prices[0].currency", "contract's values"),
    ("pricing.prices", PRICES, aged, "", "what the contract says"),
    ("pricing.prices", PRICES, lambda answer: {"prices": answer["prices"][1:]}, "prices", "a price of everything"),
    ("pricing.cheapest", "/pricing/v1/ranked", backwards, "", "what the contract says"),
    ("inventory.stock", STOCK, changed("stock", "asin", "978-3"), "stock[0].asin", "an ASIN"),
    ("inventory.stock", STOCK, changed("stock", "quantity", -1), "stock[0].quantity", ">= 0"),
    ("inventory.by_state", "/inventory/v1/by-state", changed("stock", "state", "low_stock"), "", "what the contract says"),
    ("reviews.ratings", "/reviews/v1/ratings", changed("ratings", "mean", 11), "ratings[0].mean", "<= 5"),
    ("recommendations.ranked", RANKED, changed("ranked", "asin", "B0ZZZZZZZ8"), "ranked", "the catalog sells"),
    ("promotions.all", OFFERS, changed("promotions", "starts_at", "today"), "promotions[0].starts_at", "a time such as"),
    ("promotions.all", OFFERS, changed("promotions", "ends_at", "2020-01-01T00:00:00Z"), "promotions", "runs today"),
    ("promotions.of", OFFERS, changed("promotions", "asins", ["B0ZZZZZZZ8"]), "asins", "asked about"),
    ("content.entries", PAGES, changed("entries", "source_type", "news"), "delivery: source_type", "contract's values"),
    ("content.facts", FACTS, lambda facts: {**facts, "retrun_days": 3}, "retrun_days", "the contract knows"),
    ("content.facts", FACTS, lambda facts: {**facts, "delivery": {"fe": "1.00"}}, "delivery.fe", "contract knows"),
    ("content.facts", FACTS, lambda facts: {**facts, "ships_to": ["USA"]}, "ships_to[0]", "two capitals"),
)  # fmt: skip


@pytest.mark.parametrize(("check", "path", "spoil", "field", "expected"), REST)
async def test_a_wrong_answer_is_told_by_its_field_and_what_was_expected(
    found: Ask, check: str, path: str, spoil: Spoil, field: str, expected: str
) -> None:
    finding = await found(check, path, spoil)
    assert (finding.verdict, finding.field) == ("wrong", field), finding
    assert path in finding.endpoint
    assert expected in finding.expected
    assert finding.found
    assert finding.docs


def renamed(answer: Any) -> None:
    answer.products[0].title = ""


def dropped(answer: Any) -> None:
    del answer.products[:]


def listed_late(answer: Any) -> None:
    answer.asins.reverse()


def sells_all(answer: Any) -> None:
    answer.existing.append("B0ZZZZZZZ9")


CATALOG = (
    ("catalog.search", "SearchProducts", renamed, "of length >= 1"),
    ("catalog.text", "SearchProducts", dropped, "for its own title"),
    ("catalog.filter.genres", "SearchProducts", dropped, "B000000002 at least"),
    ("catalog.products", "GetProducts", dropped, "what was asked for"),
    ("catalog.sold", "CheckAsins", sells_all, "nothing that is not sold"),
    ("catalog.asins", "ListAsins", listed_late, "in the order of a search"),
)


@pytest.mark.parametrize(("check", "method", "spoil", "expected"), CATALOG)
async def test_a_wrong_answer_of_the_catalog_is_told_by_its_call(
    found: Ask, check: str, method: str, spoil: Spoil, expected: str
) -> None:
    finding = await found(check, method, spoil)
    assert finding.verdict == "wrong", finding
    assert finding.fails
    assert method in finding.endpoint
    assert expected in finding.expected


async def test_a_filter_that_is_not_looked_at_is_told_and_does_not_fail_a_store_that_can_do_without(
    found: Ask, store: AskedStore
) -> None:
    whole = await store.call("SearchProducts", pb.SearchProductsRequest(limit=50))
    finding = await found("catalog.filter.published_from", "SearchProducts", lambda answer: answer.CopyFrom(whole))
    assert (finding.verdict, finding.field, finding.fails) == ("wrong", "published_from", False)
    assert "less is found" in finding.lost


async def test_a_service_that_answers_nobodys_orders_to_anybody_fails(found: Ask, store: AskedStore) -> None:
    async def open_door(*_: Any, **__: Any) -> dict[str, Any]:
        return {"orders": []}

    store.rest["orders"].get = open_door
    finding = await found("orders.closed")
    assert (finding.verdict, finding.expected, finding.fails) == ("wrong", "HTTP 401", True)


async def test_an_endpoint_that_is_not_there_is_missing_and_says_what_shoppers_miss(
    found: Ask, store: AskedStore
) -> None:
    rest = store.rest["pricing"]
    asked = rest.ask
    rest.ask = lambda path, *rest, **named: asked("/pricing/v9/ranked", *rest, **named)
    finding = await found("pricing.cheapest")
    assert (finding.verdict, finding.fails) == ("missing", False)
    assert "costs least" in finding.lost


async def test_where_nobody_is_signed_in_a_shoppers_own_is_unchecked_and_not_wrong(found: Ask) -> None:
    finding = await found("orders.list")
    assert (finding.verdict, finding.fails) == ("unchecked", False)
    assert "--shopper" in finding.found


async def test_what_gets_no_turn_in_the_time_for_all_is_told(store: AskedStore) -> None:
    told = await findings(store, lambda one: None, clock, CHECKS, limit_s=0)
    assert counted(told) == {"ok": 0, "missing": 0, "wrong": 0, "slow": 0, "unchecked": len(CHECKS), "failing": 0}


async def test_an_answer_that_comes_later_than_a_shopper_waits_is_slow(store: AskedStore) -> None:
    moments = iter(range(100))
    chosen = [check for check in CHECKS if check.name == "promotions.all"]
    told = await findings(store, lambda one: None, lambda: float(next(moments)), chosen, limit_s=100)
    assert [one.verdict for one in told] == ["slow"]
    assert "within 0.20 s" in told[0].expected
    assert not told[0].fails
