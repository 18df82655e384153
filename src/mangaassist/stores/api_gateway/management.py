"""The management API of an API Gateway WebSocket API, by AWS's client (W-13)."""

from typing import Final

from mangaassist.edge.api_gateway.management import MANAGEMENT
from mangaassist.errors import ServiceFailure
from mangaassist.stores.aws.client import Client, Limits

GONE: Final = "GoneException"


class ApiGatewayManagement:
    """Methods are those of ``Management``."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @classmethod
    async def open(cls, region: str | None, endpoint_url: str, timeout_factor: float = 1.0) -> "ApiGatewayManagement":
        """``endpoint_url``: ``https://{api}.execute-api.{region}.amazonaws.com/{stage}``. Raises ``StartFailed``."""
        limits = Limits().stretched(timeout_factor)
        return cls(await Client.open(MANAGEMENT, "apigatewaymanagementapi", region, endpoint_url, limits))

    async def post(self, connection_id: str, data: bytes) -> bool:
        return await self._is_there("post_to_connection", ConnectionId=connection_id, Data=data)

    async def close(self, connection_id: str) -> None:
        await self._is_there("delete_connection", ConnectionId=connection_id)

    async def aclose(self) -> None:
        await self._client.close()

    async def _is_there(self, operation: str, **request: str | bytes) -> bool:
        try:
            await self._client.call(operation, **request)
        except ServiceFailure as failure:
            if failure.detail != GONE:
                raise
            return False
        return True
