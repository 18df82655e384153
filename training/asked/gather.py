"""Plays the written conversations through the whole assistant and keeps what the turn saw of each message beside the pages.

A demo store is started for it. What the assistant answers is what the next message goes on from, its mistakes included.

    python training/asked/gather.py OUT.pkl [SETTINGS] [--first]
"""

import asyncio
import pickle
import sys
from collections.abc import Iterable, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
from conversations import Seen, conversations
from rich.console import Console

from mangaassist.diagnostics import shop_of, store_at_hand
from mangaassist.domain.chunks import Chunk
from mangaassist.domain.meaning import Meaning
from mangaassist.knowledge.answer_features import Floats
from mangaassist.knowledge.asked_answers import Talk
from mangaassist.knowledge.retrieval import Retrieval
from mangaassist.serving import Bars
from mangaassist.settings import Settings, load
from mangaassist.turn import orchestrator
from mangaassist.turn.asked_answer import Before, by_answer
from mangaassist.turn.asked_head import AskedHead
from mangaassist.turn.asked_signs import Sign

PATIENCE = 1000.0
TALK_READ = "13579"
PAGES = ("B09DWLHS1S", "B0EUAZAO9P")
"""Whose product page a conversation has that is held on one, in turn; and what lies in carts."""


class Watched:
    """Stands before the pages and the head of one message, and keeps what they were asked and said."""

    seen: ClassVar[dict[str, Any]] = {}

    def __init__(self, pages: Retrieval, head: AskedHead, *, answers: bool) -> None:
        self._pages, self._head, self._answers = pages, head, answers

    async def asked_in(self, talk: Talk) -> tuple[Sequence[Chunk], Floats]:
        chunks, numbers = await self._pages.asked_in(talk)
        Watched.seen |= {"chunks": tuple(chunk.chunk_id for chunk in chunks), "numbers": numbers.copy()}
        return chunks, numbers

    def probabilities(self, numbers: Floats, signs: Iterable[Sign]) -> tuple[float, Floats]:
        Watched.seen["signs"] = kept = tuple(signs)
        if self._answers:
            return self._head.probabilities(numbers, kept)
        return 1.0, np.zeros(len(numbers), np.float32)


def watch(*, answers: bool) -> None:
    """``answers``: whether the head that ships decides; else no answer is ever asked for."""

    async def watched(meaning: Meaning, before: Before, pages: Any, speculation: Any, head: Any) -> Meaning:
        between = Watched(pages, head, answers=answers)
        return await by_answer(meaning, before, between, speculation, between)

    setattr(orchestrator, by_answer.__name__, watched)


async def gathered(settings: Settings, talk: str) -> list[Seen]:
    seen: list[Seen] = []
    written, products = list(conversations(talk)), cycle(PAGES)
    with Bars(Console(stderr=True)) as bars:
        async with store_at_hand(settings), shop_of(settings, bars) as shop:
            for number, one in enumerate(written):
                page = {"current_asin": next(products)} if one.page == "product" else {}
                page |= {"cart_asins": list(PAGES[: one.cart])} if one.cart else {}
                talk = await shop.begin(f"asked-{number}", "aiko" if one.signed_in else "guest")
                for place, turn in enumerate(one.turns):
                    Watched.seen.clear()
                    await talk(turn.text, page)
                    if "signs" in Watched.seen and turn.answers is not None:
                        seen.append(Seen(one.hand, place, turn, one.is_held, **Watched.seen))
                bars("conversations", number + 1, len(written))
    return seen


def main(arguments: Sequence[str]) -> None:
    first = "--first" in arguments
    out, *settings = (Path(one) for one in arguments if one != "--first")
    watch(answers=not first)
    patient = msgspec.structs.replace(load(*settings), timeout_factor=PATIENCE)
    out.write_bytes(pickle.dumps(asyncio.run(gathered(patient, TALK_READ))))


if __name__ == "__main__":
    main(sys.argv[1:])
