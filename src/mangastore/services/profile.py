"""Profile: who the signed-in shopper is to the store."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from mangastore.data.addresses import Address
from mangastore.data.customers import Customer
from mangastore.problems import PRIVATE_RESPONSES
from mangastore.services.requests import BEARER, AnyRequest, required
from mangastore.store import Store


class ProfileView(msgspec.Struct):
    """The signed-in shopper."""

    customer_id: str
    name: str
    member: bool
    locale: str
    language: str
    favourite_genres: Sequence[str]
    address: Address | None


def routes(store: Store) -> list[HTTPRouteHandler]:
    """The routes of the profile service."""

    @get("/profile/v1/me", responses=PRIVATE_RESPONSES, security=BEARER, tags=["profile"], sync_to_thread=False)
    def show_profile(request: AnyRequest) -> ProfileView:
        """The profile of the signed-in shopper."""
        return profile_view(required(store, request))

    return [show_profile]


def profile_view(who: Customer) -> ProfileView:
    """A customer as the contract words them."""
    return ProfileView(who.id, who.name, who.member, who.locale, who.language, who.favourite_genres, who.address)
