"""O-8: what pages show of the code is what the code says."""

import pytest

from tests.pages import printed, settings


@pytest.mark.parametrize("page", printed.BLOCKS)
def test_a_page_shows_what_the_code_says(page: str) -> None:
    assert printed.refreshed(page) == printed.text_of(page), "run `make docs`"
    assert printed.printed(page) == printed.BLOCKS[page].keys()


def test_every_setting_says_what_it_is_for() -> None:
    silent = [
        f"{path}.{name}"
        for path, kind in settings.sections(settings.Settings)
        for name, _, words in settings.rows_of(kind)
        if not words
    ]
    assert silent == []
