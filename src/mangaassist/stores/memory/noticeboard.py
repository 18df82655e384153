"""What one process tells itself: without a store that is shared there are no others to be heard."""

import time
from collections.abc import Callable

from mangaassist.console.noticeboard import LIVES_S, Boards, Notice


class MemoryNoticeboard:
    """Implements ``console.noticeboard.Noticeboard``. ``clock``: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._posted: dict[str, tuple[bytes, float]] = {}

    async def post(self, process: str, told: bytes) -> None:
        self._posted[process] = told, self._clock()

    async def notices(self) -> tuple[Notice, ...]:
        now = self._clock()
        self._posted = {name: (told, at) for name, (told, at) in self._posted.items() if now - at < LIVES_S}
        return tuple(Notice(name, told, now - at) for name, (told, at) in sorted(self._posted.items()))

    async def take_down(self, process: str) -> None:
        self._posted.pop(process, None)


def memory_boards(clock: Callable[[], float] = time.monotonic) -> Boards:
    return Boards(*(MemoryNoticeboard(clock) for _ in Boards.__struct_fields__))
