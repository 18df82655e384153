"""Readings of messages that go on with small talk: another joke, a request once more that was turned down (T-4)."""

from typing import Final

from mangaassist.domain.acts import Act
from mangaassist.understanding.hearing import Hearing
from mangaassist.understanding.readings import Reading

SHORT: Final = 3
"""Telling words of a message that only presses for what was turned down: "please, it's for school"."""


def another_joke(h: Hearing) -> Reading:
    """ "Another", "one more", "again" after a joke."""
    asks_on = h.utterance.is_onward or h.moves(Act.MORE, Act.REFINE) or h.points("other")
    return (Act.JOKE,) if h.last is Act.JOKE and asks_on and h.names_nothing else ()


def presses_on(h: Hearing) -> Reading:
    """ "Pls, it's for school" after something that the store does not do was asked for, and turned down."""
    named = h.utterance.targets or h.ruled or h.utterance.is_question or len(h.utterance.stems) > SHORT
    return (Act.OFF_TOPIC,) if h.last is Act.OFF_TOPIC and h.utterance.is_pleading and not named else ()
