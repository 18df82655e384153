"""Every search that a turn makes, as one table: sources, K, how they are chosen, and out of how many (K-2).

Which row an intent or an act asks for is said where its other needs are: ``plans.py``, ``act_needs.py``.
"""

from collections.abc import Collection, Mapping
from typing import Final, Literal

from msgspec import structs

from mangaassist.knowledge.index import ChunkFilter
from mangaassist.knowledge.plan import RetrievalPlan

Purpose = Literal[
    "help",
    "book facts",
    "tastes",
    "guides",
    "opinions",
    "readers",
    "of a book",
    "the page named",
    "the book witness",
    "the book recalled",
    "guides of a series",
    "the guide witness",
    "the guide named",
]

SEARCHES: Final[Mapping[Purpose, RetrievalPlan]] = {
    # A wrong rule is worse than none: the three best, in the reranker's order.
    "help": RetrievalPlan(source_types=("faq", "policy"), k=3, ranker="precision", candidates=10),
    "book facts": RetrievalPlan(
        source_types=("product", "reviews", "faq", "editorial"), k=3, ranker="precision", candidates=10
    ),
    # Of what somebody may like a list shows different things: one book of a series, and those unlike each other.
    "tastes": RetrievalPlan(
        source_types=("product", "editorial", "reviews"), k=5, ranker="mmr", diversity=0.3, candidates=50
    ),
    "guides": RetrievalPlan(source_types=("editorial",), k=2, ranker="precision", candidates=10),
    "opinions": RetrievalPlan(source_types=("reviews", "product", "editorial"), k=3, ranker="precision", candidates=10),
    # What readers say is said of one series; where several are talked of, or none, whatever is nearest.
    "readers": RetrievalPlan(source_types=("reviews", "product"), k=3, ranker="precision", candidates=10),
    # Whatever is written of a book, or of books like it, where no fact of the catalog answers.
    "of a book": RetrievalPlan(
        source_types=("faq", "policy", "editorial", "reviews", "product"), k=5, ranker="precision", candidates=20
    ),
    # By words alone: the page's own answers and their wordings, which begin with its title, stand beside it.
    "the page named": RetrievalPlan(source_types=("faq", "policy"), k=10, ranker="precision", candidates=20),
    "the book witness": RetrievalPlan(source_types=("product",), k=1, ranker="precision", candidates=5),
    # How far the best series stands before the next counts; of a series its nearest books do.
    "the book recalled": RetrievalPlan(source_types=("product",), k=40, ranker="precision", candidates=40, floor=0.1),
    "guides of a series": RetrievalPlan(source_types=("editorial",), k=4, ranker="precision", candidates=12),
    # How far the best stands before the next counts, so that what is far is found as well.
    "the guide witness": RetrievalPlan(source_types=("editorial",), k=6, ranker="precision", candidates=8, floor=0.1),
    "the guide named": RetrievalPlan(source_types=("editorial",), k=10, ranker="precision", candidates=20),
}
PRECISE_POLICY: Final = SEARCHES["help"]
PRODUCT_FACTS: Final = SEARCHES["book facts"]
DIVERSE_PRODUCTS: Final = SEARCHES["tastes"]
GUIDES: Final = SEARCHES["guides"]
OPINIONS: Final = SEARCHES["opinions"]
READERS: Final = SEARCHES["readers"]
OF_A_BOOK: Final = SEARCHES["of a book"]
THE_PAGE: Final = SEARCHES["the page named"]
BEST_BOOK: Final = SEARCHES["the book witness"]
BOOK_RECALLED: Final = SEARCHES["the book recalled"]
BEST_GUIDE: Final = SEARCHES["the guide witness"]
GUIDE_NAMED: Final = SEARCHES["the guide named"]
THE_GUIDES: Final = SEARCHES["guides of a series"]

_OF_ONE_SERIES: Final = frozenset({READERS})
"""Searches that look at nothing else where the series is known."""


def narrowed(plan: RetrievalPlan, series_ids: Collection[str | None]) -> RetrievalPlan:
    """The search of a turn that talks of these series; None is a product that nobody has looked up yet."""
    only = set(series_ids)
    if plan not in _OF_ONE_SERIES or len(only) != 1 or None in only:
        return plan
    return structs.replace(plan, only=ChunkFilter(series_id=only.pop()))
