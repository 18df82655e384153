"""Where parcels go: an address, and what is wrong with one that was typed."""

from __future__ import annotations

import re
from typing import Annotated, Final

import msgspec

Line = Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]

STATES: Final = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME",
    "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI",
    "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI", "AA", "AE", "AP",
))  # fmt: skip
_ZIP = re.compile(r"\d{5}(-\d{4})?")
_NAMES: Final = {"name": "the name", "street": "the street", "city": "the city", "postal_code": "the ZIP code"}


class Address(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One delivery address; `region` is a state, `country` an ISO 3166 code."""

    name: Line
    street: Line
    extra: Line = ""
    city: Line
    region: Line = ""
    postal_code: Line
    country: Annotated[str, msgspec.Meta(pattern="^[A-Z]{2}$", max_length=2)] = "US"

    def lines(self) -> list[str]:
        """As it is written on a parcel."""
        town = f"{self.city}, {self.region} {self.postal_code}" if self.region else f"{self.postal_code} {self.city}"
        return [part for part in (self.name, self.street, self.extra, town, self.country) if part]


WAREHOUSE: Final = Address(
    name="Inkwell Manga Returns", street="2200 Paper Mill Road", city="Columbus", region="OH", postal_code="43207"
)


def tidied(address: Address) -> Address:
    """The address without blanks around its parts, its state in capitals."""
    parts = {name: value.strip() for name, value in msgspec.structs.asdict(address).items()}
    return Address(**parts | {"region": parts["region"].upper()})


def fault_of(address: Address) -> str | None:
    """What is wrong with a tidied address, in words; None where a parcel could get there."""
    missing = next((words for name, words in _NAMES.items() if not getattr(address, name)), None)
    if missing is not None:
        return f"Fill in {missing}."
    if address.country == "US" and address.region not in STATES:
        return "Give the state by its two letters, such as OH."
    if address.country == "US" and not _ZIP.fullmatch(address.postal_code):
        return "A ZIP code has five digits, such as 43207."
    return None
