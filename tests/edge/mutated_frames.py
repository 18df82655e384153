"""Client frames that are almost right, by seed: each begins as one that is taken, and is broken once or a few times."""

import json
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from mangaassist.wire.examples import EXAMPLES
from mangaassist.wire.frames import ClientFrame

TAKEN: Final = [msgspec.to_builtins(EXAMPLES[kind]) for kind in ClientFrame.__args__]
DEEP: Final = 3_000
ODD: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1e308, 2**63, -(2**64), 10**400, 0.1, "", " ", "x", "null", "\x00", "a\x00b",
    "\u202e", "\ufeff", "𝕏", "é",
    "\ud800", "B0ABCDEFGH", "x" * 128, "x" * 129, "進" * 2000, "進" * 2001, "x" * 9000, [], {}, [None], [[]], ["B0ABCDEFGH"] * 51,
    {"type": "ping"}, {"current_asin": 1}, float("inf"), float("nan"),
)  # fmt: skip
"""What stands where something else belongs."""

Mutation = Callable[[random.Random, Any], Any]
Break = Callable[[random.Random, str], str]


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield from _places(part, (*path, name))


def _replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copied


def _swap(chance: random.Random, frame: Any) -> Any:
    return _replaced(frame, chance.choice(list(_places(frame))), chance.choice(ODD))


def _add(chance: random.Random, frame: Any) -> Any:
    return {**frame, chance.choice(("id", "message", "token", "page_context", "mood", "", "seq")): chance.choice(ODD)}


def _drop(chance: random.Random, frame: Any) -> Any:
    gone = chance.choice(list(frame))
    return {name: part for name, part in frame.items() if name != gone}


def _graft(chance: random.Random, frame: Any) -> Any:
    """A part of another frame."""
    other = chance.choice(TAKEN)
    name = chance.choice(list(other))
    return {**frame, name: other[name]}


def _truncate(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _splice(chance: random.Random, text: str) -> str:
    at = chance.randrange(len(text) + 1)
    return (
        text[:at]
        + "".join(chance.choice('{}[]",:\\u00e-1\n\x00é\udfff') for _ in range(chance.randrange(1, 8)))
        + text[at:]
    )


def _repeat(chance: random.Random, text: str) -> str:
    """A key that is there twice."""
    inner = text[1:-1]
    return f"{{{inner},{inner}}}" if inner else text + text


def _nest(chance: random.Random, text: str) -> str:
    opening, closing = chance.choice((("[", "]"), ('{"x":', "}")))
    depth = chance.choice((1, 10, DEEP))
    return f'{text[:-1]},"x":{opening * depth}1{closing * chance.choice((depth, 0))}}}'


def _rewrite(chance: random.Random, text: str) -> str:
    return "".join(chr(ord(each) ^ 1 << chance.randrange(7)) if chance.random() < 0.03 else each for each in text)


def _noise(chance: random.Random, text: str) -> str:
    return chance.randbytes(chance.randrange(200)).decode("latin-1")


MUTATIONS: Final[tuple[Mutation, ...]] = (_swap, _swap, _swap, _add, _drop, _graft)
BREAKS: Final[tuple[Break, ...]] = (_truncate, _splice, _repeat, _nest, _rewrite, _noise)


def mutated(seed: int) -> Iterator[str]:
    """Texts without end."""
    chance = random.Random(seed)
    while True:
        frame: Any = chance.choice(TAKEN)
        for _ in range(chance.randrange(1, 4)):
            if isinstance(frame, dict) and frame:
                frame = chance.choice(MUTATIONS)(chance, frame)
        text = json.dumps(frame, ensure_ascii=chance.random() < 0.5)
        yield chance.choice(BREAKS)(chance, text) if chance.random() < 0.5 else text
