"""``make matrix``: ask every cell against real processes, and draw what came of it into docs/images."""

import argparse
import asyncio
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.matrix.cells import FAULTS, Block, Cell, blocks
from benchmarks.matrix.picture import counted, draw
from benchmarks.matrix.playing import Judged, Lane, lane, play, truth_of
from benchmarks.measuring import console, percentile
from mangaassist.settings import load
from mangastore.faults.board import SERVICES

ROOT: Final = Path(__file__).parent.parent.parent
PICTURE: Final = ROOT / "docs" / "images" / "matrix.svg"


class Kept:
    """The answers that were judged, one a line of a file, so that a run that broke off goes on where it was."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.results = [*self._read()]

    def _read(self) -> Iterator[Judged]:
        if self._file.exists():
            for line in self._file.read_bytes().splitlines():
                yield msgspec.json.decode(line, type=Judged)

    def add(self, results: Sequence[Judged]) -> None:
        self.results += results
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("ab") as kept:
            kept.writelines(msgspec.json.encode(one) + b"\n" for one in results)

    def lacks(self, block: Block) -> tuple[Cell, ...]:
        known = {one.cell for one in self.results}
        return tuple(cell for cell in block.cells if cell not in known)


async def _lane_played(lane: Lane, waiting: Iterator[Block], kept: Kept, tell: Callable[[str, int], None]) -> None:
    tell("what is true", 0)
    known = await truth_of(lane)
    for block in waiting:
        cells = kept.lacks(block)
        tell(f"{block.service} {block.fault}", 0)
        kept.add(await play(lane, block, known, cells))
        tell(f"{block.service} {block.fault}", len(cells))


def _played(lanes: Sequence[Lane], wanted: Sequence[Block], kept: Kept) -> None:
    """Each lane in a thread of its own: it starts and stops processes, and waits for them."""
    todo = [block for block in wanted if kept.lacks(block)]
    columns = (TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("starts", total=sum(len(kept.lacks(block)) for block in todo))
        waiting = iter(todo)

        def tell(what: str, done: int) -> None:
            progress.update(bar, description=what, advance=done)

        with ThreadPoolExecutor(len(lanes)) as threads:
            playing = [threads.submit(asyncio.run, _lane_played(one, waiting, kept, tell)) for one in lanes]
        for one in playing:
            one.result()


def main() -> None:
    options = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    options.add_argument("--into", type=Path, default=ROOT / "benchmarks" / "out" / "matrix.jsonl", help="kept answers")
    options.add_argument("--folder", type=Path, help="keep the assistants' data here; else it is thrown away")
    options.add_argument("--lanes", type=int, default=1, help="stores, each with an assistant of its own")
    options.add_argument("--service", choices=SERVICES, action="append", help="this one alone; may be repeated")
    options.add_argument("--fault", choices=tuple(FAULTS), action="append", help="this one alone; may be repeated")
    options.add_argument("--again", action="store_true", help="forget what was asked before")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what it started ends with it
    if chosen.again:
        chosen.into.unlink(missing_ok=True)
    kept = Kept(chosen.into)
    wanted = [
        block
        for block in blocks()
        if block.service in (chosen.service or SERVICES) and block.fault in (chosen.fault or FAULTS)
    ]
    with ExitStack() as exits:
        if any(kept.lacks(block) for block in wanted):
            folder = chosen.folder or Path(
                exits.enter_context(tempfile.TemporaryDirectory(prefix="mangaassist-matrix-"))
            )
            made = load().cache
            cache = made if (made / "knowledge").exists() else None
            lanes = [exits.enter_context(lane(folder / f"lane-{number}", cache)) for number in range(chosen.lanes)]
            _played(lanes, wanted, kept)
    _report(kept.results)


def _report(results: Sequence[Judged]) -> None:
    for judged in results:
        for wrong in judged.wrong:
            cell = judged.cell
            console.print(
                f"[red]{cell.service} {cell.fault}[/] {cell.who}: {cell.ask.message!r}: {wrong}", highlight=False
            )
    console.print(counted(results))
    kinds = Counter(wrong.partition(":")[0] for judged in results for wrong in judged.wrong)
    took = [judged.heard.took_s * 1000 for judged in results if not judged.heard.problem]
    if took:
        console.print(
            f"{len(results)} answers, {sum(bool(one.wrong) for one in results)} wrong {dict(kinds)}; "
            f"whole answer p50 {percentile(took, 50):.0f} ms, p99 {percentile(took, 99):.0f} ms, at most {max(took):.0f} ms"
        )
    draw(results, PICTURE)
    console.print(f"Drawn into {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
