"""T-5, K-5: the names of the series, overheard from the catalog and kept for starts at which it is away."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mangaassist.understanding.entities import EntityReader

from mangaassist.domain.products import Product, ProductChange
from mangaassist.knowledge_sync import SeriesNames
from mangaassist.understanding.titles import TitleLexicon


class Pupil:
    """Remembers the lexicon that it was taught last."""

    def __init__(self) -> None:
        self.lessons = 0

    def learn(self, titles: TitleLexicon) -> None:
        self.lessons += 1
        self.reader = EntityReader(titles)
        self.themes = titles.themes

    def knows(self, text: str) -> list[str]:
        return [mention.series_id for mention in self.reader.read(text).series]


async def stream(*volumes: int) -> AsyncIterator[ProductChange]:
    for volume in volumes:
        product = Product(
            asin=f"B0ABCDEF{volume:02}",
            title=f"Dungeon Whiskers, Vol. {volume}",
            series_id="dungeon-whiskers",
            series_title="Dungeon Whiskers",
            themes=("Cats",),
        )
        yield ProductChange(
            cursor=volume, asin=product.asin, version=1, product=product, emitted_at=datetime.now(UTC), head=volume
        )


async def overhear(names: SeriesNames, *volumes: int) -> list[ProductChange]:
    return [change async for change in names.overheard(stream(*volumes))]


async def test_a_series_is_known_once_the_catalog_has_told_of_it_and_the_stream_goes_on_unchanged(
    tmp_path: Path,
) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == []
    assert [change.cursor for change in await overhear(names, 1, 2, 3)] == [1, 2, 3]
    names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]
    assert pupil.themes == {"Cats"}


async def test_many_volumes_of_one_series_teach_once(tmp_path: Path) -> None:
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, *range(1, 40))
    names.settle()
    names.settle()
    assert pupil.lessons == 2  # what the file held at start, and what was overheard


async def test_what_was_learnt_is_known_at_the_next_start_without_a_catalog(tmp_path: Path) -> None:
    names = SeriesNames(tmp_path / "series.json", Pupil().learn)
    await overhear(names, 1)
    names.settle()
    pupil = Pupil()
    SeriesNames(tmp_path / "series.json", pupil.learn)
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'[{"series_id": 3}]'])
async def test_a_damaged_file_of_names_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "series.json").write_bytes(damage)
    pupil = Pupil()
    names = SeriesNames(tmp_path / "series.json", pupil.learn)
    await overhear(names, 1)
    names.settle()
    assert pupil.knows("any Dungeon Whiskers left?") == ["dungeon-whiskers"]
