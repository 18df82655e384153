"""Stage 1 of understanding: settles the plain messages by a table of regular expressions, without a model (M-2).

One intent fired: it is meant. Two in different clauses: both are, the first one first. Two in the same clause: the rules
do not know, and the model decides.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec
from msgspec import Struct

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess
from mangaassist.understanding.clauses import clauses

DECIDES = 0.8
"""The confidence from which a rule settles the intent (M-2)."""
LONGEST = 400
"""Characters of a plain message. A longer one is a story: the model reads it, and the rules stay within 3 ms."""
TABLE = "data/intent_rules.toml"
QUOTES = str.maketrans({"‘": "'", "’": "'", "´": "'", "`": "'", "“": '"', "”": '"'})
SPACES = re.compile(r"\s+")
WORDS = re.compile(r"<([A-Z_]+)>")


class Rule(Struct, frozen=True):
    """``unless`` is searched in the whole message and takes the match back. ``confidence`` is a precision, 0 to 1."""

    intent: Intent
    confidence: float
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None = None


class _Row(Struct, frozen=True, forbid_unknown_fields=True):
    intent: Intent
    confidence: float
    pattern: str
    unless: str = ""


class _Table(Struct, frozen=True, forbid_unknown_fields=True):
    words: dict[str, str]
    rules: list[_Row]


@cache
def shipped_rules() -> tuple[Rule, ...]:
    """The rules of the package, compiled once."""
    file = resources.files("mangaassist.understanding").joinpath(TABLE)
    table = msgspec.toml.decode(file.read_bytes(), type=_Table)
    return tuple(
        Rule(
            row.intent,
            row.confidence,
            re.compile(_spelt_out(row.pattern, table.words)),
            re.compile(_spelt_out(row.unless, table.words)) if row.unless else None,
        )
        for row in table.rules
    )


class RuleBook:
    """The table, ready to be asked; None stands for the rules of the package."""

    def __init__(self, rules: Sequence[Rule] | None = None) -> None:
        self._rules = shipped_rules() if rules is None else tuple(rules)

    def decide(self, text: str, floor: float = DECIDES) -> IntentGuess | None:
        """Say what a message means, if the rules with a confidence of at least ``floor`` (0 to 1) settle it."""
        if len(text) > LONGEST:
            return None
        folded = fold(text)
        whole = self._fired(folded, floor)
        parts = map(fold, clauses(text))
        by_part = [whole if part == folded else self._fired(part, floor) for part in parts]
        if any(len(fired) > 1 for fired in by_part):
            return None
        wishes = list(dict.fromkeys(intent for fired in by_part for intent in fired))
        if len(wishes) > 1 and Intent.CHITCHAT in wishes:
            wishes.remove(Intent.CHITCHAT)  # "hi, where is my order" is no small talk
        if len(wishes) == 2:
            sure = {intent: sure for fired in by_part for intent, sure in fired.items()}
            return IntentGuess(wishes[0], min(sure[wish] for wish in wishes), "rules", wishes[1])
        plain = whole if len(whole) == 1 else {}
        if len(wishes) < 2 and plain.keys() >= set(wishes):
            return next((IntentGuess(intent, sure, "rules") for intent, sure in plain.items()), None)
        return None

    def _fired(self, folded: str, floor: float) -> dict[Intent, float]:
        """The intents whose rules fire, each with the surest one's confidence."""
        fired: dict[Intent, float] = {}
        for rule in self._rules:
            if rule.confidence < floor or not rule.pattern.search(folded):
                continue
            if rule.unless is None or not rule.unless.search(folded):
                fired[rule.intent] = max(rule.confidence, fired.get(rule.intent, 0.0))
        return fired


def fold(text: str) -> str:
    """What the patterns see: lower case, straight quotes, single spaces."""
    return SPACES.sub(" ", text.translate(QUOTES)).strip().lower()


def _spelt_out(pattern: str, words: Mapping[str, str]) -> str:
    """Put the words in place of their names, those inside words too. Raises ``KeyError`` on a name without words."""
    while WORDS.search(pattern):
        pattern = WORDS.sub(lambda name: words[name[1]], pattern)
    return pattern
