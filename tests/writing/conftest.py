"""Realistic evidence for the writers' tests."""

from types import SimpleNamespace

import pytest

from benchmarks import evidence


@pytest.fixture(scope="session")
def shelf() -> SimpleNamespace:
    """Everything that a test puts evidence together from."""
    return SimpleNamespace(
        product=evidence.product,
        orders=evidence.orders,
        promotions=evidence.promotions,
        searched=evidence.searched,
        pages=evidence.pages,
        asks=evidence.asks,
        without=evidence.without,
        reader=evidence.reader,
        aiko=evidence.AIKO,
        today=evidence.TODAY,
    )
