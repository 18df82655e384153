"""The written conversations, and what the turn saw of each of their messages."""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mangaassist.domain.acts import ACTS, Act

HERE = Path(__file__).parent
TALK = HERE.parent / "talk"
"""Conversations of which no answer of a page is named: what is asked of books, carts and orders there asks for none."""
OF_FACTS = {Act.SHIPS_TO, Act.DELIVERY_TIME, Act.SHIPPING_COST, Act.FREE_SHIPPING, Act.PAYMENT_METHOD, Act.CONTACT}
"""What the store's facts answer as well as a page: nothing is learnt of them."""
OF_DATA = {"shelf", "product", "series", "cart", "offer"}
OF_DATA_ACTS = {Act.TRACK, Act.ARRIVAL, Act.ORDER_LIST, Act.ORDER_CONTENTS, Act.LATE, Act.GREETING, Act.THANKS, Act.BYE}
OF_DATA_ACTS |= {
    Act.HOW_ARE_YOU,
    Act.JOKE,
    Act.PRAISE,
    Act.INSULT,
    Act.UNSURE,
    Act.OKAY,
    Act.SURE,
    Act.MEANT,
    Act.BORED,
}
HELD = 5
"""One conversation in five is held out, chosen by how it begins."""
NOWHERE = "none"
"""A question about the store that no page answers."""


class Turn(NamedTuple):
    """``answers`` are the chunks of the answers that serve it, empty where none does, None where nobody says."""

    text: str
    answers: tuple[str, ...] | None


class Conversation(NamedTuple):
    page: str
    cart: int
    signed_in: bool
    turns: tuple[Turn, ...]
    hand: str

    @property
    def is_held(self) -> bool:
        return zlib.crc32(self.turns[0].text.casefold().encode()) % HELD == 0


class Seen(NamedTuple):
    """A message that was held against the pages. ``numbers`` float32 [answers, numbers], a row for each of ``chunks``."""

    hand: str
    place: int
    turn: Turn
    is_held: bool
    chunks: tuple[str, ...]
    numbers: np.ndarray
    signs: tuple[tuple[str, float], ...]


def conversations(talk: str = "") -> Iterator[Conversation]:
    """``talk``: the numbers of the files of the other conversations that are read as well, "13579"."""
    files = [(file, "") for file in sorted(HERE.glob("conversations_*.jsonl"))]
    files += [(TALK / f"conversations_{number}.jsonl", "talk ") for number in talk]
    for file, kind in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            yield _read(json.loads(line), f"{kind}{file.stem.rpartition('_')[2]}")


def _read(row: dict[str, Any], hand: str) -> Conversation:
    scene = row["scene"]
    turns = tuple(Turn(one["text"], _answers(one)) for one in row["turns"])
    of_page = scene.get("page") or ""
    return Conversation(of_page, int(scene.get("cart") or 0), bool(scene.get("signed_in")), turns, hand)


def _answers(turn: dict[str, Any]) -> tuple[str, ...] | None:
    acts = [Act(name) for name in turn["acts"]]
    if any(act in OF_FACTS for act in acts):
        return None
    if "answers" in turn:
        return tuple(map(_chunk, turn["answers"]))
    return () if all(ACTS[act].topic in OF_DATA or act in OF_DATA_ACTS for act in acts) else None


def _chunk(name: str) -> str:
    """The id of the chunk that an answer of a page is kept as: ``page#2`` is its third, ``page`` the page itself."""
    page, _, number = name.partition("#")
    if name == NOWHERE:
        return name
    return f"{page}#0={number}" if number else f"{page}#0"
