"""M-3: one pass from text to unit vectors, off the loop, behind a bounded queue."""

import asyncio
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from mangaassist.errors import ModelFailure
from mangaassist.models.encoder import Encoder, Reading

TEXTS = [
    "where is my order",
    "do you have volume three of one piece in stock",
    "I want something like Mushishi, calm and a little sad",
    "can I pay with paypal?",
    "進撃の巨人 の 1巻",
    "the box arrived crushed and two volumes are missing their covers, what now",
]


def reference(weights: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """BERT with masked mean pooling in plain float32 numpy, written from the paper: what the int8 graph must come close to."""
    from math import erf

    gelu = np.vectorize(lambda x: 0.5 * x * (1 + erf(x / 2**0.5)))

    def normal(x, name):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def dense(x, name):
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    embeddings = "embeddings"
    x = weights[f"{embeddings}.word_embeddings.weight"][ids]
    x = x + weights[f"{embeddings}.position_embeddings.weight"][: len(ids)]
    x = normal(x + weights[f"{embeddings}.token_type_embeddings.weight"][0], f"{embeddings}.LayerNorm")
    for layer in (f"encoder.layer.{n}" for n in range(6)):
        heads = [
            dense(x, f"{layer}.attention.self.{p}").reshape(-1, 12, 32).swapaxes(0, 1)
            for p in ("query", "key", "value")
        ]
        scores = heads[0] @ heads[1].swapaxes(1, 2) / np.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        seen = (shares / shares.sum(-1, keepdims=True) @ heads[2]).swapaxes(0, 1).reshape(-1, 384)
        x = normal(x + dense(seen, f"{layer}.attention.output.dense"), f"{layer}.attention.output.LayerNorm")
        inner = gelu(dense(x, f"{layer}.intermediate.dense"))
        x = normal(x + dense(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    pooled = x.mean(0)
    return pooled / np.linalg.norm(pooled)


async def test_int8_vectors_stay_close_to_a_float32_reference(encoder: Encoder, packaged_files):
    weights = load_file(packaged_files / "model.safetensors")
    for text in TEXTS:
        ids = encoder._tokenizer.encode(text).ids
        [vector] = await encoder.encode([text])
        assert float(vector @ reference(weights, ids)) > 0.97


async def test_vectors_are_float32_of_length_one_in_the_order_of_the_texts(encoder: Encoder):
    vectors = await encoder.encode(TEXTS)
    assert vectors.dtype == np.float32 and vectors.shape == (len(TEXTS), 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        [alone] = await encoder.encode([text])
        assert float(alone @ vector) > 0.95


async def test_likeness_of_meaning_beats_likeness_of_words(encoder: Encoder):
    asked, same, other = await encoder.encode(
        ["how do I get my money back", "refund for a purchase", "how do I get my daughter to read"]
    )
    assert asked @ same > asked @ other


@pytest.mark.parametrize("texts", [[], [""], ["\x00"], ["😀" * 300], ["word " * 5000], ["a" * 20000]])
async def test_any_text_gets_a_finite_vector(encoder: Encoder, texts: list[str]):
    vectors = await encoder.encode(texts)
    assert vectors.shape == (len(texts), 384) and np.isfinite(vectors).all()


async def test_a_text_past_512_tokens_is_cut_there(encoder: Encoder):
    start = "manga " * 510
    whole, longer, other = [
        (await encoder.encode([text]))[0] for text in (start, start + "refund " * 300, "manga " * 400 + "refund " * 110)
    ]
    assert float(whole @ longer) > 0.999
    assert float(whole @ other) < 0.99


async def test_one_pass_gives_vectors_and_features(encoder: Encoder):
    reading = await encoder.read(TEXTS[:2])
    assert isinstance(reading, Reading) and reading.features is not None
    assert reading.vectors.shape == reading.features.shape == (2, 384)
    assert np.allclose(reading.vectors, await encoder.encode(TEXTS[:2]), atol=1e-5)
    assert not np.allclose(reading.vectors, reading.features, atol=0.1)


async def test_many_texts_come_back_in_their_own_order_with_progress(encoder: Encoder):
    texts = [TEXTS[n % len(TEXTS)] + " again" * (n % 7) for n in range(60)]
    seen: list[tuple[int, int]] = []
    vectors = await encoder.encode_many(texts, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (60, 60) and seen == sorted(seen)
    for row in (0, 13, 59):
        [alone] = await encoder.encode([texts[row]])
        assert float(alone @ vectors[row]) > 0.95


async def test_a_question_is_answered_while_an_index_is_built(encoder: Encoder):
    build = asyncio.create_task(encoder.encode_many(["long text about manga " * 60] * 24))
    await asyncio.sleep(0)
    await encoder.encode(["where is my order"])
    assert not build.done()
    await build


async def test_the_event_loop_keeps_turning_while_the_encoder_works(encoder: Encoder):
    work = asyncio.create_task(encoder.encode(["long text about manga " * 120] * 8))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1000


async def test_a_full_queue_refuses_and_says_that_a_second_try_may_help(provisioned):
    encoder = Encoder(provisioned, queue_limit=4)
    with pytest.raises(ModelFailure) as refused:
        await asyncio.gather(*(encoder.encode([f"text {n}"]) for n in range(12)))
    assert refused.value.transient
    await encoder.close()


async def test_a_cancelled_caller_costs_no_pass(encoder: Encoder, monkeypatch: pytest.MonkeyPatch):
    gate, ran = threading.Event(), []
    run = encoder._run

    def held(texts: list[str], featured: bool) -> Reading:
        gate.wait(10)
        ran.extend(texts)
        return run(texts, featured)

    monkeypatch.setattr(encoder, "_run", held)
    first = [asyncio.create_task(encoder.encode([f"held {n}"])) for n in range(2)]
    waiting = asyncio.create_task(encoder.encode(["nobody wants this"]))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    gate.set()
    await asyncio.gather(*first)
    await asyncio.gather(encoder.encode(["wanted"]), encoder.encode(["wanted too"]))
    assert sorted(ran) == ["held 0", "held 1", "wanted", "wanted too"]


async def test_texts_that_wait_share_a_pass(encoder: Encoder, monkeypatch: pytest.MonkeyPatch):
    passes: list[int] = []
    run = encoder._run
    monkeypatch.setattr(encoder, "_run", lambda texts, featured: passes.append(len(texts)) or run(texts, featured))
    await asyncio.gather(*(encoder.encode([f"text number {n}"]) for n in range(18)))
    assert sum(passes) == 18 and max(passes) == 8


async def test_a_failed_pass_is_a_model_failure_without_the_text(encoder: Encoder, monkeypatch: pytest.MonkeyPatch):
    def broken(texts: list[str], featured: bool) -> Reading:
        raise RuntimeError(f"cannot run {texts}")

    monkeypatch.setattr(encoder, "_run", broken)
    with pytest.raises(ModelFailure) as failed:
        await encoder.encode(["my address is 1 Main Street"])
    assert "Main Street" not in str(failed.value)


async def test_a_closed_encoder_refuses_and_closes_twice(provisioned):
    encoder = Encoder(provisioned)
    await encoder.close()
    await encoder.close()
    with pytest.raises(ModelFailure):
        await encoder.encode(["late"])


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_token_has_a_span_inside_the_text(counting: Encoder, text: str):
    spans = counting.spans(text)
    assert len(spans) == counting.count_tokens(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


async def test_tokens_are_counted_past_the_models_own_limit(encoder: Encoder):
    assert encoder.count_tokens("manga " * 700) == 700
