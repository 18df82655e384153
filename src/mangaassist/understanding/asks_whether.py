"""Whether a message asks for a yes or a no, and whom it asks about: what a verdict on it may be concluded from (T-5)."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from mangaassist.domain.meaning import AskedAs, Asker
from mangaassist.understanding.analysis import Analysis, Token
from mangaassist.understanding.vocabulary import language_named, tables

SHORT: Final = 7
"""A question mark behind so few words, none of which asks for a thing, asks whether it is so: "physical one?"."""


def asker_of(analysis: Analysis) -> Asker:
    """Empty where something else than yes or no is asked for, or a word turns the question round: "cant i", "after 30 days"."""
    tokens = analysis.tokens
    if tuple(token.text for token in tokens[:2]) in _phrases(analysis.language, "openings"):
        tokens = tokens[2:]
    words = frozenset(token.text for token in tokens)
    if words & (_listed(analysis.language, "things") | _listed(analysis.language, "turning")):
        return ""
    for part in _parts(analysis):
        if part[0].text in _listed(analysis.language, "whether"):
            return _about(part[1].text if len(part) > 1 else "", analysis.language)
    is_marked = any(sentence.is_question for sentence in analysis.sentences)
    if not (is_marked or len(tokens) < len(analysis.tokens)) or len(tokens) > SHORT:
        return ""
    for token in tokens:
        who = _about(token.text, analysis.language)
        if who != "it":
            return who
    return "it"


def asked_as(analysis: Analysis) -> AskedAs:
    """Whether a yes in front of an answer would say yes to what is asked; empty where it would."""
    language, texts = analysis.language, tuple(token.text for token in analysis.tokens)
    over = [place for place in range(len(texts)) if _begins(texts[place:], _phrases(language, "over"))]
    parts = [
        part for part in _parts(analysis) if not _begins(tuple(one.text for one in part), _phrases(language, "if"))
    ]
    heads = [part[0].text for part in parts]
    whether = next((place for place, head in enumerate(heads) if head in _listed(language, "whether")), None)
    if over:
        before = texts[: over[0]]
        denied = bool(set(before[-_NEAR:]) & _listed(language, "denying"))
        return "" if denied or (whether is not None and "or" in before[1:]) else "turned"
    if whether is not None:
        return "choice" if _offers_two(tuple(one.text for one in parts[whether]), language) else ""
    return "open" if any(head in _listed(language, "things") for head in heads) else ""


_NEAR: Final = 3
"""Words before "too late" among which a "not" denies it."""


def _offers_two(texts: tuple[str, ...], language: str) -> bool:
    """ "Do i send it back or can i keep it"; "is it late or not" offers nothing else."""
    behind = texts[texts.index("or") + 1 :] if "or" in texts else ()
    return bool(behind) and behind[0] not in _listed(language, "denying") | _listed(language, "things")


def _begins(texts: tuple[str, ...], phrases: Iterable[tuple[str, ...]]) -> bool:
    return any(texts[: len(phrase)] == phrase for phrase in phrases if phrase)


def asks_ongoing(analysis: Analysis) -> bool:
    """Whether it asks if something still goes on, which is told no where it has ended."""
    return _holds(analysis, _phrases(analysis.language, "ongoing", "limits"))


def asks_either(analysis: Analysis) -> bool:
    """Whether it asks which of both is so, "finished or still going": to that neither yes nor no is an answer."""
    alternative = frozenset(tables(analysis.language).get("reading", {}).get("or", "").split())
    said = any(token.text in alternative for token in analysis.tokens[1:])
    return said and asks_ongoing(analysis) and _holds(analysis, _phrases(analysis.language, "finished", "limits"))


def asks_must(analysis: Analysis) -> bool:
    """Whether it asks if something has to be ("do i need an account"): to that a "you can do without" says neither yes nor no."""
    return _holds(analysis, _phrases(analysis.language, "must"))


def _holds(analysis: Analysis, phrases: Iterable[tuple[str, ...]]) -> bool:
    texts = tuple(token.text for token in analysis.tokens)
    return any(
        texts[place : place + len(phrase)] == phrase for phrase in phrases for place in range(len(texts)) if phrase
    )


def _parts(analysis: Analysis) -> list[tuple[Token, ...]]:
    """The sentences and what commas part in them, without the fillers that they begin with."""
    parts: list[list[Token]] = []
    for sentence in analysis.sentences:
        parts.append([])
        for token in analysis.words(sentence):
            if token.breaks and parts[-1]:
                parts.append([])
            if parts[-1] or token.text not in language_named(analysis.language).fillers:
                parts[-1].append(token)
    return [tuple(part) for part in parts if part]


def _about(word: str, language: str) -> Asker:
    if word in _listed(language, "shopper"):
        return "shopper"
    return "store" if word in _listed(language, "store") else "it"


@cache
def _phrases(language: str, name: str, table: str = "whether") -> frozenset[tuple[str, ...]]:
    """``openings``: "what about" and the like, behind which no thing is asked for."""
    return frozenset(tuple(phrase.split()) for phrase in tables(language).get(table, {}).get(name, ()))


@cache
def _listed(language: str, name: str) -> frozenset[str]:
    return frozenset(tables(language).get("whether", {}).get(name, "").split())
