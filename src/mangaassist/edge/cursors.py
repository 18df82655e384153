"""How far a client says that it has heard, as an address says it (W-2)."""

from collections.abc import Mapping, Sequence

from mangaassist.conversation.log import Cursor


def first_of(query: Mapping[str, Sequence[str]], name: str) -> str | None:
    return query[name][0] if query.get(name) else None


def cursor_of(query: Mapping[str, Sequence[str]], ceiling: int) -> Cursor | None:
    """``last_seq`` and ``epoch``; what is no number, or none that a frame can have had, is no cursor."""
    text = first_of(query, "last_seq")
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    return Cursor(seq, first_of(query, "epoch")) if (seq := int(text)) <= ceiling else None
