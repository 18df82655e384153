"""A help page's own sentence is true of the store; a product's text is no proof of today's stock, and a promise never stands."""

import pytest
from msgspec.structs import replace

from benchmarks import evidence as demo
from mangaassist.domain.chunks import ScoredChunk
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.products import Stock
from mangaassist.guardrails.claims.table import unbacked

RULE = "The missing book is sent free of charge, or refunded when it is out of stock."
PROMISE = "We will refund it if it is out of stock."


def holding(text: str, source_type: str = "faq") -> Evidence:
    known = demo.product("uzumaki")
    known = replace(known, stock=Stock(asin=known.asin, state="in_stock"))
    chunk = replace(demo.pages()[0], content=f"Tell us. {text}", source_type=source_type)
    return Evidence(products=(known,), chunks=(ScoredChunk(chunk, 0.6),))


def test_a_sentence_of_a_help_page_stands_whatever_the_stock_of_the_book_is() -> None:
    assert list(unbacked(RULE, holding(RULE))) == []


@pytest.mark.parametrize("source_type", ["product", "editorial", "reviews"])
def test_a_text_about_products_is_no_proof_of_stock(source_type: str) -> None:
    said = "Uzumaki is out of stock."
    assert [one.kind for one in unbacked(said, holding(said, source_type))] == ["stock"]


def test_a_promise_does_not_stand_because_a_page_makes_it() -> None:
    assert [one.kind for one in unbacked(PROMISE, holding(PROMISE))] == ["promise"]
