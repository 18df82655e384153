"""Recommendations by Amazon Personalize (``GetRecommendations``) in the place of the store's own service (S-1, O-5)."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from msgspec import Struct

from mangaassist.domain.products import Ranked
from mangaassist.errors import ServiceFailure
from mangaassist.services.clients import RankingAsked
from mangaassist.services.turn_services import ASIN
from mangaassist.settings import Personalize
from mangaassist.stores.aws.client import Client, Limits

SERVICE: Final = "recommendations"
LIMITS: Final = Limits(connect_s=0.3, reply_s=0.5, all_s=0.5, tries=1)
"""Within the service's row of ``services/policies.py``, which says how often it is tried."""
MOST_SEEDS: Final = 3
"""Books that are asked about one by one: the vendor takes a single item."""
GUEST: Final = "guest"
"""The user of whom nothing is known: the vendor answers a user that it has not seen with what everybody likes."""
FILTERED_BY: Final = "GENRES"
"""The parameter of the filter's expression: ``INCLUDE ItemID WHERE Items.GENRES IN ($GENRES)``."""


class _Item(Struct, frozen=True, rename="camel"):
    item_id: str
    score: float | None = None


class PersonalizeRecommendations:
    """An async context manager. With seeds it asks what is like them, without them what this shopper would like."""

    def __init__(self, chosen: Personalize, timeout_factor: float = 1.0) -> None:
        self._chosen = chosen
        self._limits = LIMITS.stretched(timeout_factor)
        self._exits = AsyncExitStack()
        self._client: Client | None = None

    async def __aenter__(self) -> Self:
        """Raises ``StartFailed`` when AWS cannot be called with the settings."""
        chosen = self._chosen
        self._client = await Client.open(
            SERVICE, "personalize-runtime", chosen.region, chosen.endpoint_url, self._limits
        )
        self._exits.push_async_callback(self._client.close)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def ranked(
        self, asked: RankingAsked, *, token: str | None = None, traceparent: str | None = None
    ) -> tuple[Ranked, ...]:
        """Best first. The shopper's token goes to nobody but the store: the vendor knows them by their id."""
        questions = self._questions(asked)
        rankings = await asyncio.gather(*(self._ask(question) for question in questions))
        return merged(rankings, asked.seeds)[: asked.limit]

    def _questions(self, asked: RankingAsked) -> list[dict[str, Any]]:
        chosen = self._chosen
        shared: dict[str, Any] = {"userId": asked.customer_id or GUEST, "numResults": asked.limit + len(asked.seeds)}
        if chosen.context:
            shared["context"] = dict(pair.split("=", 1) for pair in chosen.context)
        if asked.genres:
            values = ",".join(f'"{_quotable(genre)}"' for genre in asked.genres)
            shared |= {"filterArn": chosen.filter_arn, "filterValues": {FILTERED_BY: values}}
        if not asked.seeds:
            return [{"campaignArn": chosen.campaign_arn, **shared}]
        return [
            {"campaignArn": chosen.similar_campaign_arn, "itemId": seed, **shared} for seed in asked.seeds[:MOST_SEEDS]
        ]

    async def _ask(self, question: Mapping[str, Any]) -> tuple[Ranked, ...]:
        assert self._client is not None
        return read(await self._client.ask("get_recommendations", "itemList", **question))


def _quotable(genre: str) -> str:
    return genre.replace("\\", "").replace('"', "")


def read(told: object) -> tuple[Ranked, ...]:
    """What the vendor ranked, with the scores of its places where it gives none. Items that are none of the catalog's are left out.

    Raises ``ServiceFailure`` for what is no ranking, and for one of nothing that the store could sell.
    """
    try:
        items = msgspec.convert(told, list[_Item])
        ranked = tuple(
            Ranked(asin=item.item_id, score=1 - place / len(items) if item.score is None else _checked(item.score))
            for place, item in enumerate(items)
            if ASIN.fullmatch(item.item_id)
        )
    except msgspec.ValidationError as error:
        raise ServiceFailure(SERVICE, "contract", "a ranking that nobody can read") from error
    if items and not ranked:
        raise ServiceFailure(SERVICE, "contract", "no item of the catalog's")
    return ranked


def _checked(score: float) -> float:
    """Raises ``ServiceFailure`` for what is no score between 0 and 1."""
    if not 0 <= score <= 1:
        raise ServiceFailure(SERVICE, "contract", "a score that is none")
    return score


def merged(rankings: Iterable[Sequence[Ranked]], without: Sequence[str]) -> tuple[Ranked, ...]:
    """Rankings as one: each product once, with its best score; ``without`` are those that were asked about."""
    best: dict[str, Ranked] = {}
    for one in (one for ranking in rankings for one in ranking if one.asin not in without):
        if one.asin not in best or one.score > best[one.asin].score:
            best[one.asin] = one
    return tuple(sorted(best.values(), key=lambda one: -one.score))
