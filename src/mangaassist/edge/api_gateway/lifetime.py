"""What time asks for of a connection that an API Gateway holds: pure (W-5, W-6, W-13)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec import Struct

from mangaassist.edge.api_gateway.connections import MOST_HOURS, GatewayConnection
from mangaassist.edge.connection import EXPIRY_WARNING_S

OLDEST: Final = timedelta(hours=MOST_HOURS)
DRAINED_BEFORE: Final = timedelta(minutes=5)
"""So long before the gateway would cut it, a client is asked to come back on a new connection."""
WARNED_BEFORE: Final = timedelta(seconds=EXPIRY_WARNING_S)


class Due(StrEnum):
    """What is to be done about a connection."""

    WARN = "the token ends in 60 s"
    DRAIN = "the gateway will cut it in 5 min"
    SIGNED_OUT = "the token has ended"
    IDLE = "nothing was said for too long"
    OLD = "the gateway has cut it by now"


class Moment(Struct, frozen=True):
    at: datetime
    due: Due


def next_moment(connection: GatewayConnection, idle: timedelta, told: frozenset[Moment]) -> Moment:
    """The first thing that is still to be done; ``told`` is what was: a new token is warned of anew."""
    moments = [
        Moment(connection.connected_at + OLDEST - DRAINED_BEFORE, Due.DRAIN),
        Moment(connection.connected_at + OLDEST, Due.OLD),
        Moment(connection.heard_at + idle, Due.IDLE),
    ]
    if connection.expires_at is not None:
        moments.append(Moment(connection.expires_at - WARNED_BEFORE, Due.WARN))
        moments.append(Moment(connection.expires_at, Due.SIGNED_OUT))
    return min((one for one in moments if one not in told), key=lambda one: one.at)
