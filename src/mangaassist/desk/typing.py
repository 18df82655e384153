"""Who is writing just now, on either side: a sign that ends by itself, shared by all processes and stored nowhere."""

from typing import Final, Literal

from mangaassist.domain.counting import Counters

SHOWN_S: Final = 4.0
Side = Literal["shopper", "agent"]


class TypingSigns:
    """Never raises: nobody waits for a sign."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    async def note(self, side: Side, session_id: str) -> None:
        try:
            await self._counters.add(_name(side, session_id), 1, SHOWN_S)
        except Exception:  # whatever it is, the words themselves will come
            return

    async def of(self, side: Side, session_id: str) -> bool:
        name = _name(side, session_id)
        try:
            return (await self._counters.totals([name]))[name] > 0
        except Exception:  # nobody can say
            return False


def _name(side: Side, session_id: str) -> str:
    return f"desk:typing:{side}:{session_id}"
