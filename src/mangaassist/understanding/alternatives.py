"""Whether the tastes that a message names are alternatives: "chess or board games", "she likes horses and adventure" (T-5)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from mangaassist.understanding.analysis import Analysis, stem
from mangaassist.understanding.lexicon import tastes
from mangaassist.understanding.role_cues import REFUSING, Cues, cues_of
from mangaassist.understanding.utterance import Limits, Mention
from mangaassist.understanding.vocabulary import tables

_TASTES: Final = frozenset({"genre", "theme", "mood", "medium"})
_NEAR: Final = 3
"""So many words may stand between two alternatives: "chess or maybe board games"."""

_SHORT_ING: Final = 4


def are_alternatives(analysis: Analysis, mentions: Sequence[Mention], limits: Limits) -> bool:
    """One of them is enough: an "or" says so, and what a person likes is seldom all in one book."""
    words = [token.text for token in analysis.tokens]
    alternative = _listed(analysis, "or")
    wanted = [
        analysis.at(m.start, m.end)
        for m in mentions
        if m.kind in _TASTES and m.role == "wanted" and not (m.kind == "mood" and tastes()[m.value].always)
    ]
    if not wanted:
        return False
    if words[0] in alternative:
        return True
    if any(
        later[0] - earlier[1] <= _NEAR and alternative & set(words[earlier[1] : later[0]])
        for earlier, later in pairwise(wanted)
    ):
        return True
    told_of = frozenset(tables(analysis.language).get("limits", {}).get("reader", {}).get("pronouns", ()))
    is_of_person = (limits.reader is not None and not limits.reader.is_self) or not told_of.isdisjoint(words)
    return is_of_person and len(set(wanted)) > 1 and _says_likes(analysis, wanted[0][0])


def refused_words(analysis: Analysis) -> frozenset[int]:
    """Tokens that a refusal stands before, known or not: "nothing with bugs or clowns"."""
    cues = cues_of(analysis.language)
    stems = [token.stem for token in analysis.tokens]
    refused: set[int] = set()
    refusing = refusing_words(analysis)
    for sentence in analysis.sentences:
        is_refusing = False
        for place in range(sentence.first, sentence.last):
            if any(
                cues.before.get(tuple(stems[start:place])) in REFUSING
                for start in range(max(sentence.first, place - cues.longest), place)
            ) and not _is_denied_deed(stems, place, cues):
                is_refusing = True
            if analysis.tokens[place].breaks and not is_refusing:
                continue
            if analysis.tokens[place].breaks and place - 1 in refused:
                is_refusing = False
            if is_refusing and analysis.tokens[place].text in cues.beside_refusal:
                is_refusing = False
            if is_refusing and place not in refusing and stems[place] not in cues.between:
                refused.add(place)
                is_refusing = place + 1 < sentence.last and (
                    stems[place + 1] in ("or", "nor")
                    or _is_done(analysis, place)
                    or _is_done(analysis, place + 1)
                    or (stems[place] in cues.sizes and not analysis.tokens[place].breaks)
                )
    return frozenset(refused)


def _is_denied_deed(stems: Sequence[str], place: int, cues: Cues) -> bool:
    """ "I couldn't put it down": what somebody did not do is no thing that is refused."""
    before = stems[max(0, place - 3) : place]
    return before[-1:] == ["not"] and len(before) > 1 and before[-2] in cues.auxiliary - {"is", "are", "was", "were"}


def refusing_words(analysis: Analysis) -> frozenset[int]:
    """Tokens that refuse and describe nothing: "sick of", "can't stand"."""
    cues = cues_of(analysis.language)
    stems = [token.stem for token in analysis.tokens]
    return frozenset(
        place
        for sentence in analysis.sentences
        for start in range(sentence.first, sentence.last)
        for end in range(start + 1, min(start + cues.longest, sentence.last) + 1)
        if cues.before.get(tuple(stems[start:end])) in REFUSING
        for place in range(start, end)
    )


def _is_done(analysis: Analysis, place: int) -> bool:
    """ "Kids getting hurt", "dogs dying": what happens to the refused thing belongs to it."""
    word = analysis.tokens[place].text
    return word.endswith("ing") and len(word) > _SHORT_ING and not analysis.tokens[place].breaks


def _says_likes(analysis: Analysis, before: int) -> bool:
    likes = {stem(word, analysis.language) for word in _listed(analysis, "likes")}
    return any(token.stem in likes for token in analysis.tokens[:before])


def _listed(analysis: Analysis, name: str) -> frozenset[str]:
    listed = tables(analysis.language).get("reading", {}).get(name, "")
    return frozenset(listed.split())
