"""How what is printed into pages looks in Markdown."""

from collections.abc import Iterable


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, ("---",) * len(head), *rows))


def names(told: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in told)


def code(language: str, text: str) -> str:
    return f"```{language}\n{text}```\n"
