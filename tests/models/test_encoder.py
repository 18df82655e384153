"""M-3: one pass from text to unit vectors, off the loop, behind a bounded queue."""

import asyncio
import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file

from mangaassist.errors import ModelFailure
from mangaassist.models import encoder_graph
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import SEARCH_LAYERS
from tests.patience import PATIENCE

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


@pytest.fixture
def own_layers() -> dict[str, np.ndarray]:
    with resources.files("mangaassist.models").joinpath(SEARCH_LAYERS).open("rb") as file, np.load(file) as kept:
        return encoder_graph.moved(encoder_graph.restored(dict(kept)), 4)


async def test_int8_vectors_stay_close_to_a_float32_reference_with_our_last_layers(
    encoder: OnnxEncoder, packaged_files, own_layers
):
    weights = {**load_file(packaged_files / "model.safetensors"), **own_layers}
    for text in TEXTS:
        ids = encoder._tokenizer.encode(text).ids
        [vector] = await encoder.encode([text])
        assert float(vector @ reference(weights, ids)) > 0.97


async def test_likeness_of_meaning_beats_likeness_of_words(encoder: OnnxEncoder):
    asked, same, other = await encoder.encode(
        ["how do I get my money back", "refund for a purchase", "how do I get my daughter to read"]
    )
    assert asked @ same > asked @ other


async def test_what_asks_for_the_same_answer_is_nearer_than_what_is_about_the_same_thing(encoder: OnnxEncoder):
    asked, same, other = await encoder.encode(
        ["who pays the postage", "how much does the return label cost me", "how do i send it back"]
    )
    assert asked @ same > asked @ other


async def test_a_page_past_512_tokens_is_cut_there(encoder: OnnxEncoder):
    start = "manga " * 510
    pages = (start, start + "refund " * 300, "manga " * 400 + "refund " * 110)
    whole, longer, other = [(await encoder.encode_many([page]))[0] for page in pages]
    assert float(whole @ longer) > 0.999
    assert float(whole @ other) < 0.99


async def test_a_shoppers_text_is_cut_where_a_pass_still_ends_in_time(encoder: OnnxEncoder):
    start = "manga " * 254
    texts = (start, start + "refund " * 300, "manga " * 200 + "refund " * 54)
    whole, longer, other = [(await encoder.encode([text]))[0] for text in texts]
    assert float(whole @ longer) > 0.999
    assert float(whole @ other) < 0.99


async def test_one_pass_gives_vectors_and_features(encoder: OnnxEncoder):
    reading = await encoder.read(TEXTS[:2])
    assert reading.features is not None
    assert reading.vectors.shape == reading.features.shape == (2, 384)
    assert np.allclose(reading.vectors, await encoder.encode(TEXTS[:2]), atol=1e-5)
    assert not np.allclose(reading.vectors, reading.features, atol=0.1)


async def test_a_question_is_answered_while_an_index_is_built(encoder: OnnxEncoder):
    build = asyncio.create_task(encoder.encode_many(["long text about manga " * 60] * 24))
    await asyncio.sleep(0)
    await encoder.encode(["where is my order"])
    assert not build.done()
    await build


async def test_the_event_loop_keeps_turning_while_the_encoder_works(encoder: OnnxEncoder):
    work = asyncio.create_task(encoder.encode(["long text about manga " * 120] * 8))
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 1000


async def test_a_closed_encoder_refuses_and_closes_twice(provisioned):
    encoder = OnnxEncoder(provisioned, PATIENCE)
    await encoder.close()
    await encoder.close()
    with pytest.raises(ModelFailure):
        await encoder.encode(["late"])


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_every_token_has_a_span_inside_the_text(counting: OnnxEncoder, text: str):
    spans = counting.spans(text)
    assert len(spans) == counting.count_tokens(text)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


async def test_tokens_are_counted_past_the_models_own_limit(encoder: OnnxEncoder):
    assert encoder.count_tokens("manga " * 700) == 700


@pytest.mark.parametrize("module", ["mangaassist.models.encoder", "mangaassist.stores.sqlite.vector_graph"])
def test_the_models_runtime_notes_nothing_in_the_users_home_and_so_sends_nothing(module: str, tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY" and "XDG" not in name}
    subprocess.run([sys.executable, "-c", f"import {module}"], env={**kept, "HOME": str(tmp_path)}, check=True)
    assert list(tmp_path.rglob("*")) == []


MULTIPLYING = """
import mangaassist
import time
import numpy as np
some = np.ones((400, 400), np.float32)
for _ in range(40):
    some @ some
print(time.process_time() / time.thread_time())
"""


def test_no_thread_waits_in_a_loop_for_the_next_product_of_matrices() -> None:
    own = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    ran = subprocess.run([sys.executable, "-c", MULTIPLYING], env=own, check=True, capture_output=True, text=True)
    assert float(ran.stdout) < 1.2, "all of the process's time is its only thread's"
