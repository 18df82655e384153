"""Trains what tells sentences about something else from a store's: a linear head on the encoder's pass (G-3 stage 6, G-5).

See README.md for how to run it and safety/DATACARD.md for the data and the results.
"""

import argparse
import asyncio
import json
import tomllib
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from measures import sigmoid
from risk_rows import HELD, HERE

from mangaassist.guardrails.scope_head import WEIGHTS, views
from mangaassist.guardrails.sentences import sentences
from mangaassist.models.encoder import OnnxEncoder
from mangaassist.models.provisioning import provision

SOURCE = HERE.parents[1] / "src"
SHORTEST, LONGEST = 12, 240
MOST = 1200
"""Sentences of each source of the store's own texts."""
RIDGE = 1.0
STEPS = 30
LEAST = (0.5, 0.7, 0.8, 0.9, 0.95)


def written() -> Iterator[tuple[str, str, float]]:
    """Source, sentence, and 1 where it is about something else."""
    for line in (HERE / "scope_answers.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield f"written/{row['of']}", row["text"], float(row["of"] == "elsewhere")


def of_the_store() -> Iterator[tuple[str, str, float]]:
    """What the demo store writes of its books, its pages, and the wordings of the offline writer."""
    texts = {"synopses": list(_synopses()), "pages": list(_pages()), "wordings": list(_wordings())}
    for source, found in texts.items():
        said = {one.text.strip() for text in found for one in sentences(text)}
        fitting = sorted(one for one in said if SHORTEST <= len(one) <= LONGEST and "{" not in one)
        fitting.sort(key=lambda one: zlib.crc32(one.encode()))
        yield from ((source, one, 0.0) for one in fitting[:MOST])


def _synopses() -> Iterator[str]:
    for file in sorted((SOURCE / "mangastore" / "data" / "series").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            series = json.loads(line)
            yield from (series["hook"], series["synopsis"])


def _pages() -> Iterator[str]:
    for file in sorted((SOURCE / "mangastore" / "content").rglob("*.md")):
        yield file.read_text("utf-8").split("\n---", 1)[-1].replace("#", " ").replace("*", "")


def _wordings() -> Iterator[str]:
    phrases = SOURCE / "mangaassist" / "models" / "writers" / "offline" / "data" / "phrases.toml"
    yield from _strings(tomllib.loads(phrases.read_text("utf-8")))


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def is_held(text: str) -> bool:
    return zlib.crc32(text.lower().encode()) % HELD == 0


async def features_of(texts: list[str], cache: Path) -> np.ndarray:
    encoder = OnnxEncoder(provision(cache), 100.0)
    read = [await encoder.read([text]) for text in texts]
    await encoder.close()
    return np.array([views(one)[0] for one in read], np.float64)


def weighed(sources: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Both sides count the same; within a side a source counts with the root of its size, what was written for this thrice."""
    weights = np.zeros(len(labels))
    for side in (0.0, 1.0):
        for source in np.unique(sources[labels == side]):
            both = (labels == side) & (sources == source)
            weights[both] = both.sum() ** -0.5 * (3 if source.startswith("written") else 1)
        weights[labels == side] *= len(labels) / 2 / weights[labels == side].sum()
    return weights


def fitted(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    """Logistic regression by Newton's method; the last weight is the bias."""
    seen = np.hstack([features, np.ones((len(features), 1))])
    solution = np.zeros(seen.shape[1])
    kept_small = np.full(seen.shape[1], ridge)
    kept_small[-1] = 1e-6
    for _ in range(STEPS):
        p = sigmoid(seen @ solution)
        gradient = seen.T @ ((p - labels) * weights) + kept_small * solution
        curve = (seen * (p * (1 - p) * weights)[:, None]).T @ seen + np.diag(kept_small)
        solution -= np.linalg.solve(curve, gradient)
    return solution


def show(sources: np.ndarray, sure: np.ndarray) -> None:
    print("held out, flagged at", *LEAST)
    for source in np.unique(sources):
        ours = sure[sources == source]
        print(f"  {source:20s} n {len(ours):4d}", *(f"{(ours >= least).mean():.3f}" for least in LEAST))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cache", type=Path, required=True, help="where the encoder is built")
    arguments.add_argument("--keep", action="store_true", help="write what ships")
    chosen = arguments.parse_args()
    rows = list({text: row for row in (*of_the_store(), *written()) for text in [row[1]]}.values())
    sources, labels = np.array([row[0] for row in rows]), np.array([row[2] for row in rows])
    features = asyncio.run(features_of([row[1] for row in rows], chosen.cache))
    held = np.array([is_held(row[1]) for row in rows])
    train = ~held
    solution = fitted(features[train], labels[train], weighed(sources[train], labels[train]), RIDGE)
    sure = sigmoid(features @ solution[:-1] + solution[-1])
    print("trained on", {str(source): int((sources[train] == source).sum()) for source in np.unique(sources)})
    show(sources[held], sure[held])
    if chosen.keep:
        file = SOURCE / "mangaassist" / "guardrails" / WEIGHTS
        file.parent.mkdir(exist_ok=True)
        np.savez_compressed(file, weight=solution[:-1].astype(np.float32), bias=np.float32(solution[-1]))


if __name__ == "__main__":
    main()
