"""The layer that tells risks: what a pass gives of each token made narrow, one transformer layer, a score for each risk (PyTorch).

Its head sees the mean of the tokens and the largest of each column, so that one telling token counts in a long text, and
beside them the features and the vector of the pass; ``models/encoder_graph.py`` builds the same for the product.
"""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as nnf
from risk_net import PARTS, batches
from tokenizers import Tokenizer
from torch import nn

from mangaassist.models import encoder_graph
from mangaassist.models.provisioning import provision
from mangaassist.models.risk_layer import HEAD_COLUMNS

READ, POOLED = 1152, 768
"""Columns of a token in three stages of the pass, and of features and vector."""
WIDTH, INNER = 160, 320
TOKENS, TRAINED_TOKENS = 160, 64
EPOCHS, BATCH, RATE, DECAY = 4, 32, 8e-4, 0.01
DROPOUT, HEAD_DROPOUT, SMOOTHING = 0.1, 0.2, 0.03
HEAVIEST = 8.0
MORE = {
    "harmless_orders/shop": 5.0, "harmless_orders/shop_other_languages": 6.0, "harmless_orders": 4.0, "harmless_language": 4.0,
    "benign": 2.0, "toxic": 2.5, "acts": 1.5, "talk": 2.0, "asked": 2.0, "own": 3.0,
}  # fmt: skip
"""Hard harmless texts are what a public corpus lacks, and words to a reader in place of words about a group."""


class States(NamedTuple):
    """What a pass gives of all texts.

    ``states`` is float16 [tokens, READ], one text behind the other, ``lengths`` how many tokens each has, ``pooled`` float32
    [texts, POOLED]: features and vector.
    """

    states: np.ndarray
    lengths: np.ndarray
    pooled: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        return np.concatenate([[0], np.cumsum(self.lengths)])


def prepare(texts: list[str], cache: Path, model: Path) -> States:
    """What the int8 encoder really gives, so that the layer meets in production what it met here."""
    provisioned = provision(cache, model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    encoder, reader = (
        onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        for path in (provisioned.path, provisioned.reader_path)
    )
    tokenizer = Tokenizer.from_file(str(provisioned.tokenizer_path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    found, pooled = [], []
    for text in texts:
        ids = np.array([tokenizer.encode(text).ids], np.int32)
        mask = np.ones_like(ids)
        vectors, states, search = encoder.run(
            ["vectors", "states", "search_states"], {"input_ids": ids, "attention_mask": mask}
        )
        features, reading = reader.run(["features", "reading_states"], {"states": states, "attention_mask": mask})
        found.append(np.concatenate([states[0], search[0], reading[0]], -1).astype(np.float16))
        pooled.append(np.concatenate([features[0], vectors[0]]))
    return States(np.concatenate(found), np.array([len(states) for states in found]), np.array(pooled))


class RiskNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.narrow, self.narrow_norm = nn.Linear(READ, WIDTH), nn.LayerNorm(WIDTH, eps=1e-12)
        self.query, self.key, self.value, self.mixed = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.inner, self.outer = nn.Linear(WIDTH, INNER), nn.Linear(INNER, WIDTH)
        self.first_norm, self.last_norm = (nn.LayerNorm(WIDTH, eps=1e-12) for _ in range(2))
        self.head = nn.Linear(2 * WIDTH + POOLED, 2)
        self.head.weight.data *= 0.3
        self.drop, self.head_drop = nn.Dropout(DROPOUT), nn.Dropout(HEAD_DROPOUT)

    def forward(self, states: torch.Tensor, mask: torch.Tensor, pooled: torch.Tensor) -> torch.Tensor:
        """Scores, float32 [texts, 2]."""
        there, state = mask[..., None], self._layer(self.narrow_norm(self.narrow(states)), mask)
        mean, most = (state * there).sum(1), (state - (1 - there) * encoder_graph.ABSENT).max(1).values
        views = torch.cat([*(view / view.norm(dim=-1, keepdim=True) for view in (mean, most)), pooled], -1)
        return self.head(self.head_drop(encoder_graph.LOUD * views))

    def _layer(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        texts, tokens, _ = x.shape
        parts = (self.query, self.key, self.value)
        query, key, value = (part(x).view(texts, tokens, -1, HEAD_COLUMNS).transpose(1, 2) for part in parts)
        rate = DROPOUT if self.training else 0.0
        seen = nnf.scaled_dot_product_attention(query, key, value, mask[:, None, None, :].bool(), rate)
        x = self.first_norm(x + self.drop(self.mixed(seen.transpose(1, 2).reshape(texts, tokens, WIDTH))))
        return self.last_norm(x + self.drop(self.outer(nnf.gelu(self.inner(x)))))


def weigh(rows: np.ndarray, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Of each risk both sides count the same; within a side a group of texts counts with the root of its size."""
    weights = np.zeros_like(labels)
    for risk in range(labels.shape[1]):
        for side in (0.0, 1.0):
            ours = rows[labels[rows, risk] == side]
            for group in np.unique(groups[ours]):
                both = ours[groups[ours] == group]
                weights[both, risk] = len(both) ** -0.5 * MORE.get(group, MORE.get(group.split("/")[0], 1.0))
            weights[ours, risk] *= len(rows) / 2 / weights[ours, risk].sum()
    return np.minimum(weights, HEAVIEST)


def train(rows: np.ndarray, labels: np.ndarray, groups: np.ndarray, states: States, seed: int = 0) -> RiskNet:
    torch.manual_seed(seed)
    rng, net, number = np.random.default_rng(seed), RiskNet().train(), 0
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


def _batch(rows: np.ndarray, states: States, most: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    lengths, starts = np.minimum(states.lengths[rows], most), states.starts
    there, mask = (
        np.zeros((len(rows), lengths.max(), READ), np.float32),
        np.zeros((len(rows), lengths.max()), np.float32),
    )
    for place, row in enumerate(rows):
        there[place, : lengths[place]] = states.states[starts[row] : starts[row] + lengths[place]]
        mask[place, : lengths[place]] = 1
    return torch.from_numpy(there), torch.from_numpy(mask), torch.from_numpy(states.pooled[rows])


def kept(net: RiskNet, slopes: np.ndarray, offsets: np.ndarray, file: Path) -> None:
    """The layer as int8 columns with their scales; the head with the calibration folded in: its sigmoid is a probability."""
    arrays: dict[str, np.ndarray] = {}
    layer = {own: f"encoder.layer.0.{theirs}" for own, theirs in PARTS.items()}
    for own, name in (layer | {"narrow": "narrow", "narrow_norm": "narrow_norm"}).items():
        part = getattr(net, own)
        weight = part.weight.detach().numpy()
        if weight.ndim == 2:
            arrays[f"{name}.weight.int8"], arrays[f"{name}.weight.scale"] = encoder_graph.quantised(weight, axis=1)
        else:
            arrays[f"{name}.weight"] = weight
        arrays[f"{name}.bias"] = part.bias.detach().numpy()
    arrays["risk.weight"] = net.head.weight.detach().numpy() * slopes[:, None].astype(np.float32)
    arrays["risk.bias"] = (net.head.bias.detach().numpy() * slopes + offsets).astype(np.float32)
    np.savez_compressed(file, **arrays)
