"""Trains what tells injections and toxic language: one layer on the encoder's middle states and two scores (G-1, G-3, M-3).

See README.md for how to run it and safety/DATACARD.md for the data and the results.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from measures import sigmoid
from risk_net import RiskNet, kept, predict, prepare, train
from risk_rows import INJECTION, JUDGES, TOXICITY, RiskRows, read

WEIGHTS = Path(__file__).parent.parent / "src" / "mangaassist" / "models" / "weights" / "risk_layer.npz"
LEFT_OUT = (
    ("extraction", "many_shot"),
    ("hijack", "formatting"),
    ("persuasion", "indirect"),
    ("virtualisation", "languages", "data_theft", "persona"),
)
"""Kinds of attacks are left out in groups, so that each training still has most of them."""
LEAST = (0.3, 0.5, 0.7, 0.9)


def groups_of(data: RiskRows, by_kind: tuple[str, ...] = ("attacks", "toxic")) -> np.ndarray:
    """What counts with the root of its size: a source, or a kind of what was written of attacks and toxic language."""
    return np.where(
        np.isin(data.sources, by_kind), np.char.add(np.char.add(data.sources, "/"), data.kinds), data.sources
    )


def platt(scores: np.ndarray, gold: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    """Slope and offset with the least log loss, both sides weighing the same; Newton's method."""
    slope, offset = 1.0, 0.0
    for _ in range(40):
        p = sigmoid(slope * scores + offset)
        error, spread = (p - gold) * weights, np.maximum(p * (1 - p), 1e-6) * weights
        gradient = np.array([(error * scores).sum() + 1e-3 * (slope - 1), error.sum()])
        cross = (spread * scores).sum()
        curve = np.array([[(spread * scores**2).sum() + 1e-3, cross], [cross, spread.sum() + 1e-6]])
        step = np.linalg.solve(curve, gradient)
        slope, offset = slope - np.clip(step[0], -0.5, 0.5), offset - np.clip(step[1], -1, 1)
    return max(slope, 0.2), offset


def calibration(data: RiskRows, rows: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets of both risks on held-out rows, as if attacks and harmless texts came equally often."""
    found = []
    for risk in (INJECTION, TOXICITY):
        known = data.labels[rows, risk] >= 0
        gold = data.labels[rows, risk][known]
        weights = np.where(gold > 0, 0.5 / max(gold.sum(), 1), 0.5 / max((1 - gold).sum(), 1)) * len(gold)
        found.append(platt(scores[known, risk], gold, weights))
    slopes, offsets = np.array(found).T
    return slopes, offsets


def show(title: str, data: RiskRows, rows: np.ndarray, sure: np.ndarray) -> None:
    """The share of each source, and of each kind, that is flagged at several thresholds; ``sure`` float [rows, 2]."""
    print(title, "flagged at", *LEAST)
    for risk, name in ((INJECTION, "injection"), (TOXICITY, "toxicity")):
        for side in (1.0, 0.0):
            ours = data.labels[rows, risk] == side
            for group in np.unique(groups_of(data)[rows][ours]):
                at = ours & (groups_of(data)[rows] == group)
                shares = " ".join(f"{(sure[at, risk] >= least).mean():.3f}" for least in LEAST)
                print(f"  {name} {int(side)} {group:32s} n {at.sum():5d}  {shares}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="folder with injections/, toxicity/ and intents/train.jsonl")
    arguments.add_argument("--model", type=Path, required=True, help="folder with model.safetensors and tokenizer.json")
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--kinds", action="store_true", help="also measure with whole kinds of attacks left out")
    arguments.add_argument("--keep", action="store_true", help="train on the held out too, and write what ships")
    chosen = arguments.parse_args()
    data = read(chosen.data)
    states = prepare(data.texts, chosen.cache, chosen.model)
    groups, held, judges = groups_of(data), data.held, data.judges

    def trained(rows: np.ndarray) -> RiskNet:
        began = time.time()
        net = train(np.flatnonzero(rows), data.labels, groups, states, chosen.model)
        print(f"trained on {rows.sum()} rows in {time.time() - began:.0f} s", flush=True)
        return net

    net, test = trained(~held & ~judges), np.flatnonzero(held | judges)
    scores = predict(net, test, states)
    fit = ~np.isin(data.sources[test], JUDGES)
    slopes, offsets = calibration(data, test[fit], scores[fit])
    show("held out", data, test, sigmoid(scores * slopes + offsets))
    for kinds in LEFT_OUT if chosen.kinds else ():
        out = np.isin(data.kinds, kinds) & (data.sources == "attacks")
        rows = np.flatnonzero(out | judges)
        left = predict(trained(~held & ~judges & ~out), rows, states)
        show(f"kinds never seen: {', '.join(kinds)}", data, rows, sigmoid(left * slopes + offsets))
    if chosen.keep:
        kept(trained(~judges), slopes, offsets, WEIGHTS)


if __name__ == "__main__":
    main()
