"""Reads what the intent layers and their two heads learn from: public rows, written messages, and messages with acts."""

import json
import re
import tomllib
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mangaassist.domain.acts import MOVES, Act, intent_of

HERE = Path(__file__).parent
NAMED_ONLY = re.compile(r"suggest|recommend|best|help|confus|what|which|want|gain|los[es]|grow|reduc|beginner|give")
OTHERS_LABEL = MOVES | {
    Act.CONTACT, Act.OTHER_GOODS, Act.CANCEL_ORDER, Act.CHANGE_ORDER, Act.LATEST, Act.START, Act.COMPARE, Act.PREORDERS,
    Act.DELIVERY_TIME, Act.RETURN_WINDOW, Act.SET_OR_SINGLES,
}  # fmt: skip
"""Acts of which the messages with intents alone draw the line elsewhere than our table ("cancel my order" is a return
request there), or whose intent depends on what was said before: they do not teach the intents."""
ACTS = "acts"
WRITTEN = (ACTS, "written")
HELD = 5
"""One message in five is held out, chosen by its text, so that new messages do not shuffle the old ones."""


class Rows(NamedTuple):
    """``intents`` is -1 where none is counted. ``acts`` float32 [rows, acts] is what is there; ``counted`` where it is known."""

    texts: list[str]
    intents: np.ndarray
    names: np.ndarray
    sources: np.ndarray
    acts: np.ndarray
    counted: np.ndarray
    classes: list[Act]

    @property
    def held(self) -> np.ndarray:
        chosen = np.array([zlib.crc32(folded(text).encode()) % HELD == 0 for text in self.texts])
        return chosen & np.isin(self.sources, WRITTEN)


class _Row(NamedTuple):
    text: str
    intent: str
    source: str
    acts: tuple[str, ...]
    open: tuple[str, ...] | None
    """Acts that the row may have beside its own; None: any."""


def folded(text: str) -> str:
    """The text without case and punctuation: two that differ in no more are held out, or trained on, together."""
    return re.sub(r"\W+", " ", text.casefold()).strip() or text


def read(public: Path) -> Rows:
    """All rows, each text once: a message with acts says more than one with an intent alone."""
    rows = [*_with_acts(), *_with_intents(), *_of_others(public)]
    seen: dict[str, _Row] = {}
    for row in rows:
        seen.setdefault(row.text.casefold().strip(), row)
    return _as_arrays(list(seen.values()))


def _lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def _with_acts() -> list[_Row]:
    found = []
    for file in sorted((HERE / "acts").glob("messages_*.jsonl")):
        for row in _lines(file):
            acts = tuple(Act(name) for name in row["acts"])
            intent = "" if acts[0] in OTHERS_LABEL else intent_of(acts[0])
            found.append(_Row(row["text"], intent, ACTS, acts, ()))
    return found


def _with_intents() -> list[_Row]:
    files = sorted((HERE / "intents").glob("messages_*.jsonl"))
    return [_Row(row["text"], row["intent"], "written", (), None) for file in files for row in _lines(file)]


def _of_others(public: Path) -> list[_Row]:
    table = tomllib.loads((HERE / "acts" / "public.toml").read_text(encoding="utf-8"))
    found = []
    for row in _lines(public):
        # HINT3 files bare names of goods ("Fish oil") under RECOMMEND_PRODUCT; here they are product_discovery.
        if row["native"] == "RECOMMEND_PRODUCT" and not NAMED_ONLY.search(row["text"].lower()):
            continue
        known = table.get(row["source"], {}).get(row["native"])
        acts = tuple(known.get("acts", ())) if known else ()
        found.append(
            _Row(row["text"], row["intent"], row["source"], acts, tuple(known.get("open", ())) if known else None)
        )
    return found


def _as_arrays(rows: list[_Row]) -> Rows:
    names = np.unique([row.intent for row in rows if row.intent])
    place = {name: number for number, name in enumerate(names.tolist())}
    there = {act for row in rows if row.source == ACTS for act in row.acts}
    classes = [act for act in Act if act in there]
    column = {act: number for number, act in enumerate(classes)}
    acts = np.zeros((len(rows), len(classes)), np.float32)
    counted = np.zeros_like(acts)
    for number, row in enumerate(rows):
        if row.open is None:
            continue
        counted[number] = 1
        counted[number, [column[act] for act in row.open if act in column]] = 0
        acts[number, [column[act] for act in row.acts if act in column]] = 1
    return Rows(
        [row.text for row in rows],
        np.array([place.get(row.intent, -1) for row in rows]),
        names,
        np.array([row.source for row in rows]),
        acts,
        counted,
        classes,
    )
