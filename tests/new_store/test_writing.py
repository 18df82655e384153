"""``mangaassist new-store`` (O-4): what it writes runs as it is (``tests/contracts/test_store.py`` holds it to the contract)."""

from pathlib import Path

import aiohttp
import pytest
from typer.testing import CliRunner

from mangaassist.cli import app
from mangaassist.errors import BadInput
from mangaassist.new_store.writing import write
from mangaassist.settings import load
from tests.own_stores import served_store

SERVICES = {
    "catalog", "pricing", "inventory", "reviews", "recommendations", "profile", "orders", "shipping", "returns", "promotions",
}  # fmt: skip


def test_a_new_store_has_a_file_for_each_service_its_facts_pages_sign_in_settings_and_a_readme(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["new-store", str(tmp_path / "shop")])
    assert result.exit_code == 0
    written = {
        path.relative_to(tmp_path / "shop").as_posix() for path in (tmp_path / "shop").rglob("*") if path.is_file()
    }
    assert {f"store/{service}.py" for service in SERVICES} <= written
    assert {
        "store/sign_in.py",
        "store/content.py",
        "data/store_facts.json",
        "data/pages.toml",
        "settings.toml",
        "README.md",
    } <= written
    assert not [path for path in written if "__pycache__" in path]


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(BadInput):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_its_settings_are_settings_of_the_assistant(tmp_path: Path) -> None:
    write(tmp_path / "shop")
    assert load(tmp_path / "shop" / "settings.toml", {}).store.url == "http://127.0.0.1:8080"


def test_its_readme_fits_one_screen(tmp_path: Path) -> None:
    write(tmp_path / "shop")
    assert len((tmp_path / "shop" / "README.md").read_text().splitlines()) <= 40


async def test_its_pages_carry_the_chat_and_open_the_products_that_the_catalog_names(tmp_path: Path) -> None:
    write(tmp_path / "shop")
    with served_store(tmp_path / "shop") as served:
        async with aiohttp.ClientSession() as http:
            async with http.get(f"{served.url}/") as home:
                page = await home.text()
            async with http.get(f"{served.url}/p/B000000001") as product:
                status = product.status
    assert "/widget/widget.js" in page
    assert "The Lighthouse Ledger" in page
    assert status == 200
