"""A wish in words, as the shopper said it: what an answer's heading repeats, and what a reason points to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from msgspec import structs

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.keeping import kept_by_all
from mangaassist.domain.products import Format, money
from mangaassist.domain.wishes import RATED, REFUSED_RATING, STAND_INS, Label, Range, Reader, Wish
from mangaassist.domain.writing import WritingTask
from mangaassist.models.writers.offline.price_words import rounded
from mangaassist.models.writers.offline.wording import FORMAT_PLURALS, bold, joined, theme_words, together

_KINDS: Final = ("demographic", "mood", "genre")
_DETERMINED: Final = (
    "a ",
    "an ",
    "the ",
    "our ",
    "someone",
    "somebody",
    "kids",
    "children",
    "teens",
    "adults",
    "beginners",
)
"""Readers who are nobody's."""
_JUST_UNDER: Final = Decimal("0.99")
READ_AS: Final = "manga"
"""What the lexica write for each word for the wares: "comics", "mangas"."""
_SAID_WARES: Final = ("books", "book", "novels", "novel")
"""With which a shopper's word for a kind is a noun by itself."""
_STORE_WORDS: Final = frozenset({"Sci-Fi"})


def label_words(label: Label) -> str:
    """In the shopper's word where there is one."""
    word = label.said or label.value
    word = word.removesuffix(f" {READ_AS}").removeprefix("for ")
    if label.kind == "genre" and word.endswith("s") and not label.value.endswith("s"):  # "comedies" goes before no noun
        word = label.value
    if label.kind in ("genre", "theme") and word.endswith(_SAID_WARES):  # "cook books" goes before no "books"
        word = label.value
    if label.kind == "mood" and " " in word:  # "that will make me cry" goes before no noun
        word = label.value
    if label.kind == "format":
        return FORMAT_PLURALS.get(Format(label.value), word) if label.value in set(Format) else word
    if (
        word.lower() in label.value.lower()
    ):  # "vampire" for "Vampires": the catalog's form reads better within a sentence
        word = label.value
    return word if label.kind in ("author", "series") or word in _STORE_WORDS else theme_words(word)


def medium_words(label: Label) -> str:
    """By its proper name, unless the shopper's word names another work that is liked alike."""
    said, value = label.said.lower(), label.value.lower()
    return label.value if not said or said in value or value in said else label.said


def _is_several(label: Label) -> bool:
    """ "Vampires" are what a manga is with, "cooking" goes before the noun."""
    said = label.said or label.value
    return said.endswith("s") and not said.endswith("ss")


def _as_said(label: Label) -> str:
    """In front of a noun: "cooking manga"."""
    return theme_words(label.said or label.value) if label.kind == "theme" else label_words(label)


def wish_words(wish: Wish, task: WritingTask, *, is_there: bool = True) -> str:
    """ "finished seinen romance up to 12 volumes, without gore"; empty where nothing can be repeated."""
    wares = task.evidence.facts.wares.many
    noun = _noun(wish, task.evidence.derived.judged, wares, is_there=is_there)
    like = joined([bold(title) for title in like_titles(wish, task)], "and")
    liked = joined(
        [*([like] if like else []), *(medium_words(label) for label in wish.wanted if label.kind == "medium")], "and"
    )
    either = wish.either and bool(noun) and bool(wish.values("medium"))
    like_it = [f"or something like {liked}" if either else f"like {liked}"] if liked else []
    bounds = [*_by_authors(wish), *like_it, *_limits(wish, task)]
    judged = task.evidence.derived.judged
    without = ", ".join(filter(None, (_stand_ins(wish) if is_there else "", _without(wish, judged))))
    if not (noun or bounds or without):
        return ""
    return " ".join([noun or wares, *bounds]) + (f", {without}".replace(", (", " (") if without else "")


def agreed(wish: Wish, picks: Iterable[ProductEvidence]) -> Wish:
    """What of the wish is true of every one of the picks: all that a heading over them may say."""
    return kept_by_all(wish, (dict(known.keeps) for known in picks))


def like_titles(wish: Wish, task: WritingTask) -> list[str]:
    """The titles of the series that a wish measures by, as far as anybody named them."""
    state, meaning = task.state, task.meaning
    named = {target.series_id: target.title for target in (*state.talked_of, *state.targets, *meaning.targets)}
    named |= {shown.series_id: shown.series_title for shown in state.shown if shown.series_title}
    named |= {known.product.series_id: known.product.series_title for known in task.evidence.products}
    named |= dict(meaning.titles)
    return [title for series in wish.like[:2] if (title := named.get(series))]


def _noun(wish: Wish, judged: Mapping[str, str], wares: str, *, is_there: bool) -> str:
    """``judged`` are the things that moods stand for where the store tells them: "manga with a happy ending"."""
    told = [label for label in wish.wanted if not is_there or label.value not in STAND_INS]
    things = list(dict.fromkeys(judged[label.value] for label in told if _is_thing(label, judged)))
    told = [label for label in told if not _is_thing(label, judged)]
    kinds = list(dict.fromkeys(label_words(label) for kind in _KINDS for label in told if label.kind == kind))
    if wish.either and (either := _alternatives(wish, wares)):
        return either
    labels = list({label.said or label.value: label for label in wish.wanted if label.kind == "theme"}.values())
    behind_noun = bool(kinds or things) or any(map(_is_several, labels))
    worded = label_words if behind_noun else _as_said
    themes = [*dict.fromkeys(worded(label) for label in labels), *([together(things)] if things else [])]
    finished = {True: ["finished"], False: ["still running"], None: []}[wish.finished]
    formats = joined(dict.fromkeys(label_words(label) for label in wish.wanted if label.kind == "format"), "or")
    told = [*finished, *kinds, *(themes if not behind_noun else [])]
    if not told and not formats and not themes:
        return ""
    behind = f" with {joined(themes)}" if behind_noun and themes else ""
    if formats:
        return f"{' '.join([*told, wares])}{behind} in {formats}" if told or behind else formats
    return f"{' '.join([*told, wares])}{behind}"


def _alternatives(wish: Wish, wares: str) -> str:
    """ "finished war, history or cooking manga"; empty where there are not two of them."""
    tastes = (label for label in wish.wanted if label.kind in ("genre", "theme", "mood"))
    words = list(dict.fromkeys(_as_said(label) for label in tastes))
    readership = dict.fromkeys(label_words(label) for label in wish.wanted if label.kind == "demographic")
    formats = joined(dict.fromkeys(label_words(label) for label in wish.wanted if label.kind == "format"), "or")
    finished = {True: ["finished"], False: ["still running"], None: []}[wish.finished]
    told = " ".join([*finished, *readership, joined(words, "or"), wares])
    return (f"{told} in {formats}" if formats else told) if len(words) > 1 else ""


def _by_authors(wish: Wish) -> Iterator[str]:
    if authors := wish.values("author")[:2]:
        yield f"by {joined(authors, 'or')}"
    elif wish.other_makers and wish.like:
        yield "by other makers"


def _limits(wish: Wish, task: WritingTask) -> Iterator[str]:
    if not wish.volumes.is_open:
        yield (
            f"complete in one {'box' if Format.BOX_SET in wish.values('format') else 'book'}"
            if wish.volumes.most == 1
            else _span(
                wish.volumes,
                "up to {most} volumes",
                "of at least {least} volumes",
                "of {least} to {most} volumes",
                _whole,
            )
        )
    if not wish.year.is_open:
        yield _span(wish.year, "up to {most}", "from {least} on", "from {least} to {most}", _whole)
    if price := price_limit(wish.price, task):
        yield f"{price} for all of it" if wish.in_full else price
    if wish.in_stock:
        yield "in stock"


def price_limit(price: Range, task: WritingTask) -> str:
    """ "up to $10"; empty where prices could not be held against it, or the evidence does not have it to say."""
    sayable = task.evidence.amounts()
    named = [limit for limit in (price.least, price.most) if limit is not None]
    unchecked = task.evidence.failed("pricing")
    if not named or unchecked or any(limit not in sayable for limit in named):
        return ""
    if price.least is None and price.most is not None and price.most % 1 == _JUST_UNDER:
        return f"under {_sum(price.most + 1 - _JUST_UNDER, task)}"
    return _span(
        price, "up to {most}", "from {least} on", "between {least} and {most}", lambda limit: _sum(limit, task)
    )


def _span(span: Range, most: str, least: str, between: str, say: Callable[[Decimal], str]) -> str:
    words = most if span.least is None else least if span.most is None else between
    if span.least is not None and span.least == span.most:
        words = between.replace("{least} to {most}", "{least}").replace("between {least} and {most}", "for {least}")
    return words.format(
        least=say(span.least) if span.least is not None else "", most=say(span.most) if span.most is not None else ""
    ).replace(" 1 volumes", " 1 volume")


def _whole(limit: Decimal) -> str:
    return f"{limit:f}"


def _sum(limit: Decimal, task: WritingTask) -> str:
    priced = task.evidence.priced().values()
    currency = task.evidence.facts.currency or next((price.currency for price in priced), "USD")
    return rounded(money(limit, currency))


def _stand_ins(wish: Wish) -> str:
    """Of what no label names, nothing on the list is said to have it."""
    words = dict.fromkeys(label_words(label) for label in wish.wanted if label.value in STAND_INS)
    return f"(by the labels nearest to {joined(words)}, not by that word)" if words else ""


def _is_thing(label: Label, judged: Mapping[str, str]) -> bool:
    """ "A happy ending" is what a manga has; "sad" is how it is."""
    noun = judged.get(label.value, "")
    return label.kind == "mood" and noun.startswith(("a ", "an ")) and not noun.startswith("a lot ")


def _without(wish: Wish, judged: Mapping[str, str]) -> str:
    """ "without Junji Ito, none labelled ghosts, leaving out what is rated Mature": what was done, since what there is in a book no
    label says for sure. What "darker" rules out beside the word itself goes without saying."""
    has_mood = any(label.kind == "mood" for label in wish.wanted)
    refused = [label for label in wish.unwanted if label.kind != "series" and (label.said or not has_mood)][-3:]
    refused = list({label.said or label.value: label for label in refused}.values())
    groups: dict[str, list[str]] = {way: [] for way in _REFUSALS}
    for label in refused:
        known = judged.get(label.value, "") if label.kind in ("mood", "genre") else ""
        named = label.value if label.kind == "author" else label_words(_as_labelled(label))
        groups["certain" if known else _way_of_refusal(label)].append(known or named)
    return ", ".join(
        words.format(things=joined(dict.fromkeys(groups[way]), "or")) for way, words in _REFUSALS.items() if groups[way]
    )


_REFUSALS: Final = {
    "certain": "without {things}",
    "labelled": "none labelled {things}",
    "felt": "leaving out what our labels mark as {things}",
    "rated": f"(leaving out what is rated {REFUSED_RATING})",
}
"""How sure it is that a book is without something: its maker and edition are facts, its labels tell what they tell."""
_CERTAIN: Final = frozenset({"author", "format", "demographic"})


def _way_of_refusal(label: Label) -> str:
    if label.kind in _CERTAIN:
        return "certain"
    if label.kind != "mood" or " " in label.value:
        return "labelled"
    return "rated" if label.value in RATED else "felt"


def _as_labelled(label: Label) -> Label:
    """ "High school" was refused, and the label that tells of it is School."""
    return structs.replace(label, said="") if label.kind in ("genre", "theme") else label


def reader_words(reader: Reader | None) -> str:
    """ "your nephew, 10"; empty where it is for whoever asks."""
    if reader is None or (reader.is_self and reader.age is None):
        return ""
    said = reader.said.removeprefix("my ")
    who = said if not said or said.startswith(_DETERMINED) else f"your {said}"
    if reader.is_self and not who:
        return f"you, at {reader.age}"
    if reader.age is None:
        return who or ("a child" if reader.is_child else "")
    if who.startswith(("a ", "an ")) and str(reader.age) not in who:
        return f"{who} of {reader.age}"
    return f"{who}, {reader.age}" if who and str(reader.age) not in who else who or aged(reader.age)


def whole_wish(wish: Wish, task: WritingTask) -> str:
    """The wish with whom it is for: what a denial has to name, since an age may be all that stands in the way."""
    words, reader = wish_words(wish, task, is_there=False), reader_words(wish.reader)
    who = f"rated for {reader}" if wish.reader and wish.reader.age is not None else f"for {reader}"
    return f"{words or task.evidence.facts.wares.many} {who}" if reader else words


def aged(years: int) -> str:
    """ "a 10-year-old", "an 8-year-old"."""
    return f"{'an' if years in (8, 11, 18) or 80 <= years < 90 else 'a'} {years}-year-old"


def asked_for(labels: Iterable[Label]) -> str:
    """ "the ghosts and the revenge"."""
    return joined(dict.fromkeys(f"the {label_words(label)}" for label in labels))
