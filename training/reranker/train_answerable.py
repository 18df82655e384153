"""Trains the head that tells whether any page answers, on what ``gather_answerable.py`` kept, and scores it (K-2).

The reranker's own scores are among its numbers, and look better on questions that trained it: so it learns from the pages and
questions that the reranker never saw, and from the same questions asked of an index that lacks their pages.
"""

import pickle
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
from groups import Row
from train import score, side_by_side, started

from mangaassist.knowledge.answerable import ANSWERABLE_FEATURES
from mangaassist.knowledge.perceptron import Perceptron

SEEDS, STEPS, RATE, DECAY, DROPOUT = (1, 2, 3), 1500, 3e-3, 0.03, 0.2
FOLDS = 5
PROBE_DECAY = 2e-3
LOST = 0.04
"""The share of answered questions that may fall under an even chance."""
SHARES = {"open": 0.3, "none": 0.2, "lacking": 0.5}
"""What each kind of unanswered question counts of all of them."""
OF_SEEN = 0.25
"""What a row counts whose question trained the reranker."""
WEIGHTS = Path(__file__).parents[2] / "src" / "mangaassist" / "knowledge" / "weights" / "answerable.npz"


def kind_of(row: Row) -> str:
    return "lacking" if row.lacking else row.kind if row.kind in ("open", "none") else "answered"


def weights_of(rows) -> np.ndarray:
    kinds = np.array([kind_of(row) for row in rows])
    own = np.array([1.0 if row.held or row.kind == "open" else OF_SEEN for row in rows])
    for name, share in {"answered": 1.0, **SHARES}.items():
        mine = kinds == name
        own[mine] *= share / max(own[mine].sum(), 1e-9)
    return own


def probe_of(vectors: np.ndarray, answered: np.ndarray) -> tuple[np.ndarray, float]:
    """A logistic direction, both kinds weighing the same."""
    weight = np.where(answered, 0.5 / answered.sum(), 0.5 / (~answered).sum())
    direction, bias, rate = np.zeros(vectors.shape[1]), 0.0, 40.0
    for _ in range(400):
        error = (1 / (1 + np.exp(-(vectors @ direction + bias))) - answered) * weight
        direction = direction - rate * (vectors.T @ error + PROBE_DECAY * direction)
        bias -= 2 * error.sum()
    return direction, bias


def kinds_by_folds(rows) -> np.ndarray:
    """What the probe says of each question, trained on others alone."""
    texts = sorted({row.text for row in rows})
    fold = {text: place % FOLDS for place, text in enumerate(np.random.default_rng(0).permutation(texts))}
    folds, vectors = np.array([fold[row.text] for row in rows]), np.stack([row.vector for row in rows])
    asked = np.array([not row.lacking for row in rows])
    answered = np.array([row.answered for row in rows])
    told = np.zeros(len(rows))
    for one in range(FOLDS):
        known = (folds != one) & asked
        direction, bias = probe_of(vectors[known], answered[known])
        told[folds == one] = vectors[folds == one] @ direction + bias
    return told


def trained(inputs: np.ndarray, answered: np.ndarray, weight: np.ndarray, seed: int) -> dict:
    params = started(jax.random.PRNGKey(seed), inputs.shape[1])
    x, y, w = jnp.asarray(inputs), jnp.asarray(answered, jnp.float32), jnp.asarray(weight / weight.sum())

    def loss(params, key):
        logits = score(params, x, key)
        return (w * (jax.nn.softplus(logits) - y * logits)).sum()

    @jax.jit
    def stepped(params, mean, square, number, rate, key):
        grads = jax.grad(loss)(params, key)
        mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, mean, grads)
        square = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new**2, square, grads)

        def moved(p, m, s):
            return p - rate * (m / (1 - 0.9**number) / (jnp.sqrt(s / (1 - 0.999**number)) + 1e-8) + DECAY * p)

        return jax.tree.map(moved, params, mean, square), mean, square

    mean = square = jax.tree.map(jnp.zeros_like, params)
    key = jax.random.PRNGKey(seed + 100)
    for number in range(1, STEPS + 1):
        key, used = jax.random.split(key)
        rate = RATE * min(number / (0.1 * STEPS), (STEPS - number) / (0.9 * STEPS))
        params, mean, square = stepped(params, mean, square, float(number), rate, used)
    return jax.tree.map(np.asarray, params)


def network_of(inputs: np.ndarray, answered: np.ndarray, weight: np.ndarray, seeds=SEEDS) -> Perceptron:
    mean, spread = inputs.mean(0), inputs.std(0) + 1e-6
    scaled = ((inputs - mean) / spread).astype(np.float32)
    return side_by_side([trained(scaled, answered, weight, seed) for seed in seeds], (mean, spread))


def report(name: str, answered: np.ndarray, unanswered: np.ndarray) -> None:
    area = np.mean([(one > unanswered).mean() for one in answered])
    refused = [(unanswered < np.quantile(answered, lost)).mean() for lost in (0.03, 0.05, 0.1)]
    even = (unanswered < 0).mean(), (answered < 0).mean()
    print(
        f"{name}: AUC {area:.3f}; refused {refused[0]:.2f} / {refused[1]:.2f} / {refused[2]:.2f} at 3 / 5 / 10 % lost;"
        f" at an even chance {even[0]:.2f} refused, {even[1]:.3f} lost ({len(answered)} and {len(unanswered)})"
    )


def main(gathered: Path, out: Path) -> None:
    rows, plain = pickle.loads(gathered.read_bytes())
    judging = [row for row in rows if row.kind == "title" or (row.kind == "none" and row.held)]
    training = [row for row in rows if row.kind != "title" and not (row.kind == "none" and row.held)]
    numbers = np.stack([row.numbers for row in training])
    inputs = np.column_stack([numbers, kinds_by_folds(training)]).astype(np.float32)
    assert inputs.shape[1] == len(ANSWERABLE_FEATURES)
    answered, weight = np.array([row.answered for row in training]), weights_of(training)
    network = network_of(inputs, answered, weight)
    asked = [row for row in training if not row.lacking]
    direction, bias = probe_of(np.stack([row.vector for row in asked]), np.array([row.answered for row in asked]))

    def told(some) -> np.ndarray:
        kinds = np.stack([row.vector for row in some]) @ direction + bias
        return network.score(np.column_stack([np.stack([row.numbers for row in some]), kinds]).astype(np.float32))

    honest = np.array([row.held and row.answered for row in training])
    shift = np.quantile(network.score(inputs[honest]), LOST)
    network = type(network)(
        **{f: getattr(network, f) for f in network.__struct_fields__} | {"bias": network.bias - shift}
    )
    fields = {f"network.{field}": getattr(network, field) for field in Perceptron.__struct_fields__}
    fields |= {"probe": direction.astype(np.float32), "probe_bias": np.float32(bias)}
    np.savez(out, plain=np.array(" ".join(sorted(plain))), **fields)
    print("plain:", " ".join(sorted(plain)))
    titles = [row for row in judging if row.kind == "title" and not row.lacking]
    lacking = [row for row in judging if row.kind == "title" and row.lacking]
    none = [row for row in judging if row.kind == "none"]
    report("towards titles, against unanswered", told(titles), told(none))
    report("towards titles, against the same without their pages", told(titles), told(lacking))
    place = ANSWERABLE_FEATURES.index("best")
    report(
        "the same by the reranker's score", *(np.array([row.numbers[place] for row in some]) for some in (titles, none))
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else WEIGHTS)
