"""What is longer: volumes count first, and the pages of what is complete in one book."""

import pytest

from mangaassist.domain.evidence import ProductEvidence
from mangaassist.domain.products import Product
from mangaassist.models.writers.offline.wording import extent_of, length_of
from mangaassist.turn.derived.sums import compared


def book(name: str, volumes: int, pages: int) -> Product:
    return Product(asin=name, title=name, series_id=name, series_title=name, series_volumes=volumes, pages=pages)


def longest_and_shortest(*books: Product) -> tuple[str | None, str | None]:
    told = compared([ProductEvidence(product=one) for one in books])
    return told.get("longest"), told.get("shortest")


def test_a_series_is_longer_than_any_one_book_and_books_are_measured_by_their_pages() -> None:
    assert longest_and_shortest(book("a", 1, 900), book("b", 2, 100), book("c", 1, 90)) == ("b", "c")


def test_what_is_as_long_as_another_or_of_unknown_length_is_neither() -> None:
    assert longest_and_shortest(book("a", 1, 200), book("b", 1, 200)) == (None, None)
    assert longest_and_shortest(book("a", 1, 200), book("b", 1, 0)) == (None, None)


@pytest.mark.parametrize(
    ("volumes", "pages", "extent", "length"),
    [
        (12, 190, "12 volumes", "12 volumes"),
        (1, 1312, "one book", "1,312 pages"),
        (1, 0, "one book", "one book"),
        (0, 190, "", ""),
    ],
)
def test_one_book_is_told_in_pages_and_is_no_volume(volumes: int, pages: int, extent: str, length: str) -> None:
    one = book("a", volumes, pages)
    assert (extent_of(one), length_of(one)) == (extent, length)
