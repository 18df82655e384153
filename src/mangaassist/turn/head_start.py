"""Work that began before anybody asked for it: whether somebody did, and by how much it was ahead (M-9)."""

import contextlib
from collections.abc import Callable, Generator
from typing import Final, Literal

Outcome = Literal["used", "wasted"]

USED: Final[Outcome] = "used"
WASTED: Final[Outcome] = "wasted"


class HeadStart:
    """``what`` is begun ahead: ``embed`` or ``search``. ``clock`` gives milliseconds; each moment counts the first time only."""

    def __init__(self, what: str, clock: Callable[[], float]) -> None:
        self.what = what
        self._clock = clock
        self._began: float | None = None
        self._ended: float | None = None
        self._asked: float | None = None

    def begin(self) -> None:
        self._began = self._clock()

    def end(self) -> None:
        self._ended = self._clock()

    @contextlib.contextmanager
    def under_way(self) -> Generator[None]:
        """It lasts as long as the block."""
        self.begin()
        try:
            yield
        finally:
            self.end()

    def ask(self) -> None:
        """Somebody needs it now."""
        if self._asked is None:
            self._asked = self._clock()

    @property
    def is_used(self) -> bool:
        return self._asked is not None

    @property
    def outcome(self) -> Outcome | None:
        """None: it never began."""
        if self._began is None:
            return None
        return USED if self.is_used else WASTED

    @property
    def gain_ms(self) -> float:
        """How long whoever asked need not wait: from its beginning until it was asked for, or over before that."""
        if self._began is None or self._asked is None:
            return 0.0
        return max(0.0, min(self._asked, self._ended if self._ended is not None else self._asked) - self._began)
