"""Trains what tells messages about something else from a store's: a linear head on the encoder's pass (G-3 stage 6, G-5).

    python training/train_elsewhere.py CACHE [--keep]

See README.md for how to run it and safety/DATACARD.md for the data and the results.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measures import sigmoid
from risk_rows import HERE
from train_care import features_of
from train_scope import fitted, is_held

from mangaassist.domain.acts import ACTS, Act
from mangaassist.understanding.elsewhere_head import WEIGHTS

SAFETY, TRAINING = HERE, HERE.parent
FILE = TRAINING.parent / "src" / "mangaassist" / "understanding" / WEIGHTS
RIDGE = 1.0
LEAST = (0.5, 0.7, 0.8, 0.9, 0.95)
TALK = {act.value for act, row in ACTS.items() if row.topic == "talk"}
JUDGES = (("held_out_elsewhere", "elsewhere"), ("scope", "elsewhere"), ("scope", "orders"))
"""Never trained on."""


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]


def learnt() -> Iterator[tuple[str, str, float]]:
    """Source, text, and 1 where it is about something else."""
    for row in lines(SAFETY / "harmless_orders.jsonl"):
        if row["kind"] in ("other_topics", "shop"):
            yield f"orders/{row['kind']}", row["text"], float(row["kind"] == "other_topics")
    for file in sorted((TRAINING / "acts").glob("messages_*.jsonl")):
        for row in lines(file):
            acts = set(row["acts"])
            if acts == {Act.OFF_TOPIC.value}:
                yield "acts/off_topic", row["text"], 1.0
            elif acts and not acts & TALK:
                yield f"acts/{ACTS[Act(row['acts'][0])].topic}", row["text"], 0.0
    for file in sorted((TRAINING / "intents").glob("messages_*.jsonl")):
        for row in lines(file):
            if row["intent"] != "chitchat":
                yield f"intents/{row['intent']}", row["text"], 0.0


def judged() -> Iterator[tuple[str, str, float]]:
    for name, of in JUDGES:
        for row in lines(SAFETY / f"{name}.jsonl"):
            if row["of"] == of:
                yield f"judge/{name}/{of}/{row.get('hand', '')}", row["text"], float(of == "elsewhere")


def weighed(sources: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Both sides count the same; within a side a source counts with the root of its size."""
    weights = np.zeros(len(labels))
    for side in (0.0, 1.0):
        for source in np.unique(sources[labels == side]):
            both = (labels == side) & (sources == source)
            weights[both] = both.sum() ** -0.5
        weights[labels == side] *= len(labels) / 2 / weights[labels == side].sum()
    return weights


def show(sources: np.ndarray, sure: np.ndarray) -> None:
    print("held out, flagged at", *LEAST)
    for source in np.unique(sources):
        ours = sure[sources == source]
        print(f"  {source:34s} n {len(ours):4d}", *(f"{(ours >= least).mean():.3f}" for least in LEAST))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cache", type=Path)
    options.add_argument("--keep", action="store_true", help="write what ships")
    chosen = options.parse_args()
    rows = list({row[1].lower(): row for row in (*learnt(), *judged())}.values())
    sources, labels = np.array([row[0] for row in rows]), np.array([row[2] for row in rows])
    features = asyncio.run(features_of([row[1] for row in rows], chosen.cache)).astype(np.float64)
    judges = np.char.startswith(sources, "judge/")
    held = np.array([is_held(row[1]) for row in rows]) | judges
    solution = fitted(features[~held], labels[~held], weighed(sources[~held], labels[~held]), RIDGE)
    print("trained on", {str(source): int((sources[~held] == source).sum()) for source in np.unique(sources[~held])})
    show(sources[held], sigmoid(features[held] @ solution[:-1] + solution[-1]))
    if chosen.keep:
        np.savez_compressed(FILE, weight=solution[:-1].astype(np.float32), bias=np.float32(solution[-1]))


if __name__ == "__main__":
    main()
