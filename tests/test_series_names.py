"""T-5, K-5: the names of the series, overheard from the catalog and kept for starts at which it is away."""

import asyncio
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from mangaassist import series_names
from mangaassist.domain.products import Product, ProductChange
from mangaassist.series_names import MOST_WORDS, SeriesNames
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader


class Pupil:
    """Remembers the lexicon that it was taught last."""

    def __init__(self) -> None:
        self.lessons = 0
        self.threads: set[int] = set()

    def learn(self, lexicon: Lexicon) -> None:
        self.lessons += 1
        self.threads.add(threading.get_ident())
        self.reader = MeaningReader(lexicon)
        self.themes = lexicon.themes

    def knows(self, text: str) -> list[str]:
        return list(self.reader.series_in(text))


async def stream(*volumes: int, title: str = "Dungeon Whiskers", **more: Any) -> AsyncIterator[ProductChange]:
    for volume in volumes:
        product = Product(
            asin=f"B0ABCDEF{volume:02}",
            title=f"{title}, Vol. {volume}",
            series_id=title.lower().replace(" ", "-"),
            series_title=title,
            **more,
        )
        yield ProductChange(
            cursor=volume, asin=product.asin, version=1, product=product, emitted_at=datetime.now(UTC), head=volume
        )


async def overhear(names: SeriesNames, *volumes: int, **more: Any) -> list[ProductChange]:
    return [change async for change in names.overheard(stream(*volumes, **more))]


async def test_a_series_is_known_once_the_catalog_has_told_of_it_and_the_stream_goes_on_unchanged(
    tmp_path: Path,
) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == []
    assert [change.cursor for change in await overhear(names, 1, 2, 3)] == [1, 2, 3]
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_the_themes_of_a_series_are_learnt_with_it(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1, themes=("Thimble racing",))
    await names.settle()
    assert pupil.themes == {"Thimble racing"}


async def test_many_volumes_of_one_series_teach_once(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, *range(1, 40))
    await names.settle()
    await names.settle()
    assert pupil.lessons == 2  # what the file held at start, and what was overheard


async def test_what_was_learnt_is_known_at_the_next_start_without_a_catalog(tmp_path: Path) -> None:
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    await overhear(names, 1)
    await names.settle()
    pupil = Pupil()
    SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'[{"series_id": 3}]'])
async def test_a_damaged_file_of_names_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "series.json").write_bytes(damage)
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


# ---- names that settle by themselves, beside the event loop


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads in which lexica were made."""
    threads: list[int] = []
    make = Lexicon.with_catalog

    def recorded(*given: Any) -> Lexicon:
        threads.append(threading.get_ident())
        return make(*given)

    monkeypatch.setattr(series_names.Lexicon, "with_catalog", recorded)
    return threads


async def test_new_names_are_made_a_lexicon_beside_the_event_loop_and_learnt_on_it(
    tmp_path: Path, made: list[int]
) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    here = threading.get_ident()
    assert made[0] == here
    assert made[1] != here
    assert pupil.threads == {here}


async def test_new_names_settle_without_being_asked_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(series_names, "NAMES_SETTLE_S", 0.0)
    learnt = asyncio.Event()
    pupil = Pupil()

    def learn(lexicon: Lexicon) -> None:
        pupil.learn(lexicon)
        if pupil.lessons > 1:
            learnt.set()

    names = SeriesNames(tmp_path / "series.json", learn)
    await overhear(names, 1)
    await asyncio.wait_for(learnt.wait(), 10)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_what_is_overheard_while_names_are_learnt_is_learnt_next(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    learning = asyncio.create_task(names.settle())
    await asyncio.sleep(0)
    await overhear(names, 1, title="Marble Tides")
    await names.settle()
    assert learning.done()
    assert pupil.lessons == 3
    assert pupil.knows("Dungeon Whiskers or Marble Tides?") == ["dungeon-whiskers", "marble-tides"]


async def test_a_folder_that_cannot_be_written_keeps_nobody_from_learning(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "gone" / "series.json", pupil.learn)
    await overhear(names, 1)
    await names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


async def test_the_file_of_names_stays_small_whatever_the_catalog_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(series_names, "MOST_SERIES", 2)
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    for title in ("One Alpha", "Two Beta", "Three Gamma"):
        await overhear(names, 1, title=title, themes=tuple(f"Theme {number}" for number in range(500)))
    await names.settle()
    kept = msgspec.json.decode((tmp_path / "series.json").read_bytes())
    assert [one["series_id"] for one in kept] == ["two-beta", "three-gamma"]
    assert all(len(one["themes"]) == MOST_WORDS for one in kept)
