"""``make bench``: measures everything that the README quotes, prints tables, and draws them into docs/images."""

import argparse
import asyncio
import contextlib
import tempfile
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import (
    answers,
    cluster,
    control,
    conversation_log,
    cpu,
    dialects,
    escalation,
    far_encoder,
    gateway,
    hostile,
    hostile_model,
    knowledge,
    local_model,
    memory,
    models,
    outage,
    overload,
    pictures,
    prompts,
    queueing,
    rooms,
    sockets,
    widget,
)
from benchmarks.measuring import Row, at_most, console, show
from benchmarks.system import Running, running

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"


def starts(data: Path) -> list[Row]:
    """A first start into an empty folder, then a later one, on the clock and in the assistant's own processor time."""
    with running(data) as first:
        took_first, used_first = first.took_s, first.processor_s()
    with running(data) as later:
        took_later, used_later, memory = later.took_s, later.processor_s(), later.resident_mib()
    return [
        at_most("first start, packages installed", took_first, "s", 40),
        Row(what="first start, processor time", value=used_first, unit="s"),
        at_most("later start, the demo store's included", took_later, "s", 5),
        at_most("later start, processor time of the assistant", used_later, "s", 2),
        Row(what="resident memory of the assistant after start", value=memory, unit="MiB"),
    ]


def small_rooms(data: Path) -> list[Row]:
    return [
        *asyncio.run(rooms.encoder(data / "cache")),
        *asyncio.run(rooms.vectors(data / "cache")),
        *rooms.inline_filter(),
        *rooms.spans(),
        *hostile.messages(),
    ]


def answered(data: Path) -> list[Row]:
    """Also draws the pictures of the README."""
    with running(data) as system:
        rows, heard = asyncio.run(answers.first_token(system))
        rows += asyncio.run(answers.saturation(system))
        rows.append(Row(what="resident memory after the load", value=system.resident_mib(), unit="MiB"))
    IMAGES.mkdir(parents=True, exist_ok=True)
    pictures.waterfall(answers.waterfall(heard), IMAGES / "waterfall.svg")
    pictures.first_tokens([answer.first_token_s * 1000 for answer in heard], IMAGES / "first-token.svg")
    console.print(f"Drawn into {IMAGES.relative_to(IMAGES.parent.parent)}")
    return rows


def against(measured: Callable[[Running], Coroutine[None, None, list[Row]]], data: Path) -> list[Row]:
    """What is measured at a system that was started for it alone."""
    sockets.more_files()
    with running(data) as system:
        return asyncio.run(measured(system))


PARTS: Final[dict[str, tuple[str, Callable[[Path], list[Row]]]]] = {
    "starts": ("A first start into an empty folder, then a later one", starts),
    "rooms": ("Encoder, vectors, inline filter, hostile messages", small_rooms),
    "knowledge": (
        "The index: half replaced, followed, 200 000 chunks of it; how soon a change is found",
        knowledge.measured,
    ),
    "log": ("The conversation log, embedded and in Redis", lambda _: conversation_log.rows()),
    "control": ("Feedback, and a session read back, one request after the other", lambda _: control.rows()),
    "escalation": ("A person asked for: the request, and the handoff at the socket", lambda _: escalation.rows()),
    "cpu": ("Processor time of a turn, by room", cpu.rooms),
    "queueing": ("Processes that 50 000 queries a second take, simulated", lambda _: queueing.rows(IMAGES)),
    "prompts": ("Tokens of the prompt of each intent", lambda _: prompts.rows()),
    "answers": ("Five shoppers, ten intents; then as many as it takes", answered),
    "far-encoder": ("An encoder 30 ms away: what begins ahead, and what of it is in vain", far_encoder.measured),
    "redis": ("What Redis and DynamoDB add to a first token", cluster.redis),
    "cluster": ("A crowd over two processes, beside ten thousand idle sockets", cluster.crowd),
    "models": (
        "A model on loopback: what we add, by answer and by token; two hundred at once; killed",
        models.measured,
    ),
    "hostile-model": ("Five hundred answers of a model that lies on purpose", hostile_model.measured),
    "local-model": ("Two hundred questions to a small model that is really run", local_model.measured),
    "dialects": ("An answer over each door, beside our own frames", partial(against, dialects.measured)),
    "gateway": (
        "Behind an API Gateway: an answer beside our own frames, and what a connection holds",
        gateway.measured,
    ),
    "sockets": ("Reconnecting, frames, idle sockets", partial(against, sockets.measured)),
    "overload": ("Twice as many questions as can be answered", partial(against, overload.measured)),
    "outage": ("A service falls at twenty turns a second; what a downstream call costs", outage.measured),
    "widget": ("The widget in a browser: a token after five hundred turns, and a slow line", widget.rows),
    "memory": ("Memory over messages of every length", partial(against, memory.measured)),
}
"""What is measured, in this order: a title, and how, given the folder of a system's data."""


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--data", type=Path, help="keep the system's data here, and skip a first start that was done")
    options.add_argument("--only", choices=tuple(PARTS), action="append", help="one part alone; may be repeated")
    chosen = options.parse_args()
    with contextlib.ExitStack() as exits:
        data = chosen.data or Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="mangaassist-bench-")))
        for name in chosen.only or PARTS:
            title, measured = PARTS[name]
            console.print(f"{title} ...")
            show(title, measured(data / "system"))


if __name__ == "__main__":
    main()
