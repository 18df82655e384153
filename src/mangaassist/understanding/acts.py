"""Which acts a message asks by its own words: a table of patterns an act, in the order of the message (T-10)."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal, NamedTuple, get_args

import msgspec
from msgspec import Struct

from mangaassist.domain.acts import ACTS, MOVES, Act, counts_as
from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.analysis import Analysis, stem
from mangaassist.understanding.phrases import Hit, PatternTable
from mangaassist.understanding.several_readers import reader_splits
from mangaassist.understanding.utterance import Limits, SumMark, Utterance
from mangaassist.understanding.vocabulary import LANGUAGES, language_named

SETTLES: Final = 0.97
"""The confidence from which a pattern leaves nothing open (M-2)."""
TOLD_APART: Final = 0.93
"""The confidence from which what a clause asks is answered beside what the others ask."""
LONGEST_SETTLED: Final = 24
"""Tokens of a sentence that a pattern may settle: a longer one is a story."""
MOST_ACTS: Final = 5

MOST_BESIDE_FIRM: Final = 4
"""Telling words that a firm pattern may leave over: more of them are another wish, or a story."""

DESCRIPTION: Final = 7
"""Up to so many tokens that name only kinds and limits are a description, no sentence: "seinen, adult characters"."""

Mark = (
    Literal[
        "fragment",
        "sentence",
        "instead",
        "corrects",
        "whole",
        "onward",
        "another_wish",
        "allows",
        "shipping",
        "plus",
        "minus",
        "up_to",
    ]
    | SumMark
)
"""What else words say: it needs what came before, or does not; it replaces what was wanted; it means all of a series; it asks to go
on; here begins another wish."""


_OF_SUMS: Final[tuple[SumMark, ...]] = get_args(SumMark)


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """Patterns that mean an act, and those that take it back where they hit the same sentence.

    ``confidence`` is a precision, 0 to 1. Rows stand in the order of who is right: of two that hit the same words the earlier one.
    ``firm`` patterns settle their sentence although a few other words stand beside them.
    """

    act: Act
    confidence: float
    patterns: list[str]
    unless: list[str] = []
    firm: bool = False


class ActTable(Struct, frozen=True, forbid_unknown_fields=True):
    rows: list[Row]
    marks: dict[Mark, list[str]] = {}
    words: dict[str, str] = {}


class _Key(NamedTuple):
    """What a pattern stands for: the row with this number, or what takes it back; a mark."""

    what: Literal["act", "unless", "mark"]
    row: int = -1
    mark: Mark | None = None


class _Found(NamedTuple):
    heard: HeardAct
    row: int
    hit: Hit[_Key]


@cache
def act_table(language: str) -> ActTable:
    """The table of a language as it stands in its file; an empty one where there is none."""
    file = files("mangaassist.understanding") / "lexica" / f"acts_{language}.toml"
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), ActTable)


class ActRules:
    """The tables of all languages, compiled once."""

    def __init__(self) -> None:
        self._rows = {language: act_table(language).rows for language in LANGUAGES}
        self._firm = {
            language: frozenset(number for number, row in enumerate(rows) if row.firm)
            for language, rows in self._rows.items()
        }
        self._words = {language: _words_of(act_table(language), language) for language in LANGUAGES}
        self._tables = {language: PatternTable(_patterns(act_table(language)), language) for language in LANGUAGES}

    def heard(self, utterance: Utterance, analysis: Analysis) -> Utterance:
        """The message with the acts that the rules hear, and whether they leave anything open."""
        table = self._tables.get(utterance.language)
        if table is None:
            return utterance
        hits = table.find(analysis, utterance.mentions)
        found = _without_overlaps(_acts(hits, self._rows[utterance.language]))
        acts = tuple({one.heard.act: one.heard for one in reversed(found)}.values())[::-1]
        marks: set[Mark] = {hit.key.mark for hit in hits if hit.key.mark}
        splits = _splits(hits, analysis) or reader_splits(analysis, utterance.mentions)
        known = self._words[utterance.language]
        return msgspec.structs.replace(
            utterance,
            acts=_spoken_first((*_names_first(utterance, acts, splits), *_most_special(acts, splits)))[:MOST_ACTS],
            apart=_apart(found),
            aside=_aside(found, utterance, analysis),
            telling=utterance.words,
            words=_unexplained(utterance, known, found, [row.act for row in self._rows[utterance.language]]),
            settled=_settled(found, utterance, analysis, known, self._firm[utterance.language]),
            is_fragment=utterance.is_fragment or "fragment" in marks or _only_describes(utterance, analysis, marks),
            is_instead=utterance.is_instead or "instead" in marks,
            corrects="corrects" in marks,
            is_whole=utterance.is_whole or "whole" in marks,
            is_another=any(hit.key.mark == "another_wish" and hit.start == 0 for hit in hits),
            is_onward="onward" in marks,
            allows="allows" in marks,
            with_shipping="shipping" in marks,
            adds="plus" in marks,
            takes_off="minus" in marks,
            is_up_to="up_to" in marks,
            sums=frozenset(mark for mark in _OF_SUMS if mark in marks),
            splits=splits,
        )


@cache
def act_rules() -> ActRules:
    return ActRules()


def heard(utterance: Utterance, analysis: Analysis) -> Utterance:
    """The message with its acts, by the tables that the package ships."""
    return act_rules().heard(utterance, analysis)


def _patterns(table: ActTable) -> Iterator[tuple[_Key, str]]:
    for number, row in enumerate(table.rows):
        for pattern in row.patterns:
            yield _Key("act", number), _spelt_out(pattern, table.words)
        for pattern in row.unless:
            yield _Key("unless", number), _spelt_out(pattern, table.words)
    for mark, patterns in table.marks.items():
        for pattern in patterns:
            yield _Key("mark", mark=mark), _spelt_out(pattern, table.words)


def _spelt_out(pattern: str, words: Mapping[str, str]) -> str:
    """Put the words in place of their names, "{HAVE}"."""
    for _ in range(3):
        for name, spelt in words.items():
            pattern = pattern.replace(f"{{{name}}}", spelt)
    return pattern


def _acts(hits: Iterable[Hit[_Key]], rows: list[Row]) -> list[_Found]:
    listed = list(hits)
    taken_back = {(hit.sentence, hit.key.row) for hit in listed if hit.key.what == "unless"}
    return [
        _Found(HeardAct(rows[hit.key.row].act, rows[hit.key.row].confidence, "rules"), hit.key.row, hit)
        for hit in listed
        if hit.key.what == "act" and (hit.sentence, hit.key.row) not in taken_back
    ]


def _without_overlaps(found: list[_Found]) -> list[_Found]:
    """Of acts heard in the same words the one whose row comes first; the rest in the order of the message."""
    kept: list[_Found] = []
    for one in sorted(found, key=lambda each: each.row):
        if not any(_overlap(one.hit, other.hit) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda each: (each.hit.start, each.row))


def _overlap(one: Hit[_Key], other: Hit[_Key]) -> bool:
    return one.start < other.end and other.start < one.end


def _spoken_first(acts: tuple[HeardAct, ...]) -> tuple[HeardAct, ...]:
    """Small talk beside a question comes after it, a greeting after all else: "hey how are you" asks how it is."""
    return tuple(sorted(acts, key=_idleness))


def _idleness(heard: HeardAct) -> int:
    return (ACTS[heard.act].topic == "talk" and heard.act not in _NEVER_IDLE) + (heard.act is Act.GREETING)


def _apart(found: list[_Found]) -> tuple[HeardAct, ...]:
    """The surest act of each clause, where two of them are of different kinds: an order and a book, shipping and a wish."""
    leading: dict[int, HeardAct] = {}
    for one in found:
        place, sure = one.hit.sentence, one.heard.confidence >= TOLD_APART and one.heard.act not in MOVES
        if sure and (place not in leading or leading[place].confidence < one.heard.confidence):
            leading[place] = one.heard
    topics = {ACTS[heard.act].topic for heard in leading.values()} - {"talk"}
    return tuple(heard for _, heard in sorted(leading.items(), key=lambda each: each[0])) if len(topics) > 1 else ()


def _aside(found: list[_Found], utterance: Utterance, analysis: Analysis) -> tuple[str, ...]:
    """Series of clauses that ask of books, beside another one that asks of an order."""
    topics: dict[int, set[str]] = {}
    for one in found:
        topics.setdefault(one.hit.sentence, set()).add(ACTS[one.heard.act].topic)
    if not any("order" in of_clause for of_clause in topics.values()):
        return ()
    of_books = [place for place, of_clause in topics.items() if of_clause & _OF_BOOKS and "order" not in of_clause]
    spans = [analysis.sentences[place] for place in of_books]
    named = ((m, analysis.at(m.start, m.end)[0]) for m in utterance.mentions if m.kind == "series")
    return tuple(m.value for m, token in named if any(span.first <= token < span.last for span in spans))


_OF_BOOKS: Final = frozenset({"shelf", "series", "product"})
_PLAIN: Final = frozenset({Act.FIND, Act.RECOMMEND, Act.CARRIES})
_SPECIAL: Final = frozenset(act for act, row in ACTS.items() if row.topic == "shelf" and act not in MOVES) - _PLAIN - {
    Act.MORE
} | {Act.SIMILAR, Act.BY_SAME_AUTHOR}


def _most_special(acts: tuple[HeardAct, ...], splits: tuple[int, ...]) -> tuple[HeardAct, ...]:
    """ "Recommend me something like Naruto" is no second wish beside the one like Naruto."""
    if splits or not any(one.act in _SPECIAL for one in acts):
        return acts
    return tuple(one for one in acts if one.act not in _PLAIN)


def _names_first(utterance: Utterance, acts: tuple[HeardAct, ...], splits: tuple[int, ...]) -> tuple[HeardAct, ...]:
    """ "Spy x Family and also something for my mom": before the other wish nothing but a book is named."""
    asked = any(ACTS[heard.act].topic in ("series", "product") for heard in acts)
    before = [one for one in utterance.mentions if splits and one.start < splits[0]]
    named = bool(before) and all(one.kind == "series" and one.role in ("named", "wanted") for one in before)
    return (HeardAct(Act.CARRIES, SETTLES, "rules"),) if named and not asked else ()


_TOLD_BY_TOPIC: Final = frozenset({"order", "cart", "offer"})
"""Topics whose words all mean the same thing: "parcel", "order" and "delivery" tell no two books apart."""


def _unexplained(
    utterance: Utterance, known: list[frozenset[str]], found: list[_Found], acts_of_rows: list[Act]
) -> tuple[str, ...]:
    """The describing words that are none of the act's own: "gift" and "return" describe no book."""
    topics = {ACTS[one.heard.act].topic for one in found} & _TOLD_BY_TOPIC
    rows = {row for row, act in enumerate(acts_of_rows) if ACTS[act].topic in topics} | {one.row for one in found}
    told = frozenset[str]().union(*(known[row] for row in rows))
    return tuple(word for word in utterance.words if stem(word.lower(), utterance.language) not in told)


def _only_describes(utterance: Utterance, analysis: Analysis, marks: set[Mark]) -> bool:
    """Whether it only names kinds and limits, without a verb: it narrows what was talked of, where anything was."""
    labels = any(mention.kind in _DESCRIBING for mention in utterance.mentions)
    limited = utterance.limits != Limits()
    plain = not utterance.targets and "sentence" not in marks
    return plain and len(analysis.tokens) <= DESCRIPTION and (labels or limited)


_DESCRIBING: Final = frozenset({"genre", "theme", "mood", "demographic", "author", "medium"})
_NEVER_IDLE: Final = frozenset({Act.HUMAN, Act.CALLBACK, Act.COMPLAINT, *MOVES})


def _settled(
    found: list[_Found], utterance: Utterance, analysis: Analysis, known: list[frozenset[str]], firm: frozenset[int]
) -> bool:
    """Whether every sentence says surely what it asks, or nothing at all, and holds no telling word that nobody understood.

    Words beside a firm pattern may stay open, where all that was heard has the same intent.
    """
    if not found:
        return False
    explained = _explained(utterance, analysis)
    is_one = not utterance.targets and len(_intents_of(found)) == 1
    for place, sentence in enumerate(analysis.sentences):
        here = [one for one in found if one.hit.sentence == place]
        words = known[-1].union(*(known[one.row] for one in here))
        strange = sum(
            number not in explained and analysis.tokens[number].stem not in words
            for number in range(sentence.first, sentence.last)
        )
        is_firm = is_one and any(one.row in firm for one in here)
        sure = is_firm or all(one.heard.confidence >= SETTLES for one in here)
        if strange > is_firm * MOST_BESIDE_FIRM or not sure or sentence.last - sentence.first > LONGEST_SETTLED:
            return False
    return True


def _intents_of(found: list[_Found]) -> set[Intent]:
    """The intents that were heard; small talk beside something else is none."""
    intents = {counts_as(one.heard.act) for one in found}
    return intents - {Intent.CHITCHAT} or intents


def _explained(utterance: Utterance, analysis: Analysis) -> set[int]:
    """Tokens that a mention covers, and those that say nothing by themselves."""
    spoken = language_named(utterance.language)
    idle = spoken.fillers | spoken.stop
    told = {number for number, token in enumerate(analysis.tokens) if token.text in idle or not token.text[0].isalpha()}
    for mention in utterance.mentions:
        told.update(range(*analysis.at(mention.start, mention.end)))
    return told


_WORD: Final = re.compile(r"(?<![<{\w])=?([^\W\d_][\w'-]*)(?![>}\w])")


def _words_of(table: ActTable, language: str) -> list[frozenset[str]]:
    """For each row the stems that its patterns know; at the end those of no row."""

    def stems(row: Row) -> frozenset[str]:
        spelt = " ".join(_spelt_out(pattern, table.words) for pattern in row.patterns)
        return frozenset(stem(word, language) for word in _WORD.findall(spelt))

    return [*map(stems, table.rows), frozenset()]


@cache
def words_of_acts(language: str) -> dict[Act, frozenset[str]]:
    """The stems that the patterns of each act know."""
    table = act_table(language)
    known: dict[Act, frozenset[str]] = {}
    for row, stems in zip(table.rows, _words_of(table, language), strict=False):
        known[row.act] = known.get(row.act, frozenset()) | stems
    return known


def _splits(hits: Iterable[Hit[_Key]], analysis: Analysis) -> tuple[int, ...]:
    places = (analysis.tokens[hit.start].start for hit in hits if hit.key.mark == "another_wish")
    return tuple(sorted({place for place in places if place > 0}))
