"""What drops in after the text: product cards and buttons (W-4)."""

from typing import Literal

from msgspec import Struct

ButtonType = Literal["add_to_cart", "view_product", "track_order", "start_return", "talk_to_human", "open_url"]


class ProductCard(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``price`` is worded with its sign (``"$9.99"``) and was confirmed by the store in this turn."""

    asin: str
    title: str
    author: str
    format: str
    price: str
    currency: str
    image_url: str
    url: str
    list_price: str | None = None
    availability: str | None = None
    rating: float | None = None
    review_count: int | None = None
    reason: str | None = None


class Button(Struct, frozen=True, kw_only=True, omit_defaults=True):
    label: str
    type: ButtonType
    asin: str | None = None
    url: str | None = None
    order_id: str | None = None
