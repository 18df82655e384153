"""What one turn had to do without (S-5): noted where it happens, read once when the evidence is frozen; nobody hands it on."""

from collections.abc import Mapping
from typing import Final

from mangaassist.domain.evidence import Degradation, Evidence

LATE: Final = "answered so late that not everything could be asked"
OURSELVES: Final = Degradation("assistant", "answered with what could be looked up in time")
OWN_DOING: Final = 0.25
"""Who took less than this part of the time that is gone has not used it up."""


class Degradations:
    """Lives as long as a turn. One a service, in the order in which they were first noted."""

    def __init__(self) -> None:
        self._noted: dict[str, Degradation] = {}
        self._unasked: set[str] = set()

    @property
    def noted(self) -> tuple[Degradation, ...]:
        return tuple(self._noted.values())

    @property
    def unasked(self) -> frozenset[str]:
        """Services for which others left no time."""
        return frozenset(self._unasked)

    def failed(self, service: str) -> bool:
        return Evidence(degraded=self.noted, unasked=self.unasked).failed(service)

    def note(self, degradation: Degradation) -> None:
        known = self._noted.get(degradation.service)
        if known is None or (known.answered and not degradation.answered):
            self._noted[degradation.service] = degradation

    def note_unasked(self, service: str, blamed: str | None) -> None:
        """``service`` was cut short or not asked at all because ``blamed`` (None: we ourselves) had used up the time."""
        self._unasked.add(service)
        self.note(OURSELVES if blamed is None else Degradation(blamed, LATE, answered=True))


def to_blame(took: Mapping[str, float], gone: float) -> str | None:
    """The service that used up a phase of which ``gone`` seconds have passed; None when it was our own doing.

    ``took``: seconds that the phase has waited for each service.
    """
    slowest = max(took, key=lambda service: took[service], default=None)
    return slowest if slowest is not None and took[slowest] > gone * OWN_DOING else None
