"""How each service is called and what happens when it fails (S-1): code, not configuration (S-2)."""

from collections.abc import Mapping
from typing import Final, Literal

import msgspec
from msgspec import Struct

Service = Literal[
    "catalog",
    "pricing",
    "inventory",
    "reviews",
    "recommendations",
    "profile",
    "orders",
    "shipping",
    "returns",
    "promotions",
    "content",
    "review_summaries",
    "store_facts",
]


SLOW_FROM: Final = 0.5
"""The part of its time limit from which a call is slow."""


class Policy(Struct, frozen=True, kw_only=True):
    """One row of the table.

    ``auth`` says whether the shopper's identity is needed and forwarded; ``breaker_threshold`` is the share of failed calls at
    which the breaker opens (0 to 1), ``slow_threshold`` that of slow ones (S-4); ``cache_ttl_s`` None means that nothing is
    ever kept; ``cache_scope`` says who may be given a kept answer; ``fallback`` words what is done instead, for the ``degraded``
    frame (S-5), and ``fallback_s`` is how long that takes: so much of a phase stays free for it after the call.
    """

    protocol: Literal["grpc", "rest"] = "rest"
    auth: Literal["no", "optional", "yes"] = "no"
    timeout_s: float
    retries: int = 1
    breaker_threshold: float
    slow_threshold: float = 0.6
    cache_ttl_s: float | None = None
    cache_scope: Literal["shared", "customer"] = "shared"
    fallback: str
    fallback_s: float = 0.0

    @property
    def goal_s(self) -> float:
        """The service's latency goal, seconds: half of its time limit. A call that takes longer is slow (S-4)."""
        return self.timeout_s * SLOW_FROM

    def allotted(self, left_s: float) -> float:
        """Seconds that a call may take of the ``left_s`` of its phase; 0 or less when there is no time for it."""
        return min(self.timeout_s, left_s - self.fallback_s)


POLICIES: Final[dict[Service, Policy]] = {
    "catalog": Policy(
        protocol="grpc",
        timeout_s=0.2,
        breaker_threshold=0.3,
        cache_ttl_s=300,
        fallback="answered in prose, without product cards",
    ),
    "pricing": Policy(
        timeout_s=0.2,
        retries=0,
        breaker_threshold=0.2,
        cache_ttl_s=None,
        fallback="prices are left out; check the product page",
    ),
    "inventory": Policy(
        timeout_s=0.15,
        breaker_threshold=0.3,
        cache_ttl_s=30,
        fallback="products are shown without availability",
    ),
    "reviews": Policy(
        timeout_s=0.3,
        breaker_threshold=0.5,
        cache_ttl_s=3600,
        fallback="ratings and reviews are left out",
    ),
    "recommendations": Policy(
        auth="optional",
        timeout_s=0.5,
        breaker_threshold=0.4,
        cache_ttl_s=900,
        cache_scope="customer",  # a signed-in shopper's ranking tells what they bought
        fallback="titles were found by searching instead",
        fallback_s=0.25,  # two questions to the catalog and one for prices, stock and ratings, at a healthy store's pace
    ),
    "profile": Policy(
        auth="yes",
        timeout_s=0.2,
        breaker_threshold=0.3,
        cache_ttl_s=300,
        cache_scope="customer",
        fallback="answered as for a guest",
    ),
    "orders": Policy(
        auth="yes",
        timeout_s=0.5,
        breaker_threshold=0.3,
        cache_ttl_s=15,
        cache_scope="customer",
        fallback="I couldn't load your order; a colleague can look it up",
    ),
    "shipping": Policy(
        auth="yes",
        timeout_s=0.5,
        breaker_threshold=0.3,
        cache_ttl_s=15,
        cache_scope="customer",
        fallback="the order is shown without tracking",
    ),
    "returns": Policy(
        auth="yes",
        timeout_s=0.5,
        breaker_threshold=0.3,
        cache_ttl_s=15,
        cache_scope="customer",
        fallback="see the returns centre",
    ),
    "promotions": Policy(
        timeout_s=0.2,
        breaker_threshold=0.5,
        cache_ttl_s=900,
        fallback="promotions are not mentioned",
    ),
    # Feeds of the knowledge base (K-5) and the facts of the store (S-8), read in the background: no shopper waits, and their
    # failures must not open the breaker of a service that shoppers wait for.
    "content": Policy(
        timeout_s=5.0,
        breaker_threshold=0.5,
        fallback="store pages are searched as last read",
    ),
    "review_summaries": Policy(
        timeout_s=5.0,
        breaker_threshold=0.5,
        fallback="review summaries are searched as last read",
    ),
    "store_facts": Policy(
        timeout_s=5.0,
        breaker_threshold=0.5,
        fallback="store facts are used as last read",
    ),
}


def stretched(policies: Mapping[Service, Policy], factor: float) -> dict[Service, Policy]:
    """The same table with time limits ``factor`` times as long."""
    return {
        service: msgspec.structs.replace(policy, timeout_s=factor * policy.timeout_s)
        for service, policy in policies.items()
    }
