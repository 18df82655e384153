"""How many of the newest answers had to be corrected, by stage, and whether that is too many (G-8)."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Final

NEWEST: Final = 2000
"""Answers that are looked at."""
ALARM_SHARE: Final = 0.005
LEAST: Final = 200
"""Answers before which a share says nothing: one correction would be too many of fewer."""


class CorrectionRate:
    """Of one process, since it started; old answers make room for new ones."""

    def __init__(self) -> None:
        self._answers = deque[frozenset[str]]()
        self._corrected = Counter[str]()
        self._any = 0

    def note(self, corrected: Iterable[str]) -> None:
        """An answer, and the stages that corrected it; none where it stands as it was written."""
        stages = frozenset(corrected)
        self._answers.append(stages)
        self._corrected.update(stages)
        self._any += bool(stages)
        if len(self._answers) > NEWEST:
            oldest = self._answers.popleft()
            self._corrected.subtract(oldest)
            self._any -= bool(oldest)

    @property
    def answers(self) -> int:
        """How many are looked at."""
        return len(self._answers)

    @property
    def any_corrected(self) -> int:
        """How many of the newest answers any stage corrected."""
        return self._any

    @property
    def corrected(self) -> Mapping[str, int]:
        """How many of them each stage corrected that has corrected anything."""
        return dict(self._corrected)

    @property
    def stages(self) -> tuple[str, ...]:
        """Every stage that has corrected anything."""
        return tuple(self._corrected)

    def share(self, stage: str) -> float:
        """Of the newest answers, 0 to 1."""
        return self._corrected[stage] / len(self._answers) if self._answers else 0.0

    def is_alarming(self, stage: str) -> bool:
        return len(self._answers) >= LEAST and self.share(stage) > ALARM_SHARE
