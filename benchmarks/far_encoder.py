"""What beginning ahead is worth with an encoder 30 ms away, and what of it is in vain (M-9): with it and without, side by side.

The encoder is the real one in a process of its own that keeps every reply for 30 ms (``python -m benchmarks.far_encoder PORT``):
as a model server in another zone does, or one that is busy.
"""

import asyncio
import contextlib
import re
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from statistics import fmean
from typing import Final

import aiohttp
import uvicorn

from benchmarks.measuring import Row, percentile
from benchmarks.questions import mixed
from benchmarks.system import Heard, Running, Shopper, free_port, running, settled, shopper, wait_for
from mangaassist.model_server import ModelService, model_app
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.understanding.heads import TrainedHeads
from mangaassist.wire.inference import PING, InferenceReply, InferenceRequest

AWAY_S: Final = 0.03
QUESTIONS: Final = 400
WARM: Final = 40
_COUNTED: Final = re.compile(r'^mangaassist_speculations_total\{outcome="(\w+)",what="(\w+)"\} (\S+)', re.MULTILINE)
_GAINED: Final = re.compile(r'^mangaassist_speculation_gain_seconds_(sum|count)\{what="(\w+)"\} (\S+)', re.MULTILINE)


def measured(data: Path) -> list[Row]:
    if not (data / "cache" / "knowledge" / "built").exists():
        with running(data):
            pass
    other = data.with_name("not-ahead")
    shutil.copytree(data / "cache", other / "cache", dirs_exist_ok=True)
    with far_encoder(data / "cache") as url, _asking(data, url, True) as ahead, _asking(other, url, False) as plain:
        return asyncio.run(_measured(ahead, plain))


@contextlib.contextmanager
def far_encoder(cache: Path) -> Generator[str]:
    """The address of the encoder, served as ``mangaassist models serve`` does, 30 ms late."""
    port, log = free_port(), cache / "far-encoder.log"
    with log.open("wb") as output:
        serving = [sys.executable, "-m", "benchmarks.far_encoder", str(port), str(cache)]
        process = subprocess.Popen(serving, stdout=output, stderr=output)
    try:
        wait_for(port, process, log, path=PING)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def _asking(data: Path, url: str, speculates: bool) -> Generator[Running]:
    encoder = {"PROVIDER": "http", "URL": url, "SPECULATE": str(speculates).lower()}
    with running(data, settings={f"MANGAASSIST_MODELS__ENCODER__{name}": said for name, said in encoder.items()}) as up:
        yield up


async def _measured(ahead: Running, plain: Running) -> list[Row]:
    """The same questions to both, one after the other; who is asked first changes each time."""
    for system in (ahead, plain):
        await settled(system)
    async with shopper(ahead) as at_ahead, shopper(plain) as at_plain:
        await _asked(at_ahead, at_plain, WARM)
        before = await _told(ahead)
        heard = await _asked(at_ahead, at_plain, QUESTIONS)
    counted = {name: value - before.get(name, 0.0) for name, value in (await _told(ahead)).items()}
    return [*_first_tokens(*heard), *_waits(*heard), *_worth(counted)]


async def _asked(one: Shopper, other: Shopper, questions: int) -> tuple[list[Heard], list[Heard]]:
    heard: tuple[list[Heard], list[Heard]] = ([], [])
    both = list(zip((one, other), heard, strict=True))
    for number, question in enumerate(mixed(questions)):
        for asking, answers in both if number % 2 else reversed(both):
            answers.append(await asking.ask(question))
    return heard


def _first_tokens(ahead: list[Heard], plain: list[Heard]) -> list[Row]:
    rows: list[Row] = []
    searching = [number for number, answer in enumerate(plain) if "search" in _timings(answer)]
    for what, numbers in (("all", range(len(plain))), ("those whose answer searches", searching)):
        for name, heard in (("begun ahead", ahead), ("begun when asked for", plain)):
            took = [heard[number].first_token_s * 1000 for number in numbers]
            rows += [
                Row(what=f"first token, {what} ({len(took)}), {name}, p{q}", value=percentile(took, q), unit="ms")
                for q in (50, 99)
            ]
        saved = [(plain[number].first_token_s - ahead[number].first_token_s) * 1000 for number in numbers]
        rows.append(
            Row(what=f"saved by it, {what}, question by question, median", value=percentile(saved, 50), unit="ms")
        )
    return rows


def _waits(ahead: list[Heard], plain: list[Heard]) -> list[Row]:
    """Of those that ask the encoder for anything."""
    rows: list[Row] = []
    for name, heard in (("begun ahead", ahead), ("begun when asked for", plain)):
        waits = [wait for answer in heard if (wait := _timings(answer).get("embed"))]
        rows += [
            Row(what=f"a turn waits for its encoder, {name}, {how}", value=value, unit="ms")
            for how, value in (("mean", fmean(waits)), ("p50", percentile(waits, 50)), ("p99", percentile(waits, 99)))
        ]
    return rows


def _timings(answer: Heard) -> Mapping[str, float]:
    metadata = answer.transcript.metadata
    return metadata.timings if metadata is not None else {}


def _worth(counted: Mapping[str, float]) -> list[Row]:
    rows: list[Row] = []
    for what, said in (("embed", "passes"), ("search", "searches")):
        used, wasted = (counted.get(f"{what} {outcome}", 0.0) for outcome in ("used", "wasted"))
        begun, asked = used + wasted, counted.get(f"{what} count", 0.0)
        rows += [
            Row(what=f"{said} begun ahead", value=begun, unit=""),
            Row(what=f"{said} of these in vain", value=100 * wasted / begun if begun else 0.0, unit="%"),
            Row(
                what=f"{said} that were used: ahead of their need by, mean",
                value=1000 * counted.get(f"{what} sum", 0.0) / asked if asked else 0.0,
                unit="ms",
            ),
        ]
    return rows


async def _told(system: Running) -> dict[str, float]:
    """What the assistant has counted so far."""
    async with aiohttp.ClientSession() as http, http.get(f"{system.url}/metrics") as answer:
        text = await answer.text()
    counts = {f"{what} {outcome}": float(value) for outcome, what, value in _COUNTED.findall(text)}
    return counts | {f"{what} {kind}": float(value) for kind, what, value in _GAINED.findall(text)}


class _Far(ModelService, frozen=True):
    """Answers shoppers late; texts of an index as they come."""

    async def answer(self, request: InferenceRequest) -> InferenceReply:
        if not request.background:
            await asyncio.sleep(AWAY_S)
        return await super().answer(request)


async def serve(port: int, cache: Path) -> None:
    encoder = OnnxEncoder(provision(cache))
    await encoder.warm_up()
    app = model_app(_Far(encoder, TrainedHeads.load()))
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
