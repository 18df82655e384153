"""What customers set in their accounts: mails, sign-in, renewal, saved cards, stock alerts."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, replace

from mangastore.data.customers import Customer
from mangastore.problems import ProblemError, not_found
from mangastore.state_file import StateFile

MOST_ALERTS: Final = 50


class Card(Struct, frozen=True):
    """A saved card, of which the shop keeps what is printed here and never the number."""

    id: str
    brand: str
    ending: str
    expires: str


class Account(Struct, frozen=True, kw_only=True):
    """One customer's settings; ``alerts`` are ASINs."""

    email: str
    newsletter: bool = True
    reading_tips: bool = True
    two_step: bool = False
    renewal: bool = True
    cards: tuple[Card, ...] = ()
    alerts: tuple[str, ...] = ()


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a customer changes; what is left out stays."""

    email: str | UnsetType = UNSET
    newsletter: bool | UnsetType = UNSET
    reading_tips: bool | UnsetType = UNSET
    two_step: bool | UnsetType = UNSET
    renewal: bool | UnsetType = UNSET


class AccountBook:
    """Accounts by customer, in a file that outlives the process where there is one."""

    def __init__(self, kept: StateFile[dict[str, Account]] | None = None) -> None:
        self._kept = kept
        self._accounts = (kept.read() if kept else None) or {}

    def of(self, customer: Customer) -> Account:
        """A customer's account as it is now."""
        return self._accounts.get(customer.id) or _first(customer)

    def change(self, customer: Customer, settings: Settings) -> Account:
        """With other settings. Raises the 400 problem for an address that is none."""
        changes = {name: value for name, value in asdict(settings).items() if value is not UNSET}
        if "email" in changes and not _is_email(changes["email"]):
            raise ProblemError(HTTPStatus.BAD_REQUEST, "does_not_fit", "This is no email address.")
        return self._keep(customer, replace(self.of(customer), **changes))

    def remove_card(self, customer: Customer, card_id: str) -> Account:
        """Without this card. Raises the 404 problem."""
        before = self.of(customer)
        cards = tuple(card for card in before.cards if card.id != card_id)
        if len(cards) == len(before.cards):
            raise not_found("card")
        return self._keep(customer, replace(before, cards=cards))

    def alert(self, customer: Customer, asin: str, *, wanted: bool) -> Account:
        """With or without a stock alert for a product. Raises the 409 problem where there are enough."""
        before = self.of(customer)
        others = tuple(one for one in before.alerts if one != asin)
        if wanted and len(others) >= MOST_ALERTS:
            raise ProblemError(HTTPStatus.CONFLICT, "full", f"You can keep up to {MOST_ALERTS} stock alerts.")
        return self._keep(customer, replace(before, alerts=(*others, asin) if wanted else others))

    def _keep(self, customer: Customer, account: Account) -> Account:
        changed = {**self._accounts, customer.id: account}
        if self._kept is not None:
            self._kept.write(changed)
        self._accounts = changed
        return account


def _first(customer: Customer) -> Account:
    cards = (Card("card-1", "Visa", "4242", "09/29"), Card("card-2", "Mastercard", "0005", "02/28"))
    return Account(email=f"{customer.username}@customers.example", cards=cards)


def _is_email(text: str) -> bool:
    name, at, host = text.partition("@")
    return bool(name and at and "." in host) and len(text) <= 200 and text.isprintable() and " " not in text
