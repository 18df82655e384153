"""The commands that look into one room: what a message means, what is known, how good the models are."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import aiohttp
import msgspec
from msgspec import Struct
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from mangaassist import safety_scores
from mangaassist.assembly.assistant import an_orchestrator
from mangaassist.assembly.encoders import opened_encoder
from mangaassist.assembly.knowledge import (
    SERIES_NAMES,
    followed_index,
    opened_inboxes,
    opened_index,
    opened_knowledge_sync,
)
from mangaassist.assembly.review import opened_review
from mangaassist.assembly.store import opened_services, opened_verifier, store_facts_followed
from mangaassist.domain.encoding import Encoder
from mangaassist.domain.meaning import Meaning
from mangaassist.errors import BadInput
from mangaassist.evaluation import dialogues, intents, retrieval, safety
from mangaassist.evaluation.demo_shop import DemoShop
from mangaassist.evaluation.variants import INSTALLED, Chosen, Variant, compared, variants
from mangaassist.knowledge.generations import ServingIndex
from mangaassist.knowledge.reranking import TrainedReranker
from mangaassist.knowledge.updates import Pipeline
from mangaassist.models import local
from mangaassist.models.installed import installed_models
from mangaassist.models.profiles import profiles
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.series_names import SeriesNames
from mangaassist.services.store import StoreServices
from mangaassist.serving import Bars, demo_store
from mangaassist.settings import Settings
from mangaassist.stores.memory.cache import MemoryCache
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.stores.sqlite.chunk_index import SqliteChunkIndex
from mangaassist.stores.sqlite.process_lock import InUse
from mangaassist.telemetry.metrics import Metrics
from mangaassist.telemetry.tracing import Tracing
from mangaassist.testing.memory_dead_letters import MemoryDeadLetters
from mangaassist.turn.budget import Budget
from mangaassist.turn.memory import Session
from mangaassist.turn.reader import Understanding
from mangaassist.turn.speculation import Speculation
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.wire.page import NOWHERE

Evaluation = Callable[[Settings, Path, Bars], Awaitable[dict[str, Any]]]

PATIENCE: Final = 1000.0
"""A command line has no shopper waiting: each stage may take this many times its allowance."""


_TOLD: Final = ("targets", "sought", "orders", "codes", "goods", "countries", "read", "premise", "care", "question")
"""What ``classify`` shows of a meaning beside its acts."""


async def classify(settings: Settings, text: str, as_json: bool, out: Console, err: Console) -> None:
    async with _understanding(settings, err) as (understanding, encoder):
        meaning = await _understood(understanding, encoder, text)
    guess = meaning.guess
    told = {
        "intent": guess.intent,
        "confidence": round(guess.confidence, 4),
        "stage": guess.stage,
        "secondary_intent": guess.secondary,
        "between": meaning.between,
        "acts": [heard.act.value for heard in meaning.acts],
        "understood": {name: value for name in _TOLD if (value := msgspec.to_builtins(getattr(meaning, name)))},
    }
    _tell(told, as_json, out)


async def evaluate(
    settings: Settings, kind: str, path: Path, chosen: Chosen, as_json: bool, out: Console, err: Console
) -> None:
    """Score one kind (E-1); of dialogues each of the ``chosen`` variants, and how they compare where they are several.

    Raises ``BadInput`` for a kind that does not exist, variants of another one, and a line that cannot be read.
    """
    if kind not in _EVALUATIONS:
        raise BadInput("unknown_kind", f"There is no evaluation of {kind!r}; there are {', '.join(_EVALUATIONS)}.")
    if kind != "dialogues" and chosen != Chosen():
        raise BadInput("no_variants", f"Tiers and parts left out are compared by dialogues, and not by {kind}.")
    with Bars(err) as bars:
        if kind == "dialogues":
            scores = await _compared(settings, path, bars, chosen)
        else:
            scores = await _EVALUATIONS[kind](settings, path, bars)
    if as_json:
        _print_json(scores, out)
    else:
        _show_scores(kind, scores, out)


async def models(settings: Settings, as_json: bool, out: Console, err: Console) -> None:
    with Bars(err) as bars:
        async with opened_encoder(settings, bars) as encoder:
            told = {
                "encoder": f"all-MiniLM-L6-v2, int8, {encoder.dimensions} dimensions, {encoder.digest}",
                "intent head": "linear head on the encoder, trained by training/train_intents.py",
                "writers": {tier.value: profile.words for tier, profile in profiles(settings).items()},
            }
    _tell(told, as_json, out)


@contextlib.asynccontextmanager
async def _understanding(settings: Settings, err: Console) -> AsyncGenerator[tuple[Understanding, Encoder]]:
    with Bars(err) as bars:
        async with opened_encoder(settings, bars) as encoder:
            understanding = Understanding(TrainedHeads.load())
            SeriesNames(settings.cache / SERIES_NAMES, understanding.learn)
            yield understanding, encoder


async def _understood(understanding: Understanding, encoder: Encoder, text: str) -> Meaning:
    budget = Budget(time.monotonic, PATIENCE)
    async with Speculation(encoder, text, budget) as speculation:
        return await understanding.understand(
            understanding.heard(text), Session(session_id="command"), NOWHERE, speculation
        )


async def _intents(settings: Settings, path: Path, bars: Bars) -> dict[str, Any]:
    async with opened_encoder(settings, bars) as encoder:
        understanding = Understanding(TrainedHeads.load())

        async def understand(text: str) -> Any:
            return (await _understood(understanding, encoder, text)).guess

        return await intents.evaluate_intents(path, understand, _bar(bars, "intents"))


async def _retrieval(settings: Settings, path: Path, bars: Bars) -> dict[str, Any]:
    async with opened_encoder(settings, bars) as encoder:
        with tempfile.TemporaryDirectory() as folder:
            index = await SqliteChunkIndex.open(Path(folder), encoder.dimensions, encoder.digest)
            try:
                pipeline = Pipeline(index, encoder, MemoryDeadLetters())
                return await retrieval.evaluate_retrieval(path, encoder, pipeline, bars)
            finally:
                await index.close()


async def _compared(settings: Settings, path: Path, bars: Bars, chosen: Chosen) -> dict[str, Any]:
    """The whole assistant beside the store that the settings name; where none answers, the demo store is started."""
    rows, known = dialogues.dialogues_of(path, chosen.sample), variants(chosen)
    settings = msgspec.structs.replace(settings, timeout_factor=max(PATIENCE, settings.timeout_factor))
    played: dict[str, list[dialogues.Judged]] = {}
    async with store_at_hand(settings), _local_model(settings, bars, wanted=chosen.local_model) as settings:
        for variant in known:
            async with shop_of(variant.settings(settings), bars, variant) as shop:
                played[variant.name] = await dialogues.played(rows, path, shop, _bar(bars, variant.name))
    return compared(played) if len(played) > 1 else dialogues.score(next(iter(played.values())))


async def _dialogues(settings: Settings, path: Path, bars: Bars) -> dict[str, Any]:
    return await _compared(settings, path, bars, Chosen())


@contextlib.asynccontextmanager
async def _local_model(settings: Settings, bars: Bars, *, wanted: bool) -> AsyncGenerator[Settings]:
    """The settings; where it is ``wanted`` with the small model on this machine behind every tier that has none."""
    if not wanted:
        yield settings
        return
    with local.served(await asyncio.to_thread(local.weights, bars)) as model:
        await asyncio.to_thread(model.wait)
        yield msgspec.structs.replace(settings, models=local.behind_every_tier(settings.models, model.url))


@contextlib.asynccontextmanager
async def store_at_hand(settings: Settings) -> AsyncGenerator[None]:
    """The store that the settings name; where none answers, the demo store is there in its place."""
    async with aiohttp.ClientSession() as http:
        try:
            async with http.get(f"{settings.store.url}/healthz") as answer:
                is_there = answer.status == 200
        except aiohttp.ClientError:
            is_there = False
    async with contextlib.nullcontext() if is_there else demo_store(settings):
        yield


@contextlib.asynccontextmanager
async def shop_of(
    settings: Settings,
    bars: Bars,
    variant: Variant = INSTALLED,
    reader: type[Understanding] = Understanding,
) -> AsyncGenerator[DemoShop]:
    """What ``assembled`` puts together, without an edge, limits and anything that is kept. ``reader`` reads messages."""
    metrics, understanding = Metrics(), reader(TrainedHeads.load(), lambda: services.facts)
    async with (
        opened_encoder(settings, bars) as encoder,
        opened_services(settings, metrics, MemoryCache()) as services,
        store_facts_followed(services),
        opened_verifier(settings) as verifier,
        installed_models(settings) as installed,
        opened_review(settings) as review,
        _known(settings, encoder, services, understanding, bars) as index,
    ):
        with contextlib.closing(Tracing()) as tracing:
            counters = MemoryCounters()
            orchestrator = an_orchestrator(
                settings,
                installed,
                variant.encoder(encoder),
                index,
                services,
                understanding,
                ModelCalls(counters, settings.limits.model_calls_per_minute),
                SpendLedger(counters),
                metrics,
                tracing,
                review,
                reranker=TrainedReranker.load() if variant.reranks else None,
            )
            yield await DemoShop.open(orchestrator, services, settings.store.url, verifier.identify)


@contextlib.asynccontextmanager
async def _known(
    settings: Settings, encoder: Encoder, services: StoreServices, understanding: Understanding, bars: Bars
) -> AsyncGenerator[ServingIndex]:
    """The knowledge, with what editors have changed since it was made; as it is, where another process keeps it in step."""
    try:
        async with opened_index(settings, encoder) as knowledge, opened_inboxes(settings) as inbox_of:
            letters, learn = MemoryDeadLetters(), understanding.learn
            sync = opened_knowledge_sync(settings, knowledge, encoder, services, Metrics(), learn, letters, inbox_of)
            await (sync.refresh_pages(bars) if sync.is_built else sync.build(bars))
            yield knowledge.index
    except InUse:
        async with followed_index(settings, encoder) as followed:
            await followed.refresh()
            SeriesNames(settings.cache / SERIES_NAMES, understanding.learn, lambda: services.facts.words)
            yield followed.shown


def _safety(evaluate: Callable[[Path, Callable[[int, int], None]], Awaitable[dict[str, Any]]]) -> Evaluation:
    async def scored(_: Settings, path: Path, bars: Bars) -> dict[str, Any]:
        return await evaluate(path, _bar(bars, path.name))

    return scored


def _heeding(evaluate: Callable[..., Awaitable[dict[str, Any]]]) -> Evaluation:
    """What patterns and the encoder's heads stop together."""

    async def scored(settings: Settings, path: Path, bars: Bars) -> dict[str, Any]:
        async with opened_encoder(settings, bars) as encoder:
            return await evaluate(path, encoder, _bar(bars, path.name))

    return scored


def _bar(bars: Bars, stage: str) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        bars(stage, done, total)

    return progress


_EVALUATIONS: Final[Mapping[str, Evaluation]] = {
    "intents": _intents,
    "injections": _heeding(safety_scores.injections),
    "toxicity": _heeding(safety_scores.toxicity),
    "pii": _safety(safety.evaluate_pii),
    "competitors": _safety(safety.evaluate_competitors),
    "retrieval": _retrieval,
    "dialogues": _dialogues,
}


class _Flat(Struct, frozen=True):
    name: str
    value: str


def _tell(told: Mapping[str, Any], as_json: bool, out: Console) -> None:
    if as_json:
        _print_json(told, out)
        return
    for row in _flat(told):
        out.print(f"[bold]{row.name}[/]  {escape(row.value)}", highlight=False, soft_wrap=True)


def _show_scores(kind: str, scores: Mapping[str, Any], out: Console) -> None:
    """A table of the figures; what failed comes below it, a paragraph each."""
    table = Table(title=f"eval {kind}", title_justify="left")
    table.add_column("")
    table.add_column("value", justify="right")
    for row in _flat({name: value for name, value in scores.items() if name != "failures"}):
        table.add_row(row.name, row.value)
    out.print(table)
    for failure in scores.get("failures", ()):
        out.print(f"[bold]{failure['id']}, turn {failure['turn']}[/]  {escape(failure['message'])}", highlight=False)
        for line in failure["missed"]:
            out.print(f"    {line}", highlight=False, markup=False)


def _flat(told: Mapping[str, Any], prefix: str = "") -> list[_Flat]:
    rows: list[_Flat] = []
    for name, value in told.items():
        if isinstance(value, Mapping):
            rows.extend(_flat(value, f"{prefix}{name} "))  # pyright: ignore[reportUnknownArgumentType]
        else:
            rows.append(_Flat(prefix + name, f"{value:.4f}" if isinstance(value, float) else str(value)))
    return rows


def _print_json(told: Any, out: Console) -> None:
    out.file.write(msgspec.json.encode(told).decode() + "\n")
