"""Prints the connection's tables into ``docs/protocol.md`` from the objects that run it: ``python -m tests.protocol_page``."""

from pathlib import Path
from typing import Final

from mangaassist.edge.connection import EVENTS, TRANSITIONS, On, State

PAGE: Final = Path(__file__).parent.parent / "docs" / "protocol.md"
BEGIN: Final = "<!-- printed from mangaassist.edge.connection by `make docs` -->\n"
END: Final = "<!-- end -->\n"


def printed() -> str:
    """One row an event: what is done about it, and the state that follows in each state that it counts in."""
    states = [state for state in State if TRANSITIONS[state]]
    head = ("what happens", "what is done", *(f"`{state}` →" for state in states))
    rows = ((event.value, EVENTS[event].words, *(_next(state, event) for state in states)) for event in On)
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def refreshed(page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{printed()}\n{END}{after}"


def _next(state: State, event: On) -> str:
    follows = TRANSITIONS[state].get(event)
    return "passed over" if follows is None else "" if follows is state else f"`{follows}`"


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
