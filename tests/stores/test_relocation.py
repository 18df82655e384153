"""O-7: what must not be lost leaves the cache, once and whole, and is its user's alone."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mangaassist.assembly.folders import durable_folder
from mangaassist.errors import StartFailed
from mangaassist.settings import Settings
from mangaassist.stores.sqlite import relocation


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A cache as an earlier version left it: both databases, a session still in the log of its database."""
    settings = Settings(data_dir=str(tmp_path / "data"), cache_dir=str(tmp_path / "cache"))
    settings.cache.mkdir()
    for name in relocation.DATABASES:
        write(settings.cache / name, "early")
    return settings


@pytest.fixture
def crashed(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The cache when its process died with writes that only the log holds; gives the database."""
    with closing(sqlite3.connect(settings.cache / "sessions.db", isolation_level=None)) as db:
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("INSERT INTO said VALUES ('late')")
        for file in settings.cache.glob("sessions.db*"):
            (tmp_path / file.name).write_bytes(file.read_bytes())
    for file in tmp_path.glob("sessions.db*"):
        file.replace(settings.cache / file.name)
    assert (settings.cache / "sessions.db-wal").stat().st_size
    yield settings.cache / "sessions.db"


def write(database: Path, word: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE IF NOT EXISTS said (word TEXT)")
        db.execute("INSERT INTO said VALUES (?)", (word,))


def words(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as db:
        return [word for (word,) in db.execute("SELECT word FROM said ORDER BY rowid")]


def test_the_databases_of_an_earlier_version_are_moved_out_of_the_cache(settings: Settings) -> None:
    folder = durable_folder(settings)
    assert [words(folder / name) for name in relocation.DATABASES] == [["early"], ["early"]]
    assert list(settings.cache.iterdir()) == []


def test_what_only_the_log_holds_comes_along(settings: Settings, crashed: Path) -> None:
    assert words(durable_folder(settings) / "sessions.db") == ["early", "late"]
    assert not crashed.exists()


def test_a_database_that_is_there_already_is_used_and_the_other_is_left_alone(settings: Settings) -> None:
    settings.data.mkdir()
    write(settings.data / "sessions.db", "new")
    folder = durable_folder(settings)
    assert words(folder / "sessions.db") == ["new"]
    assert words(settings.cache / "sessions.db") == ["early"]
    assert words(folder / "audit.db") == ["early"]


def test_a_second_start_moves_nothing(settings: Settings) -> None:
    write(durable_folder(settings) / "sessions.db", "later")
    assert words(durable_folder(settings) / "sessions.db") == ["early", "later"]


def test_a_database_in_use_stays_and_the_start_says_so(settings: Settings) -> None:
    database = settings.cache / "sessions.db"
    with closing(sqlite3.connect(database)) as db:
        db.execute("SELECT * FROM said").fetchall()
        with pytest.raises(StartFailed, match=r"sessions\.db belongs into"):
            durable_folder(settings)
    assert words(database) == ["early"]
    assert not (settings.data / "sessions.db").exists()


@pytest.mark.parametrize("step", ["copyfile", "replace"])
def test_a_crash_on_the_way_loses_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(*{"copyfile": (relocation.shutil, "copyfile"), "replace": (Path, "replace")}[step], crash)
        with pytest.raises(KeyboardInterrupt):
            durable_folder(settings)
    assert words(durable_folder(settings) / "sessions.db") == ["early"]


def test_folder_and_databases_are_their_users_alone(settings: Settings) -> None:
    folder = durable_folder(settings)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in relocation.DATABASES} == {0o600}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartFailed, match="MANGAASSIST_DATA_DIR"):
        durable_folder(Settings(data_dir=str(tmp_path / "file" / "data")))
