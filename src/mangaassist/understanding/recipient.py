"""For whom it shall be: an age, a person, or both (T-5)."""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from mangaassist.domain.wishes import Reader, Wish
from mangaassist.understanding.limit_words import LimitWords, expression
from mangaassist.understanding.plain import PERSON, PlainText, alternatives
from mangaassist.understanding.utterance import Mention
from mangaassist.understanding.vocabulary import tables

GROWN_UP: Final = 18
_FIRST_MANGA: Final = ("beginner", "newcomer")


def for_grown_up(wish: Wish, language: str) -> Wish:
    """A first manga for a mother of 60 is none that children begin with."""
    reader = wish.reader
    grown: list[str] = [
        who for row in tables(language).get("audiences", {}).values() if row.get("grown") for who in row["of"]
    ]
    if reader is None or reader.is_self:
        return wish
    if not (reader.age >= GROWN_UP if reader.age is not None else reader.said.removeprefix("my ") in grown):
        return wish
    child, own = _FIRST_MANGA
    wanted = (replace(one, value=own, said=child) if one.key == ("mood", child) else one for one in wish.wanted)
    return replace(wish, wanted=tuple(wanted))


class RecipientReader:
    """For whom: an age, a person, or both."""

    def __init__(self, words: LimitWords, language: str) -> None:
        listed: dict[str, Any] = words.words.get("reader", {})
        is_ = alternatives(listed.get("is", ()), language)
        pronouns = alternatives(listed.get("pronouns", ()), language)
        below = next(before for how, before, _ in words.comparators if how == "below")
        self._listed = listed
        self._children = frozenset(tables(language).get("children", {}).get("words", "").split())
        self._teens = frozenset(tables(language).get("children", {}).get("teens", "").split())
        units = words.units_of("not_money", "money_after", but=("years", "year", "yo"))
        age = rf"(\d{{1,2}})(?! (?:{units})(?!\w))"
        youths = "|".join(listed.get("youths", ())) or "(?!)"
        self._youth = expression(
            rf"(?:(?:for|it is|to|and|{PERSON}) |^)(?:(?:a|an|my|the) )?({youths}) (?:\(|,|of|is|who is|aged?|about)? ?{age}"
            r"(?= ;|$| who| likes| loves| and| that| but| so)"
        )
        self._youth_after = expression(rf"(?:(?:a|an|my|the) )?(\d{{1,2}}) (?:{words.years}) ({youths})")
        self._self = expression(
            rf"(?:{alternatives(listed.get('self', ()), language)}) (\d{{1,2}})(?: (?:{words.years}))?"
            r"(?= ;| and| so| but| i| my| what| can| he| she|$)"
        )
        self._ages = (
            expression(rf"(\d{{1,2}}) (?:- \d\d? |to \d\d? )?(?:{words.years})"),
            expression(rf"(?:(?:{pronouns})|{PERSON}(?: (?!likes|loves)[^ ;]+){{0,2}}) (?:{is_}) {age}"),
            expression(rf"(?:aged|age|ages) {age}"),
            expression(
                rf"(?:{alternatives(listed.get('suits', ()), language)}) for (?:age |a |an )?{age}(?= ;| and| but|$)"
            ),
            expression(rf"{PERSON} {age}(?= ;|$| who| likes| loves| and| that)"),
            expression(r"(?<![$€£] )(1[0-8]) \+(?= ;|$| and| but| so| or)"),  # "16+" as ratings say it
        )
        grade = alternatives(listed.get("grade", ()), language)
        self._grade = expression(rf"(\d)(?:st|nd|rd|th) (?:{grade})|(?:{grade}) (\d{{1,2}})")
        self._under = expression(rf"{PERSON} (?:{below}) (\d{{1,2}})")
        gift = alternatives(listed.get("gift", ()), language)
        tastes = alternatives(listed.get("tastes", ()), language)
        before = alternatives(listed.get("for", ()), language)
        what_they_do = r"(?! (?!turning)[^ ;]+ing(?![^ ]))"  # "anything with kids dying"
        self._person = expression(
            rf"(?:{before})(?: [^ ;]+)?(?: [^ ;]+)? {PERSON}{what_they_do}|{PERSON} (?:{tastes})"
            rf"|(?:{gift}) .*{PERSON}|^(?:[^ ]+ )?{PERSON}$"
        )

        kinds = alternatives(listed.get("not_for", ()), language)
        self._not_for = expression(
            rf"^(?:[^ ;]+ ){{0,2}}(?:{kinds}) {PERSON}(?: [^ ;0-9]+)?(?= ;|$)"
            rf"|(?:{alternatives(listed.get('nobody', ()), language)}) {PERSON}"
        )

    def read(self, plain: PlainText, mentions: Sequence[Mention]) -> Reader | None:
        if plain.has_numbers and (found := self._youth.search(plain.text)):
            plain.take(found)
            return Reader(f"a {found[1]}", int(found[2]), int(found[2]) < self._listed["adult"], False)
        if plain.has_numbers and (found := self._youth_after.search(plain.text)):
            plain.take(found)
            return Reader(f"a {found[2]}", int(found[1]), int(found[1]) < self._listed["adult"], False)
        age, before = self._age(plain) if plain.has_numbers else (None, 0)
        persons = [mention for mention in mentions if mention.kind == "person"]
        # "My son wants one piece, and his cousin is 6": the age is that of whoever was named last before it
        person = persons[min(max(before, 1), len(persons)) - 1] if persons else None
        if age is None and person is None:
            return self._oneself(plain)
        if age is None and (not self._person.search(plain.text) or self._not_for.search(plain.text)):
            return self._oneself(plain)
        if person is None:
            return Reader("", age, age is not None and age < self._listed["adult"], False)
        if age is None and person.value in self._teens:
            age = self._listed["teen"]
        child = age < self._listed["adult"] if age is not None else person.value in self._children
        return Reader(person.value, age, child, False)

    def _oneself(self, plain: PlainText) -> Reader | None:
        if plain.has_numbers and (found := self._self.search(plain.text)):
            plain.take(found)
            return Reader("", int(found[1]), int(found[1]) < self._listed["adult"], True)
        return None

    def _age(self, plain: PlainText) -> tuple[int | None, int]:
        """The age, and how many persons are named up to where it is told."""
        if self._self.search(plain.text):
            return None, 0
        if found := self._under.search(plain.text):
            before = _persons_until(found, plain)
            plain.take(found, 1)
            return max(1, int(found[1]) - 1), before
        if found := self._grade.search(plain.text):
            before = _persons_until(found, plain)
            plain.take(found)
            return int(found[1] or found[2]) + int(self._listed["grade_age"]), before
        for pattern in self._ages:
            if found := pattern.search(plain.text):
                before = _persons_until(found, plain)
                plain.take(found)
                return int(found[1]), before
        return None, 0


def _persons_until(found: re.Match[str], plain: PlainText) -> int:
    return plain.text.count(PERSON, 0, found.end())
