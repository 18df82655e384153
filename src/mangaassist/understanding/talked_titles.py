"""Everyday words that are titles here: "not monster" after *Monster* was shown turns down that series, not monsters (T-4)."""

import re
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
    utterance = _without_strange_parts(utterance, state)
    if not utterance.words and not any(one.kind in _EVERYDAY for one in utterance.mentions):
        return utterance
    names = dict(_titles(state))
    talked = {title.lower(): series_id for series_id, title in names.items()}
    mentions = tuple(_as_title(one, talked, utterance) for one in utterance.mentions)
    changed = [one for one, before in zip(mentions, utterance.mentions, strict=True) if one is not before]
    bare = [_from_word(word, talked[word.lower()], utterance) for word in utterance.words if word.lower() in talked]
    found = (*changed, *bare)
    if not found:
        return utterance
    named = tuple(Target(series_id=one.value, title=names[one.value]) for one in found if one.role == "named")
    words = tuple(word for word in utterance.words if word.lower() not in talked)
    return msgspec.structs.replace(
        utterance, mentions=(*mentions, *bare), targets=(*utterance.targets, *named), words=words
    )


def _without_strange_parts(utterance: Utterance, state: DialogueState) -> Utterance:
    """ "Part 2?" after talk of another series is none of the series that alone calls its parts so."""
    parts = {one.value for one in utterance.mentions if one.kind == "series" and _PART.fullmatch(one.said.strip())}
    talked = {(one.series_id or "").split("-")[0] for one in state.targets}
    strange = {one for one in parts if talked and one.split("-")[0] not in talked}
    if not strange:
        return utterance
    return msgspec.structs.replace(
        utterance,
        mentions=tuple(one for one in utterance.mentions if one.value not in strange),
        targets=tuple(one for one in utterance.targets if one.series_id not in strange),
    )


_PART: Final = re.compile(r"part (?:\d|one|two|three|four|five|six|seven|eight|nine)", re.IGNORECASE)


def _from_word(word: str, series_id: str, utterance: Utterance) -> Mention:
    """A describing word that is the whole title of something that was shown."""
    role: Role = "unlike" if utterance.is_negated else "named"
    return Mention(kind="series", value=series_id, said=word, start=0, end=0, role=role)


def _titles(state: DialogueState) -> Iterator[tuple[str, str]]:
    for card in state.shown:
        yield card.series_id, card.series_title or card.title
    for target in (*state.talked_of, *state.targets):
        if target.series_id is not None:
            yield target.series_id, target.title


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
