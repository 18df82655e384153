"""M-2, M-5, M-10: a small model reads what our own reading is unsure of; whatever goes wrong with it, our own reading stands."""

from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.reading import Outcome
from mangaassist.models.routing import Budgets, Router
from mangaassist.models.spending import ModelCalls
from mangaassist.testing.scripted_reader import ScriptedReader, reading
from mangaassist.testing.scripted_writer import Fail, Pause, ScriptedWriter
from mangaassist.turn.budget import ALLOWANCES_MS, Budget
from mangaassist.turn.second_reading import READ_S, SecondReader
from mangaassist.turn.stages import Answered
from mangaassist.understanding.doubt import Doubt
from tests.counters import Away
from tests.turn.house import House

RIDDLE = "the branded fella, whos behind him"
"""What neither rules nor heads make anything of."""
AUTHOR = reading("author", about=("Berserk",))


def house(
    reader: ScriptedReader, calls_per_minute: int = 600, **writers: Any
) -> tuple[House, list[tuple[Doubt, Outcome]]]:
    built, noted = House(calls_per_minute, **writers), list[tuple[Doubt, Outcome]]()
    rooms = built.dependencies
    second = SecondReader(
        reader, rooms.understanding, Router(budgets=Budgets(1.0, 5.0)), built.spending, built.model_calls,
        lambda doubt, outcome: noted.append((doubt, outcome)),
    )  # fmt: skip
    return built.without(second_reader=second), noted


async def own() -> Answered:
    """The same message without a model."""
    return await House().ask(RIDDLE)


async def test_what_rules_cannot_read_is_answered_by_what_the_model_reads() -> None:
    assert "Kentaro Miura" not in (await own()).text
    built, noted = house(ScriptedReader(Pause(READ_S / 2), AUTHOR, cost_usd=0.001, most_usd=0.01))
    answered = await built.ask(RIDDLE)
    assert "Kentaro Miura" in answered.text
    told = answered.metadata
    assert (told.intent, told.acts, told.stage, told.reading) == ("product_question", ("author",), "model", "used")
    assert (told.tokens_in, told.tokens_out, told.cost_usd) == (50, 10, 0.001)
    assert (await built.spending.spent("s")).session_usd == pytest.approx(0.001)
    assert [outcome for _, outcome in noted] == ["used"]
    assert told.timings["read"] >= 1000 * READ_S / 2


async def test_what_a_guardrail_of_the_models_provider_did_to_a_reading_is_audited() -> None:
    """G-7, and the reading that it spoilt is still one that nobody believes."""
    reader = ScriptedReader(None)
    reader.usage = replace(reader.usage, guarded=("input topicPolicy Knives BLOCKED",))
    built, _ = house(reader)
    [finding] = (await built.ask(RIDDLE)).findings
    assert (finding.stage, finding.verdict, finding.kind) == ("provider", "block", "input topicPolicy Knives BLOCKED")


async def test_what_our_own_reading_is_sure_of_no_model_reads() -> None:
    reader = ScriptedReader(AUTHOR)
    built, noted = house(reader)
    answered = await built.ask("where is my order?")
    assert (reader.tasks, noted, answered.metadata.reading) == ([], [], "")


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        ((Pause(READ_S + 0.01), AUTHOR), "late"),
        ((None,), "refused"),
        ((reading("author", about=("The Silent Moon Chronicles",)),), "refused"),
        ((reading("track", orders=("112-9999999-9999999",)),), "refused"),
        ((Fail(),), "failed"),
    ],
)
async def test_a_model_that_is_late_talks_nonsense_lies_or_fails_changes_nothing(steps: Any, outcome: str) -> None:
    built, noted = house(ScriptedReader(*steps, cost_usd=0.002, most_usd=0.01))
    answered, alone = await built.ask(RIDDLE), await own()
    assert (answered.text, answered.metadata.acts) == (alone.text, alone.metadata.acts)
    assert answered.metadata.reading == outcome
    assert answered.metadata.cost_usd == 0.002, "it is paid for whether anybody believes it or not"
    assert (await built.spending.spent("s")).session_usd == pytest.approx(0.002)
    assert [told for _, told in noted] == [outcome]


async def test_a_call_that_comes_too_late_is_ended() -> None:
    reader = ScriptedReader(Pause(READ_S * 2), AUTHOR)
    await house(reader)[0].ask(RIDDLE)
    assert reader.closed == 1


async def test_a_budget_that_does_not_hold_it_is_not_touched() -> None:
    reader = ScriptedReader(AUTHOR, cost_usd=0.2, most_usd=0.2)
    built, _ = house(reader)
    await built.spending.settle("s", 0.0, 0.9)
    answered = await built.ask(RIDDLE)
    assert (answered.metadata.reading, answered.metadata.cost_usd) == ("unaffordable", 0.0)
    assert (await built.spending.spent("s")).session_usd == pytest.approx(0.9)


async def test_over_the_limit_of_calls_nobody_is_asked() -> None:
    built, _ = house(ScriptedReader(AUTHOR), calls_per_minute=1)
    assert (await built.ask(RIDDLE)).metadata.reading == "used"
    assert (await built.again().ask(RIDDLE)).metadata.reading == "unaffordable"


async def test_when_nobody_can_count_nobody_is_asked() -> None:
    reader = ScriptedReader(AUTHOR)
    built, noted = house(reader)
    second = SecondReader(
        reader, built.dependencies.understanding, Router(), built.spending, ModelCalls(Away(), 600),
        lambda doubt, outcome: noted.append((doubt, outcome)),
    )  # fmt: skip
    assert (await built.without(second_reader=second).ask(RIDDLE)).metadata.reading == "unaffordable"


async def test_after_a_stop_nobody_waits_for_it() -> None:
    """W-14."""
    reader = ScriptedReader(Pause(READ_S / 2), AUTHOR)
    built, _ = house(reader)
    built.stop.set()
    answered = await built.ask(RIDDLE)
    assert (answered.ending, reader.closed) == ("stopped", 1)


async def test_what_reading_and_writing_took_is_told_together() -> None:
    writer = ScriptedWriter("By Kentaro Miura.", model="big one", cost_usd=0.1)
    built, _ = house(ScriptedReader(AUTHOR, cost_usd=0.001), small=writer, large=writer)
    told = (await built.ask(RIDDLE)).metadata
    assert (told.model, told.reading) == ("big one", "used")
    assert (told.tokens_in, told.tokens_out, told.cost_usd) == (150, 30, pytest.approx(0.101))


def test_its_time_leaves_the_stages_after_it_as_much_as_without_it() -> None:
    """M-10."""
    now = 0.0
    budget = Budget(lambda: now)
    with budget.on_top("read"):
        now = READ_S
    assert budget.left_s("intent") == pytest.approx((ALLOWANCES_MS["edge"] + ALLOWANCES_MS["intent"]) / 1000)
    assert budget.report() == {"read": 1000 * READ_S}
