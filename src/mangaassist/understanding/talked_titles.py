"""Everyday words that are titles here: "not monster" after *Monster* was shown turns down that series, not monsters (T-4)."""

from collections.abc import Iterator
from typing import Final

import msgspec

from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.understanding.utterance import Mention, Role, Utterance

_EVERYDAY: Final = frozenset({"genre", "theme", "mood"})
_AS_TITLE: Final[dict[Role, Role]] = {"unwanted": "unlike", "wanted": "named"}
"""What the role of a taste is for a title."""


def with_talked_titles(utterance: Utterance, state: DialogueState) -> Utterance:
    """The message with such words read as the series that were talked of or shown; any other message as it is."""
    if not any(one.kind in _EVERYDAY for one in utterance.mentions):
        return utterance
    talked = dict(_titles(state))
    mentions = tuple(_as_title(one, talked, utterance) for one in utterance.mentions)
    if mentions == utterance.mentions:
        return utterance
    named = tuple(
        Target(series_id=one.value, title=one.said)
        for one, before in zip(mentions, utterance.mentions, strict=True)
        if one is not before and one.role == "named"
    )
    return msgspec.structs.replace(utterance, mentions=mentions, targets=(*utterance.targets, *named))


def _titles(state: DialogueState) -> Iterator[tuple[str, str]]:
    for card in state.shown:
        yield (card.series_title or card.title).lower(), card.series_id
    for target in (*state.talked_of, *state.targets):
        if target.series_id is not None:
            yield target.title.lower(), target.series_id


def _as_title(mention: Mention, talked: dict[str, str], utterance: Utterance) -> Mention:
    """A whole title; or, in "the dungeon one", a word that is in only one of the titles."""
    if mention.kind not in _EVERYDAY:
        return mention
    said = mention.said.lower()
    series_id = talked.get(said)
    picked = {one for title, one in talked.items() if said in title.split()}
    if series_id is None and mention.role == "named" and len(picked) == 1:
        series_id = next(iter(picked))
    if series_id is None:
        return mention
    role = "unlike" if utterance.is_negated else _AS_TITLE.get(mention.role, mention.role)
    return msgspec.structs.replace(mention, kind="series", value=series_id, role=role)
