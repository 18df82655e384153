"""Plays the written conversations through the whole assistant and keeps what understanding had of each message before it.

A demo store is started for it. What the assistant answers is what the next message goes on from, its mistakes included.

    python training/talk/gather.py OUT.pkl
"""

import asyncio
import pickle
import sys
from itertools import cycle
from pathlib import Path
from typing import Any, ClassVar

import msgspec
from conversations import Heard, conversations
from rich.console import Console

from mangaassist.diagnostics import shop_of, store_at_hand
from mangaassist.serving import Bars
from mangaassist.settings import Settings, load
from mangaassist.turn import reader

PATIENCE = 1000.0
PAGES = ("B09DWLHS1S", "B0EUAZAO9P")
"""Whose product page a conversation has that is held on one, in turn; and what lies in carts."""


class Watched(reader.Understanding):
    """Keeps what it has of each message, whatever rules settle."""

    seen: ClassVar[dict[str, Any]] = {}

    def in_dialogue(self, own, utterance, features, state, scene):
        Watched.seen = {
            "utterance": utterance, "state": state, "scene": scene, "own": own.acts, "features": features.copy()
        }  # fmt: skip
        return super().in_dialogue(own, utterance, features, state, scene)


async def gathered(settings: Settings) -> list[Heard]:
    heard: list[Heard] = []
    written, products = list(conversations()), cycle(PAGES)
    with Bars(Console(stderr=True)) as bars:
        async with store_at_hand(settings), shop_of(settings, bars, reader=Watched) as shop:
            for number, one in enumerate(written):
                page = {"current_asin": next(products)} if one.page == "product" else {}
                page |= {"cart_asins": list(PAGES[: one.cart])} if one.cart else {}
                talk = await shop.begin(f"talk-{number}", "aiko" if one.signed_in else "guest")
                for place, turn in enumerate(one.turns):
                    Watched.seen = {}
                    await talk(turn.text, page)
                    if Watched.seen:
                        heard.append(Heard(number, place, turn, one.is_held, **Watched.seen))
                bars("conversations", number + 1, len(written))
    return heard


def main(out: Path, settings: Path | None = None) -> None:
    patient = msgspec.structs.replace(load(settings), timeout_factor=PATIENCE)
    out.write_bytes(pickle.dumps(asyncio.run(gathered(patient))))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
