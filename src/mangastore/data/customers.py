"""The demo customers: who they are, how they sign in, what they like."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

import msgspec

from mangastore.data.addresses import Address


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """Someone with an account. The password's hash is demo data, as is the password."""

    id: str
    username: str
    name: str
    password_hash: str
    member: bool = False
    locale: str = "en-US"
    language: str = "en"
    favourite_genres: list[str] = []
    address: Address | None = None
    roles: list[str] = []
    """What else they may do: ``operator`` looks into what the assistant keeps, ``editor`` writes pages and ``approver`` makes them
    the store's."""


def hash_password(username: str, password: str) -> str:
    """The hash kept for a password; the user name salts it. Enough for demo data, not for real people."""
    return hashlib.sha256(f"{username}\x1f{password}".encode()).hexdigest()


def _demo_customer(
    customer_id: str,
    username: str,
    name: str,
    *genres: str,
    member: bool = False,
    roles: tuple[str, ...] = (),
    lives: tuple[str, str, str, str] | None = None,
) -> Customer:
    return Customer(
        id=customer_id,
        username=username,
        name=name,
        password_hash=hash_password(username, f"{username}-demo"),
        member=member,
        favourite_genres=list(genres),
        roles=list(roles),
        address=None if lives is None else _address(name, *lives),
    )


def _address(name: str, street: str, city: str, region: str, postal_code: str) -> Address:
    return Address(name=name, street=street, city=city, region=region, postal_code=postal_code)


DEMO_CUSTOMERS = (
    _demo_customer(
        "cus-aiko",
        "aiko",
        "Aiko Tanaka",
        "Historical",
        "Adventure",
        "Drama",
        member=True,
        lives=("418 Maple Street", "Madison", "WI", "53703"),
    ),
    _demo_customer(
        "cus-ben", "ben", "Ben Carter", "Action", "Comedy", lives=("77 Harbor Lane", "Portland", "ME", "04101")
    ),
    _demo_customer(
        "cus-chidi",
        "chidi",
        "Chidi Okafor",
        "Sports",
        "Slice of Life",
        member=True,
        lives=("1206 Peachtree Walk", "Atlanta", "GA", "30309"),
    ),
    _demo_customer(
        "cus-dana", "dana", "Dana Levi", "Horror", "Mystery", lives=("9 Cedar Court", "Boulder", "CO", "80302")
    ),
    _demo_customer(
        "cus-elena",
        "elena",
        "Elena Rossi",
        "Romance",
        "School",
        "Comedy",
        member=True,
        lives=("350 Mission Terrace", "San Diego", "CA", "92103"),
    ),
    _demo_customer("cus-oda", "oda", "Oda Lind", roles=("operator",)),
    _demo_customer("cus-edda", "edda", "Edda Holm", roles=("operator", "editor")),
    _demo_customer("cus-axel", "axel", "Axel Brandt", roles=("operator", "editor", "approver")),
)


class CustomerBook:
    """The customers, found by id or by what they type to sign in."""

    def __init__(self, customers: Iterable[Customer] = DEMO_CUSTOMERS) -> None:
        self._by_id = {customer.id: customer for customer in customers}
        self._by_username = {customer.username: customer for customer in self._by_id.values()}

    def find(self, customer_id: str) -> Customer | None:
        """The customer with this id."""
        return self._by_id.get(customer_id)

    def everybody(self) -> list[Customer]:
        """All customers, for the page that shows the demo accounts."""
        return list(self._by_id.values())

    def sign_in(self, username: str, password: str) -> Customer | None:
        """The customer whose name and password these are; takes as long for a name that nobody has."""
        customer = self._by_username.get(username.strip().casefold())
        given = hash_password(customer.username if customer else "", password)
        expected = customer.password_hash if customer else hash_password("", "\x00 nobody")
        return customer if hmac.compare_digest(given, expected) and customer else None
