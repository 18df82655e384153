"""kill -9 at random moments, while shoppers wait for their answers: ``make crashes KILLS=200``."""

import argparse
import random
import tempfile
from pathlib import Path
from typing import Final

from rich.progress import track

from benchmarks.measuring import Row, percentile, show
from benchmarks.system import running
from tests.crashes.killing import DEPLOYMENTS, Killed, killings


def main() -> None:
    options = argparse.ArgumentParser(prog="make crashes", description=__doc__)
    options.add_argument("kills", type=int, nargs="?", default=200)
    options.add_argument("--on", choices=tuple(DEPLOYMENTS), help="one deployment alone")
    options.add_argument("--built", type=Path, help="a cache folder with the knowledge in it")
    options.add_argument("--seed", type=int, default=random.randrange(10**6))
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="mangaassist-crashes-") as folder:
        home = Path(folder)
        built = chosen.built or _built(home / "first")
        for name in (chosen.on,) if chosen.on else DEPLOYMENTS:
            with DEPLOYMENTS[name](home / name, built) as assistants:
                killed = list(
                    track(
                        killings(assistants, chosen.kills, random.Random(chosen.seed)),
                        f"{name}, seed {chosen.seed}",
                        chosen.kills,
                    )
                )
            show(f"kill -9, {name}", rows(killed))


def rows(killed: list[Killed]) -> list[Row]:
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


def _built(data: Path) -> Path:
    """The knowledge, read by a first start."""
    with running(data):
        return data / "cache"


if __name__ == "__main__":
    main()
