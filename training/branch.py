"""The part of the encoder that is ours: two transformer layers on its middle states and two heads, and their training.

One head tells the ten intents apart (softmax), the other says which acts a message holds (one sigmoid each).
"""

from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
from rows import ACTS, Rows
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from mangaassist.models import encoder_graph
from mangaassist.models.provisioning import WEIGHTS, provision

OWN_LAYERS = 2
SHARED_LAYERS = 4
HEADS, HIDDEN = 12, 384
TOKENS = 48
"""Longer messages are cut for training: 99.9 % of them are shorter."""
EPOCHS, BATCH, RATE = 8, 64, 4e-4
DROPOUT, HEAD_DROPOUT, SMOOTHING, DECAY = 0.1, 0.2, 0.05, 0.01
SCALE = 12.0
"""Features have length 1; the heads see them this much longer, so that their weights start at a usual size."""
HEAVIEST = 5.0
"""No row counts more than this many average ones, however rare its intent or source."""
SHARE = {ACTS: 0.5}
"""Fragments teach acts; of the intents they teach less."""
ACT_LOSS = 0.5
RARE = -4.0
"""Where the acts' scores begin: one message in fifty."""
FAR = 1e9

Parameters = dict


class Prepared(NamedTuple):
    """Middle states of every row, float16 [rows, TOKENS, HIDDEN], and which tokens are there, float32 [rows, TOKENS]."""

    states: np.ndarray
    mask: np.ndarray
    lengths: np.ndarray


class Weights(NamedTuple):
    """How much a row counts for each head, float32 [rows]."""

    intents: np.ndarray
    acts: np.ndarray


def prepare(texts: list[str], cache: Path, model: Path) -> Prepared:
    provisioned = provision(cache, model)
    graph = encoder_graph.build(*weights_of(model), shared=SHARED_LAYERS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
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
    """Every intent counts the same; within it a source counts with the root of its size. Intent -1 counts nothing."""
    weights = np.zeros(len(intents), np.float32)
    classes = np.unique(intents[intents >= 0])
    for intent in classes:
        ours = intents == intent
        for source in np.unique(sources[ours]):
            both = ours & (sources == source)
            weights[both] = float(both.sum()) ** -0.5 * SHARE.get(source, 1.0)
        weights[ours] *= len(intents) / len(classes) / weights[ours].sum()
    return np.minimum(weights, HEAVIEST)


def act_weights(acts: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """A row of a common act counts less, with the root of how many the act has; an uncounted row nothing."""
    often = np.maximum(acts.sum(0), 1)
    rarest = np.array([often[np.flatnonzero(row)].min() if row.any() else often.max() for row in acts])
    weights = rarest**-0.5 * (counted.sum(1) > 0)
    return (weights * len(weights) / weights.sum()).astype(np.float32)


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
    """Scores of the intents and of the acts, float32 [batch, intents] and [batch, acts]."""
    keys = [None] * (OWN_LAYERS + 1) if key is None else jax.random.split(key, OWN_LAYERS + 1)
    x = states.astype(jnp.float32)
    for place, p in enumerate(params["layers"]):
        x = layer(p, x, mask, keys[place])
    pooled = (x * mask[..., None]).sum(1)
    features = dropped(SCALE * pooled / jnp.linalg.norm(pooled, axis=-1, keepdims=True), keys[-1], HEAD_DROPOUT)
    return (
        features @ params["weight"] + params["bias"],
        features @ params["act_weight"] + params["act_bias"],
    )


def intent_loss(scores, gold, weights):
    logs = jax.nn.log_softmax(scores)
    classes = logs.shape[1]
    wanted = jax.nn.one_hot(gold, classes) * (1 - SMOOTHING) + SMOOTHING / classes
    return -((logs * wanted).sum(-1) * weights).sum() / jnp.maximum(weights.sum(), 1)


def act_loss(scores, acts, counted, weights):
    """One yes or no for each act, and beside it which act it is, which teaches rare acts faster."""
    alone = -(acts * jax.nn.log_sigmoid(scores) + (1 - acts) * jax.nn.log_sigmoid(-scores)) * counted
    shares = acts / jnp.maximum(acts.sum(-1, keepdims=True), 1)
    which = -shares * jax.nn.log_softmax(jnp.where(counted > 0, scores, -FAR))
    return ((alone.sum(-1) + jnp.where(counted > 0, which, 0).sum(-1)) * weights).sum() / jnp.maximum(weights.sum(), 1)


def loss_of(params, batch, key):
    states, mask, gold, weights, acts, counted, act_weight = batch
    intents, found = scores_of(params, states, mask, key)
    return intent_loss(intents, gold, weights) + ACT_LOSS * act_loss(found, acts, counted, act_weight)


@jax.jit
def stepped(params, mean, square, number, rate, batch, key):
    """One AdamW step with the gradient clipped to length 1."""
    loss, grads = jax.value_and_grad(loss_of)(params, batch, key)
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


def started(encoder: dict[str, np.ndarray], intents: int, acts: int, rng: np.random.Generator) -> Parameters:
    """The encoder's last two layers and two heads that know nothing yet."""
    layers = [
        {
            name.split(".", 3)[3]: jnp.asarray(value)
            for name, value in encoder.items()
            if name.startswith(f"encoder.layer.{n}.")
        }
        for n in range(SHARED_LAYERS, SHARED_LAYERS + OWN_LAYERS)
    ]
    return {
        "layers": layers,
        "weight": jnp.asarray(rng.normal(0, 0.02, (HIDDEN, intents)), jnp.float32),
        "bias": jnp.zeros(intents),
        "act_weight": jnp.asarray(rng.normal(0, 0.02, (HIDDEN, acts)), jnp.float32),
        "act_bias": jnp.full(acts, RARE),
    }


def weigh(rows: np.ndarray, data: Rows) -> Weights:
    intents, acts = np.zeros(len(data.texts), np.float32), np.zeros(len(data.texts), np.float32)
    intents[rows] = row_weights(data.intents[rows], data.sources[rows])
    acts[rows] = act_weights(data.acts[rows], data.counted[rows])
    return Weights(intents, acts)


def train(rows: np.ndarray, data: Rows, prepared: Prepared, encoder: dict[str, np.ndarray], seed: int) -> Parameters:
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    params = started(encoder, len(data.names), len(data.classes), rng)
    mean = square = jax.tree.map(jnp.zeros_like, params)
    weights = weigh(rows, data)
    total, number = EPOCHS * (len(rows) // BATCH), 0
    for _ in range(EPOCHS):
        for at in batches(rows, prepared.lengths, rng):
            number += 1
            key, used = jax.random.split(key)
            rate = RATE * min(number / (0.1 * total), max(0.0, (total - number) / (0.9 * total)))
            cut = width(prepared.lengths[at])
            batch = (
                prepared.states[at, :cut], prepared.mask[at, :cut], data.intents[at], weights.intents[at],
                data.acts[at], data.counted[at], weights.acts[at],
            )  # fmt: skip
            params, mean, square, _ = stepped(params, mean, square, float(number), rate, batch, used)
    return params


def predict(params: Parameters, rows: np.ndarray, prepared: Prepared) -> tuple[np.ndarray, np.ndarray]:
    """Scores, float32 [rows, intents] and [rows, acts]."""
    intents = np.zeros((len(rows), params["bias"].shape[0]), np.float32)
    acts = np.zeros((len(rows), params["act_bias"].shape[0]), np.float32)
    order = np.argsort(prepared.lengths[rows], kind="stable")
    for start in range(0, len(order), 64):
        part = order[start : start + 64]
        cut = width(prepared.lengths[rows[part]])
        intents[part], acts[part] = scored(params, prepared.states[rows[part], :cut], prepared.mask[rows[part], :cut])
    return intents, acts
