"""S-5: a notice says what is so: it agrees with the cards, prices and orders that are shown beside it."""

from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.chunks import Chunk, ScoredChunk
from mangaassist.domain.evidence import Degradation, Evidence, OrderEvidence, ProductEvidence
from mangaassist.services.policies import POLICIES
from mangaassist.testing.store_data import DELIVERED, IN_TRANSIT, NOW, STORE
from mangaassist.turn.notices import NOTICES, agreeing

ASIN = "B0BERSERK1"
WHOLE = ProductEvidence(
    product=STORE.products[0], price=STORE.prices[ASIN], stock=STORE.stock[ASIN], rating=STORE.ratings[ASIN]
)
BARE = ProductEvidence(product=STORE.products[1])
TRACKED, UNTRACKED = OrderEvidence(order=IN_TRANSIT, shipments=STORE.shipments), OrderEvidence(order=DELIVERED)
RETURNABLE = OrderEvidence(order=DELIVERED, returns=STORE.returns[0])
READERS = ScoredChunk(
    Chunk(
        chunk_id="r1", document_id="r1", title="Berserk: what readers think", content="Readers praise it.",
        source_type="reviews", category="", last_updated=NOW, version=1,
    ),
    0.6,
)  # fmt: skip


def notice(service: str, cards: int = 3, **evidence: Any) -> str:
    fallback = POLICIES[service].fallback
    worded = agreeing(Evidence(degraded=(Degradation(service, fallback),), **evidence), cards)
    return worded.degraded[0].fallback


@pytest.mark.parametrize(
    ("service", "evidence"),
    [
        ("catalog", {}),
        ("pricing", {"products": (BARE,)}),
        ("pricing", {}),
        ("inventory", {"products": (BARE,)}),
        ("reviews", {"products": (BARE,)}),
        ("recommendations", {"products": (WHOLE,)}),
        ("profile", {}),
        ("orders", {}),
        ("shipping", {"orders": (UNTRACKED,)}),
        ("returns", {"orders": (UNTRACKED,)}),
        ("promotions", {"products": (WHOLE,)}),
    ],
)
def test_where_nothing_of_a_service_is_there_the_table_s_fallback_is_said(
    service: str, evidence: dict[str, Any]
) -> None:
    assert notice(service, **evidence) == POLICIES[service].fallback


@pytest.mark.parametrize(
    ("service", "evidence", "words"),
    [
        ("catalog", {"products": (BARE,)}, "some products could not be looked up"),
        ("pricing", {"products": (WHOLE, BARE)}, "some prices could not be looked up; check the product page"),
        ("inventory", {"products": (WHOLE, BARE)}, "the availability of some products could not be looked up"),
        ("reviews", {"products": (WHOLE, BARE)}, "some ratings could not be looked up"),
        ("reviews", {"products": (BARE,), "chunks": (READERS,)}, "some ratings could not be looked up"),
        ("profile", {"orders": (TRACKED,)}, "answered without your name and membership"),
        ("orders", {"orders": (TRACKED,)}, "some of your orders could not be loaded; a colleague can look them up"),
        ("shipping", {"orders": (TRACKED, UNTRACKED)}, "the tracking of some orders could not be loaded"),
        ("returns", {"orders": (RETURNABLE,)}, "some of it could not be loaded; see the returns centre"),
        ("promotions", {"promotions": STORE.promotions}, "some offers could not be looked up"),
    ],
)
def test_what_is_there_all_the_same_is_not_called_left_out(service: str, evidence: dict[str, Any], words: str) -> None:
    assert notice(service, **evidence) == words


@pytest.mark.parametrize("service", ["inventory", "recommendations", "shipping"])
def test_where_nothing_is_shown_that_it_could_be_known_of_nothing_is_said_to_be_shown(service: str) -> None:
    assert "shown" not in notice(service)
    assert "found" not in notice(service)


def test_products_without_cards_are_prose_alone() -> None:
    assert notice("catalog", cards=0, products=(WHOLE,)) == POLICIES["catalog"].fallback


def test_who_answered_late_is_not_said_to_be_missing() -> None:
    late = Degradation("catalog", "answered so late", answered=True)
    assert agreeing(Evidence(degraded=(late,), products=(WHOLE,)), 3).degraded == (late,)


def test_what_is_no_service_of_the_store_keeps_its_words() -> None:
    ours = Degradation("knowledge", "answered from the store's services alone")
    assert agreeing(Evidence(degraded=(ours,)), 3).degraded == (ours,)


def test_the_date_of_a_stale_value_is_kept() -> None:
    dated = Degradation("catalog", POLICIES["catalog"].fallback, NOW)
    assert agreeing(Evidence(degraded=(dated,), products=(WHOLE,)), 3).degraded == (
        replace(dated, fallback="some products could not be looked up"),
    )


def test_every_service_that_shoppers_wait_for_has_a_row() -> None:
    assert set(NOTICES) == set(POLICIES) - {"content", "review_summaries", "store_facts"}
