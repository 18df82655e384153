"""List prices by edition, what is taken off them today, and money as exact cents."""

from __future__ import annotations

import msgspec

from mangastore.data import draws
from mangastore.data.products import Product

CURRENCY = "USD"
MEMBER_PERCENT_OFF = 10
MEMBER_FORMATS = ("paperback", "omnibus")

# List price in cents of a single paperback, by English publisher; the rating and the imprint add to it.
PAPERBACK_CENTS = {
    "VIZ Media": 999,
    "Kodansha Comics": 1099,
    "Kodansha": 1099,
    "Yen Press": 1299,
    "Seven Seas": 1299,
    "Dark Horse Manga": 1299,
    "Dark Horse": 1299,
    "Square Enix Manga": 1199,
    "Vertical Comics": 1299,
    "Vertical": 1299,
    "TOKYOPOP": 1099,
    "Titan Manga": 1299,
    "Ghost Ship": 1299,
    "One Peace Books": 1199,
    "Denpa": 1399,
}
USUAL_PAPERBACK_CENTS = 1199
LOWEST_CENTS, HIGHEST_CENTS = 799, 1499
SUPPLEMENT_CENTS = {"Mature": 200, "Older Teen": 0, "Teen": 0, "All Ages": -200, "VIZ Signature": 200}
HARDCOVER_SUPPLEMENT_CENTS = 1000
BOX_SET_PERCENT = 72
OMNIBUS_PERCENT = {2: 82, 3: 68}
USUAL_OMNIBUS_PERCENT = 60


class Discount(msgspec.Struct, frozen=True):
    """Something taken off the list price, in cents, with the words for it."""

    label: str
    cents: int


def money(cents: int) -> str:
    """Cents as text with two decimals: 999 is "9.99"."""
    return f"{cents // 100}.{cents % 100:02d}"


def cents_of(text: str) -> int:
    """The cents of a text such as "9.99" or "9". Raises ValueError on anything else."""
    whole, _, rest = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and len(rest) <= 2 and (rest.isdigit() or not rest)):
        raise ValueError(f"not an amount of money: {text!r}")
    return int(whole) * 100 + int(rest.ljust(2, "0"))


def list_cents(product: Product) -> int:
    """The publisher's price of a product, in cents."""
    single = _paperback_cents(product)
    if product.format == "box_set":
        return _ending_in_99(single * product.volume_count * BOX_SET_PERCENT // 100)
    if product.format == "omnibus":
        percent = OMNIBUS_PERCENT.get(product.volume_count, USUAL_OMNIBUS_PERCENT)
        return max(_ending_in_99(single * product.volume_count * percent // 100), single)
    return single + (HARDCOVER_SUPPLEMENT_CENTS if product.format == "hardcover" else 0)


def _paperback_cents(product: Product) -> int:
    series = product.series
    cents = PAPERBACK_CENTS.get(series.publisher, USUAL_PAPERBACK_CENTS)
    cents += SUPPLEMENT_CENTS.get(series.rating, 0) + SUPPLEMENT_CENTS.get(series.imprint or "", 0)
    return min(max(cents, LOWEST_CENTS), HIGHEST_CENTS)


def _ending_in_99(cents: int) -> int:
    return (cents + 50) // 100 * 100 - 1


def standing_discount(product: Product) -> Discount | None:
    """The store's own discount that a product carries outside every promotion; about one in five has one."""
    if draws.fraction("discounted", product.asin) >= 0.2:
        return None
    percent = draws.pick((10, 10, 15, 20), "discount", product.asin)
    return percent_discount(f"{percent}% off", percent, list_cents(product))


def percent_discount(label: str, percent: int, cents: int) -> Discount:
    """So many percent of an amount, rounded down to a cent."""
    return Discount(label, cents * percent // 100)


def member_cents(product: Product, current: int) -> int | None:
    """What a member pays where others pay `current`; None for what has no member price."""
    if product.format not in MEMBER_FORMATS:
        return None
    return current - current * MEMBER_PERCENT_OFF // 100
