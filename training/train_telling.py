"""Trains what tells a message that only tells something from one that asks: a linear head on the encoder's pass (T-10).

    python training/train_telling.py CACHE [--keep]

Written messages say how somebody feels and ask for nothing; what asks are those of the conversations and acts, and written ones
that begin like the others ("i finished naruto, what now"). See telling/DATACARD.md for what it catches and costs.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from train_care import features_of, is_held

from mangaassist.domain.acts import ACTS, Act
from mangaassist.understanding.telling_head import KINDS, WEIGHTS, TellingHead

HERE = Path(__file__).parent
FILE = HERE.parent / "src" / "mangaassist" / "understanding" / WEIGHTS
STEPS, RATE, DECAY, LOUD = 400, 0.02, 1e-5, 5.0
EVERYDAY = 0.4
"""What a message of a conversation counts: there are many, and most are far from any feeling."""
LEAST = (0.5, 0.7, 0.8, 0.9, 0.95)


def lines(file: Path) -> Iterator[dict]:
    return (json.loads(line) for line in file.read_text("utf-8").splitlines() if line)


def asks(acts: list[str]) -> bool:
    """Whether a labelled message asks for anything: small talk alone is not told from what is told."""
    return any(ACTS[Act(act)].topic != "talk" or act in _OF_A_PERSON for act in acts)


_OF_A_PERSON = {
    "human",
    "callback",
    "complaint",
    "wait",
    "thanks",
    "bye",
    "greeting",
    "bored",
    "unsure",
    "insult",
    "yes",
    "no",
}


def rows() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts, the places of their kinds, and whether each was written for this."""
    own = {row["text"]: KINDS.index(row["tells"]) for row in lines(HERE / "telling" / "messages.jsonl")}
    talked = [
        turn for file in (HERE / "talk").glob("conversations_*.jsonl") for row in lines(file) for turn in row["turns"]
    ]
    written = [row for file in (HERE / "acts").glob("messages_*.jsonl") for row in lines(file)]
    everyday = sorted({row["text"] for row in (*talked, *written) if asks(row["acts"])} - set(own))
    return (
        [*own, *everyday],
        np.array([*own.values(), *[0] * len(everyday)]),
        np.arange(len(own) + len(everyday)) < len(own),
    )


def trained(inputs: np.ndarray, kinds: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by Adam."""
    weight, mean, square = np.zeros((3, inputs.shape[1] + 1, len(KINDS)))
    gold = np.eye(len(KINDS))[kinds]
    counts = np.where(own, 1.0, EVERYDAY * own.sum() / (~own).sum())
    counts /= counts.sum()
    loud = np.column_stack([inputs * LOUD, np.ones(len(inputs))])
    for step in range(1, STEPS + 1):
        scores = loud @ weight
        grown = np.exp(scores - scores.max(1, keepdims=True))
        slope = loud.T @ ((grown / grown.sum(1, keepdims=True) - gold) * counts[:, None]) + DECAY * weight
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weight = weight - RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weight[:-1] * LOUD, weight[-1]


def show(head: TellingHead, features: np.ndarray, kinds: np.ndarray, name: str) -> None:
    half = features.shape[1] // 2
    sure = np.array([1 - head.chances(one[:half], one[half:])[0] for one in features])
    for place, kind in enumerate(KINDS):
        ours = sure[kinds == place]
        if len(ours):
            print(
                f"{name}, {kind or 'asks'} ({len(ours)}): told at",
                *(f"{least}: {(ours >= least).mean():.4f}" for least in LEAST),
            )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cache", type=Path)
    options.add_argument("--keep", action="store_true", help="write what ships")
    chosen = options.parse_args()
    texts, kinds, own = rows()
    features = asyncio.run(features_of(texts, chosen.cache)).astype(np.float64)
    held = np.array([is_held(text) for text in texts])
    tried = TellingHead(*(part.astype(np.float32) for part in trained(features[~held], kinds[~held], own[~held])))
    show(tried, features[held & own], kinds[held & own], "held out, written")
    show(tried, features[held & ~own], kinds[held & ~own], "held out, everyday")
    if chosen.keep:
        weight, bias = trained(features, kinds, own)
        np.savez_compressed(FILE, weight=weight.astype(np.float32), bias=bias.astype(np.float32))


if __name__ == "__main__":
    main()
