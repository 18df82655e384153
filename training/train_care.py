"""Trains the head that notices distress and danger, on written messages, and scores it on a fifth that is held out (G-11).

    python training/train_care.py CACHE [--keep]

Harmless are also the messages of the conversations and of the acts: none of them calls for care.
"""

import argparse
import asyncio
import json
import zlib
from pathlib import Path

import numpy as np

from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision
from mangaassist.understanding.care_head import CARES, CareHead

HERE = Path(__file__).parent
HELD = 5
STEPS, RATE, DECAY, LOUD = 300, 0.02, 1e-5, 5.0
EVERYDAY = 0.5
"""What a message of a conversation counts: there are many, and they are far from any care."""
WEIGHTS = HERE.parent / "src" / "mangaassist" / "understanding" / "weights" / "care.npz"


def rows() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Texts, the places of their cares, and whether each was written for this."""
    own = [json.loads(line) for line in (HERE / "safety" / "care.jsonl").read_text("utf-8").splitlines()]
    said = {
        turn["text"]
        for file in (HERE / "talk").glob("conversations_*.jsonl")
        for line in file.read_text("utf-8").splitlines()
        for turn in json.loads(line)["turns"]
    }
    everyday = sorted(said - {row["text"] for row in own})
    cares = [CARES.index(row["care"]) for row in own] + [0] * len(everyday)
    return [*(row["text"] for row in own), *everyday], np.array(cares), np.arange(len(cares)) < len(own)


def is_held(text: str) -> bool:
    return zlib.crc32(text.casefold().encode()) % HELD == 0


async def features_of(texts: list[str], cache: Path) -> np.ndarray:
    encoder = OnnxEncoder(provision(cache), 1000.0)
    found = [await encoder.read([text]) for text in texts]
    await encoder.close()
    return np.concatenate([np.concatenate([one.features, one.vectors], 1) for one in found if one.features is not None])


def trained(inputs: np.ndarray, cares: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression by Adam, stopped early: it is to be sure of little."""
    weight, mean, square = np.zeros((3, inputs.shape[1] + 1, len(CARES)))
    gold = np.eye(len(CARES))[cares]
    counts = np.where(own, 1.0, EVERYDAY)
    counts /= counts.sum()
    loud = np.column_stack([inputs * LOUD, np.ones(len(inputs))])
    for step in range(1, STEPS + 1):
        scores = loud @ weight
        grown = np.exp(scores - scores.max(1, keepdims=True))
        slope = loud.T @ ((grown / grown.sum(1, keepdims=True) - gold) * counts[:, None]) + DECAY * weight
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weight = weight - RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weight[:-1] * LOUD, weight[-1]


def show(head: CareHead, features: np.ndarray, cares: np.ndarray, name: str) -> None:
    half = features.shape[1] // 2
    alarms = np.array([head.care(one[:half], one[half:]) != "" for one in features])
    for care in CARES:
        mine = cares == CARES.index(care)
        if mine.any():
            print(f"{name}, {care or 'harmless'} ({mine.sum()}): met with care {alarms[mine].mean():.4f}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cache", type=Path)
    options.add_argument("--keep", action="store_true", help="then train on everything and write the weights that ship")
    chosen = options.parse_args()
    texts, cares, own = rows()
    held = np.array([is_held(text) for text in texts])
    features = asyncio.run(features_of(texts, chosen.cache))
    head = CareHead(*trained(features[~held], cares[~held], own[~held]))
    show(head, features[held & own], cares[held & own], "held out")
    show(head, features[held & ~own], cares[held & ~own], "everyday messages held out")
    if chosen.keep:
        weight, bias = trained(features, cares, own)
        np.savez_compressed(WEIGHTS, weight=weight.astype(np.float16), bias=bias.astype(np.float32))


if __name__ == "__main__":
    main()
