"""Reads a message by its own words alone: text in, ``Utterance`` out. Acts are heard elsewhere, what pointers mean too."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from mangaassist.domain.dialogue import Target
from mangaassist.domain.meaning import UNTOLD, Care, Premise, Untold
from mangaassist.domain.products import Format
from mangaassist.domain.wishes import RATED
from mangaassist.understanding.alternatives import are_alternatives, refused_words, refusing_words
from mangaassist.understanding.analysis import Analysis, analyse, stem
from mangaassist.understanding.asks_whether import asked_as, asker_of, asks_either, asks_must, asks_ongoing
from mangaassist.understanding.claims import TABLE as CLAIMS
from mangaassist.understanding.claims import claim_in
from mangaassist.understanding.constraints import constraints_of
from mangaassist.understanding.days import day_of, minutes_ago
from mangaassist.understanding.experience import experienced
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.mentions import MentionReader
from mangaassist.understanding.order_picks import after_told, aspects_of, selection_of, special_case, tally_of
from mangaassist.understanding.percents import percent_in
from mangaassist.understanding.phrases import PatternTable
from mangaassist.understanding.plain import PlainText
from mangaassist.understanding.pointers import pointers_of
from mangaassist.understanding.quotable import quotable_phrases
from mangaassist.understanding.recalled import recalled
from mangaassist.understanding.shares import parts_of, rate_of
from mangaassist.understanding.utterance import Limits, Mention, Pointer, Utterance
from mangaassist.understanding.vocabulary import language_named, tables
from mangaassist.understanding.volumes import VolumeSpan, volumes_of

FRAGMENT: Final = 9
"""A message of more words makes sense by itself, unless nothing but a pointer says what it is about."""
OPENED: Final = 4
"""Up to so many words an opening like "and" or "what about" makes a fragment."""
MOST_NAMES: Final = 2
MAX_TARGETS: Final = 50
_UNLIMITED: Final = Limits()
_COMPLETE: Final = frozenset(("cart", "page", "last_order"))
"""What these point at is known without a conversation."""
_COMPLETE_KINDS: Final = frozenset(("order", "asin", "goods", "country"))
_SPOKEN_OF: Final = ("named", "wanted", "owned", "read")


class UtteranceReader:
    """Holds nothing but the lexicon, so a new catalog is a new reader."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._mentions = MentionReader(lexicon)
        self._titles = lexicon.titles.titles

    def read(self, text: str) -> Utterance:
        """Never raises, whatever the text; ``acts``, ``settled`` and ``intents`` are left empty. About half a millisecond."""
        return self.read_analysis(analyse(text))

    def read_analysis(self, analysis: Analysis) -> Utterance:
        """The same of a text that has been read already."""
        language = analysis.language
        named = self._mentions.read(analysis)
        plain = PlainText(analysis, named)
        limits = constraints_of(language).read(plain, named)
        volumes = _meant(analysis, volumes_of(language).read(plain))
        limits = constraints_of(language).read_rest(plain, limits)
        mentions = tuple(sorted((*named, *_volume_mentions(analysis, volumes)), key=lambda mention: mention.start))
        pointers = pointers_of(language).read(analysis, mentions)
        targets, loose = self._targets(analysis, named, volumes)
        cues = _cues(language)
        words = tuple(_words(analysis, mentions, plain.taken))
        hits = cues.find(analysis, mentions)
        heard = {hit.key for hit in hits if hit.key[0] != CLAIMS}
        tally, tallies_own = tally_of(analysis, mentions)
        return Utterance(
            text=analysis.text,
            folded=analysis.folded,
            language=language,
            mentions=mentions,
            targets=targets,
            volumes=loose,
            formats=_formats(named),
            limits=limits,
            pointers=pointers,
            words=words,
            counts=any(
                phrase in analysis.folded.lower() for phrase in tables(language).get("reading", {}).get("counting", ())
            ),
            quotable=tuple(dict.fromkeys(quotable_phrases(analysis, words, mentions))),
            recalls=recalled(analysis, mentions),
            experienced=experienced(analysis, mentions),
            stems=tuple(dict.fromkeys(_stems(analysis))),
            selection=selection_of(analysis, mentions),
            tally=tally,
            tallies_own=tallies_own,
            case=special_case(analysis, mentions),
            after=after_told(analysis, mentions),
            aspects=aspects_of(analysis, mentions),
            minutes_ago=minutes_ago(analysis),
            day=day_of(analysis),
            measures=tuple(key for table, key in heard if table == "aspect"),
            aspect_less=("aspect_less", "less") in heard,
            aspect_which=("aspect_less", "which") in heard,
            aspect_than=("aspect_less", "than") in heard,
            called=_called(analysis),
            care=_care(heard, may_be_unfit=bool(pointers) or _names_what_may_be_unfit(mentions)),
            claim=claim_in(hits, analysis, mentions),
            premise=_premise(heard - {("premise", "edition")} if _names_edition(mentions, language) else heard),
            store_question=next((key for table, key in heard if table == "store_question"), ""),
            untold=_untold(heard),
            upset=_is_upset(analysis, heard),
            is_fragment=not targets and _is_fragment(analysis, mentions, limits, pointers, describing=bool(words)),
            refused_words=_refused_words(analysis),
            refusing=tuple(dict.fromkeys(analysis.tokens[place].text for place in sorted(refusing_words(analysis)))),
            is_either=are_alternatives(analysis, mentions, limits),
            is_question=_is_question(analysis),
            is_pleading=analysis.tokens[:1] != () and analysis.tokens[0].text in _reading_words(language, "pleading"),
            joins=any(token.text in _reading_words(language, "adding") for token in analysis.tokens[1:]),
            percent=percent_in(analysis),
            parts=parts_of(analysis),
            rate=rate_of(analysis),
            asker=asker_of(analysis),
            asks_must=asks_must(analysis),
            asks_ongoing=asks_ongoing(analysis),
            asked_as=asked_as(analysis),
            asks_either=asks_either(analysis),
            is_negated=_is_negated(analysis),
        )

    def _targets(
        self, analysis: Analysis, mentions: Sequence[Mention], volumes: Sequence[VolumeSpan]
    ) -> tuple[tuple[Target, ...], tuple[int, ...]]:
        """Series and products that are spoken of, each with its volumes; and the volumes that belong to none."""
        series = [mention for mention in mentions if mention.kind == "series"]
        owners = {span.first: _owner(analysis, series, span) for span in volumes}
        editions = _editions(analysis, mentions)
        targets: list[Target] = []
        for mention in series:
            if mention.role not in _SPOKEN_OF and mention not in owners.values():
                continue
            numbers = [number for span in volumes if owners[span.first] == mention for number in span.numbers]
            targets += [
                Target(
                    series_id=mention.value,
                    title=self._titles.get(mention.value, mention.said),
                    volume=number,
                    format=editions.get(mention.start),
                    score=mention.score,
                )
                for number in numbers or [None]
            ]
        targets += [Target(asin=mention.value, title=mention.value) for mention in mentions if mention.kind == "asin"]
        loose = tuple(number for span in volumes if owners[span.first] is None for number in span.numbers)
        return tuple(dict.fromkeys(targets))[:MAX_TARGETS] if targets else (), tuple(dict.fromkeys(loose))


def _meant(analysis: Analysis, volumes: Sequence[VolumeSpan]) -> tuple[VolumeSpan, ...]:
    """ "Not vol 3, vol 4" is volume 4."""
    words = [token.text for token in analysis.tokens]
    refused = [span for span in volumes if "not" in words[max(0, span.first - 2) : span.first]]
    return tuple(span for span in volumes if span not in refused) or tuple(volumes)


def _owner(analysis: Analysis, series: Sequence[Mention], span: VolumeSpan) -> Mention | None:
    """The title before the number in its sentence, the one after "of", else the message's only one."""
    start = analysis.tokens[span.first].start
    sentence = next((one for one in analysis.sentences if one.first <= span.first < one.last), None)
    if sentence is None:
        return None
    near = [one for one in series if sentence.first <= analysis.at(one.start, one.end)[0] < sentence.last]
    of = tables(analysis.language).get("volumes", {}).get("of", "")
    following = [token.text for token in analysis.tokens[span.last : span.last + 2]]
    after = [one for one in near if one.start >= start]
    if after and of in following:
        return after[0]
    before = [one for one in near if one.end <= start]
    if before:
        return before[-1]
    return near[0] if near else series[0] if len({one.value for one in series}) == 1 else None


def _editions(analysis: Analysis, mentions: Sequence[Mention]) -> dict[int, Format]:
    """The edition of each series, by where it is named: one that its own name tells ("berserk deluxe"), the one named
    right behind it, else the message's only one, where it has one series."""
    series = [one for one in mentions if one.kind == "series"]
    formats = [one for one in mentions if one.kind == "format" and not one.is_refused]
    only = _formats(mentions)
    is_alone = len(only) == 1 and len({one.value for one in series}) == 1
    beside = {analysis.at(one.start, one.end)[0]: Format(one.value) for one in formats}
    found = (
        (
            one,
            told_by_name(one.said, analysis.language)
            or (only[0] if is_alone else beside.get(analysis.at(one.start, one.end)[1])),
        )
        for one in series
    )
    return {one.start: edition for one, edition in found if edition is not None}


@cache
def told_by_name(said: str, language: str) -> Format | None:
    """An edition that is a part of a name, behind the title itself."""
    listed: Mapping[str, Sequence[str]] = tables(language).get("formats", {})
    endings = ((phrase.removeprefix("="), Format(value)) for value, phrases in listed.items() for phrase in phrases)
    return next((value for phrase, value in endings if said.endswith(f" {phrase}")), None)


def _names_edition(mentions: Sequence[Mention], language: str) -> bool:
    """ "Berserk deluxe edition" is a name of the series, and no edition that somebody only supposes."""
    return any(one.kind == "series" and told_by_name(one.said, language) for one in mentions)


def _formats(mentions: Sequence[Mention]) -> tuple[Format, ...]:
    return tuple(dict.fromkeys(Format(one.value) for one in mentions if one.kind == "format" and not one.is_refused))


def _volume_mentions(analysis: Analysis, volumes: Sequence[VolumeSpan]) -> Iterator[Mention]:
    for span in volumes:
        start, end = analysis.tokens[span.first].start, analysis.tokens[span.last - 1].end
        for number in span.numbers:
            yield Mention(kind="volume", value=str(number), said=analysis.folded[start:end], start=start, end=end)


def _words(analysis: Analysis, mentions: Sequence[Mention], taken: set[int]) -> Iterator[str]:
    covered = taken | {place for mention in mentions for place in range(*analysis.at(mention.start, mention.end))}
    spoken = language_named(analysis.language)
    idle = spoken.stop | spoken.fillers | _nowhere(analysis.language)
    adverb, adjectives = _adverbs(analysis.language)
    previous = -1
    for place, token in enumerate(analysis.tokens):
        telling = token.text not in idle and token.text[0].isalpha() and len(token.text) > 1
        if adverb and token.text.endswith(adverb) and token.text not in adjectives:
            continue  # "basically", "hopefully" say how, and describe nothing
        if telling and place not in covered and token.start != previous:
            previous = token.start
            yield analysis.folded[token.start : token.end]


def _refused_words(analysis: Analysis) -> tuple[str, ...]:
    """What is refused, words that stand side by side as one phrase."""
    places = sorted(refused_words(analysis))
    begins = [place for place in places if place - 1 not in places]
    ends = [place for place in places if place + 1 not in places]
    spans = zip(begins, ends, strict=True)
    return tuple(analysis.folded[analysis.tokens[a].start : analysis.tokens[b].end] for a, b in spans)


@cache
def _nowhere(language: str) -> frozenset[str]:
    """What is said of the place and of reading, which describes no book."""
    return frozenset(tables(language).get("words", {}).get("nowhere", "").split())


@cache
def _adverbs(language: str) -> tuple[str, frozenset[str]]:
    """How adverbs end, and what ends so and is none."""
    listed: Mapping[str, str] = tables(language).get("words", {})
    return listed.get("adverb_ending", ""), frozenset(listed.get("no_adverbs", "").split())


def _stems(analysis: Analysis) -> Iterator[str]:
    spoken = language_named(analysis.language)
    return (token.stem for token in analysis.tokens if token.text not in spoken.stop and token.text[0].isalnum())


@cache
def _cues(language: str) -> PatternTable[tuple[str, str]]:
    """Patterns of care, premises and upset under ("care", "distress") and the like."""
    listed: Mapping[str, Any] = tables(language)
    rows: list[tuple[tuple[str, str], str]] = [
        ((table, name), pattern)
        for table in ("care", "premise", CLAIMS, "store_question", "aspect", "aspect_less", "untold")
        for name, patterns in listed.get(table, {}).items()
        if not name.endswith("_words")
        for pattern in patterns
    ]
    upset: Mapping[str, Any] = listed.get("upset", {})
    rows += [(("upset", "pattern"), pattern) for pattern in upset.get("patterns", ())]
    return PatternTable(rows, language)


_CARES: Final[tuple[Care, ...]] = ("distress", "danger", "other_customer", "child", "sorrow")
_PREMISES: Final[tuple[Premise, ...]] = (
    "complete_set",
    "before",
    "ending",
    "cancelled",
    "offer",
    "price",
    "sequel",
    "volumes",
    "stock",
    "edition",
    "multibuy",
    "promise",
    "sales",
)


def _care(heard: set[tuple[str, str]], *, may_be_unfit: bool) -> Care:
    """A child who tells its age beside what is fit for it is a reader like any other."""
    for care in _CARES:
        if ("care", care) in heard and (may_be_unfit or care != "child"):
            return care
    return ""


def _names_what_may_be_unfit(mentions: Sequence[Mention]) -> bool:
    return any(
        one.kind == "series" or (one.kind == "mood" and one.value in RATED and not one.is_refused) for one in mentions
    )


def _untold(heard: set[tuple[str, str]]) -> Untold:
    for kind in UNTOLD:
        if ("untold", kind) in heard:
            return kind
    return ""


def _called(analysis: Analysis) -> str:
    """The name after "my name is" where the message ends with it; the capital letter is given where it is missing."""
    words = tuple(token.text for token in analysis.tokens)
    for opening in _naming(analysis.language):
        after = words[len(opening) :]
        if words[: len(opening)] == opening and 1 <= len(after) <= MOST_NAMES and all(map(str.isalpha, after)):
            return " ".join(after).title()
    return ""


@cache
def _naming(language: str) -> tuple[tuple[str, ...], ...]:
    listed = tables(language).get("reading", {}).get("naming", ())
    return tuple(tuple(phrase.split()) for phrase in listed)


def _premise(heard: set[tuple[str, str]]) -> Premise:
    """The most definite one: "you said it is free" takes a price for granted before it does a promise."""
    for premise in _PREMISES:
        if ("premise", premise) in heard:
            return premise
    return ""


@cache
def _upset_stems(language: str) -> frozenset[str]:
    return frozenset(stem(word, language) for word in tables(language).get("upset", {}).get("words", "").split())


def _is_upset(analysis: Analysis, heard: set[tuple[str, str]]) -> bool:
    if ("upset", "pattern") in heard:
        return True
    angry = _upset_stems(analysis.language)
    return any(token.stem in angry for token in analysis.tokens) or _is_shouted(analysis.text)


def _is_shouted(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha() and letter.isascii()]
    return len(letters) > 14 and sum(map(str.isupper, letters)) > 0.8 * len(letters) and text.rstrip().endswith("!")


def _is_fragment(
    analysis: Analysis, mentions: Sequence[Mention], limits: Limits, pointers: Sequence[Pointer], *, describing: bool
) -> bool:
    """Short, about nothing that it names itself, and begun by going on: it needs what was said before."""
    kinds = {mention.kind for mention in mentions}
    if not analysis.tokens or len(analysis.tokens) > FRAGMENT or kinds & _COMPLETE_KINDS:
        return False
    if limits.comparative or "volume" in kinds or any(pointer.kind not in _COMPLETE for pointer in pointers):
        return True
    if limits.ordering:
        return False
    if not describing and kinds <= {"format"} and (kinds or limits != _UNLIMITED):
        return True
    words = tuple(token.text for token in analysis.tokens)
    opened = any(words[: len(opening)] == opening for opening in _openings(analysis.language))
    return opened and len(words) <= OPENED


@cache
def _openings(language: str) -> tuple[tuple[str, ...], ...]:
    listed = tables(language).get("reading", {}).get("follow", ())
    return tuple(tuple(phrase.split()) for phrase in listed)


@cache
def _reading_words(language: str, name: str) -> frozenset[str]:
    return frozenset(tables(language).get("reading", {}).get(name, "").split())


def _is_question(analysis: Analysis) -> bool:
    asking = _reading_words(analysis.language, "question")
    fillers = language_named(analysis.language).fillers
    for sentence in analysis.sentences:
        first = next((token.text for token in analysis.words(sentence) if token.text not in fillers), "")
        if sentence.is_question or first in asking:
            return True
    return False


def _is_negated(analysis: Analysis) -> bool:
    turning = _reading_words(analysis.language, "negative")
    return next(
        (token.text in turning for token in analysis.tokens if token.text not in ("ok", "okay", "hmm", "oh", "um")),
        False,
    )
