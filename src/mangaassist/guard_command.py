"""``mangaassist guard``: what each guardrail makes of a text, and why: as a shopper's message, and as an answer (O-4).

No store is asked. An answer is read as if a model had written it about nothing: no price and no claim in it is backed. Patterns and
lexicon are joined by the heads that read the encoder's pass, as in a turn.
"""

import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal, TextIO

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from rich.console import Console, Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mangaassist.assembly.encoders import opened_encoder
from mangaassist.domain.encoding import Encoder
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Strictness
from mangaassist.errors import BadInput
from mangaassist.guardrails.findings import Finding, Stage, Verdict
from mangaassist.guardrails.inline import InlineRules
from mangaassist.guardrails.intake import REFUSAL, Intake, Screened
from mangaassist.guardrails.review import Review, Reviewed
from mangaassist.guardrails.sentences import sentences
from mangaassist.safety_scores import PATIENCE, MessageScreen
from mangaassist.settings import Settings
from mangaassist.turn.sentence_risks import SentenceRisks

MOST_BYTES: Final = 64 * 1024
STRICTNESS: Final[Strictness] = "tight"
"""An answer is held to its matters as strictly as any intent asks: what is led back here may be let pass elsewhere (G-5)."""
WHY: Final[dict[str, str]] = {
    "intake": "personal data never gets further than here; orders to the assistant are refused (G-1)",
    "reading": "what the pass tells of the tone of a message joins its signs (G-1)",
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
HEADS: Final = ("injection", "toxicity", "elsewhere")
LIKELY: Final = ((0.9, "bold red"), (0.5, "yellow"), (0.0, "green"))
STYLES: Final = {Verdict.ALLOW: "green", Verdict.CHANGE: "yellow", Verdict.BLOCK: "bold red", Verdict.ERROR: "magenta"}


class Deed(Struct, frozen=True):
    """What a stage did once: ``original`` became ``replacement``."""

    verdict: Verdict
    kind: str
    original: str
    replacement: str


class StageReport(Struct, frozen=True):
    stage: Stage | Literal["reading"]
    ms: float
    did: tuple[Deed, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest."""
        order = (Verdict.BLOCK, Verdict.ERROR, Verdict.CHANGE)
        return next((one for one in order if any(deed.verdict is one for deed in self.did)), Verdict.ALLOW)


class HeardByHeads(Struct, frozen=True):
    """What the heads tell of a text, 0 to 1 each; None where they are not asked of it, or do not know."""

    text: str
    injection: float | None = None
    toxicity: float | None = None
    elsewhere: float | None = None
    note: str = ""


class Side(Struct, frozen=True):
    """The text as it comes out, and why it was blocked or None. ``heads``: of the message, or of each sentence of the answer."""

    text: str
    blocked: str | None
    stages: tuple[StageReport, ...]
    heads: tuple[HeardByHeads, ...] = ()


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


async def guarded(
    text: str, rules: InlineRules, review: Review, by_model: bool, encoder: Encoder | None = None
) -> GuardReport:
    """``encoder`` None: patterns and lexicon alone."""
    message = await _as_message(text, encoder)
    began = time.perf_counter()
    inline = rules.filter({}, frozenset())
    streamed = inline.feed(text) + inline.finish()
    streaming = StageReport("inline", _ms_since(began), _deeds(inline.findings))
    reviewed = Reviewed(text=streamed, evidence=Evidence(), by_model=by_model, strictness=STRICTNESS)
    async with _sentence_risks(encoder if by_model else None) as risks:
        heads = await _of_sentences(streamed, risks)
        if risks is not None:
            reviewed = replace(reviewed, toxicity=risks.toxicity, elsewhere=risks.elsewhere)
        outcome = await review.run(reviewed)
    stages = [
        StageReport(stage.name, outcome.timings[stage.name], _deeds(of_stage(outcome.findings, stage.name)))
        for stage in review.stages
        if stage.name in outcome.timings
    ]
    answer = Side(outcome.text, outcome.blocked, (streaming, *stages), heads)
    return GuardReport(message=message, answer=answer, streamed=streamed)


@asynccontextmanager
async def _sentence_risks(encoder: Encoder | None) -> AsyncGenerator[SentenceRisks | None]:
    if encoder is None:
        yield None
        return
    async with SentenceRisks(encoder, PATIENCE) as risks:
        yield risks


async def _of_sentences(text: str, risks: SentenceRisks | None) -> tuple[HeardByHeads, ...]:
    said = [one.text.strip() for one in sentences(text) if any(map(str.isalnum, one.text))]
    if risks is None or not said:
        return ()
    unknown = [None] * len(said)
    toxic, strays = await risks.toxicity(said) or unknown, await risks.elsewhere(said) or unknown
    return tuple(
        HeardByHeads(one, toxicity=is_toxic, elsewhere=is_stray)
        for one, is_toxic, is_stray in zip(said, toxic, strays, strict=True)
    )


def of_stage(findings: Sequence[Finding], stage: Stage) -> list[Finding]:
    return [finding for finding in findings if finding.stage == stage]


async def _as_message(text: str, encoder: Encoder | None) -> Side:
    began = time.perf_counter()
    screened = Intake().screen(text)
    did = StageReport("intake", _ms_since(began), _deeds(screened.findings))
    if encoder is None or screened.blocked is not None:
        return Side(screened.text, screened.blocked, (did,))
    return await _as_read(screened, did, encoder)


async def _as_read(screened: Screened, intake: StageReport, encoder: Encoder) -> Side:
    """As a turn that begins a dialogue reads it."""
    screen = MessageScreen(encoder)
    began = time.perf_counter()
    read = await screen.read(screened)
    note = f"signs weigh {screened.suspicion:.1f}" + ("" if read.is_read else "; rules cover the message: nobody asks")
    heads = (HeardByHeads(screened.text, injection=read.risk, note=note),)
    refused = () if read.refused is None else (Deed(read.refused.verdict, read.refused.kind, screened.text, REFUSAL),)
    stages = (intake, StageReport("reading", _ms_since(began), refused))
    return Side(screened.text, "injection" if refused else None, stages, heads)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _deeds(findings: Sequence[Finding]) -> tuple[Deed, ...]:
    return tuple(Deed(one.verdict, one.kind, one.original, one.replacement) for one in findings)


async def guard(text: str, settings: Settings, by_model: bool, by_patterns: bool, as_json: bool, out: Console) -> None:
    """``by_patterns``: without the heads, and so without an encoder."""
    async with _encoder(settings, by_patterns) as encoder:
        report = await guarded(text, InlineRules.load(), Review.load(), by_model, encoder)
    if as_json:
        out.file.write(msgspec.json.encode(report).decode() + "\n")
        return
    out.print(Panel(_told(report.message), title="as a shopper's message", title_align="left"))
    out.print(Panel(_told(report.answer), title="as an answer", title_align="left"))


@asynccontextmanager
async def _encoder(settings: Settings, by_patterns: bool) -> AsyncGenerator[Encoder | None]:
    if by_patterns:
        yield None
        return
    async with opened_encoder(settings) as encoder:
        yield encoder


def _told(side: Side) -> Group:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for report in side.stages:
        table.add_row(Text(report.stage, STYLES[report.verdict]), f"{report.ms:.2f} ms", _done(report))
    heads = [_heads_told(side.heads)] if side.heads else []
    ending = f"blocked by {side.blocked}: " if side.blocked else ""
    return Group(table, *heads, Text(), Text(ending, STYLES[Verdict.BLOCK]) + Text(side.text, "bold"))


def _heads_told(heads: Sequence[HeardByHeads]) -> Table:
    """What the heads said, text by text: nearer to 1 is redder."""
    table = Table(box=None, pad_edge=False, title="what the heads said", title_justify="left", title_style="dim italic")
    named = [name for name in HEADS if any(getattr(one, name) is not None for one in heads)]
    for name in named:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("of", overflow="fold")
    for one in heads:
        of = Text(one.text) + Text(f"  {one.note}", "dim")
        table.add_row(*(_likely(getattr(one, name)) for name in named), of)
    return table


def _likely(share: float | None) -> Text:
    if share is None:
        return Text("-", "dim")
    return Text(f"{share:.2f}", next(style for least, style in LIKELY if share >= least))


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
