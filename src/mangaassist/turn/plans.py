"""What an intent needs, as data (T-2): adding an intent is adding a row.

``finder`` names how the products of an answer are found (``products/finder.py``); ``strictness`` is the guardrails' scope (G-5).
"""

from typing import Final, Literal

from msgspec import Struct

from mangaassist.domain.intents import Intent, Strictness
from mangaassist.knowledge.retrieval import RetrievalPlan

Finder = Literal["none", "subjects", "search", "recommend", "promoted", "cart"]

PRECISE_POLICY: Final = RetrievalPlan(source_types=("faq", "policy"), k=3, ranker="precision", candidates=10)
PRODUCT_FACTS: Final = RetrievalPlan(
    source_types=("product", "reviews", "faq", "editorial"), k=3, ranker="precision", candidates=10
)
RATINGS_EXPLAINED: Final = RetrievalPlan(source_types=("faq", "policy"), k=1, ranker="precision", candidates=3)
DIVERSE_PRODUCTS: Final = RetrievalPlan(
    source_types=("product", "editorial", "reviews"), k=5, ranker="mmr", candidates=50
)


class Plan(Struct, frozen=True, kw_only=True):
    """One row. ``cards`` is the most product cards an answer shows."""

    finder: Finder = "none"
    cards: int = 0
    knowledge: RetrievalPlan | None = None
    orders: bool = False
    shipments: bool = False
    returns: bool = False
    promotions: bool = False
    profile: bool = False
    needs_account: bool = False
    strictness: Strictness = "normal"


ASKING_BACK: Final = Plan()
PLANS: Final[dict[Intent, Plan]] = {
    Intent.PRODUCT_DISCOVERY: Plan(finder="search", cards=5, knowledge=DIVERSE_PRODUCTS),
    Intent.PRODUCT_QUESTION: Plan(finder="subjects", cards=2, knowledge=PRODUCT_FACTS),
    Intent.RECOMMENDATION: Plan(
        finder="recommend", cards=4, knowledge=DIVERSE_PRODUCTS, profile=True, strictness="tight"
    ),
    Intent.ORDER_TRACKING: Plan(orders=True, shipments=True, profile=True, needs_account=True, strictness="loose"),
    Intent.RETURN_REQUEST: Plan(
        orders=True, returns=True, profile=True, needs_account=True, knowledge=PRECISE_POLICY, strictness="loose"
    ),
    Intent.PROMOTION: Plan(finder="promoted", cards=3, promotions=True, profile=True, knowledge=PRECISE_POLICY),
    Intent.CHECKOUT_HELP: Plan(finder="cart", cards=1, knowledge=PRECISE_POLICY),
    Intent.FAQ: Plan(knowledge=PRECISE_POLICY),
    Intent.ESCALATION: Plan(profile=True, strictness="loose"),
    Intent.CHITCHAT: Plan(profile=True),
}
