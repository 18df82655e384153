"""Readings of messages that suppose something of a series: what the catalog tells of it is what they ask (T-10)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.domain.claims import NO_CLAIM, Claim
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.readings import Reading


def asks_whether_so(h: Hearing) -> Reading:
    """ "Is akira by miyazaki", "isnt it the soccer one", "it ended at 12 right": what else rules hear in that says no more."""
    claim = h.utterance.claim
    books = {one.series_id for one in h.utterance.targets or h.resolved.targets}
    several = 2 if claim.shares_maker else 1
    if claim == NO_CLAIM or len(books) != several or not {one.act for one in h.ruled} <= _NO_OTHER:
        return ()
    return _acts_of(claim)


def claim_meant(h: Hearing, acts: Reading) -> Claim:
    """What is supposed, where it is what the message asks."""
    answering = frozenset(_acts_of(h.utterance.claim))
    return h.utterance.claim if answering & frozenset(acts) and asks_whether_so(h) else NO_CLAIM


def _acts_of(claim: Claim) -> Reading:
    told = (
        (Act.AUTHOR, bool(claim.makers or claim.shares_maker)),
        (Act.GENRE, bool(claim.kinds)),
        (Act.FINISHED, not claim.volumes.is_open),
    )
    return tuple(act for act, is_claimed in told if is_claimed)


_NO_OTHER: Final = frozenset(
    {
        *(Act.AUTHOR, Act.BY_SAME_AUTHOR, Act.GENRE, Act.ABOUT, Act.DETAIL, Act.CARRIES, Act.FIND, Act.CONTENT),
        *(Act.FINISHED, Act.VOLUMES, Act.LATEST, Act.NEXT_VOLUME, Act.COMPARE, Act.GREETING, Act.YES),
    }
)
"""What the same words sound like; whoever asks anything else beside is answered that."""
