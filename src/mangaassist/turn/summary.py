"""What the turns that are no longer remembered were about, in a few words: rolled on as each is forgotten (T-4). Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from mangaassist.domain.acts import ACTS, Act
from mangaassist.domain.intents import Intent

LONGEST: Final = 600
"""Characters of a whole summary; what was said first is forgotten first."""
TITLES_EACH: Final = 3
BETWEEN: Final = "; "


def summarised(summary: str, acts: Iterable[str], titles: Iterable[str] = ()) -> str:
    """``summary`` with one turn more: what was asked (acts by their names) and which products were shown.

    Made of typed values alone: no word of the shopper, and nothing personal, gets into it. Small talk leaves nothing.
    """
    wanted = " and ".join(dict.fromkeys(_words(acts)))
    if not wanted:
        return summary
    shown = ", ".join(dict.fromkeys(list(titles)[:TITLES_EACH]))
    said = f"wanted to {wanted} ({shown})" if shown else f"wanted to {wanted}"
    parts = [part for part in summary.split(BETWEEN) if part and part != said]
    return _shortened([*parts, said])


def talked_to(summary: str, name: str) -> str:
    """``summary`` with what a person of the store has said: that they did, and not what."""
    said = f"talked to {name or 'a person'} of the store"
    return _shortened([*(part for part in summary.split(BETWEEN) if part and part != said), said])


def _words(acts: Iterable[str]) -> Iterator[str]:
    known = {act.value: ACTS[act] for act in Act}
    return (known[act].words for act in acts if act in known and known[act].intent is not Intent.CHITCHAT)


def _shortened(parts: list[str]) -> str:
    while len(parts) > 1 and len(BETWEEN.join(parts)) > LONGEST:
        parts = parts[1:]
    return BETWEEN.join(parts)[:LONGEST]
