"""How good rules and heads are together on messages never trained on, and which constants serve best (M-2, T-10).

Reads what train_intents.py left in its cache (held.npz, left_out_*.npz): python training/measure_decision.py FILE.npz [--choose]
"""

import argparse
import itertools
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from measures import platt, set_off, sigmoid, softmax

from mangaassist.domain.acts import MOVES, Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.intents import Intent
from mangaassist.knowledge_sync import SeriesNames
from mangaassist.understanding import act_decision
from mangaassist.understanding.act_decision import ActScores, IntentScores, decide
from mangaassist.understanding.lexicon import Lexicon
from mangaassist.understanding.reader import MeaningReader
from mangaassist.understanding.state import merge
from mangaassist.understanding.utterance import Utterance

CHOICES = {
    "INTENT_WEIGHT": (0.5, 0.6, 0.7, 0.8, 0.9),
    "RULE_WEIGHT": (0.0, 0.15, 0.25, 0.35, 0.5),
    "FLOOR": (0.25, 0.35, 0.45),
    "CLOSE": (0.05, 0.1, 0.15),
    "SECOND": (0.4, 0.5, 0.6, 0.7),
}
NOWHERE = DialogueState()


class Message(NamedTuple):
    utterance: Utterance
    intent: str
    acts: frozenset[Act]
    source: str
    act_scores: ActScores
    intent_scores: IntentScores


class Result(NamedTuple):
    """``needless``: of those asked back, the share that was understood rightly anyway."""

    act: float
    act_head_alone: float
    intent: float
    head_alone: float
    second_precision: float
    second_recall: float
    asked: float
    needless: float

    @property
    def worth(self) -> float:
        """Acts and intents right, less a question that was not needed."""
        return (
            self.act
            + self.intent
            + 0.2 * (self.second_precision * self.second_recall)
            - 0.5 * self.asked * self.needless
        )


def read(file: Path, lexicon: Lexicon) -> list[Message]:
    """The rows of known intent or act, with calibrated scores: acts by the other half's calibration, so that none is its own."""
    kept = np.load(file)
    intents = softmax(kept["intents"])
    acts = _calibrated(kept)
    names, classes = [Intent(str(n)) for n in kept["names"]], [Act(str(c)) for c in kept["classes"]]
    reader = MeaningReader(lexicon)
    found = []
    for row, text in enumerate(kept["texts"].tolist()):
        said = frozenset(act for act, there in zip(classes, kept["acts"][row], strict=True) if there)
        gold = int(kept["gold"][row])
        order = np.argsort(-intents[row]).tolist()
        found.append(
            Message(
                reader.heard(text),
                str(names[gold]) if gold >= 0 else "",
                said if str(kept["sources"][row]) == "acts" and not said & MOVES else frozenset(),
                str(kept["sources"][row]),
                dict(zip(classes, acts[row].tolist(), strict=True)),
                [(names[place], float(intents[row][place])) for place in order],
            )
        )
    return found


def _lexicon(series: Path | None) -> Lexicon:
    learnt = [Lexicon()]
    if series is not None:
        SeriesNames(series, learnt.append)
    return learnt[-1]


def _calibrated(kept: dict[str, np.ndarray]) -> np.ndarray:
    scores, acts, counted = set_off(kept["scores"]), kept["acts"], kept["counted"]
    ours = (kept["sources"] == "acts") & (acts.sum(1) > 0)
    if not ours.any():
        return sigmoid(scores * kept["slopes"] + kept["offsets"])
    half = np.arange(len(scores)) % 2 == 0
    sure = np.zeros_like(scores)
    for fit in (half, ~half):
        slopes, offsets = platt(scores[fit & ours], acts[fit & ours], counted[fit & ours])
        sure[~fit] = sigmoid(scores[~fit] * slopes + offsets)
    return sure


class Tally:
    """What came of the messages, counted."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.by_intent: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.by_source: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, message: Message) -> None:
        """Acts as in a conversation where a book is talked of; the intent as reported of a first message."""
        focused = decide(message.utterance, message.act_scores, message.intent_scores, has_focus=True)
        if message.acts:
            self._acts(message, [heard.act for heard in focused.utterance.acts if heard.act not in MOVES])
        if message.intent:
            decision = decide(message.utterance, message.act_scores, message.intent_scores)
            meaning = merge(NOWHERE, decision.utterance, between=decision.between)
            self._intents(message, str(meaning.guess.intent), meaning.between is not None)

    def _acts(self, message: Message, heard: list[Act]) -> None:
        self.counts["acts"] += 1
        self.counts["act right"] += bool(heard) and heard[0] in message.acts
        alone = max((act for act in message.act_scores if act not in MOVES), key=message.act_scores.__getitem__)
        self.counts["act alone right"] += alone in message.acts
        self.counts["second there"] += len(message.acts) - 1
        self.counts["second said"] += len(heard[1:])
        self.counts["second right"] += sum(act in message.acts for act in heard[1:])

    def _intents(self, message: Message, guess: str, asked: bool) -> None:
        right, alone = guess == message.intent, str(message.intent_scores[0][0]) == message.intent
        for counts in (self.counts, self.by_intent[message.intent], self.by_source[message.source]):
            counts["intents"] += 1
            counts["intent right"] += right
            counts["alone right"] += alone
            counts["asked"] += asked
            counts["needless"] += asked and right
        self.by_intent[guess]["guessed"] += 1

    def result(self) -> Result:
        c = self.counts
        return Result(
            c["act right"] / max(1, c["acts"]), c["act alone right"] / max(1, c["acts"]),
            c["intent right"] / max(1, c["intents"]), c["alone right"] / max(1, c["intents"]),
            c["second right"] / max(1, c["second said"]), c["second right"] / max(1, c["second there"]),
            c["asked"] / max(1, c["intents"]), c["needless"] / max(1, c["asked"]),
        )  # fmt: skip


def measured(messages: list[Message]) -> Tally:
    tally = Tally()
    for message in messages:
        tally.add(message)
    return tally


def show(tally: Tally) -> None:
    print(" ".join(f"{name} {value:.3f}" for name, value in tally.result()._asdict().items()))
    for title, rows in (("intent", tally.by_intent), ("source", tally.by_source)):
        for name, c in sorted(rows.items()):
            if c["intents"]:
                precise = f" precision {c['intent right'] / max(1, c['guessed']):.3f}" if title == "intent" else ""
                print(
                    f"  {name:20s} n {c['intents']:5d} joint {c['intent right'] / c['intents']:.3f}{precise}"
                    f" head alone {c['alone right'] / c['intents']:.3f} asked {c['asked'] / c['intents']:.3f}"
                )


def choose(messages: list[Message]) -> None:
    """One constant after another, twice round: each at what is worth most, the others held."""
    for name, value in itertools.chain(CHOICES.items(), CHOICES.items()):
        found: dict[float, Result] = {}
        for tried in value:
            setattr(act_decision, name, tried)
            found[tried] = measured(messages).result()
        best = max(found, key=lambda tried: found[tried].worth)
        setattr(act_decision, name, best)
        for tried, result in found.items():
            told = " ".join(f"{field} {figure:.3f}" for field, figure in result._asdict().items())
            print(f"{'*' if tried == best else ' '} {name} {tried}: {told}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("scores", type=Path)
    arguments.add_argument("--series", type=Path, help="series.json of a cache: the names that the store's catalog has")
    arguments.add_argument("--choose", action="store_true")
    chosen = arguments.parse_args()
    messages = read(chosen.scores, _lexicon(chosen.series))
    settled = [message for message in messages if message.utterance.settled]
    print(len(messages), "messages,", len(settled), "settled by rules")
    show(measured(messages))
    if chosen.choose:
        choose(messages)


if __name__ == "__main__":
    main()
