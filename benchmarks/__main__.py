"""``make bench``: measures everything that the README quotes, prints tables, and draws them into docs/images."""

import argparse
import asyncio
import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import answers, pictures, rooms
from benchmarks.measuring import Row, at_most, console, show
from benchmarks.system import running

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"


def starts(data: Path) -> list[Row]:
    """A first start into an empty folder, then a later one."""
    with running(data) as first:
        took_first = first.took_s
    with running(data) as later:
        took_later, memory = later.took_s, later.resident_mib()
    return [
        at_most("first start, packages installed", took_first, "s", 120),
        at_most("later start", took_later, "s", 5),
        Row(what="resident memory of the assistant after start", value=memory, unit="MiB"),
    ]


def main() -> None:
    options = argparse.ArgumentParser(prog="make bench", description=__doc__)
    options.add_argument("--data", type=Path, help="keep the system's data here, and skip a first start that was done")
    options.add_argument("--only", choices=("rooms", "starts", "answers"), help="one part alone")
    chosen = options.parse_args()
    with contextlib.ExitStack() as exits:
        data = chosen.data or Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="mangaassist-bench-")))
        tables: dict[str, list[Row]] = {}
        if chosen.only in (None, "starts"):
            console.print("Starting from nothing, then again ...")
            tables["Starts"] = starts(data / "system")
            show("Starts", tables["Starts"])
        if chosen.only in (None, "rooms"):
            console.print("Encoder, vectors, inline filter ...")
            tables["Rooms"] = [
                *asyncio.run(rooms.encoder(data / "system")),
                *asyncio.run(rooms.vectors(data / "system")),
                *rooms.inline_filter(),
            ]
            show("Rooms", tables["Rooms"])
        if chosen.only in (None, "answers"):
            console.print("Five shoppers, ten intents; then as many as it takes ...")
            with running(data / "system") as system:
                rows, heard = asyncio.run(answers.first_token(system))
                rows += asyncio.run(answers.saturation(system))
                rows.append(Row(what="resident memory after the load", value=system.resident_mib(), unit="MiB"))
            tables["Answers"] = rows
            show("Answers", rows)
            IMAGES.mkdir(parents=True, exist_ok=True)
            pictures.waterfall(answers.waterfall(heard), IMAGES / "waterfall.svg")
            pictures.first_tokens([answer.first_token_s * 1000 for answer in heard], IMAGES / "first-token.svg")
            console.print(
                f"Drawn into {IMAGES.relative_to(Path.cwd()) if IMAGES.is_relative_to(Path.cwd()) else IMAGES}"
            )
        if chosen.data is None:
            shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
