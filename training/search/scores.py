"""How near what was left out comes to the answer that it asks for, among all wordings that an index would hold."""

from itertools import product

import numpy as np
from encoded import Read

INDEXED = ("ask", "says", "title")
KINDS = ("ask", "joined", "told")
RANKS = (1, 3, 10)


def show(title: str, read: Read, vectors: np.ndarray) -> None:
    print(title)
    for kind, held in product(KINDS, (False, True)):
        rows = [
            row
            for row, one in enumerate(read.texts)
            if one.kind == kind and one.is_left_out and one.is_of_held_page is held
        ]
        found = " / ".join(f"{share:.3f}" for share in _found(read, vectors, rows))
        print(
            f"  {kind:7s} {'held pages' if held else 'other pages':12s} n {len(rows):5d} first {RANKS}: {found}",
            flush=True,
        )
    print(f"  other shops, the nearest message has the same label: {_same_label(read, vectors):.3f}", flush=True)


def _found(read: Read, vectors: np.ndarray, rows: list[int]) -> list[float]:
    """The share of the messages whose answer is among the first so many of all answers and pages."""
    indexed = [row for row, one in enumerate(read.texts) if one.kind in INDEXED and not one.is_left_out]
    groups = sorted({read.texts[row].group for row in indexed})
    place_of = {group: place for place, group in enumerate(groups)}
    owner = np.array([place_of[read.texts[row].group] for row in indexed])
    order = np.argsort(owner, kind="stable")
    near = vectors[rows] @ vectors[indexed].T
    best = np.maximum.reduceat(near[:, order], np.searchsorted(owner[order], np.arange(len(groups))), axis=1)
    right = best[np.arange(len(rows)), [place_of[read.texts[row].group] for row in rows]]
    ahead = (best > right[:, None]).sum(1)
    return [float((ahead < most).mean()) for most in RANKS]


def _same_label(read: Read, vectors: np.ndarray) -> float:
    rows = [row for row, one in enumerate(read.texts) if one.kind == "labelled" and one.is_left_out]
    labels = [read.texts[row].group for row in rows]
    near = vectors[rows] @ vectors[rows].T
    np.fill_diagonal(near, -1)
    return float(np.mean([labels[row] == labels[best] for row, best in enumerate(near.argmax(1))]))
