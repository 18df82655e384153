"""Whoever recommends keeps to the contract of ``recommendations.py``: the store's service, Amazon Personalize, the double."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest
from aiohttp import web
from msgspec.structs import replace

from mangaassist.domain.customers import GUEST as NOBODY_KNOWN
from mangaassist.services.clients import RankingAsked
from mangaassist.services.recommendations import StoreRecommendations
from mangaassist.services.rest import RestClient
from mangaassist.settings import Personalize
from mangaassist.stores.personalize.recommendations import GUEST, PersonalizeRecommendations
from mangaassist.testing.fake_answers import ANSWERS, Asked
from mangaassist.testing.fake_store import FakeStore, Fault
from mangaassist.testing.loopback_server import LoopbackServer
from mangaassist.testing.personalize_server import PersonalizeServer
from mangaassist.testing.store_data import NOW, STORE
from tests.contracts.recommendations import ITEMS, RecommendationsContract

ARN = "arn:aws:personalize:us-east-1:123456789012:{}"
CHOSEN = Personalize(
    campaign_arn=ARN.format("campaign/for-you"),
    similar_campaign_arn=ARN.format("campaign/like-this"),
    filter_arn=ARN.format("filter/by-genre"),
    context=("DEVICE=chat",),
    region="us-east-1",
)

UNHURRIED = 60.0
"""A busy machine may need more than the half second that a shopper waits."""


class StoreServer(LoopbackServer):
    """The store's service; ``status`` and ``body`` are what it says whatever is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.status, self.body, self.tokens = 200, b"", list[str | None]()

    def routes(self) -> Iterable[web.RouteDef]:
        return [web.get("/recommendations/v1/ranked", self._answer)]

    async def _answer(self, request: web.Request) -> web.Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        self.tokens.append(token)
        asked = Asked(STORE, NOW, request.path, tuple(request.query.items()), token)
        body = self.body or ANSWERS["recommendations"](asked)
        return web.Response(status=self.status, body=body, content_type="application/json")


class OfTheStore:
    def __init__(self, server: StoreServer, client: RestClient) -> None:
        self.server = server
        self.recommendations = StoreRecommendations(client)

    def fail(self, status: int) -> None:
        self.server.status = status

    def talk_nonsense(self) -> None:
        self.server.body = b'{"ranked": [{"asin": "B0BERSERK1", "score": 7}]}'

    def known_shoppers(self) -> list[str | None]:
        return [None if token is None else token.removeprefix("token-of-") for token in self.server.tokens]


class TestTheStoresOwn(RecommendationsContract):
    @pytest.fixture
    async def house(self) -> AsyncIterator[OfTheStore]:
        async with StoreServer() as server, RestClient("recommendations", server.url) as client:
            yield OfTheStore(server, client)


class Doubled:
    def __init__(self) -> None:
        self.store = FakeStore()
        self.recommendations = self.store.services.recommendations

    def fail(self, status: int) -> None:
        self.store.faults["recommendations"] = Fault("fail" if status >= 500 else "refuse")

    def talk_nonsense(self) -> None:
        self.store.faults["recommendations"] = Fault("wrong")

    def known_shoppers(self) -> list[str | None]:
        tokens = [call.token for call in self.store.asked("recommendations")]
        return [None if token is None else token.removeprefix("token-of-") for token in tokens]


class TestTheDouble(RecommendationsContract):
    @pytest.fixture
    async def house(self) -> Doubled:
        return Doubled()


class OfTheVendor:
    def __init__(self, server: PersonalizeServer, recommendations: PersonalizeRecommendations) -> None:
        self.server = server
        self.recommendations = recommendations

    def fail(self, status: int) -> None:
        self.server.refusal = (status, "InternalFailure" if status >= 500 else "AccessDeniedException")

    def talk_nonsense(self) -> None:
        self.server.reply = {"itemList": [{"itemId": "B0BERSERK1", "score": 7}]}

    def known_shoppers(self) -> list[str | None]:
        return [None if asked.user_id == GUEST else asked.user_id for asked in self.server.asked]


@pytest.fixture
async def vendor(aws_environment: None) -> AsyncIterator[OfTheVendor]:
    items = [(asin, round(0.9 - place / 100, 4)) for place, asin in enumerate(ITEMS)]
    async with (
        PersonalizeServer(items) as server,
        PersonalizeRecommendations(replace(CHOSEN, endpoint_url=server.url), UNHURRIED) as recommendations,
    ):
        yield OfTheVendor(server, recommendations)


class TestPersonalize(RecommendationsContract):
    @pytest.fixture
    async def house(self, vendor: OfTheVendor) -> OfTheVendor:
        return vendor


async def test_a_shopper_is_asked_about_by_the_campaign_that_knows_them_with_its_context(vendor: OfTheVendor) -> None:
    await vendor.recommendations.ranked(RankingAsked(limit=4, customer_id="aiko"), token="a token that stays here")
    (asked,) = vendor.server.asked
    assert (asked.campaign_arn, asked.user_id, asked.item_id) == (CHOSEN.campaign_arn, "aiko", None)
    assert (asked.num_results, asked.context, asked.filter_arn) == (4, {"DEVICE": "chat"}, None)


async def test_books_are_asked_about_one_by_one_and_their_rankings_are_one(vendor: OfTheVendor) -> None:
    seeds = ("B0BERSERK1", "B0UZUMAKI1")
    ranked = await vendor.recommendations.ranked(RankingAsked(seeds=seeds, limit=5))
    assert {(asked.campaign_arn, asked.item_id) for asked in vendor.server.asked} == {
        (CHOSEN.similar_campaign_arn, seed) for seed in seeds
    }
    assert len(ranked) == 5


async def test_genres_go_into_the_filter_as_its_expression_reads_them(vendor: OfTheVendor) -> None:
    await vendor.recommendations.ranked(RankingAsked(genres=("Horror", 'Slice "of" Life'), limit=3))
    (asked,) = vendor.server.asked
    assert asked.filter_arn == CHOSEN.filter_arn
    assert asked.filter_values == {"GENRES": '"Horror","Slice of Life"'}


async def test_a_recipe_without_scores_ranks_by_its_order(vendor: OfTheVendor) -> None:
    vendor.server.items = tuple((asin, None) for asin in ITEMS[:4])
    ranked = await vendor.recommendations.ranked(RankingAsked(limit=4))
    assert [(one.asin, one.score) for one in ranked] == list(zip(ITEMS[:4], (1.0, 0.75, 0.5, 0.25), strict=True))


async def test_items_that_are_none_of_the_catalogs_are_left_out(vendor: OfTheVendor) -> None:
    vendor.server.items = (("video-17", 0.9), (ITEMS[0], 0.5))
    ranked = await vendor.recommendations.ranked(RankingAsked(limit=4))
    assert [one.asin for one in ranked] == [ITEMS[0]]


async def test_a_vendor_that_is_away_leaves_the_turn_its_fallback(aws_environment: None) -> None:
    """S-1: the row of the service holds whoever recommends."""
    store: Any = FakeStore()
    elsewhere = PersonalizeRecommendations(replace(CHOSEN, endpoint_url="http://127.0.0.1:9"))
    async with elsewhere:
        store.services.recommendations = elsewhere
        turn = store.services.for_turn(NOBODY_KNOWN).within(store.clock() + 5)
        answer = await turn.recommended((), (), 3)
    assert answer.failure is not None
    assert answer.failure.kind == "unreachable"
    assert [missed.fallback for missed in turn.degraded] == ["titles were found by searching instead"]
    assert store.asked("recommendations") == []
