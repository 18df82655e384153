"""What the assistant adds to a model that answers at once, per token and for many at a time, and what a shopper sees when it dies.

The model is a process on loopback that speaks OpenAI's wire format and says what it is told (``python -m benchmarks.models PORT``).
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import aiohttp
import msgspec

from benchmarks.measuring import Row, at_least, at_most, console, percentile
from benchmarks.questions import QUESTIONS
from benchmarks.system import Heard, Running, free_port, running, settled, shopper
from mangaassist.domain.intents import Intent
from mangaassist.testing.model_script import Count, End, Script
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.testing.scripted_writer import Pause
from mangaassist.turn.writing import UNFINISHED

MODEL: Final = "loopback"
QUESTION: Final = QUESTIONS[Intent.RECOMMENDATION][0]
ASKED: Final = 60
PACED_TOKENS: Final = 400
PACE_S: Final = 0.004
PACED_ANSWERS: Final = 8
STREAMS: Final = 200
COME_WITHIN_S: Final = 10.0
"""All of them ask within half of what an answer lasts, so that all are under way at the same time."""
KILLS: Final = 50
READER_STARTS_S: Final = 2.0
_READER: Final = """
import asyncio, sys, aiohttp, uvloop
async def read():
    body = {"model": sys.argv[2], "stream": True, "messages": [{"role": "user", "content": "?"}]}
    async with aiohttp.ClientSession() as http:
        while True:
            async with http.post(sys.argv[1], json=body) as answer:
                async for _ in answer.content.iter_any():
                    pass
uvloop.run(read())
"""
UNDER_WAY_S: Final = 1.0
"""How long after the question a model is killed: within the three seconds of a slow answer."""

SCRIPTS: Final[dict[str, Script]] = {
    "at once": ("Read Vagabond.", End(), Count(900, 4)),
    "paced": (
        *(step for _ in range(PACED_TOKENS) for step in ("word ", Pause(PACE_S))),
        End(),
        Count(900, PACED_TOKENS),
    ),
    "slow": (*(step for _ in range(60) for step in ("word ", Pause(0.05))), End(), Count(900, 60)),
    "long": (*(step for _ in range(200) for step in ("word ", Pause(0.1))), End(), Count(900, 200)),
}


class ModelProcess:
    """The model, as a process that can be told what to say, and killed."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._process: subprocess.Popen[str] | None = None

    def start(self, script: str) -> None:
        command = [sys.executable, "-m", "benchmarks.models", str(self.port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.say(script)

    def say(self, script: str) -> None:
        """From the next answer on."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{script}\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline(), "the model's process has ended"

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def behind_every_tier(data: Path) -> Generator[tuple[Running, ModelProcess]]:
    """The whole system with the model behind it."""
    model = ModelProcess()
    settings = {
        f"MANGAASSIST_MODELS__{tier}__{name}": value
        for tier in ("SMALL", "LARGE")
        for name, value in {
            "PROVIDER": "openai", "URL": model.url, "MODEL": MODEL, "FIRST_TOKEN_S": "30", "BETWEEN_TOKENS_S": "30",
        }.items()
    }  # fmt: skip
    model.start("at once")
    try:
        with running(data, settings={**settings, "MANGAASSIST_LIMITS__MODEL_CALLS_PER_MINUTE": "1000000"}) as system:
            yield system, model
    finally:
        model.kill()


def measured(data: Path) -> list[Row]:
    with behind_every_tier(data) as (system, model):
        return asyncio.run(_measured(system, model))


async def _measured(system: Running, model: ModelProcess) -> list[Row]:
    await settled(system)
    rows: list[Row] = []
    for part in (first_tokens, further_tokens, streams, kills):
        for row in await part(system, model):
            console.print(f"{row.what}: {row.value:,.1f} {row.unit}")
            rows.append(row)
    return rows


async def first_tokens(system: Running, model: ModelProcess) -> list[Row]:
    model.say("at once")
    async with shopper(system) as guest, aiohttp.ClientSession() as http:
        for _ in range(5):
            await guest.ask(QUESTION)
        through, direct = list[float](), list[float]()
        for _ in range(ASKED):
            direct.append(await _called_directly(http, model.url))
            through.append((await _by_model(guest.ask(QUESTION))).first_token_s * 1000)
    ours, theirs = percentile(through, 50), percentile(direct, 50)
    return [
        Row(what="a model on loopback called directly: first token, p50", value=theirs, unit="ms"),
        Row(what="through the assistant: first token, p50", value=ours, unit="ms"),
        at_most("what the assistant adds, p50", ours - theirs, "ms", 20),
    ]


async def _called_directly(http: aiohttp.ClientSession, url: str) -> float:
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
    began = time.perf_counter()
    async with http.post(f"{url}/chat/completions", json=body) as answer:
        await answer.content.readany()
        took = time.perf_counter() - began
        await answer.read()
    return took * 1000


async def further_tokens(system: Running, model: ModelProcess) -> list[Row]:
    """Processor time, all threads, while tokens come one by one: of the assistant, and of a process that reads the same stream
    and does nothing with it, by turns. The mean holds the frames too, which leave every 40 ms."""
    model.say("paced")
    through, direct = list[float](), list[float]()
    async with shopper(system) as guest, _reader(model.url) as reader:
        for _ in range(PACED_ANSWERS):
            asking = asyncio.create_task(_by_model(guest.ask(QUESTION)))
            await asyncio.sleep(PACE_S * PACED_TOKENS / 4)  # past the first token, and all that comes before it
            through += await _costs(system.pid, PACED_TOKENS // 2)
            await asking
            direct += await _costs(reader, PACED_TOKENS // 2)
    ours, theirs = statistics.median(through), statistics.median(direct)
    return [
        Row(
            what="a further token read by a process that does nothing with it, processor time, median",
            value=theirs,
            unit="µs",
        ),
        Row(what="a further token through the assistant, processor time, median", value=ours, unit="µs"),
        at_most("what the assistant adds to a further token, median", ours - theirs, "µs", 50),
        Row(what="a further token and its share of frames, mean", value=statistics.mean(through), unit="µs"),
    ]


@asynccontextmanager
async def _reader(url: str) -> AsyncGenerator[int]:
    """The id of a process that reads one answer after the other."""
    reader = await asyncio.create_subprocess_exec(sys.executable, "-c", _READER, f"{url}/chat/completions", MODEL)
    await asyncio.sleep(READER_STARTS_S)
    try:
        yield reader.pid
    finally:
        reader.kill()
        await reader.wait()


async def _costs(pid: int, tokens: int) -> list[float]:
    """Microseconds of the processor for each token, as seen over the time in which one comes."""
    costs: list[float] = []
    moment, used = time.perf_counter(), _processor_ns(pid)
    for _ in range(tokens):
        await asyncio.sleep(PACE_S)
        now, uses = time.perf_counter(), _processor_ns(pid)
        costs.append((uses - used) / 1000 * PACE_S / (now - moment))
        moment, used = now, uses
    return costs


def _processor_ns(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks)


async def streams(system: Running, model: ModelProcess) -> list[Row]:
    model.say("long")
    whole, began, ended = 0, list[float](), list[float]()

    async def one(number: int) -> float:
        nonlocal whole
        await asyncio.sleep(COME_WITHIN_S * number / STREAMS)
        async with shopper(system) as guest:
            asked = time.perf_counter()
            heard = await _by_model(guest.ask(QUESTION))
            began.append(asked + heard.first_token_s)
            ended.append(asked + heard.done_s)
            whole += heard.transcript.text.count("word") == 200
            return heard.first_token_s * 1000

    took = await asyncio.gather(*map(one, range(STREAMS)))
    at_once = max(sum(start <= moment <= end for start, end in zip(began, ended, strict=True)) for moment in began)
    return [
        at_least("answers that a model streams at the same time on one process", at_once, "", STREAMS),
        at_least("of them whole", whole, "", STREAMS),
        Row(what="their first token, p50", value=percentile(took, 50), unit="ms"),
        Row(what="their first token, p99", value=percentile(took, 99), unit="ms"),
    ]


async def kills(system: Running, model: ModelProcess) -> list[Row]:
    """The model's process is killed as soon as a shopper has heard the first words."""
    visibly = offline = 0
    async with shopper(system) as guest:
        for _ in range(KILLS):
            model.kill()
            model.start("slow")
            asking = asyncio.create_task(guest.ask(QUESTION))
            await asyncio.sleep(UNDER_WAY_S)
            model.kill()
            visibly += UNFINISHED.strip() in (await asking).transcript.text
            metadata = (await guest.ask(QUESTION)).transcript.metadata
            offline += metadata is not None and metadata.model == "offline" and f"model:{MODEL}" in metadata.degraded
    return [
        at_least(f"answers of {KILLS} whose model was killed in their middle that ended visibly", visibly, "", KILLS),
        at_least("next answers by the offline writer, which say so", offline, "", KILLS),
    ]


async def _by_model(asking: Awaitable[Heard]) -> Heard:
    heard = await asking
    metadata = heard.transcript.metadata
    assert metadata is not None
    assert metadata.model == MODEL, f"{metadata.model} wrote: {metadata.degraded}, {metadata.reason}"
    return heard


async def serve(port: int) -> None:
    """Say what standard input tells, until it closes."""
    lines = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with OpenAiServer(port=port) as server:
        while line := (await lines.readline()).decode().strip():
            server.script = SCRIPTS[line]
            print(msgspec.json.encode(line).decode(), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
