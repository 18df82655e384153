"""Real processes that die or are told to go, while shoppers wait for their answers.

``make crashes KILLS=200``: kill -9 at random moments; ``make index-crashes``: to a process that writes the index. ``make restarts
N=20 RATE=50``: SIGTERM to one after the other, at so many questions a second.
"""

import argparse
import asyncio
import random
import tempfile
from pathlib import Path
from typing import Final

from rich.progress import Progress, track

from benchmarks.measuring import Row, console, percentile, show
from benchmarks.system import running
from tests.crashes import index_kills
from tests.crashes.fleet import AS_IT_IS, PACED, Assistant
from tests.crashes.killing import DEPLOYMENTS, Killed, killings
from tests.crashes.restarting import Restarted, restarts


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    options.add_argument("way", choices=("kill", "restart", "index"))
    options.add_argument("count", type=int)
    options.add_argument("--rate", type=float, default=50, help="questions a second, while processes restart")
    options.add_argument(
        "--at-once", action="store_true", help="answers take no longer than they do, so that more are given"
    )
    options.add_argument("--on", choices=tuple(DEPLOYMENTS), help="one deployment alone")
    options.add_argument("--built", type=Path, help="a cache folder with the knowledge in it")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mangaassist-crashes-") as folder:
        home = Path(folder)
        if chosen.way == "index":
            show("kill -9, the index's writer", _of_index(home, chosen.count, chosen.seed))
            return
        program = AS_IT_IS if chosen.at_once else PACED
        built = chosen.built or _built(home / "first")
        for name in (chosen.on,) if chosen.on else DEPLOYMENTS:
            chance, title = random.Random(chosen.seed), f"{name}, seed {chosen.seed}"
            with DEPLOYMENTS[name](home / name, built, program) as assistants:
                if chosen.way == "kill":
                    killed = list(track(killings(assistants, chosen.count, chance), title, chosen.count))
                    show(f"kill -9, {name}", of_kills(killed))
                else:
                    show(f"SIGTERM, {name}", _restarted(assistants, chosen.count, chosen.rate, chance, title))


def _of_index(home: Path, count: int, seed: int) -> list[Row]:
    killed = list(track(index_kills.killings(home, count, random.Random(seed)), f"seed {seed}", count))
    return [
        Row(what="kills", value=len(killed), unit=""),
        Row(what="writes acknowledged, none of them lost", value=sum(one.acknowledged for one in killed), unit=""),
        Row(what="chunks looked at, each whole", value=sum(one.chunks for one in killed), unit=""),
    ]


def of_kills(killed: list[Killed]) -> list[Row]:
    answers = [answer for kill in killed for answer in kill.answers]
    waits = [answer.seconds for answer in answers if answer.retold or answer.seconds > WHOLE_S]
    return [
        Row(what="kills", value=len(killed), unit=""),
        Row(what="answers, each told whole and once", value=len(answers), unit=""),
        Row(what="of them begun again by another process", value=sum(answer.retold > 0 for answer in answers), unit=""),
        Row(what="question to whole answer when killed, p50", value=percentile(waits, 50), unit="s"),
        Row(what="question to whole answer when killed, max", value=max(waits), unit="s"),
    ]


WHOLE_S: Final = 2.0
MOST_CHARS: Final = 600
"""Of what a process complains of."""


def _restarted(assistants: list[Assistant], count: int, rate: float, chance: random.Random, title: str) -> list[Row]:
    restarted: list[Restarted] = []
    with Progress(console=console) as bar:
        task = bar.add_task(title, total=count)

        def told(one: Restarted) -> None:
            restarted.append(one)
            bar.update(task, completed=len(restarted))

        try:
            took_s = asyncio.run(restarts(assistants, count, rate, chance, told))
        finally:
            for complaint in (one for assistant in assistants for one in assistant.complaints()):
                console.print(complaint[:MOST_CHARS], markup=False, highlight=False)
    receipts = [answer for one in restarted for answer in one.answers]
    answers = [answer for answer in receipts if not answer.turned_away]
    waits, endings = [answer.seconds for answer in answers], [one.ending_s for one in restarted[:count]]
    return [
        Row(what="restarts", value=count, unit=""),
        Row(what="answers, each told whole and once, and kept", value=len(answers), unit=""),
        Row(what="questions a second", value=len(receipts) / took_s, unit="1/s"),
        Row(what="turned away, in words: too many are asking", value=len(receipts) - len(answers), unit=""),
        Row(what="refused for the moment, and sent again", value=sum(answer.refused for answer in receipts), unit=""),
        Row(what="feedback, each kept", value=sum(one.feedback for one in restarted), unit=""),
        Row(what="tickets, each kept", value=sum(one.tickets for one in restarted), unit=""),
        Row(what="answers begun again", value=sum(answer.retold > 0 for answer in answers), unit=""),
        Row(what="question to whole answer, p50", value=percentile(waits, 50), unit="s"),
        Row(what="question to whole answer, p99", value=percentile(waits, 99), unit="s"),
        Row(what="question to whole answer, max", value=max(waits), unit="s"),
        Row(what="from SIGTERM to the end, p50", value=percentile(endings, 50), unit="s"),
        Row(what="from SIGTERM to the end, max", value=max(endings), unit="s"),
    ]


def _built(data: Path) -> Path:
    """The knowledge, read by a first start."""
    with running(data):
        return data / "cache"


if __name__ == "__main__":
    main()
