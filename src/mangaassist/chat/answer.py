"""One answer as a terminal shows it: the transcript, with what was taken back kept beside what replaced it."""

from msgspec import Struct

from mangaassist.wire.frames import Correction, Start, Token
from mangaassist.wire.transcript import Transcript


class Piece(Struct):
    """A stretch of text; ``before`` is what stood here until a correction came, empty when none did."""

    text: str
    before: str = ""


class Answer:
    """Feed it every frame of one answer in order."""

    def __init__(self) -> None:
        self.seen = Transcript()
        self.in_reply_to = ""
        self._pieces: dict[int, Piece] = {}

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(self._pieces.values())

    @property
    def done(self) -> bool:
        return self.seen.metadata is not None

    def apply(self, frame: object) -> None:
        self.seen.apply(frame)
        match frame:
            case Start():
                self.in_reply_to = frame.in_reply_to
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
