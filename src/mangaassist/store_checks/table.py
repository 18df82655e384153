"""Every check of a store, one row each, in the order in which they are made: what is asked first tells what to ask about next."""

from collections.abc import Awaitable, Callable
from typing import Final

from msgspec import Struct

from mangaassist.services.policies import Service
from mangaassist.store_checks import account_checks as account
from mangaassist.store_checks import catalog_checks as catalog
from mangaassist.store_checks import catalog_filters as filters
from mangaassist.store_checks import page_checks as pages
from mangaassist.store_checks import shop_checks as shop
from mangaassist.store_checks.asked_store import AskedStore

GRPC: Final = "docs/store.md, Catalog"
REST: Final = "docs/store.md, REST"
FACTS: Final = "docs/store.md, The facts of the store"
SIGN_IN: Final = "docs/operating.md, Identity"


Run = Callable[[AskedStore], Awaitable[str]]


class Check(Struct, frozen=True, kw_only=True):
    """``run`` gives what was found, as a phrase, or raises. ``needed`` False: the assistant does without, and shoppers miss what
    ``lost`` says."""

    name: str
    service: Service
    endpoint: str
    run: Run
    docs: str = REST
    needed: bool = True
    lost: str = ""
    questions: int = 1
    """How many the store is asked, one after the other; 0: it takes the time it takes."""


def _catalog(name: str, method: str, run: Run, *, needed: bool = True, lost: str = "", questions: int = 1) -> Check:
    own = f"catalog.{name}"
    return Check(
        name=own, service="catalog", endpoint=method, run=run, docs=GRPC, needed=needed, lost=lost, questions=questions
    )


_LESS_FOUND: Final = "what does not fit is left out afterwards, and less is found"
_SEARCH: Final = "SearchProducts"
SHIPMENTS: Final = "GET /shipping/v1/shipments"

CHECKS: Final = (
    Check(name="store.alive", service="pricing", endpoint="GET /healthz", run=shop.alive, docs=REST),
    _catalog("answers", "CheckAsins", catalog.answers),
    _catalog("search", _SEARCH, catalog.search),
    _catalog("limit", f"{_SEARCH} limit", catalog.limit),
    _catalog("one_per_series", f"{_SEARCH} one_per_series", catalog.one_per_series),
    _catalog("text", f"{_SEARCH} text", catalog.by_text, questions=3),
    _catalog("products", "GetProducts", catalog.products),
    _catalog("sold", "CheckAsins", catalog.sold),
    _catalog("asins", "ListAsins", catalog.asins),
    *(
        _catalog(
            f"filter.{row.name}", f"{_SEARCH} {row.name}", filters.check_of(row), needed=row.needed, lost=_LESS_FOUND
        )
        for row in filters.FILTERS
    ),
    *(
        _catalog(f"order.{name}", f"{_SEARCH} order", run, needed=False, lost=f"what is {name} is not shown first")
        for name, run in (
            ("newest", filters.newest), ("oldest", filters.oldest), ("longest", filters.longest), ("shortest", filters.shortest),
        )
    ),
    _catalog("changes", "WatchChanges", catalog.changes, questions=0),
    Check(name="pricing.prices", service="pricing", endpoint="GET /pricing/v1/prices", run=shop.prices),
    *(
        Check(
            name=f"pricing.{name}", service="pricing", endpoint="POST /pricing/v1/ranked", run=run, needed=False,
            lost="what costs least or most; limits of price narrow no list",
        )
        for name, run in (("cheapest", shop.cheapest), ("dearest", shop.dearest), ("bounded", shop.bounded))
    ),
    Check(name="inventory.stock", service="inventory", endpoint="GET /inventory/v1/stock", run=shop.stock),
    Check(
        name="inventory.by_state", service="inventory", endpoint="GET /inventory/v1/by-state", run=shop.by_state,
        questions=5, needed=False, lost="what can be preordered, over the whole store",
    ),
    Check(name="reviews.ratings", service="reviews", endpoint="GET /reviews/v1/ratings", run=shop.ratings),
    Check(
        name="reviews.summaries", service="review_summaries", endpoint="GET /reviews/v1/summaries", run=pages.summaries,
        needed=False, lost="what readers think of a series",
    ),
    Check(
        name="recommendations.ranked", service="recommendations", endpoint="GET /recommendations/v1/ranked",
        run=shop.recommended, questions=2,
    ),
    Check(name="promotions.all", service="promotions", endpoint="GET /promotions/v1/promotions", run=shop.promotions),
    Check(
        name="promotions.of", service="promotions", endpoint="GET /promotions/v1/promotions?asin=", run=shop.promotions_of,
        needed=False, lost="nothing, where asins names all that an offer covers",
    ),
    Check(name="content.entries", service="content", endpoint="GET /content/v1/entries", run=pages.entries),
    Check(
        name="content.questions", service="content", endpoint="GET /content/v1/entries questions", run=pages.entry_questions,
        needed=False, lost="pages are found by their own words, less often",
    ),
    Check(
        name="content.facts", service="store_facts", endpoint="GET /content/v1/store-facts", run=pages.store_facts, docs=FACTS,
        needed=False, lost="fees, deadlines, countries and hours are told in the words of pages; links to the store are missing",
    ),
    Check(
        name="content.facts_told", service="store_facts", endpoint="GET /content/v1/store-facts", run=pages.facts_told, docs=FACTS,
        needed=False, lost="what is not told is not said",
    ),
    *(
        Check(
            name=f"{service}.{name}", service=service, endpoint=f"GET {path} {words}", run=account.closed_to(service, token),
        )
        for service, (path, _) in account.PATHS.items()
        for name, words, token in (("closed", "without a token", None), ("forged", "with a forged token", account.FORGED))
    ),
    Check(name="identity.token", service="profile", endpoint="the provider's keys", run=account.keys, docs=SIGN_IN),
    Check(name="profile.me", service="profile", endpoint="GET /profile/v1/me", run=account.profile),
    Check(name="orders.list", service="orders", endpoint="GET /orders/v1/orders", run=account.orders),
    Check(name="orders.one", service="orders", endpoint="GET /orders/v1/orders/ID", run=account.order),
    Check(name="orders.nobodys", service="orders", endpoint="GET /orders/v1/orders/ID of nobody's", run=account.nobodys_order),
    Check(name="shipping.shipments", service="shipping", endpoint=SHIPMENTS, run=account.shipments, questions=10),
    Check(name="returns.of_order", service="returns", endpoint="GET /returns/v1/returns", run=account.returns, questions=10),
)  # fmt: skip
