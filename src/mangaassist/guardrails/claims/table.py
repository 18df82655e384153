"""Every kind of claim: how it is worded (``data/claims.toml``), what checks it, and which words nothing backs (G-4)."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.meaning import Meaning
from mangaassist.guardrails.claims import (
    cart,
    comparisons,
    counts,
    dates,
    offers,
    orders,
    people,
    promises,
    ratings,
    stock,
)
from mangaassist.guardrails.claims.said import Check, Known, Products, Said, Wrong
from mangaassist.guardrails.folding import caseless, straightened
from mangaassist.guardrails.own_words import without_own_words
from mangaassist.guardrails.sentences import Sentence, sentences

CHECKS: Final[Mapping[str, Check]] = {
    "never": promises.never,
    "as_pages_say": promises.as_pages_say,
    "stock": stock.stock,
    "delivery": dates.delivery,
    "percent": offers.percent,
    "code": offers.code,
    "deal": offers.deal,
    "reduced": offers.reduced,
    "free_shipping": offers.free_shipping,
    "held": cart.held,
    "counted": cart.counted,
    "empty": cart.empty,
    "state": orders.state,
    "author": people.author,
    "publisher": people.publisher,
    "place": counts.place,
    "volumes": counts.volumes,
    "volume": counts.volume,
    "chapters": counts.chapters,
    "pages": counts.pages,
    "year": counts.year,
    "stars": ratings.stars,
    "readers": ratings.readers,
    "another_scale": ratings.another_scale,
    "most": comparisons.most,
    "standing": comparisons.standing,
}
"""By the name in ``data/claims.toml``."""


class Claim(Struct, frozen=True):
    """One row of ``data/claims.toml``, which explains the fields."""

    kind: str
    clues: tuple[str, ...]
    shapes: tuple[re.Pattern[str], ...]
    check: Check
    anybody: bool = False


class Unbacked(Struct, frozen=True):
    """``text[start:end]`` of the answer says what nothing backs; ``words`` are right, or None where the sentence has to go."""

    start: int
    end: int
    words: str | None
    kind: str


class _Row(Struct, frozen=True):
    kind: str
    check: str
    clues: tuple[str, ...]
    shape: tuple[str, ...]
    anybody: bool = False


class _Table(Struct, frozen=True):
    pieces: dict[str, str]
    claim: tuple[_Row, ...]


def _loaded() -> tuple[Claim, ...]:
    source = files("mangaassist.guardrails").joinpath("data/claims.toml").read_text("utf-8")
    table = msgspec.convert(tomllib.loads(source), _Table)
    return tuple(
        Claim(
            row.kind,
            row.clues,
            tuple(re.compile(_pieced(shape, table.pieces), re.IGNORECASE) for shape in row.shape),
            CHECKS[row.check],
            row.anybody,
        )
        for row in table.claim
    )


def _pieced(shape: str, pieces: Mapping[str, Any]) -> str:
    while named := _PIECE.search(shape):
        shape = shape.replace(named[0], pieces[named[1]])
    return shape


_PIECE: Final = re.compile(r"~([A-Z]+)~")

CLAIMS: Final[tuple[Claim, ...]] = _loaded()


def unbacked(
    text: str, evidence: Evidence, meaning: Meaning | None = None, *, by_model: bool = False
) -> Iterator[Unbacked]:
    """Everything that the text claims and nobody can promise, or the evidence does not hold, in reading order.

    A sentence that has to go is told of once, whatever else it says.
    """
    small = caseless(straightened(text))
    possible = tuple(
        claim for claim in CLAIMS if (by_model or claim.anybody) and any(clue in small for clue in claim.clues)
    )
    if not possible:
        return
    known = Known(evidence, meaning)
    own = without_own_words(text, evidence) if by_model else text
    before: Products = ()
    for sentence in sentences(text, known.titles):
        said = Said(straightened(sentence.text), known, before)
        before = said.named or before
        if not _is_own(sentence, own):
            yield from _wrong_in(sentence, said, possible)


def _is_own(sentence: Sentence, own: str) -> bool:
    """The store itself wrote it, word for word."""
    return not own[sentence.start : sentence.end].strip(" .!?\n*\"'")


def _wrong_in(sentence: Sentence, said: Said, possible: tuple[Claim, ...]) -> Iterator[Unbacked]:
    found: dict[tuple[int, int], Unbacked] = {}
    for claim in possible:
        if claim.kind != "promise" and _is_quoted(sentence, said.evidence):
            continue
        for wrong in _wrong(said, claim):
            if wrong.words is None:
                yield Unbacked(sentence.start, sentence.end, None, claim.kind)
                return
            place = (sentence.start + wrong.start, sentence.start + wrong.end)
            if not any(start < place[1] and place[0] < end for start, end in found):
                found[place] = Unbacked(*place, wrong.words, claim.kind)
    yield from (found[place] for place in sorted(found))


def _wrong(said: Said, claim: Claim) -> Iterator[Wrong]:
    for shape in claim.shapes:
        since = 0
        for match in shape.finditer(said.text):
            if (wrong := claim.check(replace(said, since=since), match)) is not None:
                yield wrong
            since = match.end()


def _is_quoted(sentence: Sentence, evidence: Evidence) -> bool:
    """A help page says just this: it is true of the store, though not of the product that is talked of. No promise is."""
    said = sentence.text.strip()
    pages = (scored.chunk for scored in evidence.chunks if scored.chunk.source_type in ("faq", "policy"))
    return any(said in page.content for page in pages)
