"""``mangaassist guard``: what each guardrail makes of a text, and why: as a shopper's message, and as an answer (O-4).

No store is asked. An answer is read as if a model had written it about nothing: no price and no claim in it is backed.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TextIO

import msgspec
from msgspec import Struct
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mangaassist.domain.evidence import Evidence
from mangaassist.errors import BadInput
from mangaassist.guardrails.findings import Finding, Stage, Verdict
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import Intake
from mangaassist.guardrails.review import Review, Reviewed

MOST_BYTES: Final = 64 * 1024
WHY: Final[dict[str, str]] = {
    "intake": "personal data never gets further than here; orders to the assistant are refused (G-1)",
    "inline": "what may not leave is held back while the answer streams, and replaced (G-2)",
    "markup": "an answer is text: no link, code or call of a tool of a model's making leaves (G-3)",
    "pii": "nobody's personal data is told (G-3, 1)",
    "claims": "what this turn's evidence does not hold is not promised (G-4)",
    "prices": "a price is the store's live one, or none (G-3, 2)",
    "toxicity": "a toxic answer is replaced whole (G-3, 3)",
    "competitors": "other shops are not named (G-3, 4)",
    "asins": "no card of a product that is not sold (G-3, 5)",
    "scope": "the answer stays with the store's matters (G-3, 6)",
}
STYLES: Final = {Verdict.ALLOW: "green", Verdict.CHANGE: "yellow", Verdict.BLOCK: "bold red", Verdict.ERROR: "magenta"}


class Deed(Struct, frozen=True):
    """What a stage did once: ``original`` became ``replacement``."""

    verdict: Verdict
    kind: str
    original: str
    replacement: str


class StageReport(Struct, frozen=True):
    stage: Stage
    ms: float
    did: tuple[Deed, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest."""
        order = (Verdict.BLOCK, Verdict.ERROR, Verdict.CHANGE)
        return next((one for one in order if any(deed.verdict is one for deed in self.did)), Verdict.ALLOW)


class Side(Struct, frozen=True):
    """The text as it comes out, and why it was blocked or None."""

    text: str
    blocked: str | None
    stages: tuple[StageReport, ...]


class GuardReport(Struct, frozen=True, kw_only=True):
    """``streamed``: what leaves of an answer before its review."""

    message: Side
    answer: Side
    streamed: str


def text_from(given: str | None, file: Path | None, stdin: TextIO) -> str:
    """The text itself, or that of a file, or of standard input. Raises ``BadInput`` when there is none, or too much."""
    if given is not None and file is not None:
        raise BadInput("two_texts", "Give the text or a file that holds it, and not both.")
    try:
        text = given if given is not None else file.read_text() if file is not None else stdin.read(MOST_BYTES + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("no_text", f"The text cannot be read: {error}.") from error
    if not text.strip():
        raise BadInput("no_text", "There is no text: give one, a --file, or standard input.")
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise BadInput("too_large", f"The text is larger than {MOST_BYTES // 1024} KiB.")
    return text


async def guarded(text: str, rules: InlineRules, review: Review, by_model: bool) -> GuardReport:
    message = _as_message(text)
    began = time.perf_counter()
    inline = rules.filter({}, frozenset())
    streamed = inline.feed(text) + inline.finish()
    streaming = StageReport("inline", _ms_since(began), _deeds(inline.findings))
    outcome = await review.run(Reviewed(text=streamed, evidence=Evidence(), by_model=by_model))
    stages = [
        StageReport(stage.name, outcome.timings[stage.name], _deeds(of_stage(outcome.findings, stage.name)))
        for stage in review.stages
        if stage.name in outcome.timings
    ]
    answer = Side(outcome.text, outcome.blocked, (streaming, *stages))
    return GuardReport(message=message, answer=answer, streamed=streamed)


def of_stage(findings: Sequence[Finding], stage: Stage) -> list[Finding]:
    return [finding for finding in findings if finding.stage == stage]


def _as_message(text: str) -> Side:
    began = time.perf_counter()
    screened = Intake().screen(text)
    did = StageReport("intake", _ms_since(began), _deeds(screened.findings))
    return Side(screened.text, screened.blocked, (did,))


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _deeds(findings: Sequence[Finding]) -> tuple[Deed, ...]:
    return tuple(Deed(one.verdict, one.kind, one.original, one.replacement) for one in findings)


async def guard(text: str, by_model: bool, as_json: bool, out: Console) -> None:
    report = await guarded(text, InlineRules.load(), Review.load(), by_model)
    if as_json:
        out.file.write(msgspec.json.encode(report).decode() + "\n")
        return
    out.print(Panel(_told(report.message), title="as a shopper's message", title_align="left"))
    out.print(Panel(_told(report.answer), title="as an answer", title_align="left"))


def _told(side: Side) -> Group:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for report in side.stages:
        table.add_row(Text(report.stage, STYLES[report.verdict]), f"{report.ms:.2f} ms", _done(report))
    ending = f"blocked by {side.blocked}: " if side.blocked else ""
    return Group(table, Text(), Text(ending, STYLES[Verdict.BLOCK]) + Text(side.text, "bold"))


def _done(report: StageReport) -> Text:
    if not report.did:
        return Text("nothing", "dim")
    return Text("\n").join([*_deeds_told(report.did), Text(WHY.get(report.stage, ""), "dim italic")])


def _deeds_told(did: Sequence[Deed]) -> Iterator[Text]:
    for deed in did:
        told = Text(f"{deed.verdict} ", STYLES[deed.verdict]) + Text(f"{deed.kind}  ")
        if deed.original:
            told += Text(deed.original, "red strike")
        if deed.replacement:
            told += Text(" → ", "dim") + Text(deed.replacement, "green")
        yield told
