"""What nobody who answers here can do, has done or will do (G-4)."""

import re

from mangaassist.guardrails.claims.said import Said, Wrong, whole


def never(_: Said, __: re.Match[str]) -> Wrong:
    return whole()


def as_pages_say(said: Said, found: re.Match[str]) -> Wrong | None:
    """ "We will email you": the store does where one of its pages speaks of it."""
    return (
        None
        if said.known.say(found["it"].rstrip("e"), pages_alone=True) or said.known.say(found["it"], pages_alone=True)
        else whole()
    )
