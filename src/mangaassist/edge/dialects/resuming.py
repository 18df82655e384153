"""Where a client stands in a run, as the ids of its events say it, and what it is told from there on (R-10).

An id is ``RUN.BEGAN.SEQ.PART.OPEN``, with a ``!`` behind it where the answer has said what it does without: of the answer that
began with the frame BEGAN, PART events of the frame SEQ were heard, and the message OPEN is still open. Both frames are 0 where
the answer is told as it was saved, without numbers. A client that stands within what is told again hears the events after its
own, and none twice; one that stands within what nobody keeps any more hears how the answer reads now, and goes on from there.
"""

import re
from collections.abc import Iterable, Iterator
from hashlib import blake2s
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.conversation.log import Cursor
from mangaassist.edge.dialects.ag_ui import AgUiEncoder, Run
from mangaassist.errors import BadInput, FieldProblem
from mangaassist.wire.ag_ui import (
    LAST_EVENT_ID,
    ActivitySnapshot,
    AgUiEvent,
    DegradedShown,
    TextMessageEnd,
    TextMessageStart,
)
from mangaassist.wire.frames import AnswerFrame, Correction, Start

_PLACE: Final = re.compile(
    r"(?P<run>[0-9a-f]{12})\.(?P<began>\d{1,15})\.(?P<seq>\d{1,15})\.(?P<part>\d{1,6})\.(?P<open>r[A-Za-z0-9_-]{1,32})?(?P<noted>!)?",
    re.ASCII,
)


def run_mark(run_id: str) -> str:
    """Short enough to stand in ids; two runs of one message share it by an accident of 2⁻⁴⁸."""
    return blake2s(run_id.encode(), digest_size=6).hexdigest()


class Place(Struct, frozen=True, kw_only=True):
    """The last event that a client has heard."""

    run: str
    began: int = 0
    seq: int = 0
    part: int = 0
    open: str | None = None
    noted: bool = False

    def __str__(self) -> str:
        return f"{self.run}.{self.began}.{self.seq}.{self.part}.{self.open or ''}{'!' if self.noted else ''}"

    @property
    def answer(self) -> Cursor:
        """What the answer is told after."""
        return Cursor(max(0, self.began - 1))

    def after(self, event: AgUiEvent) -> "Place":
        """What is open and noted once an event was heard; its number is another's to say."""
        match event:
            case TextMessageStart():
                return replace(self, open=event.message_id)
            case TextMessageEnd():
                return replace(self, open=None)
            case ActivitySnapshot(content=DegradedShown(services=services)):
                return replace(self, noted=bool(services))
            case _:
                return self


def place_of(header: str | None, run_id: str) -> Place | None:
    """None also where it is a place in another run: that says nothing of this one. Raises ``BadInput`` for no id of ours."""
    if not header:
        return None
    found = _PLACE.fullmatch(header)
    if found is None:
        detail = "is no id of an event of this stream"
        raise BadInput("invalid_field", f"{LAST_EVENT_ID}: {detail}", [FieldProblem(LAST_EVENT_ID, detail)])
    if found["run"] != run_mark(run_id):
        return None
    return Place(
        run=found["run"],
        began=int(found["began"]),
        seq=int(found["seq"]),
        part=int(found["part"]),
        open=found["open"],
        noted=found["noted"] is not None,
    )


class Placed(Struct, frozen=True):
    """An event, and where a client stands that has heard it."""

    place: Place
    event: AgUiEvent


class Telling:
    """A run told from its beginning, or from where a client stands. Feed it every frame of the answer in order."""

    def __init__(self, run: Run, heard: Place | None = None) -> None:
        self.encoder = AgUiEncoder(run)
        self._place = Place(run=run_mark(run.run_id))
        self._heard = heard
        """None: everything that comes is new."""

    def retells(self, frames: Iterable[AnswerFrame]) -> bool:
        """Whether these may be told by the conversation as it reads now."""
        begun = self.encoder.has_begun
        return self._heard is not None or any(
            isinstance(frame, Correction) or (begun and isinstance(frame, Start)) for frame in frames
        )

    def tell(self, frames: Iterable[AnswerFrame]) -> list[Placed]:
        return [placed for frame in frames for placed in self._told(frame)]

    def _told(self, frame: AnswerFrame) -> Iterable[Placed]:
        before = self._place.part if frame.seq == self._place.seq else 0
        began = self._place.began or frame.seq
        told = list(self._placed(frame, began, before))
        heard = self._heard
        if heard is None:
            return told
        if _is_past(frame.seq, heard.seq):
            self._heard = None
            return list(self._as_it_stands(heard, told))
        if frame.seq != heard.seq:
            return ()
        if frame.seq or self._place.part >= heard.part:
            self._heard = None
        return told[max(0, heard.part - before) :]

    def _placed(self, frame: AnswerFrame, began: int, before: int) -> Iterator[Placed]:
        self._place = replace(self._place, began=began, seq=frame.seq, part=before)
        for event in self.encoder.encode(frame):
            self._place = replace(self._place.after(event), part=self._place.part + 1)
            yield Placed(self._place, event)

    def _as_it_stands(self, heard: Place, told: list[Placed]) -> Iterator[Placed]:
        """Until the last of these was heard, a client stands where it stood: it would be told all of them again."""
        events = [*self.encoder.as_it_stands(heard.open, heard.noted)]
        if self.encoder.is_over and told:
            events.append(told[-1].event)
        stands = heard
        for event in events[:-1]:
            stands = stands.after(event)
            yield Placed(stands, event)
        yield Placed(self._place, events[-1])


def _is_past(seq: int, heard: int) -> bool:
    """What was heard will not be told again: what is kept begins behind it, or is the answer as it was saved."""
    return seq > heard or (seq == 0 and heard > 0)
