"""What every encoder does (M-3); each adapter and the shipped double inherit the suite."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest

from mangaassist.domain.encoding import RISKS, Encoder
from mangaassist.model_server import ModelService, model_app
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import ProvisionedEncoder
from mangaassist.models.remote_encoder import HttpEndpoint, RemoteEncoder
from mangaassist.testing.word_encoder import WordEncoder
from mangaassist.understanding.heads import TrainedHeads
from tests.patience import PATIENCE
from tests.served import served

TEXTS = ["where is my order", "進撃の巨人 の 1巻", "two volumes are missing their covers, what now", ""]


class EncoderContract:
    """Give ``encoder``."""

    async def test_every_text_gets_a_unit_vector_in_its_order(self, encoder: Encoder) -> None:
        vectors = await encoder.encode(TEXTS)
        assert (vectors.dtype, vectors.shape) == (np.float32, (len(TEXTS), encoder.dimensions))
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        for text, vector in zip(TEXTS, vectors, strict=True):
            [alone] = await encoder.encode([text])
            assert float(alone @ vector) > 0.95

    async def test_no_texts_get_no_vectors(self, encoder: Encoder) -> None:
        assert (await encoder.encode([])).shape == (0, encoder.dimensions)
        assert (await encoder.encode_many([])).shape == (0, encoder.dimensions)

    @pytest.mark.parametrize("text", ["", "\x00", "😀" * 300, "word " * 5000, "a" * 20_000, "\u0301", "?!"])
    async def test_any_text_gets_a_finite_vector(self, encoder: Encoder, text: str) -> None:
        assert np.isfinite(await encoder.encode([text])).all()

    async def test_texts_that_say_alike_point_alike(self, encoder: Encoder) -> None:
        asked, alike, other = await encoder.encode(
            ["how do I return a damaged book", "return a damaged book to the store", "who wrote Vinland Saga?"]
        )
        assert asked @ alike > asked @ other

    async def test_reading_gives_the_same_vectors_and_a_row_of_features_and_risks_for_each(
        self, encoder: Encoder
    ) -> None:
        encoded = await encoder.read(TEXTS)
        assert encoded.risks is not None
        assert (encoded.risks.dtype, encoded.risks.shape) == (np.float32, (len(TEXTS), len(RISKS)))
        assert np.allclose(encoded.vectors, await encoder.encode(TEXTS), atol=1e-5)
        assert encoded.features is not None
        assert (encoded.features.dtype, len(encoded.features)) == (np.float32, len(TEXTS))

    async def test_many_texts_come_back_in_their_order_with_progress(self, encoder: Encoder) -> None:
        texts = [TEXTS[n % 3] + " again" * (n % 5) for n in range(40)]
        told: list[tuple[int, int]] = []
        vectors = await encoder.encode_many(texts, lambda done, total: told.append((done, total)))
        assert told[-1] == (40, 40)
        for row in (0, 17, 39):
            [alone] = await encoder.encode([texts[row]])
            assert float(alone @ vectors[row]) > 0.95

    async def test_a_text_is_cut_at_the_models_limit(self, encoder: Encoder) -> None:
        start = "manga " * encoder.max_tokens
        whole, longer = await encoder.encode([start, start + "refund " * 50])
        assert float(whole @ longer) > 0.999

    async def test_tokens_stand_in_order_in_the_whole_text(self, encoder: Encoder) -> None:
        text = "Berserk, vol. 3? " * 300
        spans = encoder.spans(text)
        assert len(spans) > encoder.max_tokens
        assert spans == sorted(spans)
        assert all(0 <= start < end <= len(text) for start, end in spans)
        assert {text[start:end] for start, end in spans} >= {"vol", "3", "?"}

    async def test_those_who_ask_at_once_get_their_own(self, encoder: Encoder) -> None:
        texts = [f"question number {n} about {'berserk ' * (n % 4)}" for n in range(20)]
        together = await asyncio.gather(*(encoder.encode([text]) for text in texts))
        for text, [vector] in zip(texts, together, strict=True):
            [alone] = await encoder.encode([text])
            assert float(alone @ vector) > 0.95


class TestOnnxEncoder(EncoderContract):
    @pytest.fixture
    async def encoder(self, provisioned: ProvisionedEncoder) -> AsyncIterator[Encoder]:
        opened = OnnxEncoder(provisioned, PATIENCE)
        yield opened
        await opened.close()


class TestRemoteEncoder(EncoderContract):
    @pytest.fixture
    async def encoder(self, provisioned: ProvisionedEncoder) -> AsyncIterator[Encoder]:
        onnx = OnnxEncoder(provisioned, PATIENCE)
        async with served(model_app(ModelService(onnx, TrainedHeads.load()))) as url:
            opened = await RemoteEncoder.open(HttpEndpoint(url), PATIENCE)
            yield opened
            await opened.close()
        await onnx.close()


class TestWordEncoder(EncoderContract):
    @pytest.fixture
    def encoder(self) -> Encoder:
        return WordEncoder()

    async def test_it_fails_when_it_is_told_to(self) -> None:
        encoder = WordEncoder(fails=lambda text: OSError("away") if "poison" in text else None)
        with pytest.raises(OSError, match="away"):
            await encoder.encode(["fine", "poison"])
