"""How many tokens a text takes, about: for budgets before a call, and where a provider tells no figures."""

from typing import Final

CHARS_A_TOKEN: Final = 3.6
"""Of prompts made of rules and JSON lines; plain English has about four."""


def estimated_tokens(text: str) -> int:
    """Letters beyond ASCII count as one token each, which is right for Japanese."""
    plain = len(text.encode("ascii", "ignore"))
    return round(plain / CHARS_A_TOKEN) + len(text) - plain
