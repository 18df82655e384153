"""Cuts a message into the parts that may each hold a wish: "return this and find me something better" holds two (M-2)."""

import re

END = re.compile(r"(?<=[.;!?\n])\s+|\n+|[,;]?\s+(?=(?:and|also|but|plus|then|btw|oh)\b)|\s*&\s*|,\s+", re.IGNORECASE)
OPENING = re.compile(r"^(?:(?:and|also|but|plus|then|btw|oh|so)\b[, ]*)+", re.IGNORECASE)
SHORTEST = 2
"""Words that a wish takes at least; a shorter part belongs to the one before it, or after it at the start."""
MOST = 4


def clauses(text: str) -> list[str]:
    """The parts, at most four and each without its opening "and"; a message of one part gives itself alone."""
    parts: list[str] = []
    pending = ""
    for piece in END.split(text):
        part = f"{pending} {OPENING.sub('', piece.strip())}".strip()
        pending = ""
        if len(part.split()) >= SHORTEST:
            parts.append(part)
        elif parts:
            parts[-1] = f"{parts[-1]} {part}".strip()
        else:
            pending = part
    return parts[:MOST] if len(parts) > 1 else [text]
