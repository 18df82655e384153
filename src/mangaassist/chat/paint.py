"""How an answer looks in a terminal. Everything that came over the network is text here, never markup or control codes."""

import re
from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.segment import Segment
from rich.spinner import Spinner
from rich.style import Style
from rich.table import Table
from rich.text import Text

from mangaassist.chat.answer import Answer, Piece
from mangaassist.chat.commands import HELP
from mangaassist.wire.cards import Button, ProductCard
from mangaassist.wire.frames import Degraded, SessionTurn
from mangaassist.wire.metadata import AnswerMetadata, Source
from mangaassist.wire.problems import Problem

ACCENT: Final = "bold red3"
QUIET: Final = "bright_black"

# Escape sequences could repaint the screen or type for the reader; direction overrides could disguise a price.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_BULLET: Final = re.compile(r"^([ \t]*)[-*] ", re.MULTILINE)

_NOTICES: Final = {
    "catalog": "The catalogue is away: no product cards this time.",
    "pricing": "Prices could not be confirmed; check the product page.",
    "inventory": "Stock is unknown right now.",
    "reviews": "Ratings are missing right now.",
    "recommendations": "Recommendations are away; titles were found by searching.",
    "profile": "Your profile is away; answered as for a guest.",
    "orders": "Your order could not be loaded; a colleague can look it up.",
    "shipping": "Tracking is not available right now.",
    "returns": "Returns are away; see the returns centre.",
    "promotions": "Offers are not available right now.",
    "knowledge": "The help pages are away right now.",
}


def plain(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return _UNPRINTABLE.sub("", text)


def answer(shown: Answer) -> RenderableType:
    """A whole answer, as it is left on the screen."""
    return Padding(Group(*_parts(shown)), (0, 2))


def _parts(shown: Answer) -> Iterator[RenderableType]:
    seen = shown.seen
    for missing in seen.degraded:
        yield notice(missing)
    yield prose(shown.pieces)
    if seen.products:
        yield from (Text(), cards(seen.products))
    if seen.buttons:
        yield from (Text(), buttons(seen.buttons))
    if seen.suggestions:
        yield from (Text(), suggestions(seen.suggestions))
    if seen.metadata:
        yield Text()
        if seen.metadata.sources:
            yield sources(seen.metadata.sources)
        yield footer(seen.metadata)
    if seen.problem:
        yield problem(seen.problem)


def prose(pieces: tuple[Piece, ...]) -> Text:
    """The answer's text; what a correction took back is struck, what it put there stands out."""
    written = Text()
    for piece in pieces:
        if piece.before:
            written.append(plain(piece.before).strip(), Style(strike=True, color="red3"))
            written.append(" ")
            written.append(plain(piece.text), Style(color="green", bold=True))
        else:
            written.append(plain(piece.text))
    written.rstrip()
    return _marked_up(written)


def _marked_up(written: Text) -> Text:
    """``**bold**`` and ``- `` bullets, over whatever styles are there already."""
    made, at = Text(), 0
    for found in _BOLD.finditer(written.plain):
        inner = written[found.start(1) : found.end(1)]
        inner.stylize("bold")
        made.append_text(written[at : found.start()]).append_text(inner)
        at = found.end()
    made.append_text(written[at:])
    for found in reversed(list(_BULLET.finditer(made.plain))):
        bullet = Text(f"{found[1]}• ", style="red3")
        made = made[: found.start()].append_text(bullet).append_text(made[found.end() :])
    return made


def problem(why: Problem) -> Text:
    return Text(plain(why.detail), "yellow")


def notice(missing: Degraded) -> Text:
    words = _NOTICES.get(missing.service, plain(missing.fallback).capitalize())
    return Text(f"! {words}", style="yellow")


def cards(products: tuple[ProductCard, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style=QUIET, leading=1)
    table.add_column("Product", ratio=None, overflow="fold")
    table.add_column("Price", justify="right", no_wrap=True)
    table.add_column("Rating", no_wrap=True)
    table.add_column("Stock", max_width=14)
    for card in products:
        table.add_row(_product(card), _price(card), _rating(card), _stock(card))
    return table


def _product(card: ProductCard) -> Text:
    cell = Text().append(plain(card.title), Style(bold=True, link=_link(card.url)))
    cell.append(f"\n{plain(card.author)} · {plain(card.format)}")
    cell.append(f"\n{plain(card.asin)}", QUIET)
    if card.reason:
        cell.append(f"\n{plain(card.reason)}", "italic")
    return cell


def _link(url: str) -> str | None:
    return plain(url) if url.startswith(("http://", "https://")) else None


def _price(card: ProductCard) -> Text:
    """A card without a confirmed price names none (S-1)."""
    if not card.price:
        return Text("see page", QUIET)
    price = Text().append(plain(card.price), "bold")
    if card.list_price:
        price.append("\nwas ", QUIET).append(plain(card.list_price), Style(strike=True, color=QUIET))
    return price


def _rating(card: ProductCard) -> Text:
    if card.rating is None:
        return Text("–", QUIET)
    rating = Text().append("★ ", "yellow").append(f"{card.rating:.1f}")
    return rating.append(f"\n{card.review_count:,}", QUIET) if card.review_count is not None else rating


def _stock(card: ProductCard) -> Text:
    words = plain(card.availability or "–")
    tone = "green" if words == "In stock" else "red3" if words.startswith("Out of") else QUIET
    return Text(words, tone)


def buttons(made: tuple[Button, ...]) -> Text:
    line = Text()
    for button in made:
        line.append(f"[{plain(button.label)}]", Style(bold=True, link=_link(button.url or ""))).append("  ")
    return line


def suggestions(items: tuple[str, ...]) -> Text:
    lines = [Text().append(f"{n} ", ACCENT).append(plain(item)) for n, item in enumerate(items, 1)]
    return Text("\n").join(lines)


def sources(used: tuple[Source, ...]) -> Text:
    """K-6: each page once, however many of its chunks were used."""
    titles = dict.fromkeys(f"{plain(source.title)} ({plain(source.source_type)})" for source in used)
    return Text("Read from: " + "; ".join(titles), QUIET)


def footer(metadata: AnswerMetadata) -> Text:
    first = "no text" if metadata.ttft_ms is None else f"first token {metadata.ttft_ms:,.0f} ms"
    facts = [metadata.intent, metadata.tier, first, f"{metadata.latency_ms:,.0f} ms in all"]
    if metadata.corrections:
        facts.append(f"{metadata.corrections} corrected")
    if metadata.cached:
        facts.append("from cache")
    if metadata.stopped:
        facts.append("stopped")
    return Text(plain(" · ".join(facts)), QUIET)


def past(turn: SessionTurn) -> RenderableType:
    """An exchange from before, when a conversation is taken up again."""
    question = Text().append("› ", ACCENT).append(plain(turn.message))
    said = [_marked_up(Text(plain(turn.answer)))] if turn.answer else []
    ended = [problem(turn.problem)] if turn.problem else [Text("stopped", QUIET)] if turn.stopped else []
    return Group(question, Padding(Group(*said, *ended), (0, 2)), Text())


def commands() -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 2))
    for name, words in HELP:
        table.add_row(Text(name, "bold"), words)
    return table


class Growing:
    """An answer while it is written: the newest lines, never more than the screen can repaint, and what is going on."""

    def __init__(self, shown: Answer) -> None:
        self.shown = shown
        self.status = "thinking…"
        self._spinner = Spinner("dots", style=ACCENT)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        body = Padding(Group(*map(notice, self.shown.seen.degraded), prose(self.shown.pieces)), (0, 2))
        lines = console.render_lines(body, options.update(height=None), pad=False)
        for line in lines[-max(3, console.height - 4) :]:
            yield from line
            yield Segment.line()
        self._spinner.update(text=Text(self.status, QUIET))
        yield Padding(self._spinner, (0, 2))
