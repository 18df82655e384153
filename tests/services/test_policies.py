"""S-1, S-2: the table is the specification's, row by row."""

from typing import get_args

import msgspec
import pytest

from mangaassist.services.policies import POLICIES, Service, stretched

S_1 = {
    # service: protocol, auth, timeout_s, retries, breaker, cache_ttl_s, scope
    "catalog": ("grpc", "no", 0.2, 1, 0.3, 300, "shared"),
    "pricing": ("rest", "no", 0.2, 0, 0.2, None, "shared"),
    "inventory": ("rest", "no", 0.15, 1, 0.3, 30, "shared"),
    "reviews": ("rest", "no", 0.3, 1, 0.5, 3600, "shared"),
    "recommendations": ("rest", "optional", 0.5, 1, 0.4, 900, "customer"),
    "profile": ("rest", "yes", 0.2, 1, 0.3, 300, "customer"),
    "orders": ("rest", "yes", 0.5, 1, 0.3, 15, "customer"),
    "shipping": ("rest", "yes", 0.5, 1, 0.3, 15, "customer"),
    "returns": ("rest", "yes", 0.5, 1, 0.3, 15, "customer"),
    "promotions": ("rest", "no", 0.2, 1, 0.5, 900, "shared"),
}


@pytest.mark.parametrize("service", S_1)
def test_each_service_is_called_as_the_table_of_s_1_says(service: Service) -> None:
    policy = POLICIES[service]
    row = (
        policy.protocol,
        policy.auth,
        policy.timeout_s,
        policy.retries,
        policy.breaker_threshold,
        policy.cache_ttl_s,
        policy.cache_scope,
    )
    assert row == S_1[service]


def test_beside_the_ten_services_there_are_only_the_feeds_of_the_knowledge_base_and_the_facts_of_the_store() -> None:
    assert set(POLICIES) - set(S_1) == {"content", "review_summaries", "store_facts"}
    assert set(POLICIES) == set(get_args(Service))


def test_what_a_signed_in_shopper_is_given_is_never_kept_for_everybody() -> None:
    for service, policy in POLICIES.items():
        if policy.auth != "no" and policy.cache_ttl_s is not None:
            assert policy.cache_scope == "customer", service


def test_a_factor_changes_the_time_limits_and_nothing_else() -> None:
    table = stretched(POLICIES, 10)
    assert table["inventory"] == msgspec.structs.replace(POLICIES["inventory"], timeout_s=1.5)
    assert stretched(POLICIES, 1) == POLICIES


def test_every_service_words_what_is_done_when_it_fails() -> None:
    assert all(policy.fallback for policy in POLICIES.values())


@pytest.mark.parametrize(
    ("left", "allotted"), [(10.0, 0.5), (0.55, 0.3), (0.3, 0.05), (0.25, 0.0), (0.1, -0.15), (float("inf"), 0.5)]
)
def test_a_call_ends_early_enough_for_what_is_done_in_its_place(left: float, allotted: float) -> None:
    assert POLICIES["recommendations"].allotted(left) == pytest.approx(allotted)


def test_only_what_is_done_in_the_recommenders_place_takes_time() -> None:
    assert [service for service, policy in POLICIES.items() if policy.fallback_s] == ["recommendations"]
    for policy in POLICIES.values():
        assert policy.allotted(0.5) == min(policy.timeout_s, 0.5 - policy.fallback_s)
