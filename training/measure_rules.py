"""Prints how often the rules of stage 1 speak and how often they are right, by source, by intent and by rule (M-2)."""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from mangaassist.domain.intents import Intent
from mangaassist.understanding.rules import RuleBook, fold, shipped_rules

HERE = Path(__file__).parent
Row = tuple[str, str, str]


def rows(public: Path | None) -> list[Row]:
    """(text, intent, source) of the written messages and, if given, the public ones."""
    files = sorted((HERE / "intents").glob("messages_*.jsonl"))
    read = [(json.loads(line), file.stem) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    if public:
        read += [(json.loads(line), "public") for line in public.read_text(encoding="utf-8").splitlines()]
    return [(row["text"], row["intent"], row.get("source", source)) for row, source in read]


def show(name: str, some: Iterable[Row], book: RuleBook) -> None:
    guesses = [(book.decide(text), intent) for text, intent, _ in some]
    spoken = [(guess.intent, intent) for guess, intent in guesses if guess]
    right = sum(guess == intent for guess, intent in spoken)
    precision = f"{right / len(spoken):.4f}" if spoken else "-"
    print(f"{name:24s} {len(guesses):6d} {len(spoken) / max(1, len(guesses)):8.3f} {precision:>10s}")


def show_rules(all_rows: list[Row]) -> None:
    for place, rule in enumerate(shipped_rules()):
        fired = [
            intent
            for text, intent, _ in all_rows
            if rule.pattern.search(fold(text)) and not (rule.unless and rule.unless.search(fold(text)))
        ]
        right = sum(intent == rule.intent for intent in fired)
        share = f"{right / len(fired):.3f}" if fired else "-"
        print(
            f"{place:3d} {rule.intent:18s} {rule.confidence:.2f} {len(fired):5d} {share:>6s}  {rule.pattern.pattern[:70]}"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("public", type=Path, nargs="?", help="JSON lines of text, intent, source")
    arguments.add_argument("--rules", action="store_true", help="also each rule by itself")
    chosen = arguments.parse_args()
    all_rows, book = rows(chosen.public), RuleBook()
    print(f"{'':24s} {'n':>6s} {'settled':>8s} {'precision':>10s}")
    for source in sorted({source for _, _, source in all_rows}):
        show(source, [row for row in all_rows if row[2] == source], book)
    for intent in Intent:
        show(intent, [row for row in all_rows if row[1] == intent], book)
    show("all", all_rows, book)
    if chosen.rules:
        show_rules(all_rows)


if __name__ == "__main__":
    main()
