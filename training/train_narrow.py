"""Trains the narrow layer, which clears what is plainly harmless and is joined with the wide one of the rest (G-1, G-3, M-3).

See README.md for how to run it and safety/DATACARD.md for the data and the results.
"""

import argparse
from pathlib import Path

import narrow_net
import numpy as np
from measures import sigmoid
from risk_rows import read
from train_risks import calibration, groups_of, show

WEIGHTS = Path(__file__).parent.parent / "src" / "mangaassist" / "models" / "weights" / "narrow_risk_layer.npz"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path, help="folder with injections/, toxicity/ and intents/train.jsonl")
    arguments.add_argument("--model", type=Path, required=True, help="folder with model.safetensors and tokenizer.json")
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--keep", action="store_true", help="write what ships: all but the held-out fifth learnt")
    chosen = arguments.parse_args()
    data = read(chosen.data)
    states = narrow_net.prepare(data.texts, chosen.cache, chosen.model)
    groups = groups_of(data, ("attacks", "toxic", "harmless_orders"))
    learnt = np.flatnonzero(~data.held & ~data.judges)
    net = narrow_net.train(learnt, data.labels, groups, states)
    test = np.flatnonzero(data.held | data.judges)
    scores = narrow_net.predict(net, test, states)
    fit = ~data.judges[test]
    slopes, offsets = calibration(data, test[fit], scores[fit])
    show("held out", data, test, sigmoid(scores * slopes + offsets))
    if chosen.keep:
        narrow_net.kept(net, slopes, offsets, WEIGHTS)


if __name__ == "__main__":
    main()
