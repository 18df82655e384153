"""How each service is called and what is done without it, as ``services/policies.py`` says: for ``docs/services.md``."""

from typing import Final

from mangaassist.services.policies import POLICIES, Policy
from tests.pages.markdown import table

HEAD: Final = (
    "service",
    "over",
    "shopper's token",
    "time limit",
    "retries",
    "breaker opens at",
    "kept for",
    "without it",
)
TOKEN: Final = {"no": "", "optional": "if there is one", "yes": "needed"}


def policies() -> str:
    return table(HEAD, (_row(name, policy) for name, policy in POLICIES.items()))


def _row(name: str, policy: Policy) -> tuple[str, ...]:
    kept = "not kept" if policy.cache_ttl_s is None else f"{policy.cache_ttl_s:g} s"
    return (
        f"`{name}`",
        "gRPC" if policy.protocol == "grpc" else "REST",
        TOKEN[policy.auth],
        f"{policy.timeout_s * 1000:g} ms",
        str(policy.retries),
        f"{policy.breaker_threshold:.0%} failed",
        kept + (", for its customer alone" if policy.cache_scope == "customer" and policy.cache_ttl_s else ""),
        policy.fallback,
    )
