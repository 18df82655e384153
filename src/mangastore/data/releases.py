"""When a product came out here or will come out: made up like prices, the same on every machine, and never stale."""

from __future__ import annotations

from datetime import date, timedelta

from mangastore.data import draws
from mangastore.data.products import Product
from mangastore.data.stock import stock_level

RHYTHM_DAYS = 91
"""A running series gets a volume about so often: its newest one is never older than that."""


def released_on(product: Product, today: date) -> date | None:
    """The day of the newest volume of a running series; None for everything older, whose day the store does not tell.

    A volume that can only be ordered ahead comes on the day on which its stock does. The day of one that is out stays the
    same until the rhythm of its series is over.
    """
    series = product.series
    if series.status != "ongoing" or not product.is_single or not 1 < series.volumes == product.first_volume:
        return None
    level = stock_level(product)
    if level.state == "preorder" and level.restock_days is not None:
        return today + timedelta(days=level.restock_days)
    phase = draws.between(0, RHYTHM_DAYS - 1, "released", product.asin)
    return today - timedelta(days=(today.toordinal() - phase) % RHYTHM_DAYS)
