"""The house's rule 3: nothing in the turn's rooms looks at the shopper's words once they were understood."""

import ast
from pathlib import Path

import mangaassist.turn

TURN = Path(mangaassist.turn.__file__).parent
MAY_NAME_THE_TEXT = {"orchestrator.py", "reader.py", "speculation.py"}
"""What is handed on to understanding and its encoder."""
OF_THE_STORE = {"guides.py", "conclusion.py"}
"""Expressions over the store's own pages."""


def modules() -> list[Path]:
    return sorted(TURN.rglob("*.py"))


def names_the_text(tree: ast.AST) -> bool:
    """``meaning.text``, ``message.text`` or ``self._meaning.text``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "text":
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if name.lstrip("_") in ("meaning", "message"):
                return True
    return False


def test_only_what_searches_and_what_understands_names_the_message() -> None:
    named = {path.name for path in modules() if names_the_text(ast.parse(path.read_text(encoding="utf-8")))}
    assert named <= MAY_NAME_THE_TEXT


def test_expressions_are_for_pages_of_the_store_alone() -> None:
    with_expressions = {
        path.name
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import) and any(alias.name == "re" for alias in node.names)
    }
    assert with_expressions <= OF_THE_STORE
