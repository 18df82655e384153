"""Gift cards: what is left on one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from mangastore.data.prices import CURRENCY, money
from mangastore.problems import OWNED_RESPONSES, not_found
from mangastore.store import Store

BALANCES: Final[Mapping[str, int]] = {"INKWELLDEMO25": 2500, "INKWELLDEMO00": 0}
"""Cents by code, of cards for trying it out: the demo sells none."""


class CodeAsked(msgspec.Struct, forbid_unknown_fields=True):
    """A code as somebody types it."""

    code: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class BalanceView(msgspec.Struct):
    """What is left on it."""

    balance: str
    currency: str


def routes(_: Store) -> list[HTTPRouteHandler]:
    """The routes of gift cards."""

    @post(
        "/gift-cards/v1/balance", responses=OWNED_RESPONSES, tags=["gift cards"], status_code=200, sync_to_thread=False
    )
    def tell_balance(data: JSONBody[CodeAsked]) -> BalanceView:
        """What is left on a gift card; the code stands in the body, since addresses are kept in logs."""
        cents = BALANCES.get("".join(filter(str.isalnum, data.code)).upper())
        if cents is None:
            raise not_found("gift card")
        return BalanceView(money(cents), CURRENCY)

    return [tell_balance]
