"""Plays dialogues through the whole assistant and holds every answer against what a glad shopper would need to hear (E-1)."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Protocol

import msgspec
from msgspec import Meta, Struct

from mangaassist.errors import BadInput
from mangaassist.evaluation.datasets import read_jsonl
from mangaassist.evaluation.expectations import Expectation, Heard, missed

UNSORTED = "unsorted"


class Turn(Struct, frozen=True):
    """``page`` is what the widget would send, by the names of ``PageContext``."""

    message: Annotated[str, Meta(min_length=1, max_length=2000)]
    page: dict[str, Any] | None = None
    expect: Expectation = Expectation()


class Dialogue(Struct, frozen=True):
    """``shopper`` is ``guest`` or a customer of the demo store. Texts may hold placeholders, which ``Shop.resolved`` fills."""

    id: str
    turns: Annotated[tuple[Turn, ...], Meta(min_length=1)]
    shopper: str = "guest"
    category: str = UNSORTED


Talk = Callable[[str, dict[str, Any]], Awaitable[Heard]]
"""Says a message on a page, within one conversation, and gives the answer."""


class Shop(Protocol):
    """The assistant and the store behind it. Both raise ``BadInput`` for what the store does not have."""

    titles: frozenset[str]
    """The folded names of all series and products."""

    async def begin(self, dialogue_id: str, shopper: str) -> Talk:
        """A new conversation."""
        ...

    async def resolved(self, text: str, shopper: str) -> str | tuple[str, ...]:
        """The text with its ``{placeholders}`` filled; several texts when one stands for several."""
        ...


class Judged(Struct, frozen=True):
    dialogue: Dialogue
    place: int
    """Which turn of the dialogue, from 1."""
    message: str
    heard: Heard
    missed: tuple[str, ...]


async def evaluate_dialogues(
    path: Path, shop: Shop, progress: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """The figures of ``played``."""
    return score(await played(dialogues_of(path), path, shop, progress))


def dialogues_of(path: Path, sample: int | None = None) -> list[tuple[int, Dialogue]]:
    """Those of a JSON lines file with the numbers of their lines; of ``sample`` of them every category has its share.

    Raises ``BadInput``, which names the line, and on an empty file.
    """
    rows = list(read_jsonl(path, Dialogue))
    if not rows:
        raise BadInput("empty_dataset", f"{path.name} holds no dialogue.")
    return rows if sample is None else _sampled(rows, sample)


def _sampled(rows: Sequence[tuple[int, Dialogue]], sample: int) -> list[tuple[int, Dialogue]]:
    """Evenly spaced among those of one category beside each other, in the file's order: the same each time."""
    sorted_rows = sorted(rows, key=lambda row: row[1].category)
    size = min(sample, len(rows))
    chosen = [sorted_rows[(2 * place + 1) * len(rows) // (2 * size)] for place in range(size)]
    return sorted(chosen, key=lambda row: row[0])


async def played(
    rows: Sequence[tuple[int, Dialogue]], path: Path, shop: Shop, progress: Callable[[int, int], None] | None = None
) -> list[Judged]:
    """Every turn of the dialogues, played one after another.

    ``progress`` gets (dialogues done, dialogues in all). Raises ``BadInput``, which names the line of ``path``.
    """
    judged: list[Judged] = []
    for done, (number, dialogue) in enumerate(rows, 1):
        try:
            judged += await _played(dialogue, shop)
        except (BadInput, msgspec.ValidationError) as error:
            raise BadInput("bad_line", f"{path.name}, line {number}: {error}") from error
        if progress:
            progress(done, len(rows))
    return judged


async def _played(dialogue: Dialogue, shop: Shop) -> list[Judged]:
    talk = await shop.begin(dialogue.id, dialogue.shopper)
    judged: list[Judged] = []
    for place, turn in enumerate(dialogue.turns, 1):
        message, page, expected = await _filled(turn, shop, dialogue.shopper)
        heard = await talk(message, page)
        lines = tuple(missed(expected, heard, shop.titles))
        judged.append(Judged(dialogue, place, message, heard, lines))
    return judged


async def _filled(turn: Turn, shop: Shop, shopper: str) -> tuple[str, dict[str, Any], Expectation]:
    """The turn with its placeholders filled. Raises ``ValidationError`` where several texts cannot stand."""

    async def fill(value: Any) -> Any:
        match value:
            case str():
                return await shop.resolved(value, shopper)
            case list() | tuple():
                return [await fill(one) for one in value]  # pyright: ignore[reportUnknownVariableType] - builtins of a struct
            case dict():
                return {name: await fill(one) for name, one in value.items()}  # pyright: ignore[reportUnknownVariableType]
            case _:
                return value

    filled = await fill(msgspec.to_builtins(turn))
    filled["expect"] = {name: _flattened(value) for name, value in filled["expect"].items()}
    whole = msgspec.convert(filled, Turn)
    return whole.message, whole.page or {}, whole.expect


def _flattened(value: Any) -> Any:
    """Alternatives within alternatives are alternatives."""
    if not isinstance(value, list | tuple):
        return value
    return [_alternatives(entry) if isinstance(entry, list | tuple) else entry for entry in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _alternatives(entry: Sequence[Any]) -> list[str]:
    return [one for part in entry for one in ([part] if isinstance(part, str) else part)]


def score(judged: Sequence[Judged]) -> dict[str, Any]:
    """The figures of E-1: counts, by who wrote, by the intent that was understood, by category and by place in the dialogue
    (``first_turns``, ``follow_ups``)."""
    by_category = _counted(judged, lambda one: one.dialogue.category)
    by_place = _counted(judged, lambda one: "first_turns" if one.place == 1 else "follow_ups")
    return {
        "n_dialogues": sum(one.place == 1 for one in judged),
        "n_turns": len(judged),
        "turns_right": sum(not one.missed for one in judged),
        "share_right": share_right(judged),
        "written_by": written_by(judged),
        "by_intent": _counted(judged, lambda one: one.heard.intent),
        "by_category": by_category,
        **by_place,
        "failures": [_failure(one) for one in judged if one.missed],
    }


def share_right(judged: Sequence[Judged]) -> float:
    return round(sum(not one.missed for one in judged) / len(judged), 4)


def written_by(judged: Sequence[Judged]) -> dict[str, int]:
    """How many turns each writer wrote, the busiest first."""
    return dict(Counter(one.heard.model for one in judged).most_common())


def _counted(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, dict[str, int]]:
    turns = Counter(map(key, judged))
    right = Counter(key(one) for one in judged if not one.missed)
    return {name: {"n_turns": turns[name], "turns_right": right[name]} for name in sorted(turns)}


def _failure(judged: Judged) -> dict[str, Any]:
    return {
        "id": judged.dialogue.id,
        "category": judged.dialogue.category,
        "turn": judged.place,
        "message": judged.message,
        "missed": list(judged.missed),
        "answer": judged.heard.text,
    }
