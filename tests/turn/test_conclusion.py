"""T-9, K-6: what an answer says of itself: which pieces of knowledge and which services it used."""

from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.chunks import IN_FOLDER, Chunk, ScoredChunk
from mangaassist.domain.evidence import Evidence, OrderEvidence, ProductEvidence
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.testing.store_data import DELIVERED, IN_TRANSIT, NOW, STORE
from mangaassist.turn.cards import card
from mangaassist.turn.conclusion import services_used, sources
from mangaassist.wire.metadata import Source

SENTENCE = "Orders over $35 ship free of charge."
PAGE = Chunk(
    chunk_id="c1", document_id="d1", title="Shipping costs", source_type="policy", category="help", asin="B0BERSERK1",
    content=f"Short one. {SENTENCE}\nThis is another line of the page.", last_updated=NOW, version=1,
)  # fmt: skip
EVIDENCE = Evidence(chunks=(ScoredChunk(PAGE, 0.612345),))


def test_a_piece_of_knowledge_that_is_named_or_repeated_is_a_source() -> None:
    source = Source(chunk_id="c1", title="Shipping costs", source_type="policy", score=0.6123, asin="B0BERSERK1")
    assert sources(EVIDENCE, "See Shipping costs.") == (source,)
    assert sources(EVIDENCE, f"Yes! {SENTENCE}") == (source,)
    assert sources(EVIDENCE, "So: This is another line of the page.") == (source,)


FACTS = StoreFacts(page_url="https://shop.example/help/{id}", product_url="https://shop.example/p/{asin}")
HELP = replace(PAGE, asin=None, document_id="faq-how much?")


@pytest.mark.parametrize(
    ("page", "evidence", "address"),
    [
        (HELP, {"facts": FACTS}, "https://shop.example/help/faq-how%20much%3F"),
        (replace(HELP, document_id=f"{IN_FOLDER}faq-wrap"), {"facts": FACTS}, ""),
        (HELP, {}, ""),
        (PAGE, {"facts": FACTS}, "https://shop.example/p/B0BERSERK1"),
        (PAGE, {}, ""),
    ],
)
def test_a_source_has_the_address_under_which_the_store_shows_it(
    page: Chunk, evidence: dict[str, Any], address: str
) -> None:
    """T-9, K-6: what a folder beside the store brings has no page there, and no dead link is told."""
    told = Evidence(chunks=(ScoredChunk(page, 0.6),), **evidence)
    assert [one.url for one in sources(told, SENTENCE)] == [address]


def test_a_products_own_address_comes_before_the_stores_rule_for_products() -> None:
    own = ProductEvidence(product=replace(STORE.products[0], asin="B0BERSERK1", url="https://shop.example/berserk"))
    told = Evidence(chunks=(ScoredChunk(PAGE, 0.6),), products=(own,), facts=FACTS)
    assert [one.url for one in sources(told, SENTENCE)] == ["https://shop.example/berserk"]


def test_a_piece_of_knowledge_that_is_cited_is_a_source_and_one_that_is_not_there_is_none() -> None:
    assert [one.chunk_id for one in sources(EVIDENCE, "It is free.", ("c1", "c9"))] == ["c1"]


def test_a_guide_that_is_told_is_a_source_once() -> None:
    both = Evidence(chunks=EVIDENCE.chunks, guides=(*EVIDENCE.chunks, ScoredChunk(replace(PAGE, chunk_id="g1"), 0.5)))
    assert [one.chunk_id for one in sources(both, SENTENCE)] == ["c1", "g1"]


def test_words_that_anybody_might_say_make_no_source() -> None:
    assert sources(EVIDENCE, "Short one.") == ()
    assert sources(EVIDENCE, "Orders over some limit ship free of charge.") == ()


@pytest.mark.parametrize(("length", "tells"), [(29, False), (30, True)])
def test_a_sentence_tells_where_it_is_from_when_it_is_long_enough(length: int, tells: bool) -> None:
    said = "x" * (length - 1) + "."
    page = ScoredChunk(replace(PAGE, content=f"{said} And so on."), 0.6)
    assert bool(sources(Evidence(chunks=(page,)), f"He said: {said}")) is tells


BERSERK = ProductEvidence(
    product=STORE.products[0],
    price=STORE.prices["B0BERSERK1"],
    stock=STORE.stock["B0BERSERK1"],
    rating=STORE.ratings["B0BERSERK1"],
)
IN_A_PARCEL = OrderEvidence(order=IN_TRANSIT, shipments=STORE.shipments)
TO_GO_BACK = OrderEvidence(order=DELIVERED, returns=STORE.returns[0])


def used(answer: str, *shown: ProductEvidence, **evidence: Any) -> set[str]:
    return set(services_used(Evidence(**evidence), answer, tuple(map(card, shown))))


@pytest.mark.parametrize(
    ("answer", "evidence", "services"),
    [
        ("Berserk is dark.", {"products": (BERSERK,)}, {"catalog"}),
        ("It costs $9.99.", {"products": (BERSERK,)}, {"pricing"}),
        ("In your cart: $9.99.", {"cart": (BERSERK,)}, {"pricing"}),
        ("Berserk, Vol. 1 is here.", {"products": (BERSERK,)}, {"catalog", "inventory"}),
        ("Berserk, Vol. 1 is nice.", {"products": (replace(BERSERK, stock=None),)}, {"catalog"}),
        ("Readers give it 4.8.", {"products": (BERSERK,)}, {"reviews"}),
        ("Hello, Aiko Tanaka!", {"customer": STORE.customers["aiko"]}, {"profile"}),
        ("Sure, Aiko.", {"customer": STORE.customers["aiko"]}, {"profile"}),
        (f"{IN_TRANSIT.order_id} is coming.", {"orders": (IN_A_PARCEL,)}, {"orders"}),
        ("Paperwing has it.", {"orders": (IN_A_PARCEL,)}, {"shipping"}),
        ("It is PW123456789.", {"orders": (IN_A_PARCEL,)}, {"shipping"}),
        (f"{DELIVERED.order_id} may go back.", {"orders": (TO_GO_BACK,)}, {"orders", "returns"}),
        ("It may go back.", {"orders": (TO_GO_BACK,)}, set()),
        ("It is Pirate week!", {"promotions": STORE.promotions}, {"promotions"}),
        (
            "Hello there.",
            {
                "products": (BERSERK,),
                "cart": (BERSERK,),
                "orders": (IN_A_PARCEL, TO_GO_BACK),
                "promotions": STORE.promotions,
                "customer": STORE.customers["aiko"],
            },
            set(),
        ),
    ],
)
def test_a_service_whose_fact_is_said_was_used(answer: str, evidence: dict[str, Any], services: set[str]) -> None:
    assert used(answer, **evidence) == services


@pytest.mark.parametrize(
    ("shown", "services"),
    [
        (BERSERK, {"catalog", "pricing", "inventory", "reviews"}),
        (replace(BERSERK, price=None), {"catalog", "inventory", "reviews"}),
        (replace(BERSERK, stock=None), {"catalog", "pricing", "reviews"}),
        (replace(BERSERK, rating=None), {"catalog", "pricing", "inventory"}),
        (replace(BERSERK, rating=replace(STORE.ratings["B0BERSERK1"], mean=0.0)), {"catalog", "pricing", "inventory", "reviews"}),
        (ProductEvidence(product=BERSERK.product, reason="From our guide"), {"catalog", "recommendations"}),
    ],
)  # fmt: skip
def test_a_service_whose_fact_is_on_a_card_was_used(shown: ProductEvidence, services: set[str]) -> None:
    assert used("Here.", shown) == services


def test_what_an_answer_of_a_page_says_is_its_own_source_and_the_page_is_not_named_twice() -> None:
    page = EVIDENCE.chunks[0]
    says = "Yes, over the limit it costs nothing."
    answer = replace(page, chunk=replace(page.chunk, chunk_id=f"{page.chunk.document_id}#0=0", content=says))
    both = Evidence(chunks=(page, answer))
    title = page.chunk.title
    assert [one.chunk_id for one in sources(both, f"{says} (More on {title}.)")] == [answer.chunk.chunk_id]
    assert [one.chunk_id for one in sources(both, f"Something. (More on {title}.)")] == [page.chunk.chunk_id]
