"""A store of other goods, served without a changed line (S-8): its dialogues, and that no answer takes it for a store of manga."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from mangaassist import check_store_command as command
from mangaassist import diagnostics
from mangaassist.evaluation.dialogues import Judged, dialogues_of, played
from mangaassist.evaluation.variants import INSTALLED
from mangaassist.new_store.writing import write
from mangaassist.serving import Bars
from mangaassist.settings import Settings
from tests.own_stores import served_store

BOOKSHOP = Path(__file__).parents[2] / "examples" / "bookshop"
DIALOGUES = BOOKSHOP / "dialogues.jsonl"
MANGAS_OWN = re.compile(r"manga|mangaka|tankobon|shonen|shojo|seinen|josei|inkwell", re.IGNORECASE)


async def answers(folder: Path) -> list[Judged]:
    write(folder / "bookshop", BOOKSHOP / "data")
    with served_store(folder / "bookshop") as served, Bars(Console(quiet=True)) as bars:
        own = Settings(cache_dir=str(folder / "cache"), data_dir=str(folder / "data"), timeout_factor=1000.0)
        settings = command.addressed(own, served.url, served.grpc)
        async with diagnostics.shop_of(settings, bars, INSTALLED) as shop:
            return await played(dialogues_of(DIALOGUES), DIALOGUES, shop)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Judged]]:
    yield asyncio.run(answers(tmp_path_factory.mktemp("bookshop")))


def test_its_dialogues_are_thirty_or_more_and_all_are_answered_as_expected(heard: list[Judged]) -> None:
    assert len({one.dialogue.id for one in heard}) >= 30
    assert [(one.dialogue.id, one.message, one.missed) for one in heard if one.missed] == []


def test_no_answer_of_a_bookshop_speaks_of_manga_or_of_the_demo_store(heard: list[Judged]) -> None:
    spoken = [(one.message, one.heard.text) for one in heard if MANGAS_OWN.search(one.heard.text)]
    assert spoken == []


def test_the_same_words_are_said_with_the_wares_of_the_store(heard: list[Judged]) -> None:
    said = [one.heard.text for one in heard if one.dialogue.id == "kinds-01"]
    assert "cooking books" in said[0]


def test_what_it_is_made_of_is_data_alone() -> None:
    assert {path.suffix for path in BOOKSHOP.rglob("*") if path.is_file()} <= {".toml", ".json", ".jsonl", ".md"}
    facts = msgspec.json.decode((BOOKSHOP / "data" / "store_facts.json").read_bytes())
    assert facts["wares"] == {"one": "book", "many": "books"}
