"""What somebody tells beside their question (G-1): "my email is [REDACTED], where is my order" asks for an order, and "they came
perfect, what do you pack them in" tells of no damage.

What was taken out of a message, and the words that do nothing but introduce it, must not change what is understood to be wanted.
Where the personal data are what the message is about ("send it to [REDACTED] instead") no words introduce them.
"""

import re
from functools import cache
from typing import Final

from mangaassist.understanding.vocabulary import tables

TAKEN_OUT: Final = "[REDACTED]"
_LEAST_LEFT: Final = 2
"""Words that are a message of their own."""
_WORD: Final = re.compile(r"[^\W_]+")
_SEAMS: Final = re.compile(r"^[\s,;.:!&/-]+|(?<=[,;:])\s*[,;:]+|\s*[,;:&/(-]+\s*$|\(\s*\)")


def without_told_aside(text: str) -> str:
    """The message without what is told beside its question; whole where nothing else is said. Never raises."""
    came_well = _came_well("en")
    without_thanks = _left(came_well.sub(" ", text), text)
    text = without_thanks if without_thanks != text else _left(came_well.sub(r" \g<thanks> ", text), text)
    if TAKEN_OUT not in text:
        return text
    introduced, pointing = _patterns("en")
    left = introduced.sub(" ", text)
    return text if pointing.search(left) else _left(left, text)


def _left(rest: str, text: str) -> str:
    """What is left of a text, where that says anything; the text itself where nothing was taken from it."""
    if rest == text:
        return text
    left = " ".join(_SEAMS.sub(" ", rest).split())
    return left if len(_WORD.findall(left.replace(TAKEN_OUT, ""))) >= _LEAST_LEFT else text


@cache
def _came_well(language: str) -> re.Pattern[str]:
    """A clause that says no more than that something arrived as it should."""
    table = tables(language)["told_aside"]
    came, well, how = ("|".join(table[name]) for name in ("came", "well", "how"))
    what = r"(?:it|they|mine|everything|all|(?:the|my|all my|our|both)\s(?:\w{1,12}\s){0,2}?\w{1,12})"
    return re.compile(
        rf"(?:^|(?<=[,.;!?(])|\band\b)\s*(?:(?:and|btw|because|since)\s)?{what}\s(?:all\s)?(?:{came})\s"
        rf"(?:(?:{how})\s){{0,3}}(?:{well})(?:\s(?:condition|shape|state|order|packed|packaged|wrapped))?"
        r"(?P<thanks>(?:[,.;!]?\s(?:thanks|thank you|thx)(?:\sso much)?)?)(?=\s*(?:$|[,.;!?)]|and\b))",
        re.IGNORECASE,
    )


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What introduces what was taken out, and words that may point at it."""
    table = tables(language)["told_aside"]
    data, asks = "|".join(table["data"]), "".join(rf"(?<!\b{word}\s)" for word in table["asks"])
    mine = rf"(?:my|our|the|his|her)\s(?:\w{{1,12}}\s)?(?:{data})(?:'?s)?(?:\s(?:number|address|no|nr|id|code|date))?"
    taken = r"\[REDACTED\](?:[\s,/]{1,3}\[REDACTED\])*"
    shapes = (
        rf"{mine}\s?(?:is|was|are|on (?:the|my) account is|on file is|to use is|[:=])\s?{taken}",
        rf"(?:^|(?<=[,.;!?(]))\s*(?:(?:and|so|btw|ps|it'?s|this is)\s)?(?:{mine}\s|(?:{data})[\s:=#.]{{1,3}})?{taken}"
        r"(?=\s*(?:$|[,.;!?)]))",
        rf"{asks}\b(?:call|text|reach|contact|phone|ring|email|mail|write)(?:\sto)?\s(?:me|us)"
        rf"(?:\s(?:at|on|via))?[\s:]{{1,2}}{taken}",
        rf"\b(?:i am|i'm|im|i live|we live|living|based)\s(?:at|in)\s{taken}",
        rf"{taken}\s(?:is|was|are)\s(?:my|our|the)\s(?:\w{{1,12}}\s)?(?:{data})(?:\s(?:number|address))?"
        r"(?:\s(?:on file|on the account|i use))?",
        rf"\(\s?(?:{data})?[\s:]{{0,2}}{taken}\s?\)",
    )
    pointing = rf"\b(?:{'|'.join(table['pointing'])})\b"
    introduced = "|".join(f"(?:{shape})" for shape in shapes)
    return re.compile(introduced, re.IGNORECASE), re.compile(pointing, re.IGNORECASE)
