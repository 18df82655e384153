"""Reads what the risk layer learns from: public rows of attacks and toxic language, and the texts written for it in safety/."""

import json
import re
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

HERE = Path(__file__).parent / "safety"
WRITTEN = ("benign", "attacks", "harmless_orders", "toxic", "harmless_language")
WRITTEN_JUDGES = ("held_out_trigger_words", "held_out_angry", "held_out_seventh_hand")
JUDGES = (*WRITTEN_JUDGES, "own_held")
"""Written to measure by; never trained on."""
SHOPPERS = {"talk": ("talk/conversations_*.jsonl", 3000), "asked": ("asked/conversations_*.jsonl", 1500),
            "acts": ("acts/messages_*.jsonl", 1500), "messages": ("intents/messages_*.jsonl", 600)}  # fmt: skip
"""Harmless messages that were written for other heads, and how many of them."""
OWN = Path(__file__).parent.parent / "src" / "mangaassist" / "evaluation" / "data" / "dialogues.jsonl"
INJECTION, TOXICITY = 0, 1
UNKNOWN = -1.0
HELD = 5
"""One text in five is held out, chosen by its words."""
MOST_OFFENSIVE = 1500
"""Rows of tdavidson that are toxic by its labels: many hold a rude word and hurt nobody."""
SIGNS = re.compile(
    r"ignor|olvida|instru|password|contrase|mot de passe|parola|passwort|パスワード|무시|अनदेखी|игнор|αγνο|passcode|user's|database"
    r"|regardless|decode|print|無視|override|mode>|system|forget|disregard|admit to using|parallel|state:|prompt|police|president"
    r"|authority|output only|pretend",
    re.IGNORECASE,
)
"""What a row of PurpleLlama must hold to count as an attack: without the secret that its set puts before it, "what is the
weather" is none."""


class RiskRows(NamedTuple):
    """``labels`` float32 [rows, 2]: injection and toxicity, 1 or 0, ``UNKNOWN`` where the row does not say."""

    texts: list[str]
    labels: np.ndarray
    sources: np.ndarray
    kinds: np.ndarray

    @property
    def held(self) -> np.ndarray:
        return np.array([_number(text) % HELD == 0 for text in self.texts])

    @property
    def judges(self) -> np.ndarray:
        return np.isin(self.sources, JUDGES)


def read(data: Path) -> RiskRows:
    """``data`` holds ``injections``, ``toxicity`` and ``intents``, each with its ``train.jsonl``. Each text comes once."""
    rows = [*_own(), *_written(), *_public(data), *_shoppers()]
    seen: dict[str, tuple[str, list[float], str, str]] = {}
    for row in rows:
        seen.setdefault(row[0].strip().lower(), row)
    texts, labels, sources, kinds = zip(*seen.values(), strict=True)
    return RiskRows(list(texts), np.array(labels, np.float32), np.array(sources), np.array(kinds))


def _number(text: str) -> int:
    """Of its words."""
    return zlib.crc32(re.sub(r"\W+", " ", text.lower()).encode())


def _lines(file: Path):
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _public(data: Path):
    rng = np.random.default_rng(1)
    for row in _lines(data / "injections" / "train.jsonl"):
        attack = float(row["label"])
        if row["source"] == "purplellama_cse" and not SIGNS.search(row["text"]):
            attack = UNKNOWN
        yield row["text"][:2500], [attack, UNKNOWN if attack else 0.0], row["source"], ""
    toxic = _lines(data / "toxicity" / "train.jsonl")
    offensive = [place for place, row in enumerate(toxic) if row["source"] == "tdavidson" and row["label"]]
    kept = set(rng.permutation(offensive)[:MOST_OFFENSIVE].tolist())
    for place, row in enumerate(toxic):
        if row["source"] != "tdavidson" or not row["label"] or place in kept:
            yield row["text"], [0.0, float(row["label"])], row["source"], ""
    for row in _lines(data / "intents" / "train.jsonl"):
        yield row["text"], [0.0, 0.0], "customers", ""


def _written():
    for source in (*WRITTEN, *WRITTEN_JUDGES):
        for row in _lines(HERE / f"{source}.jsonl"):
            if row["topic"] == "injection":
                labels = [float(row["label"]), UNKNOWN if row["label"] else 0.0]
            else:
                labels = [0.0, float(row["label"])]
            yield row["text"], labels, source, row.get("kind", "")


def _own():
    """Our own dialogues: a third of them, by their words, judges; those of ``safety`` judge too, as some are attacks."""
    for dialogue in _lines(OWN):
        for turn in dialogue["turns"]:
            text = turn["message"]
            judges = dialogue["category"] == "safety" or _number(f"own{text}") % 3 == 0
            yield text, [0.0, UNKNOWN if judges else 0.0], "own_held" if judges else "own", dialogue["category"]


def _shoppers():
    for source, (files, most) in SHOPPERS.items():
        lines = [row for file in sorted(HERE.parent.glob(files)) for row in _lines(file)]
        texts = {turn["text"] for row in lines for turn in row.get("turns", [row])}
        for text in sorted(texts, key=lambda text: zlib.crc32(text.encode()))[:most]:
            yield text, [0.0, UNKNOWN], source, ""
