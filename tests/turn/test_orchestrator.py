"""T-1, T-3, T-8, M-5, M-6, M-10, S-3, S-5, G-1 to G-4, W-14: one turn, everything real but the wire and the model."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from mangaassist.domain.evidence import Degradation
from mangaassist.domain.writing import Tier, WritingNotes
from mangaassist.errors import Overloaded, ServiceFailure
from mangaassist.guardrails.intake import REFUSAL
from mangaassist.guardrails.review import Review
from mangaassist.models.profiles import ModelProfile, Prices
from mangaassist.models.routing import Router
from mangaassist.models.spending import ModelCalls, SpendLedger
from mangaassist.stores.memory.counters import MemoryCounters
from mangaassist.testing.clock import START
from mangaassist.testing.fake_store import Fault
from mangaassist.testing.scripted_writer import Fail, Pause, ScriptedWriter
from mangaassist.testing.store_data import AIKO
from mangaassist.testing.word_encoder import INSULTING
from mangaassist.turn.admission import Admission
from mangaassist.turn.memory import Session
from mangaassist.turn.writing import MOST_CHARS, STALL_S, UNFINISHED
from mangaassist.wire.metadata import Failover
from tests.counters import Away
from tests.turn.house import RECOMMEND, REVIEW, TRACK, House, seconds

# ---- a turn that goes well


async def test_an_answer_is_written_from_evidence_with_its_cards_buttons_and_suggestions() -> None:
    house = House()
    answered = await house.ask(RECOMMEND)
    assert answered.ending == "whole"
    assert answered.text == house.heard.said
    assert answered.products
    assert all(card.price.startswith("$") for card in answered.products)
    assert {button.type for button in answered.actions} == {"add_to_cart", "view_product"}
    assert answered.suggestions
    assert house.heard.missing == []
    metadata = answered.metadata
    assert (metadata.intent, metadata.stage, metadata.tier, metadata.model) == (
        "recommendation", "rules", "large", "offline",
    )  # fmt: skip
    assert {"catalog", "pricing", "recommendations"} <= set(metadata.services)
    assert metadata.traceparent.startswith("00-")
    assert {"intent", "gather", "write", "review"} <= set(metadata.timings)
    assert metadata.ttft_ms is not None
    assert metadata.ttft_ms <= metadata.latency_ms


async def test_what_a_turn_asks_of_services_is_told_under_the_stage_that_asked_it() -> None:
    house = House()
    answered = await house.ask(RECOMMEND)
    stages = {(call.service, call.stage) for call in answered.calls}
    assert {("recommendations", "find"), ("pricing", "services"), ("inventory", "services")} <= stages
    assert {call.outcome for call in answered.calls} <= {"ok", "cached"}
    ends = {span.stage: span.began_ms + span.took_ms for span in answered.spans}
    assert all(call.began_ms + call.took_ms <= ends[call.stage] for call in answered.calls)


async def test_a_service_that_fails_is_told_among_the_turns_questions_as_it_failed() -> None:
    house = House()
    house.store.faults["pricing"] = Fault("fail")
    failed = {call.service: call.outcome for call in (await house.ask(RECOMMEND)).calls}
    assert (failed["pricing"], failed["inventory"]) == ("error", "ok")


async def test_what_was_understood_is_told_with_how_sure_it_is_and_a_second_wish() -> None:
    metadata = (await House().ask("recommend me a manga. and where is my order?")).metadata
    assert (metadata.intent, metadata.secondary_intent) == ("recommendation", "order_tracking")
    assert (metadata.confidence, metadata.stage) == (0.97, "rules")
    assert metadata.latency_ms == round(metadata.latency_ms, 3)


async def test_the_shoppers_own_services_are_asked_under_their_token_and_the_turns_trace() -> None:
    house = House()
    answered = await house.ask(TRACK, AIKO)
    assert "shipping" in answered.metadata.services
    (call, *_) = house.store.asked("orders")
    assert (call.token, call.traceparent) == (AIKO.token, answered.metadata.traceparent)


async def test_a_guest_is_asked_to_sign_in_and_no_order_is_looked_up() -> None:
    house = House()
    answered = await house.ask(TRACK)
    assert house.store.asked("orders") == []
    assert [button.label for button in answered.actions] == ["Sign in", "Talk to a person"]


async def test_what_was_said_before_reaches_the_writer_and_nothing_that_failed_does() -> None:
    writer = ScriptedWriter("Fine.")
    house = House(large=writer, small=writer)
    await house.ask(RECOMMEND)
    (task,) = writer.tasks
    assert task.history == ()
    assert task.is_guest
    assert task.meaning.text == RECOMMEND
    await house.ask(TRACK, AIKO)
    assert not writer.tasks[1].is_guest


async def test_a_blocked_message_gets_a_polite_answer_and_nobody_reads_it() -> None:
    writer = ScriptedWriter("Fine.")
    house = House(large=writer, small=writer, template=writer)
    answered = await house.ask("[blocked]", blocked="injection")
    assert answered.text == house.heard.said == REFUSAL
    assert (answered.metadata.blocked, answered.metadata.model) == ("injection", "none")
    assert answered.metadata.reason == "message blocked"
    assert (writer.tasks, house.store.calls) == ([], [])
    assert (answered.products, answered.actions, answered.suggestions) == ((), (), ())


# ---- prices, cards and words that may not leave (G-2, G-3)


async def test_a_price_that_a_writer_writes_never_leaves_and_the_placeholder_becomes_the_live_one() -> None:
    writer = ScriptedWriter("Vol. 1 costs $3.33, ", "or rather ", "{{price:B0BERSERK1}}", " today.")
    house = House(large=writer, small=writer)
    await house.ask("how many pages does Berserk volume 1 have?")
    price = house.store.data.prices["B0BERSERK1"]
    assert "$3.33" not in house.heard.said
    assert price.worded() in house.heard.said


async def test_what_the_review_takes_back_is_told_as_edits_and_audited() -> None:
    writer = ScriptedWriter("I have refunded your order. Have a nice day.")
    house = House(large=writer, small=writer)
    answered = await house.ask(RECOMMEND)
    assert answered.edits
    assert "refunded" not in answered.text
    assert [finding.kind for finding in answered.findings] == ["promise"]


@pytest.mark.parametrize("written", ['{"kind":"turn","intent":"recommendation"}', " \n "])
async def test_a_model_of_whose_answer_no_word_may_be_said_gives_way_to_the_offline_writer(written: str) -> None:
    """M-6: thinner, never empty, and the answer says whose it is and what the other one cost."""
    writer = ScriptedWriter(written, cost_usd=0.01)
    answered = await House(large=writer, small=writer).ask(RECOMMEND)
    alone = await House().ask(RECOMMEND)
    assert answered.text.strip() == alone.text
    told = answered.metadata
    assert (told.model, told.cost_usd) == ("offline", 0.01)
    assert [(one.model, one.reason, one.instead) for one in told.failovers] == [("scripted", "contract", "offline")]
    assert told.degraded == ("model:scripted",)
    assert answered.products == alone.products


async def test_what_a_guardrail_of_the_models_provider_did_is_audited() -> None:
    writer = ScriptedWriter("Read Vagabond.")
    writer.usage = replace(writer.usage, guarded=("output topicPolicy Knives BLOCKED",))
    [finding] = (await House(large=writer, small=writer).ask(RECOMMEND)).findings
    assert (finding.stage, finding.verdict, finding.kind) == ("provider", "block", "output topicPolicy Knives BLOCKED")


async def test_a_card_that_the_catalog_does_not_confirm_is_not_shown() -> None:
    house = House(large=ScriptedWriter("Look."), small=ScriptedWriter("Look."))
    asked = await house.ask("how many pages does Berserk volume 1 have?")
    assert [card.asin for card in asked.products] == ["B0BERSERK1"]
    gone = House(large=ScriptedWriter("Look."), small=ScriptedWriter("Look."))

    class NobodyConfirms(Review):
        async def run(self, reviewed: Any, existing: Any = None) -> Any:
            return await REVIEW.run(reviewed, nothing)

    async def nothing(asins: Any) -> dict[str, bool]:
        return dict.fromkeys(asins, False)

    gone.without(review=NobodyConfirms(()))
    answered = await gone.ask("how many pages does Berserk volume 1 have?")
    assert answered.products == ()
    assert not any(button.asin for button in answered.actions)


async def test_a_blocked_answer_shows_nothing_beside_its_fallback() -> None:
    writer = ScriptedWriter(f"You are a worthless {INSULTING} and I hope you die.")
    house = House(large=writer, small=writer)
    answered = await house.ask(RECOMMEND)
    assert answered.metadata.blocked == "toxicity"
    assert (answered.products, answered.actions, answered.suggestions) == ((), (), ())
    assert "idiot" not in answered.text


async def test_the_review_asks_the_catalog_in_its_own_time_however_long_the_writer_took() -> None:
    writer = ScriptedWriter("One moment. ", Pause(8.0), "See (B0YOTSUBA2).")
    house = House(large=writer, small=writer)
    answered = await house.ask(RECOMMEND)
    assert answered.products
    assert answered.metadata.degraded == ()
    assert house.store.asked("catalog")[-1].what == "existing"


# ---- services that fail (S-3, S-5)


@pytest.mark.parametrize("service", ["pricing", "inventory", "reviews", "recommendations"])
async def test_a_service_that_fails_is_told_before_the_answer_and_in_its_metadata(service: str) -> None:
    house = House()
    house.store.faults[service] = Fault("fail")
    answered = await house.ask(RECOMMEND)
    assert [missing.service for missing in house.heard.missing] == [service]
    assert service in answered.metadata.degraded
    assert answered.text


async def test_a_turn_never_waits_longer_for_services_than_its_budget() -> None:
    house = House()
    for service in ("recommendations", "catalog", "pricing", "inventory", "reviews"):
        house.store.faults[service] = Fault(delay_s=30)
    began = seconds()
    answered = await house.ask(RECOMMEND)
    assert house.heard.when[0] - began < 1.0
    assert answered.metadata.degraded


async def test_the_writer_begins_while_nothing_of_the_index_comes_and_says_so() -> None:
    house = House()
    house.index.failure = ServiceFailure("knowledge", "error")
    answered = await house.ask("do you ship to Canada?")
    assert "knowledge" in [missing.service for missing in house.heard.missing]
    assert "knowledge" in answered.metadata.degraded


# ---- writers that wait, fail and never end (M-6, M-10)


async def test_a_model_that_says_nothing_in_time_gives_way_to_the_next_writer_and_the_answer_says_so() -> None:
    silent, small = ScriptedWriter(Pause(60), model="big one"), ScriptedWriter(Pause(60), model="small one")
    house = House(large=silent, small=small)
    began = seconds()
    answered = await house.ask(RECOMMEND)
    assert house.heard.when[0] - began < 1.0
    assert answered.metadata.model == "offline"
    assert [missing.service for missing in house.heard.missing] == ["model:big one"]
    assert answered.metadata.degraded == ("model:big one",)
    assert answered.ending == "whole"
    assert silent.closed == 1


async def test_a_model_that_fails_at_once_gives_way_unheard() -> None:
    house = House(large=ScriptedWriter(Fail(), model="big one"), small=ScriptedWriter("Small talk.", model="small one"))
    answered = await house.ask(RECOMMEND)
    assert house.heard.said.startswith("Small talk.")
    assert answered.metadata.model == "small one"
    assert answered.metadata.degraded == ("model:big one",)
    assert answered.metadata.failovers == (Failover(model="big one", reason="failed", instead="small one"),)


async def test_every_failover_is_told_and_counted_with_who_wrote_instead() -> None:
    house = House(large=ScriptedWriter(Fail(), model="big one"), small=ScriptedWriter(Fail(), model="small one"))
    told = (await house.ask(RECOMMEND)).metadata
    assert told.model == "offline"
    assert [(each.model, each.instead) for each in told.failovers] == [
        ("big one", "small one"),
        ("small one", "offline"),
    ]
    assert [missing.service for missing in house.heard.missing] == ["model:big one", "model:small one"]
    house.metrics.observe_answer(told, (), START)
    counted = house.metrics.exposition().decode()
    for model, instead in (("big one", "small one"), ("small one", "offline")):
        labels = f'from_model="{model}",reason="failed",to_model="{instead}"'
        assert f"mangaassist_model_failovers_total{{{labels}}} 1.0" in counted


async def test_what_an_answer_cites_is_counted_and_so_is_what_nobody_gave_it() -> None:
    writer = ScriptedWriter("Books go back.", notes=WritingNotes(cited=("c1", "c2"), miscited=3))
    house = House(large=writer, small=writer)
    await house.ask(RECOMMEND)
    counted = house.metrics.exposition().decode()
    assert 'mangaassist_citations_total{outcome="known"} 2.0' in counted
    assert 'mangaassist_citations_total{outcome="unknown"} 3.0' in counted


async def test_a_model_that_breaks_in_mid_answer_is_told_as_one_that_nobody_stood_in_for() -> None:
    house = House(large=ScriptedWriter("It ", Fail(), model="big one"), small=ScriptedWriter("Hi.", model="small one"))
    told = (await house.ask(RECOMMEND)).metadata
    assert (told.model, told.degraded) == ("big one", ("model:big one",))
    assert told.failovers == (Failover(model="big one", reason="failed"),)


@pytest.mark.parametrize("then", [Fail(), Pause(STALL_S + 1)])
async def test_a_model_that_fails_or_stalls_after_its_first_piece_ends_the_answer_visibly(then: Any) -> None:
    writer = ScriptedWriter("It is a story of ", then, "never said")
    answered = await House(large=writer).ask(RECOMMEND)
    assert answered.ending == "broken"
    assert answered.text.startswith("It is a story of")
    assert answered.text.endswith(UNFINISHED.strip())
    assert "never said" not in answered.text


async def test_a_pause_shorter_than_a_stall_is_waited_for() -> None:
    writer = ScriptedWriter("It is a story of ", Pause(STALL_S - 1), "two friends.")
    answered = await House(large=writer).ask(RECOMMEND)
    assert (answered.text, answered.ending) == ("It is a story of two friends.", "whole")


async def test_a_model_that_never_ends_is_cut_off() -> None:
    writer = ScriptedWriter(endless="and on and on ")
    answered = await House(large=writer).ask(RECOMMEND)
    assert len(answered.text) < MOST_CHARS + 100
    assert writer.closed == 1


async def test_what_a_model_cost_is_booked_and_steps_the_next_answers_down() -> None:
    dear = ScriptedWriter("Dear words.", model="big one", cost_usd=0.95)
    house = House(large=dear, small=dear)
    first = await house.ask(RECOMMEND)
    assert (first.metadata.tier, first.metadata.cost_usd) == ("large", 0.95)
    assert (first.metadata.tokens_in, first.metadata.tokens_out) == (100, 20)
    assert (await house.spending.spent("s")).session_usd == pytest.approx(0.95)
    second = await house.ask(RECOMMEND)
    assert second.metadata.tier == "template"
    assert "session budget" in second.metadata.reason


async def test_what_the_providers_cache_held_and_why_the_model_stopped_are_told() -> None:
    """T-9."""
    writer = ScriptedWriter("Dear words.", model="big one", cache_read=60, cache_write=30, stop="length")
    told = (await House(large=writer).ask(RECOMMEND)).metadata
    assert (told.tokens_cache_read, told.tokens_cache_write, told.stop_reason) == (60, 30, "length")


async def test_of_two_answers_at_once_only_one_spends_the_last_of_a_budget() -> None:
    counters, writer = MemoryCounters(seconds), ScriptedWriter(Pause(0.1), "Read Vagabond.", model="big one")
    houses = [House(large=writer), House(large=writer)]
    for house in houses:
        house.spending = SpendLedger(counters)
        house.without(spending=house.spending)
    await houses[0].spending.settle("s", 0.0, 0.85)
    answers = await asyncio.gather(*(house.ask(RECOMMEND) for house in houses))
    assert sorted(answer.metadata.model for answer in answers) == ["big one", "offline"]
    assert (await houses[0].spending.spent("s")).session_usd == pytest.approx(0.85)


# ---- how often models are called


async def test_over_the_limit_of_calls_an_answer_steps_down_says_so_and_is_counted() -> None:
    writer = ScriptedWriter("Read Vagabond.", model="big one")
    house = House(calls_per_minute=2, large=writer)
    for _ in range(2):
        assert (await house.again().ask(RECOMMEND)).metadata.model == "big one"
    answered = await house.again().ask(RECOMMEND)
    assert (answered.metadata.tier, answered.metadata.model, answered.ending) == ("template", "offline", "whole")
    assert answered.text
    assert "too many calls of models this minute" in answered.metadata.reason
    assert "models" in answered.metadata.degraded
    assert house.heard.missing == [Degradation("models", "written without a model")]
    assert b'mangaassist_stepped_down_total{why="calls"} 1.0' in house.metrics.exposition()
    assert len(writer.tasks) == 2
    await asyncio.sleep(30)
    assert (await house.again().ask(RECOMMEND)).metadata.model == "big one"
    assert len(writer.tasks) == 3


async def test_answers_that_call_no_model_are_not_counted() -> None:
    house = House(calls_per_minute=1, large=ScriptedWriter("Read Vagabond.", model="big one"))
    for text in ("hello", TRACK, "thank you"):
        assert (await house.again().ask(text)).metadata.model == "offline"
    assert (await house.again().ask(RECOMMEND)).metadata.model == "big one"


async def test_an_answer_that_no_budget_is_left_for_counts_as_no_call() -> None:
    house = House(calls_per_minute=1, large=ScriptedWriter("Read Vagabond.", model="big one"))
    await house.spending.settle("s", 0.0, 0.95)
    assert (await house.ask(RECOMMEND)).metadata.degraded == ()
    house.session = Session(session_id="another")
    assert (await house.again().ask(RECOMMEND)).metadata.model == "big one"


async def test_without_a_model_nothing_is_asked_of_the_counters() -> None:
    failures: list[None] = []
    spending = SpendLedger(Away(), lambda: failures.append(None))
    calls = ModelCalls(Away(), 1, lambda: failures.append(None))
    answered = await House().without(spending=spending, model_calls=calls).ask(RECOMMEND)
    assert (answered.metadata.tier, answered.metadata.degraded) == ("large", ())
    assert failures == []


async def test_a_model_that_stands_in_for_another_is_counted_too() -> None:
    large, small = ScriptedWriter(Fail(), model="big one"), ScriptedWriter("Read Vagabond.", model="small one")
    house = House(calls_per_minute=3, large=large, small=small)
    models = [(await house.again().ask(RECOMMEND)).metadata.model for _ in range(3)]
    assert models == ["small one", "offline", "offline"]
    assert (len(large.tasks), len(small.tasks)) == (2, 1)


@pytest.mark.parametrize("usd", [0.0, 0.1])
async def test_when_nobody_can_count_no_model_is_called_and_the_answer_says_so(usd: float) -> None:
    writer = ScriptedWriter("Read Vagabond.", model="big one")
    profiles = {tier: ModelProfile(name=f"{tier} model", prices=Prices(usd_per_1k_out=usd)) for tier in Tier}
    house = House(large=writer).without(
        router=Router(profiles), spending=SpendLedger(Away()), model_calls=ModelCalls(Away(), 600)
    )
    answered = await house.ask(RECOMMEND)
    assert (answered.metadata.model, answered.ending, writer.tasks) == ("offline", "whole", [])
    assert "nobody can say what models have cost" in answered.metadata.reason
    assert answered.metadata.degraded == ("models",)
    assert b'mangaassist_stepped_down_total{why="unknown"} 1.0' in house.metrics.exposition()


async def test_what_an_answer_that_broke_had_cost_is_booked_too() -> None:
    house = House(large=ScriptedWriter("It ", Fail(), cost_usd=0.4))
    await house.ask(RECOMMEND)
    assert (await house.spending.spent("s")).day_usd == pytest.approx(0.4)


# ---- T-8, W-14: stop


async def test_a_stop_cancels_the_models_stream_at_once_and_keeps_what_was_said_without_cards() -> None:
    writer = ScriptedWriter("Berserk is a story ", "of ", Pause(600), "never said", cost_usd=0.2)
    house = House(large=writer)

    async def stop_later() -> float:
        await asyncio.sleep(3)
        house.stop.set()
        return seconds()

    stopping = asyncio.create_task(stop_later())
    answered = await house.ask(RECOMMEND)
    assert seconds() - await stopping < 0.001
    assert writer.closed == 1
    assert (answered.ending, answered.text) == ("stopped", "Berserk is a story of ")
    assert answered.metadata.stopped
    assert (answered.products, answered.actions, answered.suggestions) == ((), (), ())
    assert (await house.spending.spent("s")).day_usd == pytest.approx(0.2)


async def test_a_stop_before_the_first_piece_ends_an_answer_without_a_word() -> None:
    writer = ScriptedWriter(Pause(0.5), "never said")
    house = House(large=writer)
    house.stop.set()
    answered = await house.ask(RECOMMEND)
    assert (answered.ending, house.heard.pieces) == ("stopped", [])
    assert writer.tasks == []


async def test_a_stop_while_a_piece_is_on_its_way_out_says_nothing_more() -> None:
    writer = ScriptedWriter("One piece. ", "Another one. ", "And one more.")
    house = House(large=writer)
    house.heard.on_text = house.stop.set
    answered = await house.ask(RECOMMEND)
    assert answered.text.startswith("One piece.")
    assert "more" not in answered.text
    assert writer.closed == 1


async def test_what_was_said_before_a_stop_is_reviewed_all_the_same() -> None:
    writer = ScriptedWriter("I have refunded your order. ", "More ", Pause(600))
    house = House(large=writer)
    asking = asyncio.create_task(house.ask(RECOMMEND))
    await asyncio.sleep(2)
    house.stop.set()
    answered = await asking
    assert "refunded" not in answered.text
    assert answered.findings


async def test_a_turn_that_is_cancelled_closes_the_models_stream() -> None:
    writer = ScriptedWriter("One ", "two ", Pause(600))
    house = House(large=writer)
    asking = asyncio.create_task(house.ask(RECOMMEND))
    await asyncio.sleep(2)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()
    assert writer.closed == 1


# ---- load


async def test_who_waited_in_line_for_too_long_is_turned_away_before_anything_is_asked() -> None:
    async def long_rounds() -> float:
        await asyncio.sleep(0.1)
        return 1.0

    admission = Admission(long_rounds)
    house = House().without(admission=admission)
    async with admission.place(), admission.place():
        with pytest.raises(Overloaded):
            await house.ask(RECOMMEND)
    assert house.store.calls == []
    assert admission.inside == 0


async def test_a_slow_model_takes_nobodys_place() -> None:
    house = House(large=ScriptedWriter("One ", Pause(5), "two."))
    asking = asyncio.create_task(house.ask(RECOMMEND))
    await asyncio.sleep(2)
    assert house.dependencies.admission.inside == 0
    await asking
