"""The shopper's words are read once, by understanding; nothing after it looks at them again (the house's rule 3)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

SOURCE: Final = Path(__file__).parent.parent / "src" / "mangaassist"
AFTER: Final = ("turn", "models", "knowledge", "guardrails", "services")
"""The rooms that a message visits after it was understood, or that are visited for it."""
MAY_HAND_ON: Final = {
    "guardrails/intake.py": "comes before understanding, and takes out what nobody may read (G-1)",
    "turn/reader.py": "hands the text to understanding",
    "turn/orchestrator.py": "hands the text to understanding and to the encoder",
    "models/prompts.py": "a model is told what the shopper said",
    "models/prompt_lines.py": "leaves the full question out where it is the message itself",
    "turn/memory.py": "what was said is shown again to who comes back",
}
"""Files that hold the message for somebody else, and match nothing of it; each with its reason."""
MAY_USE_EXPRESSIONS: Final = {"guides.py", "conclusion.py"}
"""Modules of the turn whose expressions read the store's own pages and what the writer wrote."""
HOLDERS: Final = {"meaning", "message", "turn", "utterance"}
WORDS: Final = {"text", "message", "folded"}


def looks_at_the_message(tree: ast.AST) -> Iterator[int]:
    """The lines that read the text of a message, a meaning or an earlier turn."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in WORDS and _name(node.value) in HOLDERS:
            yield node.lineno


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr.lstrip("_")
    return node.id.lstrip("_") if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("room", AFTER)
def test_no_room_after_understanding_looks_at_the_shoppers_words(room: str) -> None:
    looking = {
        f"{path.relative_to(SOURCE)}:{line}"
        for path in sorted((SOURCE / room).rglob("*.py"))
        if str(path.relative_to(SOURCE)) not in MAY_HAND_ON
        for line in looks_at_the_message(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert not looking


def test_who_hands_the_words_on_matches_nothing_of_them() -> None:
    matching = {
        file
        for file in MAY_HAND_ON
        if file != "guardrails/intake.py" and "import re\n" in (SOURCE / file).read_text(encoding="utf-8")
    }
    assert not matching


def test_the_turns_expressions_are_for_the_stores_own_pages_alone() -> None:
    with_expressions = {
        path.name
        for path in (SOURCE / "turn").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names)
    }
    assert with_expressions <= MAY_USE_EXPRESSIONS


@pytest.mark.parametrize(
    "code", ["task.meaning.text.lower()", "re.search(x, meaning.text)", "understood.message.text", "turn.message"]
)
def test_the_check_sees_who_looks(code: str) -> None:
    assert list(looks_at_the_message(ast.parse(code)))
