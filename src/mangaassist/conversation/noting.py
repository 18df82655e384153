"""One attempt at telling a note of the desk, from its claim to its acknowledgement: save, then say."""

from mangaassist.conversation.attempt import WorkerDependencies
from mangaassist.conversation.hold import Hold
from mangaassist.conversation.keeping import Keeping
from mangaassist.conversation.log import Claim
from mangaassist.conversation.notes import note_frames, note_of, note_record
from mangaassist.turn.memory import Session


class NoteAttempt:
    """``session`` is the session as it was saved last, before the attempt and after it."""

    def __init__(self, shared: WorkerDependencies, claim: Claim, session: Session, hold: Hold) -> None:
        self._claim = claim
        self._hold = hold
        self._keeping = Keeping(shared.log, shared.sessions, session, hold, shared.clock)

    @property
    def session(self) -> Session:
        return self._keeping.session

    async def run(self) -> None:
        """Raises ``Superseded`` when the session is lost on the way, ``ServiceFailure`` when nothing can be saved or appended."""
        entry = self._claim.entry
        await self._keeping.make_room()
        record = await self._keeping.known(entry.message_id)
        if record is None:
            record = note_record(entry, note_of(entry), self._hold.last + 1)
            await self._keeping.save(record)
        is_due = record.last_seq == self._hold.last + 1
        await self._hold.append(note_frames(record) if is_due else (), ack=entry.message_id)
