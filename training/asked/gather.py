"""Plays the written conversations through the whole assistant and keeps what the turn saw of each message beside the pages.

A demo store is started for it. What the assistant answers is what the next message goes on from, its mistakes included.

    python training/asked/gather.py OUT.pkl [SETTINGS] [--first]
"""

import asyncio
import pickle
import sys
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import numpy as np
from conversations import Seen, conversations
from rich.console import Console

from mangaassist.diagnostics import shop_of, store_at_hand
from mangaassist.knowledge.asked_answers import Talk
from mangaassist.knowledge.retrieval import Retriever
from mangaassist.serving import Bars
from mangaassist.settings import Settings, load
from mangaassist.turn.asked_head import AskedHead

PATIENCE = 1000.0
TALK_READ = "13579"
PAGES = ("B09DWLHS1S", "B0EUAZAO9P")
"""Whose product page a conversation has that is held on one, in turn; and what lies in carts."""


class Watched:
    """Keeps what the head was asked about the message that is answered just now."""

    seen: ClassVar[dict[str, Any]] = {}

    @classmethod
    def watch(cls, *, answers: bool) -> None:
        """``answers``: whether the head that ships decides; else no answer is ever asked for."""
        found, told = Retriever.asked_in, AskedHead.probabilities

        async def asked_in(self: Retriever, talk: Talk) -> Any:
            chunks, numbers = await found(self, talk)
            cls.seen["chunks"] = tuple(chunk.chunk_id for chunk in chunks)
            return chunks, numbers

        def probabilities(self: AskedHead, numbers: Any, signs: Any) -> Any:
            kept = tuple(signs)
            cls.seen |= {"numbers": numbers.copy(), "signs": kept}
            return told(self, numbers, kept) if answers else (1.0, np.zeros(len(numbers), np.float32))

        Retriever.asked_in, AskedHead.probabilities = asked_in, probabilities  # type: ignore[method-assign]
        if not answers:
            AskedHead.load = classmethod(lambda _: AskedHead({}, *(np.zeros(0, np.float32) for _ in range(12))))  # type: ignore


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
    Watched.watch(answers=not first)
    patient = msgspec.structs.replace(load(*settings), timeout_factor=PATIENCE)
    out.write_bytes(pickle.dumps(asyncio.run(gathered(patient, TALK_READ))))


if __name__ == "__main__":
    main(sys.argv[1:])
