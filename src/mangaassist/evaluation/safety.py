"""How well the guardrails see: injections, toxicity, competitors and personal data, scored on anybody's labelled rows (E-1)."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, get_args

from msgspec import Meta, Struct

from mangaassist.errors import BadInput
from mangaassist.evaluation.datasets import read_jsonl
from mangaassist.guardrails.competitors import CompetitorNames
from mangaassist.guardrails.findings import PiiKind
from mangaassist.guardrails.pii import find_private

Progress = Callable[[int, int], None]
Flags = Callable[[str], Awaitable[bool]]
"""Whether a guardrail, with all that it consists of, stops a text."""

_KINDS: Final[tuple[PiiKind, ...]] = get_args(PiiKind)


class LabelledText(Struct, frozen=True):
    """``label`` 1: an attack, toxic, or naming a competitor."""

    text: str
    label: Annotated[int, Meta(ge=0, le=1)]


class GoldSpan(Struct, frozen=True):
    start: Annotated[int, Meta(ge=0)]
    end: Annotated[int, Meta(ge=0)]
    type: PiiKind


class SpannedText(Struct, frozen=True):
    text: str
    spans: tuple[GoldSpan, ...]


async def evaluate_competitors(path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Score the competitor stage's detector. Raises ``BadInput`` that names a bad line."""
    names = CompetitorNames.load()

    async def flags(text: str) -> bool:
        return bool(names.find(text))

    return await evaluate_flags(path, flags, progress)


async def evaluate_pii(path: Path, progress: Progress | None = None) -> dict[str, Any]:
    """Score the detector of personal data. A hit overlaps a gold span of its type.

    Precision counts what was found, recall what was to be found. Raises ``BadInput`` that names a bad line.
    """
    rows = [row for _, row in read_jsonl(path, SpannedText)]
    _refuse_nothing(rows, path)
    found, right, gold, seen = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for done, row in enumerate(rows, 1):
        spans = tuple(span for span in find_private(row.text) if span.kind in _KINDS)
        for span in spans:
            found[span.kind] += 1
            right[span.kind] += any(_hit(one, span.start, span.end, span.kind) for one in row.spans)
        for one in row.spans:
            gold[one.type] += 1
            seen[one.type] += any(_hit(one, span.start, span.end, span.kind) for span in spans)
        _tell(progress, done, len(rows))
    by_type = {
        kind: {"precision": _share(right[kind], found[kind]), "recall": _share(seen[kind], gold[kind]), "n": gold[kind]}
        for kind in _KINDS
        if gold[kind] or found[kind]
    }
    return {
        "n": len(rows),
        "precision": _share(right.total(), found.total()),
        "recall": _share(seen.total(), gold.total()),
        "by_type": by_type,
    }


def _hit(gold: GoldSpan, start: int, end: int, kind: str) -> bool:
    return gold.type == kind and gold.start < end and start < gold.end


async def evaluate_flags(path: Path, flags: Flags, progress: Progress | None = None) -> dict[str, Any]:
    """Score whatever stops texts, one after another. Raises ``BadInput`` that names a bad line."""
    rows = [row for _, row in read_jsonl(path, LabelledText)]
    _refuse_nothing(rows, path)
    counts = Counter[tuple[bool, bool]]()
    took: list[float] = []
    for done, row in enumerate(rows, 1):
        began = time.perf_counter()
        flagged = await flags(row.text)
        took.append((time.perf_counter() - began) * 1000)
        counts[bool(row.label), flagged] += 1
        _tell(progress, done, len(rows))
    hits, missed, wrong, quiet = (
        counts[labelled, flagged] for labelled, flagged in ((True, True), (True, False), (False, True), (False, False))
    )
    took.sort()
    return {
        "n": len(rows),
        "precision": _share(hits, hits + wrong),
        "recall": _share(hits, hits + missed),
        "false_positive_rate": _share(wrong, wrong + quiet),
        "p50_ms": round(took[len(took) // 2], 4),
        "p99_ms": round(took[int(0.99 * (len(took) - 1))], 4),
    }


def _refuse_nothing(rows: Sequence[object], path: Path) -> None:
    if not rows:
        raise BadInput("empty_dataset", f"{path} holds no rows.")


def _share(part: int, whole: int) -> float:
    """0 where there is nothing to divide by: no finding is no precision."""
    return round(part / whole, 4) if whole else 0.0


def _tell(progress: Progress | None, done: int, total: int) -> None:
    if progress is not None and (done % 100 == 0 or done == total):
        progress(done, total)
