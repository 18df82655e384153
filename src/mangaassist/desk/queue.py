"""Who waits where, and for how long by what was measured. Pure."""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final

from mangaassist.desk.ticket import Ticket, leading

LEAST_MEASURED: Final = 3
"""Waits that were measured before anybody is told how long it takes."""
ROUND_S: Final = 30
"""Waiting times are told in steps of half a minute: nobody knows them better."""


def by_session(tickets: Iterable[Ticket]) -> dict[str, tuple[Ticket, ...]]:
    found: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        found.setdefault(ticket.session_id, []).append(ticket)
    return {session_id: tuple(own) for session_id, own in found.items()}


def leaders(tickets: Iterable[Ticket]) -> tuple[Ticket, ...]:
    """The ticket that counts of each conversation, the oldest first."""
    found = (leading(own) for own in by_session(tickets).values())
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.at, one.ticket_id)))


def places(tickets: Iterable[Ticket]) -> Mapping[str, int]:
    """Of each conversation that waits for a person who is there, its place by its ticket's id; the next one is first."""
    waiting = (one for one in leaders(tickets) if one.state == "requested")
    return {ticket.ticket_id: place for place, ticket in enumerate(waiting, 1)}


def waiting_s(place: int, waited_s: float, joined: float) -> int | None:
    """How long somebody at a place waits: as long a place as those who were joined lately did.

    ``waited_s``: their seconds for each place together, ``joined``: how many they were.
    """
    if joined < LEAST_MEASURED:
        return None
    return max(ROUND_S, ceil(place * waited_s / joined / ROUND_S) * ROUND_S)
