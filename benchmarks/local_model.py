"""Two hundred questions to a small model that writes fluent nonsense: shoppers see none of it in the end (M-6, M-7, G-4)."""

import argparse
import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

from benchmarks.measuring import Row, at_least, at_most, percentile
from benchmarks.questions import QUESTIONS
from benchmarks.system import Running, running, settled, shopper
from mangaassist.domain.intents import Intent
from mangaassist.models.local import NAME

COUNT: Final = 200
AT_ONCE: Final = 1
BY_TEMPLATE: Final = (Intent.CHITCHAT, Intent.ESCALATION)
"""Nobody asks a model for these (M-5): eight of each are among the questions, so that all ten intents are there."""
OF_EACH_TEMPLATE: Final = 8
KEPT: Final = "cache"
"""Who a kept answer is written by (M-8): only a model's own are kept, and the same question comes several times."""
OFFLINE: Final = "offline"
_ASIN: Final = re.compile(r"\bB0[A-Z0-9]{8}\b")
_AMOUNT: Final = re.compile(r"(?:US)?\$\s?(\d+(?:\.\d\d)?)")
_FIGURE: Final = re.compile(r"\d+(?:\.\d\d)?")


class Asked(Struct, frozen=True):
    """A question, its answer as it stood after ``done``, and what was wrong with it."""

    intent: str
    question: str
    model: str
    text: str
    first_token_s: float
    done_s: float
    wrong: tuple[str, ...] = ()
    corrections: int = 0
    failovers: tuple[str, ...] = ()
    """Why the model did not write it, or not to its end."""


def questions(count: int) -> list[tuple[Intent, str]]:
    """The intents in turn, those that no model answers eight times each."""
    turns = [
        (intent, QUESTIONS[intent][n % 4]) for n in range(count) for intent in QUESTIONS if intent not in BY_TEMPLATE
    ]
    talk = [(intent, QUESTIONS[intent][n % 4]) for n in range(OF_EACH_TEMPLATE) for intent in BY_TEMPLATE]
    return (talk + turns)[:count]


async def asked(system: Running, count: int, notes: Path | None = None) -> list[Asked]:
    """Ask them, each in a session of its own. ``notes``: a file that each is added to as it comes."""
    await settled(system)
    said = await _store_says(system)
    gate, heard = asyncio.Semaphore(AT_ONCE), list[Asked]()

    async def one(intent: Intent, question: str) -> None:
        async with gate, shopper(system) as guest, aiohttp.ClientSession() as http:
            answer = await guest.ask(question)
            told = answer.transcript
            assert told.metadata is not None
            allowed = said | set(_FIGURE.findall(question))
            for card in told.products:
                allowed |= set(_FIGURE.findall(f"{card.price} {card.list_price}"))
            wrong = [f"amount {amount}" for amount in _AMOUNT.findall(told.text) if amount not in allowed]
            wrong += ["placeholder" for _ in re.findall(r"\{\{|\}\}|\{price", told.text)]
            for asin in set(_ASIN.findall(told.text)):
                async with http.get(f"{system.store_url}/p/{asin}") as page:
                    if page.status != 200:
                        wrong.append(f"asin {asin}")
            row = Asked(
                intent, question, told.metadata.model, told.text, answer.first_token_s, answer.done_s, tuple(wrong),
                told.metadata.corrections, tuple(one.reason for one in told.metadata.failovers),
            )  # fmt: skip
            heard.append(row)
            if notes is not None:
                with notes.open("ab") as file:
                    file.write(msgspec.json.encode(row) + b"\n")

    await asyncio.gather(*(one(*each) for each in questions(count)))
    return heard


async def _store_says(system: Running) -> set[str]:
    """Every figure in the store's own pages, facts and offers."""
    figures: set[str] = set()
    async with aiohttp.ClientSession() as http:
        for path in ("content/v1/entries", "content/v1/store-facts", "promotions/v1/promotions"):
            async with http.get(f"{system.store_url}/{path}") as answer:
                figures |= set(_FIGURE.findall(await answer.text()))
    return figures


def rows(heard: list[Asked]) -> list[Row]:
    models, wrong = Counter(one.model for one in heard), [one for one in heard if one.wrong]
    reasons = Counter(reason for one in heard for reason in one.failovers)
    first = [one.first_token_s for one in heard if one.model == NAME] or [float("nan")]
    return [
        Row(what="questions asked, answered and ended", value=len(heard), unit=""),
        at_least(
            "written by the model, told again from its kept answers included",
            100 * (models[NAME] + models[KEPT]) / len(heard),
            "%",
            90,
        ),
        Row(what="of them told again", value=models[KEPT], unit="answers"),
        Row(
            what="by the offline writer, whose tier calls no model but for what failed over",
            value=models[OFFLINE],
            unit="answers",
        ),
        at_most("with a price that is not today's, an ASIN that is not sold, or a placeholder", len(wrong), "", 0),
        Row(what="corrected after the stream", value=sum(one.corrections > 0 for one in heard), unit="answers"),
        *(Row(what=f"failed over: {reason}", value=count, unit="answers") for reason, count in reasons.most_common()),
        Row(what="its first token, p50", value=percentile(first, 50), unit="s"),
        Row(what="its whole answers, p50", value=percentile([one.done_s for one in heard], 50), unit="s"),
    ]


def measured(data: Path) -> list[Row]:
    with running(data, ("run", "--local-model")) as system:
        return rows(asyncio.run(asked(system, COUNT)))


def main() -> None:
    """By hand, with notes of every answer: ``python -m benchmarks.local_model DATA NOTES --count 40``."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("data", type=Path)
    options.add_argument("notes", type=Path)
    options.add_argument("--count", type=int, default=COUNT)
    chosen = options.parse_args()
    with running(chosen.data, ("run", "--local-model")) as system:
        for row in rows(asyncio.run(asked(system, chosen.count, chosen.notes))):
            print(row)


if __name__ == "__main__":
    main()
