"""Stable draws: numbers that look random, depend on their key alone, and are the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def number(*key: object) -> int:
    """A 64-bit number that the key decides."""
    text = "\x1f".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def fraction(*key: object) -> float:
    """A number in [0, 1) that the key decides."""
    return number(*key) / 2**64


def between(low: int, high: int, *key: object) -> int:
    """A whole number from low to high, both included."""
    return low + number(*key) % (high - low + 1)


def pick(options: Sequence[T], *key: object) -> T:
    """One of the options."""
    return options[number(*key) % len(options)]


def weighted(options: Sequence[tuple[T, float]], *key: object) -> T:
    """One of the options, each with its weight; the weights need not add up to 1."""
    left = fraction(*key) * sum(weight for _, weight in options)
    for option, weight in options:
        left -= weight
        if left < 0:
            return option
    return options[-1][0]


def several(options: Sequence[T], count: int, *key: object) -> list[T]:
    """Up to count different options in a drawn order."""
    order = sorted(range(len(options)), key=lambda index: number(*key, index))
    return [options[index] for index in order[:count]]
