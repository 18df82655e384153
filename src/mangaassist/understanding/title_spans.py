"""Where a text names series: exact names before misspelt ones, everyday words only where the sentence means a title."""

import re
from collections.abc import Iterable
from typing import Final

from mangaassist.understanding.titles import Span, TitleLexicon

_BEFORE: Final = re.compile(
    r"(?:^|[;\"]\s?|\b(?:as|like|to|read|reading|finished|loved|enjoyed|love|liked|start|starting|wrote|about|of|have|got|"
    r"get|buy|order|ordered|find|search|looking for|for|is|does|do|has|after|return|sell|stock|than|and|or|vs|the series|"
    r"likes|loves|adores|adored|enjoys|devoured|meant|i mean|lent me|gave me|recommended|"
    r"with|in|on|my|besides|except|beyond|started|finish|better|compare|between|own|bought|watched|through)\s)$"
)
_AFTER: Final = re.compile(
    r"^\s?(?:$|[;\"]|(?:vol|vols|volume|volumes|manga|series|box|boxset|omnibus|omnibuses|deluxe|hardcover|paperback|books?|"
    r"perfect|special edition|by|in stock|still|available|out|finished|done|over|ended|complete|completed|have|good|"
    r"made me|was|blew|worth|cost|and|or|vs|please|pls|has|come|comes|is|first|like|set|sets|order|again|today|yet|but|which|"
    r"what|how|any|as|whole|complete|entire|full|with|without|plus|minus|together|altogether|coming|all|one|price|edition|"
    r"editions|"
    r"kid friendly|child friendly|ok for|okay for|suitable|appropriate|english|kindle|anime|"
    r"in (?:one|a|box|hardcover|paperback|omnibus|deluxe|english|total))\b)"
)
_MARKED_BEFORE: Final = re.compile(
    r"(?:\"\s?|\b(?:manga|series|called|titled|named|title|(?:author|mangaka|artist|writer|creator)\sof|(?:vol|vols|volume|volumes)\s\d{1,3}\sof)\s)$"
)
_MARKED_AFTER: Final = re.compile(
    r"^\s?(?:\"|#|(?:the\s)?(?:manga|series|vol|vols|volume|volumes|box|boxset|omnibus|omnibuses|deluxe|hardcover|"
    r"perfect|tankobon|by|author|mangaka|artist|writer|creator)\b|(?:\d{1,3})(?!\S))"
)
_ASKED_BEFORE: Final = re.compile(
    r"(?:^|; ?|\b(?:so|and|ok|okay|hey|hi|but|wait) )(?:"
    r"is|was|has|will|does|did|are|will there be more|is there more|"
    r"how (?:much|long|many) (?:is|are|does|do|has)|(?:what|how) ?(?:'?s| is| does| did| will)|"
    r"who (?:wrote|made|drew|draws|writes|is the author of)|"
    r"when (?:is|does|will|did)(?: the next(?: volumes?| vols?| books?)?(?: of)?)?|"
    r"(?:do|did|does) (?:you|u|ya|yall|they) (?:guys )?(?:have|sell|stock|carry|got)|(?:you|u) got|how many are there of|"
    r"(?:how many|which|what) (?:volumes?|vols?|books?)(?: of| does| do| has| is| in)?)\s$"
)
_ASKED_AFTER: Final = re.compile(
    r"^\s?(?:$|[;]|(?:have|has|are|is|about|finished|over|ended|ever|still|done|complete|completed|continue|continues|"
    r"on hiatus|ongoing|going|gonna|end|ends|come|comes|coming|out|cost|so far|yet|get|getting|in total|altogether)\b)"
)
_TOLD_OF_BEFORE: Final = re.compile(r"(?:^|; ?)(?:(?:so|and|ok|okay|then|but|well) )*$")
_TOLD_OF_AFTER: Final = re.compile(r"^\s(?:is|are|was) (?:what|which|about what|by whom|by who|how)\b")
"""A sentence that begins with the name and asks the rest of it: "so given is what"."""
"""A question of which the name fills the whole place of what it is about: there even "given" and "x" are titles."""
_ASKED_THEN: Final = re.compile(r"^\s(?:how (?:many|long)|is it|when(?: is| does| will)? (?:it|the next))\b")
"""What goes on with a question about a title that stands at the very beginning: "real how many are out"."""


_MAKER_BEFORE: Final = re.compile(r"\b(?:by|from|of) the\s$")
_MAKER_AFTER: Final = re.compile(r"^\s(?:guy|woman|lady|dude|man|person|people|team)\b")
"""Who made it, by its name: "something later by the monster guy"."""
_A_KIND_AFTER: Final = re.compile(r"^\s(?:manga|stuff|stories|books|titles|ones)\b")
"""After an everyday word at the very beginning: "monster manga" is a kind, "the monster manga" one book."""


def title_spans(lexicon: TitleLexicon, folded: str, small: str, breaks: frozenset[int] = frozenset()) -> list[Span]:
    """Exact names, the longest where they overlap; only without any of them misspelt ones.

    ``breaks`` are the places in the text before which a comma stood.
    """
    meant = [span for span in lexicon.exact(small) if _is_meant(span, folded, small, breaks)]
    exact = _without_overlaps(sorted(meant, key=lambda span: (span.start, -span.end)))
    return exact or _without_overlaps(lexicon.misspelt(small))


def blanked(small: str, spans: Iterable[Span]) -> str:
    """The text with NULs in place of its titles, so that a number in a title is no volume and a word no genre."""
    for span in spans:
        small = small[: span.start] + "\x00" * (span.end - span.start) + small[span.end :]
    return small


def _without_overlaps(spans: Iterable[Span]) -> list[Span]:
    """The spans in the given order of preference, each only where no earlier one lies."""
    kept: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return kept


def _is_meant(span: Span, folded: str, small: str, breaks: frozenset[int]) -> bool:
    """Whether a name that is also an everyday word stands here as a title."""
    if span.name.trust == "plain":
        return True
    before, after = small[: span.start], "" if span.end + 1 in breaks else small[span.end :]
    alone = not before.strip(' "') and not small[span.end :].strip(' ";')
    if not before.strip(' "') and _A_KIND_AFTER.search(after[:24]):
        return False
    marked = bool(_MARKED_BEFORE.search(before[-20:]) or _MARKED_AFTER.search(after[:24]))
    asked = _ASKED_BEFORE.search(before) and _ASKED_AFTER.search(after[:24])
    asked = asked or (not before.strip(' "') and _ASKED_THEN.search(after[:24]))
    asked = asked or (_TOLD_OF_BEFORE.search(before) and _TOLD_OF_AFTER.search(after[:24]))
    asked = asked or (_MAKER_BEFORE.search(before[-20:]) and _MAKER_AFTER.search(after[:24]))
    if alone or marked or asked or _is_capitalised(span, folded):
        return True
    return span.name.trust == "careful" and bool(_BEFORE.search(before[-20:]) and _AFTER.search(after[:24]))


def _is_capitalised(span: Span, folded: str) -> bool:
    """Capitals count inside a sentence, and only when the rest of the message is not written in capitals as well."""
    written = folded[span.start : span.end]
    before = folded[: span.start].rstrip(' "')
    if not before or before.endswith(";"):
        return False
    raised = written.isupper() if span.name.shouted else written[0].isupper()
    rest = [word for word in (folded[: span.start] + folded[span.end :]).split() if word[0].isalpha()]
    return raised and sum(word[0].isupper() for word in rest) * 2 <= len(rest)
