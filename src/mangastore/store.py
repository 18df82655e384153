"""The store put together: everything that lives as long as the process, made once at the start."""

from __future__ import annotations

from dataclasses import dataclass

from mangastore.account_book import Account, AccountBook
from mangastore.catalog.catalogue import Catalogue
from mangastore.clock import Clock, system_clock
from mangastore.data.content import ContentLibrary
from mangastore.data.customers import CustomerBook
from mangastore.data.desk import PageDesk
from mangastore.data.orders import Order, make_orders
from mangastore.data.products import Product, make_products
from mangastore.data.promotions import Promotion, make_promotions
from mangastore.data.series import Series, load_series
from mangastore.faults.board import FaultBoard
from mangastore.identity import IdentityProvider, load_key
from mangastore.kept_orders import KeptOrders
from mangastore.order_book import OrderBook
from mangastore.pricebook import PriceBook
from mangastore.ranking import Ranking
from mangastore.settings import StoreSettings
from mangastore.state_file import StateFile
from mangastore.wish_lists import WishList, WishLists


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What the services serve from."""

    settings: StoreSettings
    clock: Clock
    catalogue: Catalogue
    prices: PriceBook
    promotions: list[Promotion]
    ranking: Ranking
    customers: CustomerBook
    orders: OrderBook
    accounts: AccountBook
    wish_lists: WishLists
    content: ContentLibrary
    desk: PageDesk
    identity: IdentityProvider
    faults: FaultBoard
    off_sale: dict[str, Product]
    """Products that were taken off, so that they can be put back."""

    def orders_of(self, customer_id: str) -> list[Order]:
        """A customer's orders, newest first."""
        return self.orders.of(customer_id)


def open_store(
    settings: StoreSettings,
    *,
    clock: Clock = system_clock,
    all_series: list[Series] | None = None,
    content: ContentLibrary | None = None,
) -> Store:
    """Make the store; `settings.public_url` is set. Without series the ones in the package are read."""
    products = make_products(load_series() if all_series is None else all_series)
    promotions = make_promotions(products)
    customers = CustomerBook()
    catalogue = Catalogue(products, public_url=settings.public_url, state_dir=settings.state_dir, clock=clock)
    key = load_key(settings.state_dir)
    desk = PageDesk(settings.state_dir / "pages")
    return Store(
        settings=settings,
        clock=clock,
        catalogue=catalogue,
        prices=PriceBook(promotions, clock),
        promotions=promotions,
        ranking=Ranking(catalogue),
        customers=customers,
        orders=OrderBook(make_orders(products), KeptOrders(settings.state_dir)),
        accounts=AccountBook(StateFile(settings.state_dir / "accounts.json", dict[str, Account])),
        wish_lists=WishLists(StateFile(settings.state_dir / "wish-lists.json", dict[str, list[WishList]])),
        content=content or ContentLibrary(from_desk=desk.approved),
        desk=desk,
        identity=IdentityProvider(key, issuer=settings.public_url, find_customer=customers.find, clock=clock),
        faults=FaultBoard(),
        off_sale={},
    )
