"""Recommendations by the store's own service (S-1): one GET."""

from mangaassist.domain.products import Ranked
from mangaassist.services import contracts
from mangaassist.services.clients import RankingAsked, Rest
from mangaassist.services.rest import repeated


class StoreRecommendations:
    """Over the service's own client, which is entered elsewhere."""

    def __init__(self, client: Rest) -> None:
        self._client = client

    async def ranked(
        self, asked: RankingAsked, *, token: str | None = None, traceparent: str | None = None
    ) -> tuple[Ranked, ...]:
        """Best first; ``token``: a signed-in shopper's purchases count."""
        params = [*repeated("seed", asked.seeds), *repeated("genre", asked.genres), ("limit", str(asked.limit))]
        path = "/recommendations/v1/ranked"
        answer = await self._client.get(path, params, contracts.RANKING, token=token, traceparent=traceparent)
        return answer.ranked[: asked.limit]
