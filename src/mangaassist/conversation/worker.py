"""The one who answers a session: claim, answer, append, remember. The second page to read, after ``turn/orchestrator``."""

import asyncio
from contextlib import suppress
from typing import Final

from mangaassist.conversation.attempt import Attempt, WorkerDependencies
from mangaassist.conversation.hold import Hold
from mangaassist.conversation.log import Claim, Entry, Unknown
from mangaassist.conversation.noting import NoteAttempt
from mangaassist.conversation.offering import offered
from mangaassist.errors import EpochLost, Fenced, ServiceFailure
from mangaassist.telemetry.logs import logger
from mangaassist.turn.memory import Session
from mangaassist.turn.output import Stop

OFFER_AGAIN_S: Final = 1.0
FORGOTTEN_S: Final = 600.0
"""After so long without log or store a message is forgotten; its shopper sends it again."""

_log = logger("conversation")


class Worker:
    """Answers one session's messages, one after the other, from a claim until nothing waits or the session is lost.

    ``session`` is the session as it was saved last, ``lease`` the one that was held last.
    """

    def __init__(self, shared: WorkerDependencies, claim: Claim, session: Session) -> None:
        self._shared = shared
        self._first = claim
        self._hold: Hold | None = None
        self._stop = Stop()
        self._is_draining = False
        self._is_cut_short = False
        self.lease = claim.lease
        self.session = session

    async def work(self) -> None:
        claim: Claim | None = self._first
        while claim is not None:
            try:
                await self._answer(claim)
                claim = await self._next()
            except Fenced:
                return
            except EpochLost:
                claim = await self._offer_when_back(claim.entry)
            except ServiceFailure as failure:
                _log.error("session_given_up", session=self.session.session_id[:6], failure=str(failure))
                claim = await self._offer_when_back(claim.entry)

    def nudge(self) -> None:
        """Something happened in the session: a stop, perhaps."""
        if self._hold is not None:
            self._hold.nudge()

    def drain(self) -> None:
        """Claim nothing more; what waits is anybody's (W-7)."""
        self._is_draining = True

    def cut_short(self) -> None:
        """End the answer that is being written, or about to be; what was said is still reviewed and saved (T-8)."""
        self._is_cut_short = True
        self._stop.set()

    async def _answer(self, claim: Claim) -> None:
        self._stop = Stop()
        if self._is_cut_short:
            self._stop.set()
        async with Hold(self._shared.log, claim.lease, self._stop, self._shared.clock) as hold:
            self._hold = hold
            attempt = self._attempt(claim, hold)
            try:
                await attempt.run()
            finally:
                self._hold = None
                self.session, self.lease = attempt.session, hold.lease

    def _attempt(self, claim: Claim, hold: Hold) -> Attempt | NoteAttempt:
        if claim.entry.kind == "note":
            return NoteAttempt(self._shared, claim, self.session, hold)
        return Attempt(self._shared, claim, self.session, hold, self._stop)

    async def _next(self) -> Claim | None:
        if not self.lease.more:
            return None
        if self._is_draining:
            await self._shared.log.release(self.lease)
            return None
        found = await self._shared.log.claim(self.session.session_id, None)
        return None if isinstance(found, Unknown) else found  # a log that has lost the session says so to whoever looks

    async def _offer_when_back(self, entry: Entry) -> Claim | None:
        """Whatever was away may have forgotten the message when it is back: it is offered again then (W-2).

        A log that has kept it says so, and it is anybody's. Who waits for it for longer is told so by their line.
        """
        until = self._shared.clock() + FORGOTTEN_S
        while True:
            with suppress(ServiceFailure):
                return await self._offer_again(entry)
            if self._is_draining or self._shared.clock() >= until:
                return None
            await asyncio.sleep(OFFER_AGAIN_S)

    async def _offer_again(self, entry: Entry) -> Claim | None:
        """The log has lost the session: under its new epoch the message waits again, and numbers go on above all old ones."""

        async def load() -> tuple[Session, int]:
            self.session = await self._shared.sessions.load(self.session.session_id) or self.session
            return self.session, self.session.ceiling

        found, _ = await offered(self._shared.log, self.session.session_id, entry, claim=True, load=load)
        return found.claim
