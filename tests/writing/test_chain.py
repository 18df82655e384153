"""M-6: fall back before the first piece, fail visibly after it."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import NO_NOTES, Tier, Usage, WritingNotes, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.routing import Route
from mangaassist.models.writers.chain import FallbackDraft, Writers
from tests.writing.at_the_counter import WRITER, said

LARGE = Route(tier=Tier.LARGE, reason="test")


class Scripted:
    """A writer that says its pieces; an exception among them is raised, None waits for ever."""

    def __init__(self, model: str, *script: str | Exception | None) -> None:
        self.model = model
        self.script = script
        self.asked = 0
        self.closed = False

    def write(self, task: WritingTask) -> "Scripted":
        self.asked += 1
        return self

    @property
    def usage(self) -> Usage:
        return Usage(self.model, 10, 5, 0.01)

    @property
    def notes(self) -> WritingNotes:
        return NO_NOTES

    async def __aiter__(self) -> AsyncIterator[str]:
        try:
            for part in self.script:
                if part is None:
                    await asyncio.Event().wait()
                elif isinstance(part, Exception):
                    raise part
                else:
                    yield part
        finally:
            self.closed = True


@pytest.fixture
def task(shelf: SimpleNamespace) -> WritingTask:
    return shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY, Evidence(products=(shelf.product("uzumaki"),)))


async def test_the_tiers_writer_writes(task: WritingTask) -> None:
    large, small = Scripted("large", "a", "b"), Scripted("small", "c")
    draft = Writers(WRITER, {Tier.LARGE: large, Tier.SMALL: small}).write(task, LARGE)
    assert [piece async for piece in draft] == ["a", "b"]
    assert draft.usage == Usage("large", 10, 5, 0.01)
    assert small.asked == 0


@pytest.mark.parametrize("tier", [Tier.TEMPLATE, Tier.SMALL])
async def test_a_cheaper_tier_never_asks_a_dearer_model(tier: Tier, task: WritingTask) -> None:
    large, small = Scripted("large", "a"), Scripted("small", "b")
    draft = Writers(WRITER, {Tier.LARGE: large, Tier.SMALL: small}).write(task, Route(tier=tier, reason="x"))
    text = "".join([piece async for piece in draft])
    assert large.asked == 0
    assert text == ("b" if tier is Tier.SMALL else said(task))


@pytest.mark.parametrize("script", [(ModelFailure("large", "down"),), (), (None,)])
async def test_a_writer_that_says_nothing_is_replaced(script: tuple[Exception | None, ...], task: WritingTask) -> None:
    large, small = Scripted("large", *script), Scripted("small", "b")
    writers = Writers(WRITER, {Tier.LARGE: large, Tier.SMALL: small}, factor=0.05)
    draft = writers.write(task, LARGE)
    text = "".join([piece async for piece in draft])
    late = script == (None,)
    assert text == (said(task) if late else "b"), "a late one leaves no time for another model"
    assert draft.usage.model == ("offline" if late else "small")
    assert large.closed


async def test_a_model_is_waited_for_as_long_as_its_profile_says(task: WritingTask) -> None:
    slow, patient = Scripted("slow", None), ModelProfile(name="slow", first_token_s=0.01)
    small = Scripted("small", "b")
    profiles = {Tier.LARGE: patient, Tier.SMALL: ModelProfile(name="small", first_token_s=5.0)}
    draft = Writers(WRITER, {Tier.LARGE: slow, Tier.SMALL: small}, profiles=profiles).write(task, LARGE)
    assert draft.own_first_token_s == 5.0
    assert [piece async for piece in draft] == ["b"], "the small one has time left that the large one had not"
    assert Writers(WRITER, {Tier.LARGE: slow}).write(task, LARGE).own_first_token_s is None


async def test_what_a_model_that_was_given_up_had_cost_is_in_the_bill(task: WritingTask) -> None:
    draft = Writers(
        WRITER, {Tier.LARGE: Scripted("large", None), Tier.SMALL: Scripted("small", "b")}, factor=0.02
    ).write(task, LARGE)
    assert [piece async for piece in draft]
    assert (draft.usage.model, draft.usage.cost_usd) == ("offline", 0.01)


async def test_when_no_model_can_write_the_offline_writer_does(task: WritingTask) -> None:
    failing = {tier: Scripted(tier, ModelFailure(tier, "down")) for tier in (Tier.LARGE, Tier.SMALL)}
    draft = Writers(WRITER, failing).write(task, LARGE)
    assert "".join([piece async for piece in draft]) == said(task)
    assert isinstance(draft, FallbackDraft)
    assert [failure.model for failure in draft.failures] == ["large", "small"]


async def test_after_the_first_piece_a_failure_is_raised_and_nobody_else_goes_on(task: WritingTask) -> None:
    large, small = Scripted("large", "It costs", ModelFailure("large", "cut")), Scripted("small", "b")
    draft = Writers(WRITER, {Tier.LARGE: large, Tier.SMALL: small}).write(task, LARGE)
    heard: list[str] = []
    with pytest.raises(ModelFailure):
        async for piece in draft:
            heard.append(piece)  # noqa: PERF401
    assert heard == ["It costs"]
    assert small.asked == 0


async def test_a_draft_that_is_left_early_is_closed(task: WritingTask) -> None:
    large = Scripted("large", "a", None)
    pieces = aiter(Writers(WRITER, {Tier.LARGE: large}).write(task, LARGE))
    assert await anext(pieces) == "a"
    await pieces.aclose()
    assert large.closed
