"""Stock states: how many of a product lie in which warehouse, or when it comes back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

import msgspec

from mangastore.data import draws
from mangastore.data.products import Product

StockState = Literal["in_stock", "low_stock", "backorder", "preorder", "out_of_stock"]

WAREHOUSES = ("CMH1", "CMH2")
USUAL_STATES: tuple[tuple[StockState, float], ...] = (
    ("in_stock", 0.80),
    ("low_stock", 0.10),
    ("backorder", 0.05),
    ("out_of_stock", 0.05),
)


class StockLevel(msgspec.Struct, frozen=True):
    """The stock of one product; restocking is counted in days from today, None where nobody knows."""

    state: StockState
    quantity: int | None
    restock_days: int | None
    warehouse: str | None

    def restock_date(self, today: date) -> str | None:
        """The day on which it comes back, as ISO text."""
        return None if self.restock_days is None else (today + timedelta(days=self.restock_days)).isoformat()


def stock_level(product: Product) -> StockLevel:
    """The stock of a product; the newest volume of a running series may be a preorder."""
    warehouse = draws.pick(WAREHOUSES, "warehouse", product.asin)
    match _state_of(product):
        case "in_stock":
            return StockLevel("in_stock", draws.between(12, 240, "quantity", product.asin), None, warehouse)
        case "low_stock":
            return StockLevel("low_stock", draws.between(1, 5, "quantity", product.asin), None, warehouse)
        case "backorder":
            return StockLevel("backorder", 0, draws.between(5, 21, "restock", product.asin), warehouse)
        case "preorder":
            return StockLevel("preorder", None, draws.between(14, 70, "release", product.asin), None)
        case "out_of_stock":
            known = draws.fraction("restock known", product.asin) < 0.5
            return StockLevel(
                "out_of_stock", 0, draws.between(20, 60, "restock", product.asin) if known else None, None
            )


def _state_of(product: Product) -> StockState:
    series = product.series
    newest = product.is_single and series.status == "ongoing" and product.first_volume == series.volumes > 1
    if newest and draws.fraction("preorder", product.asin) < 0.5:
        return "preorder"
    if product.first_volume == 1 and product.is_single:
        return draws.weighted(USUAL_STATES[:2], "stock", product.asin)
    return draws.weighted(USUAL_STATES, "stock", product.asin)
