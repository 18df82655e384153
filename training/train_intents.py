"""Trains what reads intents and acts: two transformer layers on the encoder's middle states and two linear heads (M-2, M-3, T-10).

The encoder stays as it is up to its fourth layer, so one pass serves search, intents and acts. See README.md for how to run
it, and intents/DATACARD.md and acts/DATACARD.md for the data and the results.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

import numpy as np
from branch import SCALE, Parameters, predict, prepare, train, weights_of
from measures import (
    calibration_error,
    confusions,
    macro_f1,
    micro_f1,
    per_class,
    platt,
    set_off,
    sigmoid,
    softmax,
    temperature,
)
from rows import ACTS, Rows, read

from mangaassist.models import encoder_graph

SOURCE = Path(__file__).parent.parent / "src" / "mangaassist"
LEFT_OUT = (
    ("hint3/curekart", "hint3/sofmattress", "wands_query", "esci_us_query", "snips"),
    ("bitext", "clinc150"),
)
"""Public sources are left out by kind, shops and searches first, support and small talk second: no near relative stays in."""


def show_intents(title: str, data: Rows, test: np.ndarray, scores: np.ndarray) -> None:
    counted = data.intents[test] >= 0
    gold, guess = data.intents[test][counted], scores.argmax(1)[counted]
    print(f"{title}: n {len(gold)} accuracy {(gold == guess).mean():.3f} macro-F1 {macro_f1(gold, guess):.3f}")
    for name, count, precision, recall in per_class(gold, guess, data.names):
        print(f"  {name:20s} n {count:5d} precision {precision:.2f} recall {recall:.2f}", flush=True)


def show_sources(data: Rows, test: np.ndarray, scores: np.ndarray) -> None:
    right = scores.argmax(1) == data.intents[test]
    for source in np.unique(data.sources[test]):
        ours = (data.sources[test] == source) & (data.intents[test] >= 0)
        print(f"  {source:20s} n {ours.sum():5d} accuracy {right[ours].mean():.3f}", flush=True)


def show_acts(data: Rows, test: np.ndarray, scores: np.ndarray) -> None:
    """Calibrated on one half of the held-out messages and scored on the other, both ways."""
    ours = (data.sources[test] == ACTS) & (data.acts[test].sum(1) > 0)
    acts, counted, scores = data.acts[test][ours], data.counted[test][ours], set_off(scores[ours])
    half = np.arange(len(acts)) % 2 == 0
    sure = np.zeros_like(scores)
    for fit in (half, ~half):
        slopes, offsets = platt(scores[fit], acts[fit], counted[fit])
        sure[~fit] = sigmoid(scores[~fit] * slopes + offsets)
    top = sure.argmax(1)
    right = acts[np.arange(len(acts)), top] > 0
    print(f"acts: n {len(acts)} top-1 {right.mean():.3f} micro-F1 {micro_f1(acts, sure >= 0.5, counted):.3f} "
          f"ECE of the likeliest {calibration_error(sure.max(1), right):.3f}")  # fmt: skip
    for least in (0.5, 0.7, 0.85, 0.95):
        said = sure.max(1) >= least
        print(f"  sure >= {least}: {said.mean():.3f} of the messages, {right[said].mean():.3f} right")
    for name, count, precision, recall in sorted(
        per_class(acts.argmax(1), top, np.array(data.classes)), key=lambda r: r[3]
    ):
        print(f"  {name:20s} n {count:4d} precision {precision:.2f} recall {recall:.2f}")
    for times, meant, said in confusions(acts, top, data.classes, 40):
        print(f"  {times:3d} {meant} -> {said}", flush=True)


def kept_scores(
    file: Path,
    data: Rows,
    rows: np.ndarray,
    intents: np.ndarray,
    acts: np.ndarray,
    platts: tuple[np.ndarray, np.ndarray],
) -> None:
    """What a training says of rows that it has not seen, for measure_decision.py; intents calibrated, acts not yet."""
    np.savez(
        file, intents=intents, gold=data.intents[rows], texts=np.array(data.texts)[rows], sources=data.sources[rows],
        scores=acts, acts=data.acts[rows], counted=data.counted[rows], slopes=platts[0], offsets=platts[1],
        names=data.names, classes=np.array([str(act) for act in data.classes]),
    )  # fmt: skip


def kept_layers(params: Parameters) -> None:
    """The layers as int8 columns with their scales."""
    arrays: dict[str, np.ndarray] = {}
    for place, p in enumerate(params["layers"]):
        for name, value in p.items():
            full = f"encoder.layer.{place}.{name}"
            if value.ndim == 2:
                arrays[f"{full}.int8"], arrays[f"{full}.scale"] = encoder_graph.quantised(np.asarray(value), axis=1)
            else:
                arrays[full] = np.asarray(value, np.float32)
    np.savez_compressed(SOURCE / "models" / "weights" / "intent_layers.npz", **arrays)


def kept_heads(params: Parameters, data: Rows, factor: float, slopes: np.ndarray, offsets: np.ndarray) -> None:
    """The heads on features of length 1, with what makes probabilities of their scores."""
    folder = SOURCE / "understanding" / "weights"
    np.savez_compressed(
        folder / "intents.npz",
        intents=data.names,
        weight=(np.asarray(params["weight"]) * SCALE * factor).astype(np.float32),
        bias=np.asarray(params["bias"] * factor, np.float32),
    )
    np.savez_compressed(
        folder / "acts.npz",
        acts=np.array([str(act) for act in data.classes]),
        weight=(np.asarray(params["act_weight"]) * SCALE).astype(np.float16),
        bias=np.asarray(params["act_bias"], np.float32),
        slope=slopes.astype(np.float32),
        offset=offsets.astype(np.float32),
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("public", type=Path, help="JSON lines of text, intent, source, native")
    arguments.add_argument("--model", type=Path, required=True, help="folder with model.safetensors and tokenizer.json")
    arguments.add_argument("--cache", type=Path, required=True)
    arguments.add_argument("--sources", action="store_true", help="also measure with whole public sources left out")
    arguments.add_argument(
        "--keep",
        action="store_true",
        help="then train on everything, held out included, and write the weights that ship",
    )
    chosen = arguments.parse_args()
    data = read(chosen.public)
    print(len(data.texts), "rows", dict(Counter(data.sources.tolist())), len(data.classes), "acts", flush=True)
    prepared = prepare(data.texts, chosen.cache, chosen.model)
    encoder, _ = weights_of(chosen.model)
    held = data.held

    began = time.time()
    params = train(np.flatnonzero(~held), data, prepared, encoder, 0)
    intents, acts = predict(params, np.flatnonzero(held), prepared)
    print(f"trained in {time.time() - began:.0f} s", flush=True)
    show_intents("held out", data, held, intents)
    show_sources(data, held, intents)
    if data.classes:
        show_acts(data, held, acts)
    counted = data.intents[held] >= 0
    gold = data.intents[held][counted]
    factor = temperature(intents[counted], gold)
    for title, f in (("as trained", 1.0), ("after", factor)):
        sure = softmax(intents[counted] * f)
        print(f"{title}: factor {f:.3f} ECE {calibration_error(sure.max(1), sure.argmax(1) == gold):.3f}", flush=True)
    slopes, offsets = platt(set_off(acts), data.acts[held], data.counted[held])
    kept_scores(chosen.cache / "held.npz", data, held, intents * factor, acts, (slopes, offsets))
    if chosen.sources:
        for number, group in enumerate(LEFT_OUT):
            out = np.isin(data.sources, group)
            params = train(np.flatnonzero(~out & ~held), data, prepared, encoder, 0)
            found, others = predict(params, np.flatnonzero(out), prepared)
            show_intents(f"never seen: {', '.join(group)}", data, out, found)
            show_sources(data, out, found)
            kept_scores(chosen.cache / f"left_out_{number}.npz", data, out, found * factor, others, (slopes, offsets))
    if chosen.keep:
        params = train(np.arange(len(data.texts)), data, prepared, encoder, 0)
        kept_layers(params)
        kept_heads(params, data, factor, slopes, offsets)


if __name__ == "__main__":
    main()
