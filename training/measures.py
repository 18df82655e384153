"""How good scores are and how they become probabilities: accuracy, F1, calibration, confusions."""

from collections import Counter

import numpy as np

AGAINST = 0.5
"""How much of what speaks for any act speaks against each; understanding/act_head.py does the same."""
PULL = 30.0
"""How many messages it takes to move an act's own calibration away from that of all acts together."""


def softmax(scores: np.ndarray) -> np.ndarray:
    grown = np.exp(scores - scores.max(1, keepdims=True))
    return grown / grown.sum(1, keepdims=True)


def sigmoid(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-scores))


def macro_f1(gold: np.ndarray, guess: np.ndarray) -> float:
    scores = [
        2 * ((gold == c) & (guess == c)).sum() / ((gold == c).sum() + (guess == c).sum()) for c in np.unique(gold)
    ]
    return float(np.mean(scores))


def calibration_error(sure: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: how far confidence and accuracy are apart, over bins of confidence."""
    place = np.minimum((sure * bins).astype(int), bins - 1)
    return float(
        sum(abs(sure[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in np.unique(place))
    )


def temperature(scores: np.ndarray, gold: np.ndarray) -> float:
    """The factor on the scores with the least log loss."""
    factors = np.linspace(0.3, 3, 109)
    losses = [-np.log(softmax(scores * f)[np.arange(len(gold)), gold] + 1e-12).mean() for f in factors]
    return float(factors[int(np.argmin(losses))])


def set_off(scores: np.ndarray) -> np.ndarray:
    """Scores of acts, each set off against all acts of its message: alone, they are too sure where two acts are close."""
    most = scores.max(1, keepdims=True)
    return scores - AGAINST * (most + np.log(np.exp(scores - most).sum(1, keepdims=True)))


def _platt(scores: np.ndarray, acts: np.ndarray, counted: np.ndarray, about: tuple[float, float], pull: float):
    """Slope and offset with the least log loss, held near ``about`` with the strength ``pull``; Newton's method."""
    slope, offset = about
    for _ in range(30):
        p = sigmoid(slope * scores + offset)
        error, spread = (p - acts) * counted, np.maximum(p * (1 - p), 1e-6) * counted
        gradient = np.array(
            [(error * scores).sum() + pull * (slope - about[0]), error.sum() + pull * (offset - about[1])]
        )
        cross = (spread * scores).sum()
        curve = np.array([[(spread * scores**2).sum() + pull, cross], [cross, spread.sum() + pull]])
        step = np.linalg.solve(curve + 1e-6 * np.eye(2), gradient)
        slope, offset = slope - np.clip(step[0], -0.5, 0.5), offset - np.clip(step[1], -1, 1)
    return slope, offset


def platt(scores: np.ndarray, acts: np.ndarray, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and offset of each act, float [acts] each: those of all acts together, moved as far as its own messages reach."""
    together = _platt(scores.ravel(), acts.ravel(), counted.ravel(), (1.0, 0.0), 1e-3)
    each = [_platt(scores[:, c], acts[:, c], counted[:, c], together, PULL) for c in range(scores.shape[1])]
    slopes, offsets = np.array(each).T
    return np.maximum(slopes, 0.2), offsets


def per_class(gold: np.ndarray, guess: np.ndarray, names: np.ndarray) -> list[tuple[str, int, float, float]]:
    """(name, messages, precision, recall) of each class."""
    table = []
    for place, name in enumerate(names):
        hit, said, there = ((gold == place) & (guess == place)).sum(), (guess == place).sum(), (gold == place).sum()
        table.append((str(name), int(there), hit / max(said, 1), hit / max(there, 1)))
    return table


def micro_f1(acts: np.ndarray, said: np.ndarray, counted: np.ndarray) -> float:
    hit = (acts * said * counted).sum()
    return float(2 * hit / ((acts * counted).sum() + (said * counted).sum()))


def confusions(acts: np.ndarray, top: np.ndarray, names: list, most: int = 25) -> list[tuple[int, str, str]]:
    """(times, act that was meant, act that was said) where the likeliest act is not in the message."""
    missed = Counter(
        (str(names[int(np.argmax(row))]), str(names[said]))
        for row, said in zip(acts, top, strict=True)
        if not row[said]
    )
    return [(times, *pair) for pair, times in missed.most_common(most)]
