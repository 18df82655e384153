"""The written conversations with their labels, and what understanding saw of each of their messages."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState
from mangaassist.domain.meaning import HeardAct
from mangaassist.understanding.scene import Scene
from mangaassist.understanding.utterance import Utterance

HERE = Path(__file__).parent
HELD = 5
"""One conversation in five is held out, chosen by how it begins."""


class Turn(NamedTuple):
    """``acts`` is what it asks, ``of`` what it asks that of."""

    text: str
    acts: tuple[Act, ...]
    of: str


class Conversation(NamedTuple):
    page: str
    cart: int
    signed_in: bool
    turns: tuple[Turn, ...]

    @property
    def is_held(self) -> bool:
        return zlib.crc32(self.turns[0].text.casefold().encode()) % HELD == 0


class Heard(NamedTuple):
    """A message as understanding had it. ``own``: the acts that rules and heads heard; ``features`` float32 [features]."""

    conversation: int
    place: int
    turn: Turn
    is_held: bool
    utterance: Utterance
    state: DialogueState
    scene: Scene
    own: tuple[HeardAct, ...]
    features: np.ndarray


def conversations() -> Iterator[Conversation]:
    for file in sorted(HERE.glob("conversations_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield _read(json.loads(line))


def _read(row: dict[str, Any]) -> Conversation:
    scene = row["scene"]
    turns = tuple(Turn(one["text"], tuple(map(Act, one["acts"])), one.get("of", "")) for one in row["turns"])
    return Conversation(scene.get("page") or "", int(scene.get("cart") or 0), bool(scene.get("signed_in")), turns)
