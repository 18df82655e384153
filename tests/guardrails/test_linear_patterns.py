"""No pattern of the guardrails backtracks: twice as long a hostile text takes about twice as long (G-2)."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from mangaassist import guardrails

LENGTH = 2000
UNITS = (
    *(
        "a",
        "A ",
        "9",
        "9 ",
        "9.9",
        "1,",
        "$",
        "-",
        " ",
        "\n",
        ".",
        "(",
        "[",
        "<",
        "{",
        "`",
        "@",
        "a.",
        "a@",
        "=",
        "A b",
    ),
    *(
        "by A",
        "one ",
        "ten ",
        "your order ",
        "vol 1 ",
        "12 Main ",
        "on 9 ",
        "http://a",
        "<a ",
        "[a](",
        "ignore ",
        "i'll ",
    ),
)
"""Repeated to 2 000 characters: beginnings that never end as they should."""
MOST_MS = 500.0
"""Of the processor, slow ones included: what is worse than quadratic takes seconds."""
ATTEMPTS = 4
"""Neighbours on the same core make some measurements longer: the best of so many counts."""
QUICK_MS = 2.0
MOST_RATIO = 7.0
"""How much longer twice the text may take of what is not quick: 2 is linear, 4 quadratic, 8 cubic."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern that a module of the guardrails holds, in whatever table."""
    seen: set[int] = set()
    for module in pkgutil.walk_packages(guardrails.__path__, "mangaassist.guardrails."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for number, pattern in enumerate(_held(value)):
                if id(pattern) not in seen and isinstance(pattern.pattern, str):
                    seen.add(id(pattern))
                    yield f"{module.name.rpartition('guardrails.')[2]}.{name}[{number}]", pattern


def _held(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _held(one)
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from _held(one)
    elif isinstance(value, Struct):
        for name in value.__struct_fields__:
            yield from _held(getattr(value, name))
    elif type(value).__module__.startswith("mangaassist.guardrails") and not isinstance(value, type):
        for one in vars(value).values() if hasattr(value, "__dict__") else ():
            yield from _held(one)


PATTERNS = dict(patterns())


def spent_ms(pattern: re.Pattern[str], text: str, times: int) -> float:
    """Processor time of this thread, the best of so many."""
    taken: list[float] = []
    for _ in range(times):
        began = time.thread_time()
        for _ in pattern.finditer(text):
            pass
        taken.append((time.thread_time() - began) * 1000)
    return min(taken)


def ratio(pattern: re.Pattern[str], text: str) -> float:
    """How much longer twice the text takes."""
    return spent_ms(pattern, text, 3) / max(spent_ms(pattern, text[: LENGTH // 2], 3), 0.01)


def test_the_patterns_of_every_table_are_found() -> None:
    rooms = {name.partition(".")[0] for name in PATTERNS}
    assert {"claims", "money", "pii", "injection_patterns", "markup", "fencing", "stages", "holdback"} <= rooms
    assert len(PATTERNS) > 150


@pytest.mark.parametrize("name", PATTERNS)
def test_two_thousand_hostile_characters_keep_no_pattern_busy(name: str) -> None:
    pattern = PATTERNS[name]
    for unit in UNITS:
        text = unit * (LENGTH // len(unit))
        if spent_ms(pattern, text, 1) > QUICK_MS and (taken := spent_ms(pattern, text, 3)) > QUICK_MS:
            assert taken < MOST_MS, f"{unit!r} takes {taken:.1f} ms"
            assert any(ratio(pattern, text) < MOST_RATIO for _ in range(ATTEMPTS)), f"{unit!r} takes too much longer"


def test_a_pattern_that_backtracks_is_noticed() -> None:
    slow = re.compile(r"(?:a|aa)*a*a*[^a]$")
    text = "a" * 24
    assert spent_ms(slow, text, 1) > 4 * spent_ms(slow, text[:20], 1)
