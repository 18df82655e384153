"""Trains the reranker's two small networks on what ``gather.py`` kept, scores what never trained, and writes the weights (M-4).

Three trainings with other seeds are averaged: side by side they are one network that is three times as wide.
"""

import math
import pickle
import sys
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from groups import Group, Question

from mangaassist.knowledge.answer_features import PAGE_FEATURES, SENTENCE_FEATURES
from mangaassist.knowledge.chunking import is_answer, page_chunk_id
from mangaassist.knowledge.perceptron import Perceptron
from mangaassist.knowledge.reranking import SCALE, AnswerHead, Judged

PAGES = 20
"""Ten candidates, and the page of each answer among them."""
HIDDEN, SEEDS, EPOCHS, BATCH, RATE, DECAY, DROPOUT = 24, (1, 2, 3), 20, 64, 4e-3, 0.04, 0.25
WEIGHT = {"sentence": 1.0, "page": 1.0, "none": 3.0, "wording": 0.7, "ask": 0.15, "joined ask": 0.1}
OF_SENTENCES = {"ask": 0.5, "joined ask": 0.4}
"""A question of another shop counts 1, one of a page without wordings half."""
OWN = 1.5
"""What it counts that a page stands before its own answers."""
FAR = 1e9
WEIGHTS = Path(__file__).parents[2] / "src" / "mangaassist" / "knowledge" / "weights" / "answers.npz"

Parameters = dict


class Rows(NamedTuple):
    """Groups as arrays, padded: pages [groups, PAGES, ...], sentences [groups, most, ...]; ``owner`` says whose a sentence is,
    ``own`` which chunks are answers of the page that is asked for as a whole."""

    pages: np.ndarray
    there: np.ndarray
    gold: np.ndarray
    also: np.ndarray
    own: np.ndarray
    sentences: np.ndarray
    told: np.ndarray
    right: np.ndarray
    same: np.ndarray
    owner: np.ndarray
    weight: np.ndarray
    of_sentences: np.ndarray
    none: np.ndarray

    def at(self, rows: np.ndarray) -> "Rows":
        return Rows(*(column[rows] for column in self))


def rows_of(groups: list[Group]) -> Rows:
    count, most = len(groups), max(len(one.right) for one in groups)
    pages = np.zeros((count, PAGES, len(PAGE_FEATURES)), np.float32)
    sentences = np.zeros((count, most, len(SENTENCE_FEATURES)), np.float32)
    there, gold, also, own = np.zeros((4, count, PAGES), bool)
    told, right, same = np.zeros((3, count, most), bool)
    owner = np.zeros((count, most, PAGES), np.float32)
    for row, one in enumerate(groups):
        pages_here, here = len(one.chunks), len(one.right)
        pages[row, :pages_here], there[row, :pages_here] = one.features.pages, True
        gold[row, :pages_here] = [name in one.question.gold for name in one.chunks]
        also[row, :pages_here] = one.same_page & ~gold[row, :pages_here]
        own[row, :pages_here] = [is_own_answer(one.question, name) for name in one.chunks]
        sentences[row, :here], told[row, :here] = one.features.sentences, True
        right[row, :here], same[row, :here] = one.right, one.same
        owner[row, np.arange(here), np.repeat(np.arange(pages_here), one.features.counts)] = 1
    weight = np.array([weight_of(one.question.kind) for one in groups], np.float32)
    of_sentences = np.array(
        [OF_SENTENCES.get(one.question.kind, w) for one, w in zip(groups, weight, strict=True)], np.float32
    )
    none = np.array([not one.question.gold for one in groups])
    return Rows(pages, there, gold, also, own, sentences, told, right, same, owner, weight, of_sentences, none)


def is_own_answer(question: Question, name: str) -> bool:
    return question.is_of_page and is_answer(name) and page_chunk_id(name) in question.gold


def weight_of(kind: str) -> float:
    name, _, plain = kind.partition(", ")
    return WEIGHT.get(name, 1.0) * (0.5 if plain else 1.0)


def started(key: jax.Array, inputs: int) -> Parameters:
    first, second = jax.random.split(key)
    return {
        "linear": jnp.zeros(inputs), "bias": jnp.zeros(()), "last": jnp.zeros(HIDDEN),
        "first": jax.random.normal(first, (inputs, HIDDEN)) * math.sqrt(2 / inputs), "first_bias": jnp.zeros(HIDDEN),
        "second": jax.random.normal(second, (HIDDEN, HIDDEN)) * math.sqrt(2 / HIDDEN), "second_bias": jnp.zeros(HIDDEN),
    }  # fmt: skip


def score(params: Parameters, inputs, key=None):
    inner = jax.nn.relu(inputs @ params["first"] + params["first_bias"])
    if key is not None:
        inner = jnp.where(jax.random.bernoulli(key, 1 - DROPOUT, inner.shape), inner / (1 - DROPOUT), 0)
    outer = jax.nn.relu(inner @ params["second"] + params["second_bias"])
    return inputs @ params["linear"] + outer @ params["last"] + params["bias"]


def scores(params: Parameters, norms, batch: Rows, key=None):
    """Of the sentences and of the pages, a page's best sentence among its numbers."""
    keys = (None, None) if key is None else jax.random.split(key)
    (page_mean, page_spread), (mean, spread) = norms
    sentences = score(params["sentences"], (batch.sentences - mean) / spread, keys[0])
    best = jnp.max(jnp.where(batch.owner > 0, sentences[..., None], -FAR), 1)
    best = jnp.where(batch.there, best, 0)
    inputs = jnp.concatenate([batch.pages, best[..., None] / SCALE], -1)
    return sentences, score(params["pages"], (inputs - page_mean) / page_spread, keys[1])


def some(values, mask):
    return jax.nn.logsumexp(jnp.where(mask, values, -FAR), -1)


def mean_of(values, mask):
    return jnp.where(mask, values, 0).sum(-1) / jnp.maximum(mask.sum(-1), 1)


def loss_of(params: Parameters, norms, batch: Rows, key):
    sentences, pages = scores(params, norms, batch, key)
    unanswered = jax.nn.softplus(some(pages, batch.there))
    pages_lost = jnp.where(batch.none, unanswered, page_loss(pages, batch))
    told_lost = jnp.where(batch.right.any(-1), sentence_loss(sentences, batch), 0)
    return (pages_lost * batch.weight + told_lost * batch.of_sentences).sum() / batch.weight.sum()


def page_loss(pages, batch: Rows):
    """Which page it is, and that it is one at all; what says the same is no wrong answer, nor are a page's own answers where it is
    asked for as a whole, but it stands before them."""
    asked, gold = batch.there & ~batch.also, batch.gold & batch.there
    which = -mean_of(jax.nn.log_softmax(jnp.where(asked, pages, -FAR), -1), gold)
    answers = jax.nn.softplus(-some(pages, batch.there & (batch.gold | batch.also)))
    as_whole = some(pages, gold | (batch.own & batch.there)) - some(pages, gold)
    which += OWN * jnp.where((batch.own & batch.there).any(-1) & gold.any(-1), as_whole, 0)
    return which + 0.5 * answers + 0.1 * mean_of(jax.nn.softplus(pages), asked & ~gold)


def sentence_loss(sentences, batch: Rows):
    """Which sentence of the right page it is, and which of all that are in question; and that it is one at all."""
    of_page = jnp.einsum("bsp,bp->bs", batch.owner, batch.gold.astype(jnp.float32)) > 0
    right = jnp.where(batch.right, sentences, 0).sum(-1)
    here = some(sentences, of_page & (~batch.same | batch.right)) - right
    anywhere = some(sentences, batch.told & ~batch.same) - right
    wrong = mean_of(jax.nn.softplus(sentences), of_page & ~batch.right & ~batch.same)
    return here + 0.5 * anywhere + 0.3 * (jax.nn.softplus(-right) + wrong)


@jax.jit
def stepped(params, mean, square, number, rate, norms, batch, key):
    """One AdamW step with the gradient clipped to length 1."""
    grads = jax.grad(loss_of)(params, norms, batch, key)
    length = jnp.sqrt(sum((grad**2).sum() for grad in jax.tree.leaves(grads)))
    grads = jax.tree.map(lambda grad: grad * jnp.minimum(1.0, 1 / length), grads)
    mean = jax.tree.map(lambda old, new: 0.9 * old + 0.1 * new, mean, grads)
    square = jax.tree.map(lambda old, new: 0.999 * old + 0.001 * new**2, square, grads)

    def moved(p, m, s):
        return p - rate * (m / (1 - 0.9**number) / (jnp.sqrt(s / (1 - 0.999**number)) + 1e-8) + DECAY * p)

    return jax.tree.map(moved, params, mean, square), mean, square


def trained(rows: Rows, norms, seed: int) -> Parameters:
    rng, key = np.random.default_rng(seed), jax.random.PRNGKey(seed)
    key, one, other = jax.random.split(key, 3)
    params = {
        "sentences": started(one, len(SENTENCE_FEATURES)),
        "pages": started(other, len(PAGE_FEATURES) + 1),
    }
    mean = square = jax.tree.map(jnp.zeros_like, params)
    total, number = EPOCHS * (len(rows.none) // BATCH), 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(rows.none))
        for start in range(0, len(order) - BATCH, BATCH):
            number += 1
            key, used = jax.random.split(key)
            rate = RATE * min(number / (0.1 * total), max(0.0, (total - number) / (0.9 * total)))
            batch = rows.at(order[start : start + BATCH])
            params, mean, square = stepped(params, mean, square, float(number), rate, norms, batch, used)
    return jax.tree.map(np.asarray, params)


def side_by_side(networks: list[Parameters], norm: tuple[np.ndarray, np.ndarray]) -> Perceptron:
    count = len(networks)
    second = np.zeros((count * HIDDEN, count * HIDDEN), np.float32)
    for place, one in enumerate(networks):
        part = slice(place * HIDDEN, (place + 1) * HIDDEN)
        second[part, part] = one["second"]
    return Perceptron(
        mean=norm[0].astype(np.float32), spread=norm[1].astype(np.float32),
        linear=np.mean([one["linear"] for one in networks], 0), bias=np.mean([one["bias"] for one in networks], 0),
        first=np.concatenate([one["first"] for one in networks], 1),
        first_bias=np.concatenate([one["first_bias"] for one in networks]), second=second,
        second_bias=np.concatenate([one["second_bias"] for one in networks]),
        last=np.concatenate([one["last"] for one in networks]) / count,
    )  # fmt: skip


def calibrated(head: AnswerHead, groups: list[Group]) -> tuple[float, float]:
    """Slope and offset that make the best page's score a probability, answered and unanswered questions weighing the same."""
    own = ("sentence", "page", "wording", "none")
    best = np.array([best_score(head, one) for one in groups if one.question.kind in own])
    answered = np.array([bool(one.question.gold) for one in groups if one.question.kind in own])
    weight = np.where(answered, 0.5 / answered.sum(), 0.5 / (~answered).sum())
    slope, offset = 1.0, 0.0
    for _ in range(4000):
        error = (1 / (1 + np.exp(-(slope * best + offset))) - answered) * weight
        slope, offset = slope - 2 * (error * best).sum(), offset - 2 * error.sum()
    return slope, offset


def judged(head: AnswerHead, group: Group) -> list[Judged]:
    relevance = group.features.pages[:, PAGE_FEATURES.index("relevance")]
    return head.judged(group.features, head.scored(group.features), relevance)


def best_score(head: AnswerHead, group: Group) -> float:
    chance = np.clip(max(one.page for one in judged(head, group)), 1e-6, 1 - 1e-6)
    return float(np.log(chance / (1 - chance)))


def gain_at(ranking: list[str], gold: tuple[str, ...], depth: int) -> float:
    gains = sum(1 / math.log2(rank + 2) for rank, name in enumerate(ranking[:depth]) if name in gold)
    return gains / sum(1 / math.log2(rank + 2) for rank in range(min(depth, len(gold))))


def show(head: AnswerHead, groups: list[Group], missed: list[Group]) -> None:
    """Every kind that never trained, in three orders; a question nothing of which was among the candidates is lost.

    Pages are ranked by the first of their chunks; of answers it is counted as well whether they themselves come first.
    """
    for kind in sorted({one.question.kind for one in groups if one.question.gold}):
        ours = [one for one in groups if one.question.kind == kind]
        total = len(ours) + sum(one.question.kind == kind for one in missed)
        print(f"{kind} ({total})")
        for name, order in ORDERS.items():
            ranked = [ranking(one, order(head, one)) for one in ours]
            show_order(
                name, [(pages_of(r), gold_pages(one.question)) for r, one in zip(ranked, ours, strict=True)], total
            )
            if name != "dense" and any("#0" in g for one in ours for g in one.question.gold):
                show_order(
                    f"  {name}, chunks", [(r, one.question.gold) for r, one in zip(ranked, ours, strict=True)], total
                )
        show_sentences(head, [one for one in ours if one.right.any()])
        plain = ", no wordings" if kind.endswith(", no wordings") else ""
        none = [one for one in groups if one.question.kind == f"none{plain}"]
        show_unanswered(head, ours, none)


def show_order(name: str, pairs: list[tuple[list[str], tuple[str, ...]]], total: int) -> None:
    top = [sum(bool(set(r[:n]) & set(g)) for r, g in pairs) / total for n in (1, 3)]
    gains = [sum(gain_at(r, g, n) for r, g in pairs) / total for n in (3, 10)]
    print(f"  {name:20s} top1 {top[0]:.3f} top3 {top[1]:.3f} nDCG@3 {gains[0]:.3f} @10 {gains[1]:.3f}")


def pages_of(chunks: list[str]) -> list[str]:
    return list(dict.fromkeys(page_chunk_id(name) for name in chunks))


def gold_pages(question: Question) -> tuple[str, ...]:
    """Of one that names a sentence, its page alone: the answers that say the same do not count for it."""
    gold = question.gold if question.sentence is None else question.gold[:1]
    return tuple(dict.fromkeys(map(page_chunk_id, gold)))


def show_sentences(head: AnswerHead, groups: list[Group]) -> None:
    if not groups:
        return
    hits = np.zeros(2)
    for one in groups:
        starts = np.cumsum([0, *one.features.counts])
        place = next(n for n, name in enumerate(one.chunks) if name == one.question.gold[0])
        part = slice(starts[place], starts[place + 1])
        told = judged(head, one)[place].sentences
        hits += one.right[part][np.argmax(told)], one.right[part][np.argmax(one.features.sentences[part, 0])]
    print(f"  sentence of the page: judged {hits[0] / len(groups):.3f}, nearest {hits[1] / len(groups):.3f}")


def show_unanswered(head: AnswerHead, groups: list[Group], none: list[Group]) -> None:
    for name, best in (("cosine", nearest), ("judged", best_score)):
        known = np.array([best(head, one) for one in groups])
        unknown = np.array([best(head, one) for one in none])
        area = np.mean([(one > unknown).mean() + (one == unknown).mean() / 2 for one in known])
        refused = [(unknown < np.quantile(known, lost)).mean() for lost in (0.05, 0.1)]
        print(f"  unanswered by {name}: AUC {area:.3f}, refused {refused[0]:.2f} at 5 % lost, {refused[1]:.2f} at 10 %")


def nearest(_: AnswerHead, group: Group) -> float:
    return float(group.features.pages[:, PAGE_FEATURES.index("found")].max(initial=0))


def ranking(group: Group, order: np.ndarray) -> list[str]:
    return [group.chunks[place] for place in np.argsort(-order, kind="stable")]


ORDERS = {
    "dense": lambda _, one: one.features.pages[:, PAGE_FEATURES.index("found")],
    "fused": lambda _, one: one.features.pages[:, PAGE_FEATURES.index("relevance")],
    "reranked": lambda head, one: np.array([verdict.rank for verdict in judged(head, one)]),
}


def main(gathered: Path, out: Path) -> None:
    groups: list[Group] = pickle.loads(gathered.read_bytes())
    missed = [one for one in groups if not one.found and one.question.held]
    groups = [one for one in groups if one.found and one.chunks]
    training = [one for one in groups if not one.question.held]
    rows = rows_of(training)
    pages, sentences = rows.pages[rows.there], rows.sentences[rows.told]
    norms = (
        (np.append(pages.mean(0), 0), np.append(pages.std(0) + 1e-6, 1)),
        (sentences.mean(0), sentences.std(0) + 1e-6),
    )
    networks = [trained(rows, norms, seed) for seed in SEEDS]
    head = AnswerHead(
        side_by_side([one["sentences"] for one in networks], norms[1]),
        side_by_side([one["pages"] for one in networks], norms[0]),
        1.0,
        0.0,
    )
    slope, offset = calibrated(head, training)
    fields = {f"{name}.{field}": getattr(getattr(head, name), field) for name in ("sentences", "pages")
              for field in Perceptron.__struct_fields__}  # fmt: skip
    np.savez(out, calibration=np.array([slope, offset], np.float32), **fields)
    head = AnswerHead(head.sentences, head.pages, slope, offset)
    show(head, [one for one in groups if one.question.held], missed)
    print("On pages that trained:")
    show(head, [one for one in groups if one.question.is_of_answer and not one.question.held], [])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else WEIGHTS)
