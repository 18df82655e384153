"""The customers' wish lists: what they hold, and who else may see one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangastore.problems import ProblemError, not_found
from mangastore.state_file import StateFile

MOST_LISTS: Final = 20
MOST_ITEMS: Final = 200
FIRST: Final = "Wish list"


class WishList(Struct, frozen=True):
    """Titles that somebody wants, the newest last; with a `shared` link whoever has it sees the titles."""

    id: str
    name: str
    asins: tuple[str, ...] = ()
    shared: str | None = None


_BEGINNING: Final = WishList("first", FIRST)


class WishLists:
    """Lists by customer; everybody has one to begin with. They are in a file that outlives the process where there is one."""

    def __init__(self, kept: StateFile[dict[str, list[WishList]]] | None = None) -> None:
        self._kept = kept
        self._lists = (kept.read() if kept else None) or {}

    def of(self, customer_id: str) -> list[WishList]:
        """A customer's lists, the oldest first."""
        return list(self._theirs(customer_id))

    def begin(self, customer_id: str, name: str) -> WishList:
        """Another list. Raises the 409 problem where there are enough."""
        theirs = self._theirs(customer_id)
        if len(theirs) >= MOST_LISTS:
            raise _refused(f"You can keep up to {MOST_LISTS} wish lists.")
        made = _new(name.strip() or FIRST)
        self._put(customer_id, [*theirs, made])
        return made

    def drop(self, customer_id: str, list_id: str) -> None:
        """Without this list. Raises the 404 problem; the last one is emptied and stays."""
        found = self._find(customer_id, list_id)
        left = [one for one in self._theirs(customer_id) if one is not found]
        self._put(customer_id, left or [_new(FIRST)])

    def add(self, customer_id: str, list_id: str, asin: str) -> WishList:
        """With this title, once. Raises the 404 or 409 problem."""

        def added(before: WishList) -> WishList:
            if asin not in before.asins and len(before.asins) >= MOST_ITEMS:
                raise _refused(f"A wish list holds up to {MOST_ITEMS} titles.")
            return replace(before, asins=(*_without(before, asin), asin))

        return self._change(customer_id, list_id, added)

    def remove(self, customer_id: str, list_id: str, asin: str) -> WishList:
        """Without this title. Raises the 404 problem for a list that is not there."""
        return self._change(customer_id, list_id, lambda before: replace(before, asins=_without(before, asin)))

    def share(self, customer_id: str, list_id: str, *, shared: bool) -> WishList:
        """With a link that shows it, or with none any more; a new link is another one than before."""
        link = secrets.token_urlsafe(18) if shared else None
        return self._change(customer_id, list_id, lambda before: replace(before, shared=link))

    def shared(self, link: str) -> WishList:
        """The list behind a link. Raises the 404 problem."""
        every = (one for theirs in self._lists.values() for one in theirs)
        found = next((one for one in every if one.shared is not None and one.shared == link), None)
        if found is None:
            raise not_found("list")
        return found

    def _change(self, customer_id: str, list_id: str, change: Callable[[WishList], WishList]) -> WishList:
        found = self._find(customer_id, list_id)
        changed = change(found)
        self._put(customer_id, [changed if one is found else one for one in self._theirs(customer_id)])
        return changed

    def _put(self, customer_id: str, lists: list[WishList]) -> None:
        changed = {**self._lists, customer_id: lists}
        if self._kept is not None:
            self._kept.write(changed)
        self._lists = changed

    def _find(self, customer_id: str, list_id: str) -> WishList:
        found = next((one for one in self._theirs(customer_id) if one.id == list_id), None)
        if found is None:
            raise not_found("list")
        return found

    def _theirs(self, customer_id: str) -> list[WishList]:
        return self._lists.get(customer_id) or [_BEGINNING]


def _new(name: str) -> WishList:
    return WishList(secrets.token_urlsafe(6), name)


def _without(before: WishList, asin: str) -> tuple[str, ...]:
    return tuple(one for one in before.asins if one != asin)


def _refused(why: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, "full", why)
