"""What a turn hears of each question that it asks a service, beside the answer (O-6)."""

from collections.abc import Callable

from msgspec import Struct


class TurnCall(Struct, frozen=True):
    """One question to one service: when it was asked and for how long it was waited for (seconds of the services' clock), what came
    of it (``Answer.outcome``), and whether it took more than one try. No word of what was asked."""

    service: str
    question: str
    began_s: float
    took_s: float
    outcome: str
    retried: bool


CallHeard = Callable[[TurnCall], None]


def unheard(call: TurnCall) -> None:
    """Nobody hears the calls."""
