"""The contract of ``services.clients.Recommendations``: what all who recommend have in common (S-1)."""

from abc import abstractmethod
from typing import Any, Protocol

import pytest

from mangaassist.services.clients import RankingAsked, Recommendations
from mangaassist.services.failures import failure_of
from mangaassist.testing.store_data import STORE

SEED = "B0BERSERK1"
ITEMS = tuple(product.asin for product in STORE.products)


class House(Protocol):
    """Where an adapter is tested: what answers behind it, and how that goes wrong."""

    recommendations: Recommendations

    def fail(self, status: int) -> None: ...

    def talk_nonsense(self) -> None: ...

    def known_shoppers(self) -> list[str | None]:
        """On whose behalf it was asked so far."""
        ...


class RecommendationsContract:
    @pytest.fixture
    @abstractmethod
    async def house(self) -> Any:
        """A ``House`` whose service recommends everything that the double's store sells."""

    async def test_the_best_come_first_and_no_more_than_were_asked_for(self, house: House) -> None:
        ranked = await house.recommendations.ranked(RankingAsked(limit=3))
        scores = [one.score for one in ranked]
        assert len(ranked) == 3
        assert scores == sorted(scores, reverse=True)
        assert {one.asin for one in ranked} <= set(ITEMS)

    async def test_what_is_like_a_book_is_another_one(self, house: House) -> None:
        ranked = await house.recommendations.ranked(RankingAsked(seeds=(SEED,), limit=5))
        assert ranked
        assert SEED not in {one.asin for one in ranked}

    async def test_no_book_is_there_twice(self, house: House) -> None:
        ranked = await house.recommendations.ranked(RankingAsked(seeds=(SEED, "B0UZUMAKI1"), limit=20))
        assert len({one.asin for one in ranked}) == len(ranked)

    async def test_it_is_asked_on_behalf_of_who_is_signed_in_and_of_nobody_else(self, house: House) -> None:
        await house.recommendations.ranked(RankingAsked(limit=1, customer_id="aiko"), token="token-of-aiko")
        await house.recommendations.ranked(RankingAsked(limit=1))
        assert house.known_shoppers() == ["aiko", None]

    @pytest.mark.parametrize(("status", "kind"), [(500, "error"), (503, "unreachable|error"), (403, "rejected")])
    async def test_a_refusal_is_a_failure_of_the_recommendations(self, house: House, status: int, kind: str) -> None:
        house.fail(status)
        with pytest.raises(Exception) as raised:
            await house.recommendations.ranked(RankingAsked(limit=3))
        failure = failure_of("recommendations", raised.value)
        assert failure is not None
        assert failure.service == "recommendations"
        assert failure.kind in kind.split("|")

    async def test_an_answer_outside_the_contract_is_no_answer(self, house: House) -> None:
        """S-7."""
        house.talk_nonsense()
        with pytest.raises(Exception) as raised:
            await house.recommendations.ranked(RankingAsked(limit=3))
        failure = failure_of("recommendations", raised.value)
        assert failure is not None
        assert failure.kind == "contract"
