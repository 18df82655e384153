"""Where the shopper is on the store's site."""

from typing import Annotated

from msgspec import Meta, Struct

ASIN_PATTERN = r"^B0[A-Z0-9]{8}$"
PageAsin = Annotated[str, Meta(pattern=ASIN_PATTERN)]


class PageContext(Struct, frozen=True):
    """The page that the widget sits on. Everything is optional: a page that says nothing is a page about nothing."""

    current_asin: PageAsin | None = None
    store_section: Annotated[str, Meta(max_length=64)] | None = None
    cart_asins: Annotated[tuple[PageAsin, ...], Meta(max_length=50)] = ()
    url: Annotated[str, Meta(max_length=2048)] | None = None


NOWHERE = PageContext()
