"""What a message takes to be so of a series and asks to hear confirmed: "is akira by miyazaki", "isnt it the pirate one" (T-5)."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from mangaassist.domain.claims import NO_CLAIM, Claim
from mangaassist.domain.wishes import ANY_RANGE, Label, Range
from mangaassist.understanding.analysis import Analysis
from mangaassist.understanding.phrases import Hit
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import language_named, tables

TABLE: Final = "claims"
Cue = tuple[str, str]


def claim_in(hits: Iterable[Hit[Cue]], analysis: Analysis, mentions: Sequence[Mention]) -> Claim:
    """Empty where nothing is supposed, or nothing that a catalog tells. ``hits`` are those of the lexicon's ``claims``."""
    listed = [hit for hit in hits if hit.key[0] == TABLE]
    marked = {place for place, one in enumerate(analysis.sentences) if one.is_question}
    asked = marked | {hit.sentence for hit in listed if hit.key[1] == "asked"}
    said = {name: [hit for hit in listed if hit.key[1] == name and hit.sentence in asked] for name in _SAID}
    if not any(said.values()):
        return NO_CLAIM
    return Claim(
        makers=tuple(
            dict.fromkeys(one.value for one in _within(said["maker"], analysis, mentions) if one.kind == "author")
        ),
        shares_maker=bool(said["shares_maker"]),
        kinds=tuple(_labels(_within(said["kind"], analysis, mentions))),
        volumes=next(_numbers(said["volumes"], analysis), ANY_RANGE),
    )


_SAID: Final = ("maker", "shares_maker", "kind", "volumes")


def _labels(mentions: Iterable[Mention]) -> Iterator[Label]:
    for one in mentions:
        if one.kind in ("genre", "theme", "demographic"):
            yield Label(one.kind, one.value, one.said)


def _within(hits: Iterable[Hit[Cue]], analysis: Analysis, mentions: Sequence[Mention]) -> Iterator[Mention]:
    for hit in hits:
        for one in mentions:
            first, last = analysis.at(one.start, one.end)
            if hit.start <= first and last <= hit.end:
                yield one


def _numbers(hits: Iterable[Hit[Cue]], analysis: Analysis) -> Iterator[Range]:
    """The last number of the words first: "spy x family ended at 12"; "over 100" has no end."""
    numbers = language_named(analysis.language).numbers
    beyond = frozenset(tables(analysis.language).get(TABLE, {}).get("beyond_words", ()))
    for hit in hits:
        told = [token.text for token in analysis.tokens[hit.start : hit.end]]
        for word in reversed(told):
            if word.isdigit() or word in numbers:
                number = Decimal(word) if word.isdigit() else Decimal(numbers[word])
                yield Range(number + 1, None) if beyond & frozenset(told) else Range(number, number)
