"""The first frame of a connection, whatever line it is on (W-2, W-4)."""

from msgspec import UNSET, Struct

from mangaassist.conversation.conversations import snapshot
from mangaassist.conversation.log import Joined
from mangaassist.domain.customers import Identity
from mangaassist.turn.memory import Session
from mangaassist.wire.frames import SessionOpened


class Timing(Struct, frozen=True):
    """In seconds."""

    heartbeat_s: float
    idle_timeout_s: float


def session_opened(
    session: Session, resumed: bool, joined: Joined, heard: int, identity: Identity, timing: Timing
) -> SessionOpened:
    """``heard``: the number after which frames follow."""
    turns, _ = snapshot(session)
    return SessionOpened(
        session_id=session.session_id,
        epoch=joined.epoch,
        resumed=resumed,
        recovered=resumed and joined.hole is None,
        last_seq=heard,
        turns=turns,
        customer=identity.customer_id or "guest",
        heartbeat_s=timing.heartbeat_s,
        idle_timeout_s=timing.idle_timeout_s,
        summary=session.dialogue.summary or UNSET,
        handoff=session.handoff or UNSET,
    )
