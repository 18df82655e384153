"""Scores the understanding of intents on anybody's labelled messages (E-1)."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess
from mangaassist.errors import BadInput
from mangaassist.evaluation.datasets import read_jsonl

Understand = Callable[[str], Awaitable[IntentGuess]]


class LabelledMessage(Struct, frozen=True):
    text: str
    intent: Intent


class Answered(Struct, frozen=True):
    """One message, what it means, what was understood, and the milliseconds that took."""

    gold: Intent
    guess: IntentGuess
    took_ms: float

    @property
    def right(self) -> bool:
        return self.guess.intent == self.gold


async def evaluate_intents(
    path: Path, understand: Understand, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Ask for every message of a JSON lines file, one after another, and score the answers.

    ``progress`` gets (messages done, messages in all). Raises ``BadInput``, which names the line, and on an empty file.
    """
    messages = [row for _, row in read_jsonl(path, LabelledMessage)]
    if not messages:
        raise BadInput("empty_dataset", f"{path.name} holds no message.")
    answers: list[Answered] = []
    for done, message in enumerate(messages, 1):
        began = time.perf_counter()
        guess = await understand(message.text)
        answers.append(Answered(message.intent, guess, (time.perf_counter() - began) * 1000))
        if progress:
            progress(done, len(messages))
    return score(answers)


def score(answers: Sequence[Answered]) -> dict[str, Any]:
    """The figures of E-1 for at least one answer.

    ``macro_f1`` is the mean over the intents that occur as a label; a precision without any guess, and
    ``stage1_precision`` where no rule decided, are None. ``confusion`` counts guesses by label.
    """
    gold = Counter(answer.gold for answer in answers)
    guessed = Counter(answer.guess.intent for answer in answers)
    right = Counter(answer.gold for answer in answers if answer.right)
    pairs = Counter((answer.gold, answer.guess.intent) for answer in answers)
    ruled = [answer for answer in answers if answer.guess.stage == "rules"]
    present = [intent for intent in Intent if gold[intent]]
    p50, p99 = np.percentile([answer.took_ms for answer in answers], [50, 99])
    return {
        "n": len(answers),
        "accuracy": round(right.total() / len(answers), 4),
        "macro_f1": round(sum(_f1(right[i], guessed[i], gold[i]) for i in present) / len(present), 4),
        "by_intent": {
            str(i): {
                "precision": _share(right[i], guessed[i]),
                "recall": _share(right[i], gold[i]),
                "n": gold[i],
            }
            for i in Intent
            if gold[i] or guessed[i]
        },
        "stage1_share": round(len(ruled) / len(answers), 4),
        "stage1_precision": _share(sum(answer.right for answer in ruled), len(ruled)),
        "confusion": {str(i): {str(j): pairs[i, j] for j in Intent if pairs[i, j]} for i in present},
        "p50_ms": round(float(p50), 3),
        "p99_ms": round(float(p99), 3),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _f1(right: int, guessed: int, gold: int) -> float:
    return 2 * right / (guessed + gold)
