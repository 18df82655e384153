"""The words that bound, as expressions over a plain text: comparators, units, currencies, phrases that are limits themselves."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from mangaassist.understanding.plain import PlainText, alternatives
from mangaassist.understanding.vocabulary import tables

NUMBER: Final = r"(\d+(?:[.,]\d+)*)"


class LimitWords:
    """A language's ``[limits]`` as expressions over a plain text."""

    def __init__(self, language: str) -> None:
        words: dict[str, Any] = tables(language).get("limits", {})

        def either(*names: str) -> str:
            return alternatives([phrase for name in names for phrase in words.get(name, ())], language)

        self.words = words
        self._language = language
        # Written before the sum or after it; the other sums are bounded by nothing.
        sign, unit = either("money_before"), either("money_after")
        self.money = rf"(?:(?:{sign}) {NUMBER}(?: (?:{unit})(?!\w))?|{NUMBER} (?:{unit})(?!\w))"
        self.sum = rf"(?:(?:{sign}) )?{NUMBER}(?: (?:{unit})(?!\w))?"
        self.bare = rf"{NUMBER}(?! (?:{either('not_money')})(?!\w))(?!\w)(?! \d)"
        asking = "".join(rf"(?<!\b{word} )" for word in words.get("asks_about", ()))
        # Only whole words: "i have" is no end of another one.
        self.comparators: tuple[tuple[str, str, str], ...] = (
            ("most", either("most"), either("most_after")),
            ("below", either("below"), either("below_after")),
            ("least", either("least"), either("least_after")),
            ("above", either("above"), either("above_after")),
            ("about", rf"{asking}(?:{either('about')})", "(?!)"),
        )
        self.between, self.to = either("between"), either("to")
        self.budget, self.budget_after = either("budget"), either("budget_after")
        self.units = either("volumes")
        self.series_count = either("series_count")
        self.couple, self.few = either("couple"), either("few")
        self.years = either("years")

    def units_of(self, *names: str, but: Sequence[str] = ()) -> str:
        """An expression for the units of these lists."""
        units = [unit for name in names for unit in self.words.get(name, ()) if unit not in but]
        return alternatives(units, self._language)


def expression(body: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^ ])(?:{body})(?![^ ])")


PhraseTable = tuple[re.Pattern[str], dict[str, str]]
Excluded = Callable[[re.Match[str], str], bool]


def phrase_table(table: dict[str, Sequence[str]], language: str, before: str = "") -> PhraseTable:
    """One expression for all phrases of a table, and which row each belongs to."""
    rows = {phrase: name for name, phrases in table.items() for phrase in alternatives(phrases, language).split("|")}
    rows = {phrase.replace("\\", ""): name for phrase, name in rows.items() if phrase != "(?!)"}
    longest = "|".join(re.escape(phrase) for phrase in sorted(rows, key=len, reverse=True)) or "(?!)"
    return expression(f"{before}({longest})"), rows


def taken(table: PhraseTable, plain: PlainText, excluded: Excluded | None = None) -> str | None:
    """The row of the first phrase that is not excluded; it is taken out of the text."""
    pattern, rows = table
    for found in pattern.finditer(plain.text):
        if excluded is None or not excluded(found, plain.text):
            plain.take(found)
            return rows[found[1]]
    return None
