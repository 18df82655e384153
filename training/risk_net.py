"""The layer that tells risks: one transformer layer on the encoder's middle states, and a score for each risk (PyTorch).

It begins as a copy of the encoder's fifth layer. Its head sees the mean of the tokens and the largest of each column, so that
one telling token counts in a long text; ``models/encoder_graph.py`` builds the same for the product.
"""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as nnf
from safetensors.numpy import load_file
from tokenizers import Tokenizer
from torch import nn

from mangaassist.models import encoder_graph
from mangaassist.models.provisioning import WEIGHTS, provision

SHARED_LAYERS = 4
HEADS, HIDDEN = 12, 384
TOKENS, TRAINED_TOKENS = 160, 80
EPOCHS, BATCH, RATE, DECAY = 4, 32, 3e-4, 0.01
DROPOUT, HEAD_DROPOUT, SMOOTHING = 0.1, 0.2, 0.03
HEAVIEST = 8.0
PREFIX = f"encoder.layer.{SHARED_LAYERS}."
MORE = {"harmless_orders": 4.0, "harmless_language": 4.0, "benign": 2.0, "toxic": 2.5}
"""Hard harmless texts are what a public corpus lacks, and words to a reader in place of words about a group."""
PARTS = {
    "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value",
    "mixed": "attention.output.dense", "inner": "intermediate.dense", "outer": "output.dense",
    "first_norm": "attention.output.LayerNorm", "last_norm": "output.LayerNorm",
}  # fmt: skip


class States(NamedTuple):
    """The middle states of all texts one behind the other, float16 [tokens, HIDDEN], and how many tokens each has."""

    states: np.ndarray
    lengths: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(self.lengths)])


def prepare(texts: list[str], cache: Path, model: Path) -> States:
    """What the int8 encoder really gives, so that the layer meets in production what it met here."""
    provisioned = provision(cache, model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(provisioned.path), options, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(provisioned.tokenizer_path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    found = []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int32)
        [states] = session.run(["states"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        found.append(states[0].astype(np.float16))
    return States(np.concatenate(found), np.array([len(states) for states in found]))


class RiskNet(nn.Module):
    def __init__(self, model: Path) -> None:
        super().__init__()
        weights = {name.removeprefix("bert."): value for name, value in load_file(model / WEIGHTS).items()}
        for own, theirs in PARTS.items():
            weight, bias = (
                torch.tensor(weights[f"{PREFIX}{theirs}.{part}"].astype(np.float32)) for part in ("weight", "bias")
            )
            part = nn.LayerNorm(HIDDEN, eps=1e-12) if "norm" in own else nn.Linear(weight.shape[1], weight.shape[0])
            part.weight.data, part.bias.data = weight, bias
            setattr(self, own, part)
        self.head = nn.Linear(2 * HIDDEN, 2)
        self.head.weight.data *= 0.3
        self.drop, self.head_drop = nn.Dropout(DROPOUT), nn.Dropout(HEAD_DROPOUT)

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Scores, float32 [texts, 2]."""
        there, state = mask[..., None], self._layer(states, mask)
        mean, most = (state * there).sum(1), (state - (1 - there) * encoder_graph.ABSENT).max(1).values
        views = torch.cat([view / view.norm(dim=-1, keepdim=True) for view in (mean, most)], -1)
        return self.head(self.head_drop(encoder_graph.LOUD * views))

    def _layer(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        texts, tokens, _ = x.shape
        parts = (self.query, self.key, self.value)
        query, key, value = (part(x).view(texts, tokens, HEADS, -1).transpose(1, 2) for part in parts)
        rate = DROPOUT if self.training else 0.0
        seen = nnf.scaled_dot_product_attention(query, key, value, mask[:, None, None, :].bool(), rate)
        x = self.first_norm(x + self.drop(self.mixed(seen.transpose(1, 2).reshape(texts, tokens, HIDDEN))))
        return self.last_norm(x + self.drop(self.outer(nnf.gelu(self.inner(x)))))


def weigh(rows: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Of each risk both sides count the same; within a side a group of texts counts with the root of its size."""
    weights = np.zeros_like(labels)
    for risk in range(labels.shape[1]):
        for side in (0.0, 1.0):
            ours = rows[labels[rows, risk] == side]
            for group in np.unique(groups[ours]):
                both = ours[groups[ours] == group]
                weights[both, risk] = len(both) ** -0.5 * MORE.get(group.split("/")[0], 1.0)
            weights[ours, risk] *= len(rows) / 2 / weights[ours, risk].sum()
    return np.minimum(weights, HEAVIEST)


def train(
    rows: np.ndarray, labels: np.ndarray, groups: np.ndarray, states: States, model: Path, seed: int = 0
) -> RiskNet:
    torch.manual_seed(seed)
    rng, net, number = np.random.default_rng(seed), RiskNet(model).train(), 0
    weights, total = weigh(rows, labels, groups), EPOCHS * math.ceil(len(rows) / BATCH)
    stepper = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(EPOCHS):
        for at in batches(rows, states.lengths, rng):
            number += 1
            stepper.param_groups[0]["lr"] = RATE * min(number / (0.1 * total), (total - number) / (0.9 * total))
            known = labels[at] >= 0
            wanted = np.where(known, labels[at], 0) * (1 - 2 * SMOOTHING) + SMOOTHING
            scores = net(*_batch(at, states, TRAINED_TOKENS))
            loss = nnf.binary_cross_entropy_with_logits(scores, torch.tensor(wanted).float(), reduction="none")
            loss = (loss * torch.tensor(weights[at] * known).float()).sum() / len(at)
            stepper.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            stepper.step()
    return net.eval()


@torch.no_grad()
def predict(net: RiskNet, rows: np.ndarray, states: States) -> np.ndarray:
    """Scores, float32 [rows, 2]."""
    scores, order = np.zeros((len(rows), 2), np.float32), np.argsort(states.lengths[rows], kind="stable")
    for start in range(0, len(order), 64):
        part = order[start : start + 64]
        scores[part] = net(*_batch(rows[part], states, TOKENS)).numpy()
    return scores


def batches(rows: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """Shuffled batches of rows of like length."""
    order = rng.permutation(rows)
    pools = [order[start : start + BATCH * 16] for start in range(0, len(order), BATCH * 16)]
    ordered = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
    cut = [pool[start : start + BATCH] for pool in ordered for start in range(0, len(pool), BATCH)]
    return [cut[place] for place in rng.permutation(len(cut))]


def _batch(rows: np.ndarray, states: States, most: int) -> tuple[torch.Tensor, torch.Tensor]:
    lengths, starts = np.minimum(states.lengths[rows], most), states.starts
    there, mask = (
        np.zeros((len(rows), lengths.max(), HIDDEN), np.float32),
        np.zeros((len(rows), lengths.max()), np.float32),
    )
    for place, row in enumerate(rows):
        there[place, : lengths[place]] = states.states[starts[row] : starts[row] + lengths[place]]
        mask[place, : lengths[place]] = 1
    return torch.from_numpy(there), torch.from_numpy(mask)


def kept(net: RiskNet, slopes: np.ndarray, offsets: np.ndarray, file: Path) -> None:
    """The layer as int8 columns with their scales; the head with the calibration folded in: its sigmoid is a probability."""
    arrays: dict[str, np.ndarray] = {}
    for own, theirs in PARTS.items():
        part = getattr(net, own)
        weight, name = part.weight.detach().numpy(), f"encoder.layer.0.{theirs}"
        if weight.ndim == 2:
            arrays[f"{name}.weight.int8"], arrays[f"{name}.weight.scale"] = encoder_graph.quantised(weight, axis=1)
        else:
            arrays[f"{name}.weight"] = weight
        arrays[f"{name}.bias"] = part.bias.detach().numpy()
    arrays["risk.weight"] = net.head.weight.detach().numpy() * slopes[:, None].astype(np.float32)
    arrays["risk.bias"] = (net.head.bias.detach().numpy() * slopes + offsets).astype(np.float32)
    np.savez_compressed(file, **arrays)
