"""Trains what reads intents: two transformer layers on the encoder's middle states, and a linear head on top (M-2, M-3).

The encoder stays as it is up to its fourth layer, so one pass serves the search and the intent; from there two layers of
our own, which begin as copies of the encoder's last two, learn to tell the ten intents apart. See README.md for how to
run it, and intents/DATACARD.md for the data and the results.
"""

import argparse
import json
import re
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from mangaassist.models import encoder_graph
from mangaassist.models.provisioning import WEIGHTS, provision

OWN_LAYERS = 2
SHARED_LAYERS = 4
HEADS, HIDDEN = 12, 384
TOKENS = 48
"""Longer messages are cut for training: 99.9 % of them are shorter."""
EPOCHS, BATCH, RATE = 5, 32, 2e-4
DROPOUT, HEAD_DROPOUT, SMOOTHING, DECAY = 0.1, 0.2, 0.05, 0.01
SCALE = 12.0
"""Features have length 1; the head sees them this much longer, so that its weights start at a usual size."""
HEAVIEST = 5.0
"""No row counts more than this many average ones, however rare its intent or source."""

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src" / "mangaassist"
NAMED_ONLY = re.compile(r"suggest|recommend|best|help|confus|what|which|want|gain|los[es]|grow|reduc|beginner|give")


class Rows(NamedTuple):
    texts: list[str]
    intents: np.ndarray
    sources: np.ndarray


def read(public: Path) -> Rows:
    """The public rows, the written messages, and no row whose label says something else than its words."""
    rows: list[tuple[str, str, str]] = []
    for line in public.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        # HINT3 files bare names of goods ("Fish oil") under RECOMMEND_PRODUCT; here they are product_discovery.
        if row["native"] == "RECOMMEND_PRODUCT" and not NAMED_ONLY.search(row["text"].lower()):
            continue
        rows.append((row["text"], row["intent"], row["source"]))
    for file in sorted((HERE / "intents").glob("messages_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows.append((row["text"], row["intent"], "written"))
    rows = list(dict.fromkeys(rows))
    texts, intents, sources = zip(*rows, strict=True)
    return Rows(list(texts), np.array(intents), np.array(sources))


class Prepared(NamedTuple):
    """Middle states of every row, float16 [rows, TOKENS, HIDDEN], and which tokens are there, float32 [rows, TOKENS]."""

    states: np.ndarray
    mask: np.ndarray
    lengths: np.ndarray


def prepare(texts: list[str], cache: Path, model: Path) -> Prepared:
    provisioned = provision(cache, model)
    graph = encoder_graph.build(*weights_of(model), shared=SHARED_LAYERS)
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(provisioned.tokenizer_path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    states = np.zeros((len(texts), TOKENS, HIDDEN), np.float16)
    mask = np.zeros((len(texts), TOKENS), np.float32)
    for row, text in enumerate(texts):
        ids = np.array([tokenizer.encode(text).ids], np.int32)
        [found] = session.run(["states"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        states[row, : ids.shape[1]] = found[0]
        mask[row, : ids.shape[1]] = 1
    return Prepared(states, mask, mask.sum(1).astype(int))


def weights_of(model: Path) -> tuple[dict[str, np.ndarray], encoder_graph.Shape]:
    weights = {name: value for name, value in load_file(model / WEIGHTS).items() if value.dtype.kind == "f"}
    return weights, encoder_graph.shape_of(weights, HEADS, 1e-12)


def row_weights(intents: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """Every intent counts the same; within it a source counts with the root of its size."""
    weights = np.zeros(len(intents), np.float32)
    classes = np.unique(intents)
    for intent in classes:
        ours = intents == intent
        for source in np.unique(sources[ours]):
            both = ours & (sources == source)
            weights[both] = float(both.sum()) ** -0.5
        weights[ours] *= len(intents) / len(classes) / weights[ours].sum()
    return np.minimum(weights, HEAVIEST)


def normal(x, gain, bias):
    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * gain + bias


def dropped(x, key, rate):
    return x if key is None else jnp.where(jax.random.bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


def layer(p, x, mask, key):
    keys = [None] * 3 if key is None else jax.random.split(key, 3)
    batch, tokens, _ = x.shape

    def dense(value, name):
        return value @ p[f"{name}.weight"].T + p[f"{name}.bias"]

    def split(name):
        parts = dense(x, f"attention.self.{name}").reshape(batch, tokens, HEADS, HIDDEN // HEADS)
        return parts.transpose(0, 2, 1, 3)

    scores = split("query") @ split("key").transpose(0, 1, 3, 2) / np.sqrt(HIDDEN // HEADS)
    seen = dropped(jax.nn.softmax(scores + (mask[:, None, None, :] - 1) * 1e4, -1), keys[0], DROPOUT) @ split("value")
    mixed = dense(seen.transpose(0, 2, 1, 3).reshape(batch, tokens, HIDDEN), "attention.output.dense")
    norm = "attention.output.LayerNorm"
    x = normal(x + dropped(mixed, keys[1], DROPOUT), p[f"{norm}.weight"], p[f"{norm}.bias"])
    inner = dense(jax.nn.gelu(dense(x, "intermediate.dense"), approximate=False), "output.dense")
    return normal(x + dropped(inner, keys[2], DROPOUT), p["output.LayerNorm.weight"], p["output.LayerNorm.bias"])


def scores_of(params, states, mask, key=None):
    keys = [None] * (OWN_LAYERS + 1) if key is None else jax.random.split(key, OWN_LAYERS + 1)
    x = states.astype(jnp.float32)
    for place, p in enumerate(params["layers"]):
        x = layer(p, x, mask, keys[place])
    pooled = (x * mask[..., None]).sum(1)
    features = pooled / jnp.linalg.norm(pooled, axis=-1, keepdims=True)
    return dropped(features * SCALE, keys[-1], HEAD_DROPOUT) @ params["weight"] + params["bias"]


def loss_of(params, states, mask, gold, weights, key):
    logs = jax.nn.log_softmax(scores_of(params, states, mask, key))
    classes = logs.shape[1]
    wanted = jax.nn.one_hot(gold, classes) * (1 - SMOOTHING) + SMOOTHING / classes
    return -((logs * wanted).sum(-1) * weights).sum() / weights.sum()


@jax.jit
def stepped(params, mean, square, number, rate, states, mask, gold, weights, key):
    """One AdamW step with the gradient clipped to length 1."""
    loss, grads = jax.value_and_grad(loss_of)(params, states, mask, gold, weights, key)
    length = jnp.sqrt(sum((grad**2).sum() for grad in jax.tree.leaves(grads)))
    grads = jax.tree.map(lambda grad: grad * jnp.minimum(1.0, 1 / length), grads)
    mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, mean, grads)
    square = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new**2, square, grads)

    def moved(p, m, s):
        return p - rate * (m / (1 - 0.9**number) / (jnp.sqrt(s / (1 - 0.999**number)) + 1e-8) + DECAY * p)

    return jax.tree.map(moved, params, mean, square), mean, square, loss


scored = jax.jit(scores_of)


def width(lengths: np.ndarray) -> int:
    """Tokens to compute for these rows, in steps of eight so that few shapes are compiled."""
    return min(TOKENS, 8 * int(np.ceil(lengths.max() / 8)))


def batches(rows: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Shuffled batches of rows of like length."""
    order = rng.permutation(rows)
    pools = [order[start : start + BATCH * 16] for start in range(0, len(order), BATCH * 16)]
    ordered = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    cut = [pool[start : start + BATCH] for pool in ordered for start in range(0, len(pool), BATCH)]
    whole = [batch for batch in cut if len(batch) == BATCH]
    return [whole[place] for place in rng.permutation(len(whole))]


def train(rows: np.ndarray, gold: np.ndarray, data: Rows, prepared: Prepared, start: dict, seed: int):
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    layers = [
        {
            name.split(".", 3)[3]: jnp.asarray(value)
            for name, value in start.items()
            if name.startswith(f"encoder.layer.{n}.")
        }
        for n in range(SHARED_LAYERS, SHARED_LAYERS + OWN_LAYERS)
    ]
    classes = int(gold.max()) + 1
    params = {
        "layers": layers,
        "weight": jnp.asarray(rng.normal(0, 0.02, (HIDDEN, classes)), jnp.float32),
        "bias": jnp.zeros(classes),
    }
    mean = square = jax.tree.map(jnp.zeros_like, params)
    weights = np.zeros(len(gold), np.float32)
    weights[rows] = row_weights(data.intents[rows], data.sources[rows])
    total, number = EPOCHS * (len(rows) // BATCH), 0
    for _ in range(EPOCHS):
        for batch in batches(rows, prepared.lengths, rng):
            number += 1
            key, used = jax.random.split(key)
            rate = RATE * min(number / (0.1 * total), max(0.0, (total - number) / (0.9 * total)))
            cut = width(prepared.lengths[batch])
            params, mean, square, _ = stepped(
                params, mean, square, float(number), rate, prepared.states[batch, :cut], prepared.mask[batch, :cut],
                gold[batch], weights[batch], used,
            )  # fmt: skip
    return params


def predict(params, rows: np.ndarray, prepared: Prepared) -> np.ndarray:
    """Scores, float32 [rows, intents]."""
    scores = np.zeros((len(rows), params["bias"].shape[0]), np.float32)
    order = np.argsort(prepared.lengths[rows], kind="stable")
    for start in range(0, len(order), 64):
        part = order[start : start + 64]
        cut = width(prepared.lengths[rows[part]])
        scores[part] = scored(params, prepared.states[rows[part], :cut], prepared.mask[rows[part], :cut])
    return scores


def softmax(scores: np.ndarray) -> np.ndarray:
    grown = np.exp(scores - scores.max(1, keepdims=True))
    return grown / grown.sum(1, keepdims=True)


def macro_f1(gold: np.ndarray, guess: np.ndarray) -> float:
    scores = [
        2 * ((gold == c) & (guess == c)).sum() / ((gold == c).sum() + (guess == c).sum()) for c in np.unique(gold)
    ]
    return float(np.mean(scores))


def calibration_error(probabilities: np.ndarray, gold: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far confidence and accuracy are apart, over bins of confidence."""
    sure, right = probabilities.max(1), probabilities.argmax(1) == gold
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(
        sum(abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in np.unique(place))
    )


def temperature(scores: np.ndarray, gold: np.ndarray) -> float:
    """The factor on the scores with the least log loss."""
    factors = np.linspace(0.3, 3, 109)
    losses = [-np.log(softmax(scores * f)[np.arange(len(gold)), gold] + 1e-12).mean() for f in factors]
    return float(factors[int(np.argmin(losses))])


def kept_int8(params, factor: float, names: np.ndarray) -> None:
    """Write what ships: the layers as int8 columns with their scales, the head as it is, its scores made probabilities."""
    arrays: dict[str, np.ndarray] = {}
    for place, p in enumerate(params["layers"]):
        for name, value in p.items():
            full = f"encoder.layer.{place}.{name}"
            if value.ndim == 2:
                arrays[f"{full}.int8"], arrays[f"{full}.scale"] = encoder_graph.quantised(np.asarray(value), axis=1)
            else:
                arrays[full] = np.asarray(value, np.float32)
    np.savez_compressed(SOURCE / "models" / "weights" / "intent_layers.npz", **arrays)
    weight = np.asarray(params["weight"]) * SCALE * factor
    np.savez_compressed(
        SOURCE / "understanding" / "weights" / "intents.npz",
        intents=names, weight=weight.astype(np.float32), bias=np.asarray(params["bias"] * factor, np.float32),
    )  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("public", type=Path, help="JSON lines of text, intent, source, native")
    arguments.add_argument("--model", type=Path, required=True, help="folder with model.safetensors and tokenizer.json")
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--evaluate", choices=("none", "held", "sources"), default="held")
    arguments.add_argument("--keep", action="store_true", help="train on all rows and write the weights that ship")
    chosen = arguments.parse_args()
    data = read(chosen.public)
    print(len(data.texts), "rows", dict(Counter(data.intents.tolist())), flush=True)
    names, gold = np.unique(data.intents, return_inverse=True)
    prepared = prepare(data.texts, chosen.cache, chosen.model)
    start, _ = weights_of(chosen.model)
    written = data.sources == "written"
    held = written & (np.random.default_rng(0).random(len(gold)) < 0.2)

    def run(rows: np.ndarray, test: np.ndarray, name: str) -> np.ndarray:
        began = time.time()
        scores = predict(train(np.flatnonzero(rows), gold, data, prepared, start, 0), np.flatnonzero(test), prepared)
        guess = scores.argmax(1)
        print(f"{name:18s} n {test.sum():5d} accuracy {(guess == gold[test]).mean():.3f} "
              f"macro-F1 {macro_f1(gold[test], guess):.3f}  ({time.time() - began:.0f} s)", flush=True)  # fmt: skip
        return scores

    factor = 1.0
    if chosen.evaluate == "held":
        scores = run(~held, held, "written, held out")
        factor = temperature(scores, gold[held])
        before, after = softmax(scores), softmax(scores * factor)
        print(f"factor {factor:.3f}, calibration error {calibration_error(before, gold[held]):.3f} before, "
              f"{calibration_error(after, gold[held]):.3f} after", flush=True)  # fmt: skip
        np.savez(
            chosen.cache / "held.npz", scores=scores, gold=gold[held], texts=np.array(data.texts)[held], names=names
        )
    if chosen.evaluate == "sources":
        run(~written, written, "public -> written")
        scores = run(written, ~written, "written -> public")
        right = scores.argmax(1) == gold[~written]
        for source in np.unique(data.sources[~written]):
            ours = data.sources[~written] == source
            print(f"  {source:16s} n {ours.sum():5d} accuracy {right[ours].mean():.3f}", flush=True)
    if chosen.keep:
        params = train(np.arange(len(gold)), gold, data, prepared, start, 1)
        (SOURCE / "models" / "weights").mkdir(exist_ok=True)
        kept_int8(params, factor, names)


if __name__ == "__main__":
    main()
