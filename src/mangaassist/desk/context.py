"""What the person at the desk knows before the first word: what the shopper wanted, of what, and what was tried. Pure."""

import tomllib
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from mangaassist.desk.ticket import Ticket
from mangaassist.domain.acts import ACTS, Act
from mangaassist.turn.memory import Session, TurnRecord
from mangaassist.wire.desk import DeskAbout, DeskTicket

BOOKS: Final = 5
TROUBLE: Final = 5
REPLIES: Final = 5
_ASKS_FOR_A_PERSON: Final = "escalation"
_REPLIES: Final[dict[str, Any]] = tomllib.loads(
    (files("mangaassist.desk") / "data" / "replies.toml").read_text(encoding="utf-8")
)


def described(
    ticket: Ticket, reasons: tuple[str, ...], session: Session | None, position: int | None, now: datetime
) -> DeskTicket:
    """``session`` None: it has ended, and what it was about is not known any more."""
    return DeskTicket(
        ticket_id=ticket.ticket_id,
        session_id=ticket.session_id,
        state=ticket.state,
        reason=ticket.reason,
        reasons=reasons,
        at=ticket.at.isoformat(),
        waiting_s=max(0, round(((ticket.joined_at or now) - ticket.at).total_seconds())),
        position=position,
        operator=ticket.operator if ticket.state == "joined" else None,
        name=ticket.name,
        customer=ticket.customer_id or "guest",
        about=None if session is None else _about(ticket, session),
    )


def _about(ticket: Ticket, session: Session) -> DeskAbout:
    asked = [turn for turn in session.turns if not turn.is_note]
    matter = next((turn for turn in reversed(asked) if _is_a_matter(turn)), asked[-1] if asked else None)
    dialogue = session.dialogue
    books = dict.fromkeys([*(one.title for one in dialogue.targets), *(one.title for one in dialogue.shown)])
    return DeskAbout(
        intent=matter.intent if matter else "",
        acts=tuple(_words(matter)) if matter else (),
        orders=dialogue.orders,
        books=tuple(filter(None, books))[:BOOKS],
        cart=ticket.cart,
        summary=ticket.summary or dialogue.summary,
        last_asked=matter.message if matter else "",
        trouble=tuple(_trouble(asked))[-TROUBLE:],
    )


def _is_a_matter(turn: TurnRecord) -> bool:
    """What it is about is what was asked before a person was asked for."""
    return turn.metadata is not None and turn.intent not in ("none", "chitchat", _ASKS_FOR_A_PERSON)


def _words(turn: TurnRecord) -> Iterator[str]:
    known = {act.value: ACTS[act].words for act in Act}
    return (known[act] for act in turn.acts if act in known)


def _trouble(asked: list[TurnRecord]) -> Iterator[str]:
    for turn in asked:
        if turn.problem is not None:
            yield f"“{turn.message}” could not be answered ({turn.problem.code})."
        elif turn.metadata is not None and turn.metadata.degraded:
            yield f"“{turn.message}” was answered without {', '.join(turn.metadata.degraded)}."
        elif turn.metadata is not None and turn.metadata.blocked:
            yield f"“{turn.message}” was refused ({turn.metadata.blocked})."


def replies(ticket: Ticket, about: DeskAbout | None, has_written: bool) -> tuple[str, ...]:
    """What a person may want to say next: greeting first, then what fits the matter."""
    name = ticket.name or "the store's team"
    order = f"your order {about.orders[0]}" if about and about.orders else "your order"
    first = () if has_written else (_REPLIES["greeting"],)
    fitting = _REPLIES["by_intent"].get(about.intent if about else "", ())
    said = (*first, *fitting, _REPLIES["moment"], _REPLIES["closing"])
    return tuple(one.format(name=name, order=order) for one in said)[:REPLIES]
