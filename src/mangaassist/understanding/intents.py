"""Both stages together: rules where they settle all of a message, the head for the rest, and a second wish never lost (M-2)."""

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from mangaassist.domain.intents import Intent
from mangaassist.domain.meaning import IntentGuess
from mangaassist.understanding.classifier import IntentHead, Scored, second_wish
from mangaassist.understanding.clauses import clauses
from mangaassist.understanding.rules import RuleBook

RULED = 0.97
"""The probability of an intent that the rules settled."""

Decision = tuple[IntentGuess, tuple[Intent, Intent] | None]


def texts_of(message: str) -> list[str]:
    """What the encoder is to read of a message: all of it, and each clause if it has several."""
    parts = clauses(message)
    return [message, *parts] if len(parts) > 1 else [message]


class IntentReader:
    """Decides what a message means, first without and, where that is not enough, with the encoder's features."""

    def __init__(self, rules: RuleBook, head: IntentHead) -> None:
        self._rules = rules
        self._head = head

    def settled(self, message: str) -> IntentGuess | None:
        """What the rules say, if they leave no clause open. No model is needed then."""
        ruled = self._rules.decide(message)
        if ruled is None or ruled.secondary is not None:
            return ruled
        parts = clauses(message)
        open_parts = sum(self._rules.decide(part) is None for part in parts)
        return ruled if len(parts) == 1 or not open_parts else None

    def decide(self, message: str, features: NDArray[np.float32]) -> Decision:
        """The intents of a message whose ``texts_of`` have these features, float32 [texts, features].

        A rule that settles the whole keeps its say, and the head only looks for a second wish. The second value names
        two intents that are too close to call.
        """
        ruled = self._rules.decide(message)
        guess, between = (ruled, None) if ruled is not None else self._head.decide(features[0])
        if guess.secondary is None and len(features) > 1:
            guess = msgspec.structs.replace(guess, secondary=self._second(guess.intent, features[1:]))
        return guess, between

    def scores(self, message: str, features: NDArray[np.float32]) -> Scored:
        """Every intent with its probability, likeliest first; what the rules settle is as good as certain."""
        scored = self._head.classify(features[0])
        ruled = self._rules.decide(message)
        if ruled is None:
            return scored
        others = ((intent, probability * (1 - RULED)) for intent, probability in scored if intent is not ruled.intent)
        return ((ruled.intent, RULED), *others)

    def without_model(self, message: str) -> IntentGuess | None:
        """What the rules say when the model is away (M-11), open clauses or not."""
        return self._rules.decide(message, floor=0.0)

    def _second(self, first: Intent, features: Iterable[NDArray[np.float32]]) -> Intent | None:
        return second_wish(first, [self._head.classify(part) for part in features])
