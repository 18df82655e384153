"""A SageMaker endpoint that runs ``mangaassist models serve``: the distributed ``Endpoint`` of the remote encoder (M-3)."""

from typing import Any, Final

from mangaassist.errors import ServiceFailure
from mangaassist.models.remote_encoder import BACKGROUND_S
from mangaassist.stores.aws.client import Client, Limits
from mangaassist.stores.aws.failures import model_failure

_JSON: Final = "application/json"


class SageMakerEndpoint:
    def __init__(self, name: str, client: Client) -> None:
        self._name = name
        self._client = client

    @classmethod
    async def open(
        cls, name: str, region: str | None, endpoint_url: str | None, timeout_factor: float
    ) -> "SageMakerEndpoint":
        """Raises ``StartFailed`` when nothing can be called. How long a shopper's text may take, the encoder says itself."""
        limits = Limits(reply_s=BACKGROUND_S, all_s=BACKGROUND_S, tries=1).stretched(timeout_factor)
        return cls(name, await Client.open("encoder", "sagemaker-runtime", region, endpoint_url, limits))

    async def invoke(self, body: bytes) -> bytes:
        request = {"EndpointName": self._name, "ContentType": _JSON, "Accept": _JSON, "Body": body}
        try:
            answered: Any = await self._client.ask("invoke_endpoint", "Body", **request)
            return await answered.read()
        except ServiceFailure as failure:
            raise model_failure("encoder", failure) from failure

    async def close(self) -> None:
        await self._client.close()
