"""Edits of a text: made, kept apart, and carried back to the text that they began with."""

from collections.abc import Iterable

from msgspec import Struct

from mangaassist.guardrails.findings import Stage


class Edit(Struct, frozen=True):
    """``text[start:end]`` becomes ``replacement``. ``kind`` says what was found, e.g. ``EMAIL`` or ``wrong_price``."""

    start: int
    end: int
    replacement: str
    stage: Stage
    kind: str


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Raises ``ValueError`` when two of them overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start < position or edit.end < edit.start or edit.end > len(text):
            raise ValueError(f"the edit at {edit.start} to {edit.end} does not fit")
        pieces += (text[position : edit.start], edit.replacement)
        position = edit.end
    return "".join((*pieces, text[position:]))


def without_overlap(edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """In reading order; of two that overlap the one that begins first stays, of two that begin together the longer."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda edit: (edit.start, -edit.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return tuple(kept)


class _Piece(Struct):
    """A part of the revised text and the part of the first text that it stands for. Unedited pieces have no edit."""

    start: int
    end: int
    text: str
    edit: Edit | None = None


class EditedText:
    """A text that several stages edit in turn, and the edits of all of them in the first text's coordinates."""

    def __init__(self, text: str) -> None:
        self._first = text
        self._pieces = [_Piece(0, len(text), text)] if text else []

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self._pieces)

    def apply(self, edits: Iterable[Edit]) -> None:
        """Make edits whose positions are those of ``self.text``. Raises ``ValueError`` when two of them overlap."""
        ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
        apply_edits(self.text, ordered)
        for edit in reversed(ordered):
            self._apply(edit)

    def edits(self) -> tuple[Edit, ...]:
        """What turns the first text into the revised one."""
        return tuple(
            Edit(piece.start, piece.end, piece.text, piece.edit.stage, piece.edit.kind)
            for piece in self._pieces
            if piece.edit is not None and piece.text != self._first[piece.start : piece.end]
        )

    def _apply(self, edit: Edit) -> None:
        before: list[_Piece] = []
        hit: list[_Piece] = []
        after: list[_Piece] = []
        head = tail = ""
        position = 0
        for piece in self._pieces:
            begin, position = position, position + len(piece.text)
            if position <= edit.start:
                before.append(piece)
            elif begin >= edit.end:
                after.append(piece)
            elif piece.edit is None:
                left, middle, right = _cut(piece, max(edit.start - begin, 0), min(edit.end - begin, len(piece.text)))
                before += [left] if left.text else []
                hit.append(middle)
                after = [right, *after] if right.text else after
            else:
                head = piece.text[: edit.start - begin] if edit.start > begin else head
                tail = piece.text[edit.end - begin :] if edit.end < position else tail
                hit.append(piece)
        where = before[-1].end if before else 0
        start, end = (hit[0].start, hit[-1].end) if hit else (where, where)
        self._pieces = [*before, _Piece(start, end, head + edit.replacement + tail, edit), *after]


def _cut(piece: _Piece, start: int, end: int) -> tuple[_Piece, _Piece, _Piece]:
    def part(a: int, b: int) -> _Piece:
        return _Piece(piece.start + a, piece.start + b, piece.text[a:b])

    return part(0, start), part(start, end), part(end, len(piece.text))
