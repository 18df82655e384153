"""What a shopper sees once corrections are applied: the same for REST, the terminal and tests (R-1, W-4)."""

from collections.abc import Iterable

from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import (
    Actions,
    Correction,
    Degraded,
    Done,
    Failed,
    Products,
    Start,
    Suggestions,
    Token,
)
from mangaassist.wire.metadata import AnswerMetadata
from mangaassist.wire.problems import Problem


class Transcript:
    """One answer, as far as its frames have come. Feed it every frame of the answer in order."""

    def __init__(self) -> None:
        self.response_id = ""
        self.products: tuple[ProductCard, ...] = ()
        self.buttons: tuple[Button, ...] = ()
        self.suggestions: tuple[str, ...] = ()
        self.degraded: list[Degraded] = []
        self.metadata: AnswerMetadata | None = None
        self.problem: Problem | None = None
        """Why there is no whole answer."""
        self._pieces: dict[int, str] = {}

    @property
    def text(self) -> str:
        return "".join(self._pieces.values())

    @property
    def has_ended(self) -> bool:
        return self.metadata is not None or self.problem is not None

    def apply(self, frame: object) -> None:
        """Take one frame into account; frames that say nothing of an answer are passed over."""
        match frame:
            case Start():
                self._begin(frame)
            case Token():
                self._pieces[frame.seq] = frame.content
            case Correction():
                self._correct(frame)
            case Products():
                self.products = frame.items
            case Actions():
                self.buttons = frame.buttons
            case Suggestions():
                self.suggestions = frame.items
            case Degraded():
                self.degraded.append(frame)
            case Done():
                self.metadata = frame.metadata
            case Failed():
                self.problem = frame.problem
            case _:
                pass

    def apply_all(self, frames: Iterable[object]) -> None:
        for frame in frames:
            self.apply(frame)

    def _begin(self, start: Start) -> None:
        """A start that comes again clears all that the answer had said and shown (W-12)."""
        self.__init__()
        self.response_id = start.response_id

    def _correct(self, correction: Correction) -> None:
        last = correction.through_seq or correction.replace_seq
        for seq in self._pieces:
            if correction.replace_seq <= seq <= last:
                self._pieces[seq] = correction.content if seq == correction.replace_seq else ""
