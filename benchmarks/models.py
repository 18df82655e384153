"""What the assistant adds to a model that answers at once, per token and for many at a time, and what a shopper sees when it dies.

The model is a process on loopback that speaks OpenAI's wire format and says what it is told (``python -m benchmarks.models PORT``).
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Generator
from contextlib import contextmanager
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
PACED_ANSWERS: Final = 15
STREAMS: Final = 200
COME_WITHIN_S: Final = 10.0
"""All of them ask within half of what an answer lasts, so that all are under way at the same time."""
KILLS: Final = 50
UNDER_WAY_S: Final = 1.0
"""How long after the question a model is killed: within the three seconds of a slow answer."""

SCRIPTS: Final[dict[str, Script]] = {
    "at once": ("Read Vagabond.", End(), Count(900, 4)),
    "paced": (
        *(step for _ in range(PACED_TOKENS) for step in ("word ", Pause(0.002))),
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
    """A long answer's processor time over a short one's, by token; all threads of the assistant, paced as a quick model writes."""
    async with shopper(system) as guest:
        costs: list[float] = []
        for _ in range(PACED_ANSWERS):
            used: dict[str, float] = {}
            for script in ("at once", "paced"):
                model.say(script)
                before = _processor_ns(system.pid)
                await _by_model(guest.ask(QUESTION))
                used[script] = _processor_ns(system.pid) - before
            costs.append((used["paced"] - used["at once"]) / (PACED_TOKENS - 1) / 1000)
    return [at_most("processor time of each further token, median", statistics.median(costs), "µs", 50)]


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
