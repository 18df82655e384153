"""Titan's vectors by AWS's own client, from a server that answers as Bedrock does."""

from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from litestar import Litestar, Request, Response, post
from litestar.params import FromPath

from mangaassist.domain.encoding import Encoder
from mangaassist.errors import ModelFailure
from mangaassist.stores.bedrock.titan import TitanEncoder
from mangaassist.testing.word_encoder import WordEncoder
from tests.contracts.test_encoder import EncoderContract
from tests.patience import PATIENCE
from tests.served import served

MODEL = "amazon.titan-embed-text-v2:0"
DIMENSIONS = 256


class Bedrock:
    """Embeds by words. ``status`` and ``body``: what it says in place of a vector."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200
        self.body: dict[str, Any] | None = None
        self._words = WordEncoder(DIMENSIONS)

    def app(self) -> Litestar:
        @post("/model/{model:str}/invoke", status_code=200)
        async def invoke(model: FromPath[str], request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
            asked = {"model": model, **await request.json()}
            self.asked.append(asked)
            if not asked["inputText"]:
                return Response({"message": "expected minLength: 1"}, status_code=400)
            vector = self._words.vector(asked["inputText"])
            answer = self.body if self.body is not None else {"embedding": vector.tolist(), "inputTextTokenCount": 1}
            return Response(answer, status_code=self.status)

        return Litestar([invoke], openapi_config=None)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")


@pytest.fixture
def bedrock() -> Bedrock:
    return Bedrock()


@pytest.fixture
async def encoder(bedrock: Bedrock) -> AsyncIterator[Encoder]:
    async with served(bedrock.app()) as url:
        titan = await TitanEncoder.open(WordEncoder(), MODEL, DIMENSIONS, "eu-west-1", url, PATIENCE)
        yield titan
        await titan.close()


class TestTitanEncoder(EncoderContract):
    pass


async def test_it_names_another_model_than_any_of_ours(encoder: Encoder) -> None:
    assert (encoder.dimensions, encoder.digest) == (DIMENSIONS, f"{MODEL}/{DIMENSIONS}")


async def test_normalized_vectors_of_the_chosen_size_are_asked_for(encoder: Encoder, bedrock: Bedrock) -> None:
    await encoder.encode(["berserk"])
    assert bedrock.asked == [{"model": MODEL, "inputText": "berserk", "dimensions": DIMENSIONS, "normalize": True}]


@pytest.mark.parametrize(
    ("status", "body", "transient"),
    [
        (429, {"message": "slow down"}, True),
        (503, {"message": "later"}, True),
        (403, {"message": "no"}, False),
        (200, {"embedding": [1.0]}, False),
        (200, {"vector": []}, False),
    ],
)
async def test_no_vector_is_a_failure(
    encoder: Encoder, bedrock: Bedrock, status: int, body: dict[str, Any], transient: bool
) -> None:
    bedrock.status, bedrock.body = status, body
    with pytest.raises(ModelFailure) as caught:
        await encoder.encode(["berserk"])
    assert caught.value.transient is transient


async def test_intents_are_read_in_this_process(encoder: Encoder) -> None:
    encoded = await encoder.read(["where is my order"])
    assert encoded.features is not None
    assert encoded.features.shape[0] == 1
    assert np.allclose(np.linalg.norm(encoded.vectors, axis=1), 1, atol=1e-5)
