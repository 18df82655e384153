"""Trains the head that says what a message asks in its dialogue, on what ``gather.py`` kept, and scores it on held-out ones.

python training/talk/train.py GATHERED.pkl... [--keep]
"""

import argparse
import pickle
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from conversations import Heard

from mangaassist.domain.acts import Act, intent_of
from mangaassist.domain.meaning import IntentGuess, Meaning
from mangaassist.understanding.act_in_dialogue import heard_instead
from mangaassist.understanding.dialogue_head import DialogueHead
from mangaassist.understanding.dialogue_signs import signs_of
from mangaassist.understanding.hearing import OF_SHELF

HIDDEN, EPOCHS, BATCH, RATE, DECAY = 192, 14, 128, 4e-3, 0.03
DROPOUT, INPUT_DROPOUT, SMOOTHING = 0.4, 0.1, 0.05
LOUD = 5.0
"""Features have length 1; the layer sees them this much longer, so that they weigh beside the signs."""
SEEN = 3
"""A sign that fewer messages have teaches nothing."""
LISTS = OF_SHELF | {Act.REFINE}
WEIGHTS = Path(__file__).parents[2] / "src" / "mangaassist" / "understanding" / "weights" / "dialogue.npz"


class Rows:
    """``inputs`` float32 [messages, features + signs], ``gold`` float32 [messages, acts] with rows that sum to 1."""

    def __init__(self, heard: list[Heard]) -> None:
        self.heard = heard
        self.signs = [dict(signs_of(one.utterance, one.state, one.scene, one.own)) for one in heard]
        self.held = np.array([one.is_held for one in heard])
        self.goes_on = np.array([one.place > 0 for one in heard])
        often = Counter(name for some, held in zip(self.signs, self.held, strict=True) if not held for name in some)
        self.names = sorted(name for name, count in often.items() if count >= SEEN)
        self.acts = sorted({act for one in heard for act in one.turn.acts})
        self.inputs, self.gold = self._arrays()

    def _arrays(self) -> tuple[np.ndarray, np.ndarray]:
        places = {name: place for place, name in enumerate(self.names)}
        signs = np.zeros((len(self.heard), len(places)), np.float32)
        gold = np.zeros((len(self.heard), len(self.acts)), np.float32)
        for row, (one, some) in enumerate(zip(self.heard, self.signs, strict=True)):
            for name, weight in some.items():
                if name in places:
                    signs[row, places[name]] = weight
            for act in one.turn.acts:
                gold[row, self.acts.index(act)] = 1 / len(one.turn.acts)
        features = np.stack([one.features for one in self.heard]) * LOUD
        return np.concatenate([features, signs], 1).astype(np.float32), gold


def trained(rows: Rows, of: np.ndarray, seed: int = 0) -> torch.nn.Sequential:
    torch.manual_seed(seed)
    width = rows.inputs.shape[1]
    network = torch.nn.Sequential(
        torch.nn.Dropout(INPUT_DROPOUT), torch.nn.Linear(width, HIDDEN), torch.nn.ReLU(),
        torch.nn.Dropout(DROPOUT), torch.nn.Linear(HIDDEN, len(rows.acts)),
    )  # fmt: skip
    inputs, gold = torch.tensor(rows.inputs[of]), torch.tensor(rows.gold[of])
    steps = EPOCHS * len(inputs) // BATCH
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(steps):
        batch = torch.randint(len(inputs), (BATCH,))
        loss = torch.nn.functional.cross_entropy(network(inputs[batch]), gold[batch], label_smoothing=SMOOTHING)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return network.eval()


def kept(network: torch.nn.Sequential, rows: Rows, factor: float) -> dict[str, np.ndarray]:
    """The arrays of ``DialogueHead`` by their names; ``factor`` makes probabilities of the scores."""
    first, last = network[1], network[4]
    inner = first.weight.detach().numpy().T
    features = inner.shape[0] - len(rows.names)
    return {
        "acts": np.array([str(act) for act in rows.acts]),
        "names": np.array(rows.names),
        "words": (inner[:features] * LOUD).astype(np.float16),
        "signs": inner[features:].astype(np.float16),
        "inner": first.bias.detach().numpy(),
        "outer": (last.weight.detach().numpy().T * factor).astype(np.float16),
        "bias": last.bias.detach().numpy() * factor,
    }


def temperature(network: torch.nn.Sequential, rows: Rows, of: np.ndarray) -> float:
    """The factor on the scores with the least log loss on messages that did not train."""
    with torch.no_grad():
        scores = network(torch.tensor(rows.inputs[of]))
    factors = np.linspace(0.6, 2.0, 29)
    gold = torch.tensor(rows.gold[of])
    losses = [float(torch.nn.functional.cross_entropy(scores * float(factor), gold)) for factor in factors]
    return float(factors[int(np.argmin(losses))])


def as_meant(one: Heard) -> Meaning:
    """What rules and heads made of it, as far as it counts against this head."""
    utterance, first = one.utterance, one.own[0]
    return Meaning(
        text=utterance.text, guess=IntentGuess(intent_of(first.act), first.confidence, "rules"), acts=one.own,
        tally=utterance.tally, aspects=utterance.aspects,
        store_question=utterance.store_question, case=utterance.case, premise=utterance.premise,
    )  # fmt: skip


def is_right(said: Act, one: Heard) -> bool:
    """A list that is asked for in one way or another is a list that is asked for."""
    return said in one.turn.acts or (said in LISTS and any(act in LISTS for act in one.turn.acts))


def show(head: DialogueHead, rows: Rows, name: str, chosen: np.ndarray) -> None:
    some = [(rows.heard[place], rows.signs[place]) for place in np.flatnonzero(chosen)]
    told = [head.probabilities(one.features, signs.items()) for one, signs in some]
    own = [as_meant(one) for one, _ in some]
    best = [max(chances, key=chances.__getitem__) for chances in told]
    instead = [
        heard_instead(meaning, chances, one.state, has_cart=bool(one.scene.cart))
        for meaning, chances, (one, _) in zip(own, told, some, strict=True)
    ]
    final = [other.act if other else meaning.acts[0].act for other, meaning in zip(instead, own, strict=True)]
    before, alone, after = (
        np.array([is_right(act, one) for act, (one, _) in zip(acts, some, strict=True)])
        for acts in ([meaning.acts[0].act for meaning in own], best, final)
    )
    changed = np.array([other is not None for other in instead])
    print(
        f"{name} ({len(some)}): rules and heads {before.mean():.3f}, alone {alone.mean():.3f}, together {after.mean():.3f}"
    )
    print(f"  changed {changed.mean():.3f}: right {after[changed].mean():.3f}, were right {before[changed].mean():.3f}")
    for low, high in ((0.3, 0.5), (0.5, 0.7), (0.7, 0.85), (0.85, 0.95), (0.95, 1.01)):
        sure = np.array([low <= max(chances.values()) < high for chances in told])
        right = alone[sure].mean() if sure.any() else 0.0
        print(f"  as likely as {low} to {high}: {sure.mean():.2f} of the messages, {right:.3f} right")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("gathered", type=Path, nargs="+")
    options.add_argument("--keep", action="store_true", help="then train on everything and write the weights that ship")
    chosen = options.parse_args()
    torch.set_num_threads(2)
    rows = Rows([one for file in chosen.gathered for one in pickle.loads(file.read_bytes())])
    print(len(rows.heard), "messages,", rows.inputs.shape[1], "inputs,", len(rows.acts), "acts")
    network = trained(rows, ~rows.held)
    factor = temperature(network, rows, rows.held)
    arrays = kept(network, rows, factor)
    head = head_of(arrays)
    for name, goes_on in (("first messages", False), ("follow-ups", True)):
        show(head, rows, name, rows.held & (rows.goes_on == goes_on))
    if chosen.keep:
        np.savez_compressed(WEIGHTS, **kept(trained(rows, np.ones_like(rows.held)), rows, factor))


def head_of(arrays: dict[str, np.ndarray]) -> DialogueHead:
    return DialogueHead(
        tuple(Act(str(name)) for name in arrays["acts"]),
        {str(name): place for place, name in enumerate(arrays["names"])},
        *(arrays[name].astype(np.float32) for name in ("words", "signs", "inner", "outer", "bias")),
    )


if __name__ == "__main__":
    main()
