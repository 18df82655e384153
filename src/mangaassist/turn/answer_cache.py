"""Answers of models that are given again to who asks the same (M-8, M-6): the keeping, over the cache that processes may share.

What may be kept, for whom, and under which key says ``common_questions.py``. Here are the wordings of a key compared: the nearest
one that is near enough and whose answer this turn's evidence confirms.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import msgspec
import numpy as np
from msgspec import Meta, Struct

from mangaassist.domain.encoding import Vector
from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.review import ReviewOutcome
from mangaassist.services.cache import Cache, Dated, Space
from mangaassist.turn.common_questions import KeptAnswer, key_of, of_one_shopper, unconfirmed, unfit
from mangaassist.turn.stages import CommonQuestion, Gathered, Written

FLOOR: Final = 0.82
"""The least cosine of two wordings at which one's answer is the other's, where their keys are the same.

The layers of search put the nearest wrong pair of tests/turn/test_answer_floor.py at 0.77 to 0.79 and the furthest right one at
0.846 to 0.857: int8 sums differ between processors with and without VNNI.
Measured before them, with the packaged encoder and a floor of 0.88, on the 1 558 wordings of the store's pages, of which 764
are common questions: 44 pairs of one key reach it, and all 44 ask the same; the nearest pair that does not has 0.815 ("lost my
gift card", "gift card not received"). Of 18 pairs of our own that differ by one telling word two have one key: "do you (not)
ship to hawaii", of one answer, passes; "turn on" and "turn off two step login" do not (0.854). Of 19 pairs of paraphrases 13
pass. A lower floor for when no model answers would let both wrong pairs through: there is none (M-6).
"""
LONGEST: Final = timedelta(hours=1)
ANSWERS: Final = Space("answers", LONGEST.total_seconds(), bytes)
BUCKETS: Final = 512
"""Keys that a process keeps by itself: with ``WORDINGS`` each, about 10 MB."""
WORDINGS: Final = 8
"""Answers of one key; the oldest leaves first."""
SAME: Final = 0.9999
"""From this cosine on it is the very same wording: its answer takes the place of the one before."""

Count = Callable[[str, str], None]
"""Hears what became of a question or an answer ("hit", "miss", "kept", "refused", "broken"), and why."""


class _Entry(Struct, frozen=True, array_like=True):
    """As it lies in the cache: ``vector`` is float32, little-endian."""

    vector: bytes
    at: datetime
    answer: KeptAnswer


_Entries = Annotated[tuple[_Entry, ...], Meta(max_length=WORDINGS)]
_PACK: Final = msgspec.msgpack.Encoder().encode
_READ: Final = msgspec.msgpack.Decoder(_Entries)


class Again(Struct, frozen=True):
    """An answer to give again, and how alike the two questions are."""

    answer: KeptAnswer
    cosine: float


class AnswerCache:
    """Never raises: a cache that does not answer has nothing. ``encoder`` is the digest of what makes the vectors."""

    def __init__(
        self, cache: Cache, encoder: str, count: Count, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._cache = cache
        self._encoder = encoder
        self._count = count
        self._now = now

    async def question(
        self, gathered: Gathered, knowledge: int, vector_of: Callable[[str], Awaitable[Vector | None]]
    ) -> CommonQuestion | None:
        """The turn's question, if it is one that anybody may ask and the encoder reads it."""
        why = of_one_shopper(gathered)
        vector = None if why else await vector_of(gathered.understood.meaning.question)
        if vector is None:
            self._count("refused", why or "vector")
            return None
        return CommonQuestion(key_of(gathered, knowledge, self._encoder), vector)

    async def find(self, question: CommonQuestion, evidence: Evidence) -> Again | None:
        """The answer to the nearest wording of the question that this turn's evidence confirms."""
        entries, missed = await self._entries(question), ""
        for cosine, entry in _nearest(question.vector, entries):
            if cosine < FLOOR:
                break
            if not (why := unconfirmed(entry.answer, evidence)):
                self._count("hit", "")
                return Again(entry.answer, cosine)
            missed = missed or why
        self._count("miss", missed or ("far" if entries else "new"))
        return None

    async def keep(
        self, question: CommonQuestion, written: Written, outcome: ReviewOutcome, sources: tuple[str, ...]
    ) -> None:
        """Keep the answer for whoever asks the same, if it may be. ``sources`` are the ids of the chunks that it used."""
        if why := unfit(written, outcome):
            self._count("refused", why)
            return
        entry = _Entry(_packed(question.vector), self._now(), KeptAnswer(written.drafted, sources))
        others = [one for one in await self._entries(question) if float(_vector(one.vector) @ question.vector) < SAME]
        kept = Dated(_PACK((*others[1 - WORDINGS :], entry)), entry.at)
        try:
            await self._cache.put_many(ANSWERS, {question.key: kept})
        except Exception:  # what is not kept is written again
            self._count("refused", "unreachable")
        else:
            self._count("kept", "")

    async def _entries(self, question: CommonQuestion) -> tuple[_Entry, ...]:
        """What is kept of the key and not too old, oldest first; what cannot be such is counted and left out."""
        try:
            found = await self._cache.get_many(ANSWERS, [question.key])
        except Exception:
            self._count("broken", "unreachable")
            return ()
        if question.key not in found:
            return ()
        try:
            entries = _READ.decode(found[question.key].value)
        except (msgspec.DecodeError, TypeError):
            self._count("broken", "unreadable")
            return ()
        sound = tuple(one for one in entries if _is_sound(one, question.vector))
        if len(sound) < len(entries):
            self._count("broken", "unsound")
        earliest = self._now() - LONGEST
        return tuple(one for one in sound if one.at > earliest)


def _nearest(vector: Vector, entries: Sequence[_Entry]) -> list[tuple[float, _Entry]]:
    if not entries:
        return []
    cosines: list[float] = (np.stack([_vector(one.vector) for one in entries]) @ vector).tolist()
    return sorted(zip(cosines, entries, strict=True), key=lambda one: -one[0])


def _packed(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _vector(packed: bytes) -> Vector:
    return np.frombuffer(packed, "<f4")


def _is_sound(entry: _Entry, like: Vector) -> bool:
    """A unit vector of the same space, and a moment that says its zone."""
    if len(entry.vector) != 4 * like.size or entry.at.tzinfo is None:
        return False
    return bool(abs(float(np.linalg.norm(_vector(entry.vector))) - 1) < 1e-3)
