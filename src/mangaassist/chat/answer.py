"""One answer as a terminal shows it: the transcript, with what was taken back kept beside what replaced it."""

from typing import Self

from msgspec import Struct

from mangaassist.wire.frames import Correction, SessionTurn, Start, Token
from mangaassist.wire.transcript import Transcript


class Piece(Struct):
    """A stretch of text; ``before`` is what stood here until a correction came, empty when none did."""

    text: str
    before: str = ""


class Answer:
    """Feed it every frame of one answer in order."""

    def __init__(self) -> None:
        self.seen = Transcript()
        self._pieces: dict[int, Piece] = {}

    @classmethod
    def remembered(cls, turn: SessionTurn) -> Self:
        """An answer that was not heard frame by frame, as the server remembers it."""
        answer = cls()
        answer.seen.response_id = turn.response_id
        answer.seen.products = turn.products
        answer.seen.buttons = turn.actions
        answer.seen.suggestions = turn.suggestions
        answer.seen.problem = turn.problem
        answer._pieces = {0: Piece(turn.answer)}
        return answer

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(self._pieces.values())

    def apply(self, frame: object) -> None:
        self.seen.apply(frame)
        match frame:
            case Start():
                self._pieces = {}  # what an earlier attempt said is not part of the answer (W-12)
            case Token():
                self._pieces[frame.seq] = Piece(frame.content)
            case Correction():
                self._correct(frame)
            case _:
                pass

    def _correct(self, correction: Correction) -> None:
        """Everything that is replaced is struck in one stretch, with its replacement behind it."""
        last = correction.through_seq or correction.replace_seq
        struck = [seq for seq in self._pieces if correction.replace_seq <= seq <= last]
        if not struck:
            return
        before = "".join(self._pieces[seq].before or self._pieces[seq].text for seq in struck)
        for seq in struck:
            self._pieces[seq] = Piece("")
        self._pieces[struck[0]] = Piece(correction.content, before)
