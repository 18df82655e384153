"""What is no text for a shopper, taken out while it streams (G-2): code, HTML, tool calls, forged turns, images, links elsewhere.

A construct is looked at when it is whole; until then its beginning waits, up to the bound of its shape. What opens a block (a
code fence, a tool call) is swallowed from there to its end. All of it depends on the text alone, never on where its pieces end.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from mangaassist.domain.evidence import Evidence
from mangaassist.guardrails.competitors import CompetitorNames

OUR_SITE: Final = "our site"
"""In place of an address that is none of the store's."""
HOLD_BOUND: Final = 640
"""Characters that wait at most: the longest link that is looked at."""

_SPECIAL: Final = re.compile(r"[<`{\[!]")


class Cut(Struct, frozen=True):
    """``text[start:end]`` of all that was fed became ``words``; ``original`` is its beginning, for the audit."""

    start: int
    end: int
    words: str
    kind: str
    original: str


class _Shape(Struct, frozen=True):
    """A construct that begins with one of ``first``. ``begun``: all of the text that is there may still become one."""

    kind: str
    first: str
    whole: re.Pattern[str]
    begun: re.Pattern[str]
    closes: str = ""
    """What ends the block that it opens; braces count each other where this is a brace."""


def _shape(kind: str, first: str, whole: str, begun: str, closes: str = "") -> _Shape:
    return _Shape(kind, first, re.compile(whole, re.IGNORECASE), re.compile(begun, re.IGNORECASE), closes)


_BLOCKS: Final = "script|style|tool_calls?|tools?|function_calls?|function|think|thinking|reasoning|scratchpad|system"
_SHAPES: Final = (
    _shape("code", "`", r"```", r"`{1,2}\Z", "```"),
    _shape(
        "tool",
        "<",
        rf"<(?P<name>{_BLOCKS})\b[^<>\n]{{0,160}}>",
        rf"<(?:[a-z_]{{0,16}}|(?:{_BLOCKS})\b[^<>\n]{{0,160}})\Z",
        "</",
    ),
    _shape(
        "html",
        "<",
        r"<(?:/?[a-z][^<>\n]{0,160}|!--[^<>]{0,200}|![a-z][^<>]{0,160}|\|[^<>|\n]{0,40}\|)>",
        r"<(?:/?(?:[a-z][^<>\n]{0,160})?|!(?:-{0,2}|--[^<>]{0,200}|[a-z][^<>]{0,160})|\|[^<>|\n]{0,40}\|?)?\Z",
    ),
    _shape(
        "tool",
        "{[",
        r"(?:\{|\[\s{0,4}\{)\s{0,4}[\"'][\w .-]{1,40}[\"']\s{0,2}:",
        r"(?:\{|\[(?:\s{0,4}\{?)?)\s{0,4}(?:[\"'](?:[\w .-]{0,40}(?:[\"']\s{0,2})?)?)?\Z",
        "}",
    ),
    _shape(
        "image", "!", r"!\[[^\]\n]{0,120}\]\([^)\n]{0,480}\)", r"!(?:\[[^\]\n]{0,120}(?:\](?:\([^)\n]{0,480})?)?)?\Z"
    ),
    _shape(
        "link",
        "[",
        r"\[(?P<text>[^\[\]\n]{0,120})\]\(\s?<?(?P<to>[^)\s>]{0,400})[^)\n]{0,80}\)",
        r"\[[^\[\]\n]{0,120}(?:\](?:\([^)\n]{0,480})?)?\Z",
    ),
)


class MarkupFilter:
    """Feed it the answer piece by piece; what it returns may go on. Lives as long as one answer."""

    def __init__(self, own: frozenset[str] = frozenset()) -> None:
        """``own`` are the addresses that may be linked (``own_addresses``)."""
        self._own = own
        self._pending = ""
        self._at = 0
        """Where what is pending begins, in all that was fed."""
        self._block: _Block | None = None
        self._ends_in_space = True
        self._cut_behind_space = False
        self.cuts: list[Cut] = []

    def feed(self, piece: str) -> str:
        """What may go on now."""
        if not self._pending and self._block is None and not _SPECIAL.search(piece):
            self._at += len(piece)
            return self._let(piece)
        self._pending += piece
        return "".join(map(self._let, self._drained(final=False)))

    def finish(self) -> str:
        """The text is complete: what is left of it. A block that nobody closed ends with it."""
        rest = "".join(map(self._let, self._drained(final=True)))
        if self._block is not None:
            self._end_block(self._block)
        return rest

    def _let(self, text: str) -> str:
        """What goes on of a text: of the two spaces around what was cut out whole, one."""
        if not text:
            return text
        if self._cut_behind_space and text[0] == " ":
            self.cuts[-1] = replace(self.cuts[-1], end=self.cuts[-1].end + 1)
            text = text[1:]
        self._cut_behind_space = False
        self._ends_in_space = text[-1].isspace() if text else self._ends_in_space
        return text

    def _drained(self, final: bool) -> Iterator[str]:
        while self._pending:
            if self._block is not None:
                if not self._swallowed(self._block, final):
                    return
                continue
            found = _SPECIAL.search(self._pending)
            if found is None or found.start():
                yield self._taken(found.start() if found else len(self._pending))
                continue
            said = self._construct(final)
            if said is None:
                return
            yield said

    def _construct(self, final: bool) -> str | None:
        """What becomes of the construct that begins here; None while it may still become one."""
        for shape in _SHAPES:
            if self._pending[0] not in shape.first:
                continue
            if found := shape.whole.match(self._pending):
                return self._replaced(shape, found)
            if not final and shape.begun.match(self._pending):
                return None
        return self._taken(1)

    def _replaced(self, shape: _Shape, found: re.Match[str]) -> str:
        if shape.closes:
            closes = f"</{found['name']}>" if shape.closes == "</" else shape.closes
            self._block = _Block(shape.kind, self._at, closes.lower())
            if shape.closes != "}":
                self._block.original = self._taken(found.end())
            return ""
        if shape.kind == "link" and is_own(found["to"], self._own):
            return self._taken(found.end())
        words = found["text"] if shape.kind == "link" else ""
        start, original = self._at, self._taken(found.end())
        self.cuts.append(Cut(start, self._at, words, shape.kind, original))
        self._cut_behind_space = not words and self._ends_in_space
        return words

    def _swallowed(self, block: "_Block", final: bool) -> bool:
        """Take what is pending into the block; whether anything was taken."""
        end = block.end_in(self._pending)
        if end is not None:
            block.take(self._taken(end))
            self._end_block(block)
            return True
        # A closing mark may have begun at the end.
        kept = 0 if final or block.closes == "}" else min(len(block.closes) - 1, len(self._pending))
        block.take(taken := self._taken(len(self._pending) - kept))
        return bool(taken)

    def _end_block(self, block: "_Block") -> None:
        self.cuts.append(Cut(block.start, self._at, "", block.kind, block.original))
        self._cut_behind_space = self._ends_in_space
        self._block = None

    def _taken(self, count: int) -> str:
        taken, self._pending = self._pending[:count], self._pending[count:]
        self._at += len(taken)
        return taken


class _Block(Struct):
    """What is swallowed up to its end; ``original`` is the beginning of it."""

    kind: str
    start: int
    closes: str
    original: str = ""
    depth: int = 0
    is_text: bool = False
    is_escaped: bool = False

    def end_in(self, text: str) -> int | None:
        """Where the block ends in the text that comes next."""
        if self.closes != "}":
            at = text.lower().find(self.closes)
            return None if at < 0 else at + len(self.closes)
        return next((place for place, sign in enumerate(text, 1) if self._closed_by(sign)), None)

    def take(self, text: str) -> None:
        if len(self.original) < _KEPT:
            self.original = (self.original + text)[:_KEPT]

    def _closed_by(self, sign: str) -> bool:
        if self.is_escaped:
            self.is_escaped = False
        elif self.is_text:
            self.is_escaped, self.is_text = sign == "\\", sign != '"'
        elif sign == '"':
            self.is_text = True
        else:
            self.depth += _DEEPER.get(sign, 0)
            return sign in "}]" and self.depth <= 0
        return False


_KEPT: Final = 200
"""Characters of a block that the audit is told."""
_DEEPER: Final = {"{": 1, "[": 1, "}": -1, "]": -1}

_ENDINGS: Final = (
    "com|net|org|io|co|shop|store|app|dev|info|biz|tv|jp|uk|de|fr|ru|cn|xyz|site|online|link|ly|gg|club|top|live"
)
_WORDS_TOO: Final = "me|to|it|es|ca|us|in|is|at|so"
"""Endings that are words as well: only with a path behind them is it an address, and no full stop without its space."""
ADDRESS: Final = re.compile(
    rf"\b[a-z][a-z0-9+.-]{{1,11}}://[^\s<>\"'`)\]}}]{{1,1000}}"
    rf"|(?<![@\w./-])(?:www\.[^\s<>\"'`)\]}}]{{1,1000}}"
    rf"|(?:[a-z0-9][a-z0-9-]{{0,40}}\.){{1,4}}(?:{_ENDINGS})(?![\w-]|\.[a-z0-9])(?::\d{{1,5}})?(?:[/?#][^\s<>\"'`)\]}}]{{0,1000}})?"
    rf"|(?:[a-z0-9][a-z0-9-]{{0,40}}\.){{1,4}}(?:{_WORDS_TOO})/[^\s<>\"'`)\]}}]{{1,1000}})",
    re.IGNORECASE,
)
"""An address in a text: with its scheme, with www, or a name that ends as names of sites do."""
MAY_BE_ADDRESS: Final = re.compile(r"://|www\.|\w\.[A-Za-z]{2}")


def addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where addresses stand, without the marks of the sentence behind them."""
    for found in ADDRESS.finditer(text):
        yield found.start(), found.start() + len(found[0].rstrip(".,;:!?*_"))


def foreign_addresses(text: str, own: frozenset[str], names: CompetitorNames) -> Iterator[tuple[int, int]]:
    """Where addresses stand that are none of the store's. A competitor's site is left to those who know its name."""
    found = list(addresses(text))
    known = [(name.start, name.end) for name in names.find(text)] if found else []
    for start, end in found:
        is_name = any(a <= start and end <= b for a, b in known)
        if not is_name and _compared(text[start:end]) not in own:
            yield start, end


def own_addresses(evidence: Evidence) -> frozenset[str]:
    """The addresses that the store's services and pages give, as they are compared."""
    facts = evidence.facts
    links = [facts.sign_in_url, facts.cart_url, facts.orders_url, facts.returns_url]
    links += [
        link for known in (*evidence.products, *evidence.cart) for link in (known.product.url, known.product.image_url)
    ]
    links += [parcel.tracking_url for owned in evidence.orders for parcel in owned.shipments]
    texts = [scored.chunk.content for scored in (*evidence.chunks, *evidence.guides)]
    texts += [f"{offer.title} {offer.description} {offer.terms}" for offer in evidence.promotions]
    links += [text[start:end] for text in texts if MAY_BE_ADDRESS.search(text) for start, end in addresses(text)]
    return frozenset(_compared(link) for link in links if link)


def is_own(address: str, own: frozenset[str]) -> bool:
    return _compared(address) in own


def _compared(address: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", address.strip().lower()).rstrip("/.,;:!?")
