"""M-6, O-1: ``mangaassist run --local-model``, as ``make run-model`` starts it: a real model writes."""

import asyncio
import re
import shutil
from pathlib import Path

from benchmarks.questions import QUESTIONS
from benchmarks.system import Running, running, settled, shopper
from mangaassist.domain.intents import Intent
from mangaassist.models.local import NAME
from mangaassist.wire.metadata import AnswerMetadata
from tests.system.conftest import STRETCHED, FirstStart

ASIN = re.compile(r"\bB0[A-Z0-9]{8}\b")
AMOUNT = re.compile(r"\$\d+(?:\.\d\d)?")


async def answers(system: Running) -> list[tuple[AnswerMetadata, str, set[str]]]:
    heard: list[tuple[AnswerMetadata, str, set[str]]] = []
    async with shopper(system) as guest:
        for intent in (Intent.PRODUCT_DISCOVERY, Intent.CHECKOUT_HELP, Intent.CHITCHAT):
            told = (await guest.ask(QUESTIONS[intent][0])).transcript
            assert told.metadata is not None
            heard.append((told.metadata, told.text, {card.price for card in told.products}))
    return heard


def test_a_small_model_on_this_machine_writes_what_deserves_a_model(
    tmp_path: Path, system: Running, first_start: FirstStart
) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    shutil.copytree(
        first_start.data, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.log", "store", "*.lock")
    )
    with running(tmp_path, ("run", "--local-model"), STRETCHED) as system:
        heard = asyncio.run(answers(system))
    assert [(metadata.tier, metadata.model) for metadata, _, _ in heard] == [
        ("large", NAME), ("small", NAME), ("template", "offline"),
    ]  # fmt: skip
    for metadata, text, _ in heard[:2]:
        assert text
        assert "{{" not in text
        assert (metadata.cost_usd, metadata.degraded) == (0, ())
        assert metadata.tokens_in > 300
        assert metadata.tokens_out > 0
    _, discovered, prices = heard[0]
    assert not ASIN.search(discovered)
    assert set(AMOUNT.findall(discovered)) <= prices
