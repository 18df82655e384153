"""M-6: a prompt is never longer than it may be, and what is worth least is left out first."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import convert, to_builtins
from msgspec.structs import replace

from mangaassist.domain.derived import Derived, OrderVerdict
from mangaassist.domain.dialogue import DialogueState, Target
from mangaassist.domain.evidence import Evidence, price_placeholder
from mangaassist.domain.intents import Intent
from mangaassist.domain.store_facts import StoreFacts
from mangaassist.domain.writing import PastTurn, WritingTask
from mangaassist.models.leaving_out import LEAVING_OUT
from mangaassist.models.prompt_lines import BRIEF, evidence_lines
from mangaassist.models.prompts import Prompt, build_prompt, rules_of
from mangaassist.models.quoting import shortened
from mangaassist.models.tokens import estimated_tokens
from mangastore.data.store_facts import store_facts

FACTS = convert(to_builtins(store_facts("http://127.0.0.1:8080")), StoreFacts)
KEPT = {"turn", "worked_out", "product", "unavailable"}
KINDS_LEFT_OUT = {"past", "page", "readers", "offer", "in_cart", "product", "order", "so_far", "worked_out"}


def told(prompt: Prompt) -> list[dict[str, Any]]:
    return [json.loads(line) for line in prompt.evidence.splitlines()[1:]]


def kinds(prompt: Prompt) -> list[str]:
    return [line["kind"] for line in told(prompt)]


def is_least(prompt: Prompt) -> bool:
    """Nothing that may be left out is left."""
    lines = told(prompt)
    brief = all(set(line) <= BRIEF for line in lines if line["kind"] == "product")
    return {line["kind"] for line in lines} <= KEPT and brief and len(prompt.messages) == 1


@pytest.fixture(scope="module")
def full(shelf: SimpleNamespace) -> WritingTask:
    """A message with everything that evidence can hold, which is about the third product."""
    page = shelf.searched("how do i return a book")
    readers = replace(page[0], chunk=replace(page[0].chunk, chunk_id="r#0", source_type="reviews"))
    evidence = Evidence(
        products=tuple(shelf.product(one) for one in ("uzumaki", "vagabond", "berserk", "pluto")),
        cart=(shelf.product("vinland-saga"), shelf.product("monster")),
        orders=shelf.orders()[:4],
        promotions=shelf.promotions()[:3],
        chunks=(*page, readers),
        facts=FACTS,
        derived=Derived(orders=(OrderVerdict(order_id="112-0000001-0000001", can_cancel="no", days_late=2),)),
        degraded=shelf.without("reviews"),
    )
    past = tuple(PastTurn(f"question {n}?", f"Answer {n}. " * 20, "faq") for n in range(5))
    state = DialogueState(summary="wanted to see where an order is")
    target = Target(series_id="berserk", title="Berserk", volume=1)
    return shelf.asks(
        "how much is it?", Intent.PRODUCT_QUESTION, evidence, history=past, state=state, targets=(target,)
    )


def of(task: WritingTask, intent: Intent) -> WritingTask:
    meaning = task.meaning
    return replace(task, meaning=replace(meaning, guess=replace(meaning.guess, intent=intent)))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(most=st.integers(1, 7000), intent=st.sampled_from(list(Intent)), message=st.text(min_size=1, max_size=300))
def test_no_prompt_is_longer_than_it_may_be_unless_it_is_the_least_there_is(
    most: int, intent: Intent, message: str, full: WritingTask
) -> None:
    task = of(replace(full, meaning=replace(full.meaning, text=message)), intent)
    prompt = build_prompt(task, most)
    assert prompt.tokens <= most or is_least(prompt)
    assert prompt == build_prompt(task, most)
    assert prompt.prefix == build_prompt(replace(task, evidence=Evidence(facts=FACTS)), most).prefix
    assert prompt.prefix.startswith(rules_of(FACTS))
    assert prompt.messages[-1].content == message
    lines = told(prompt)
    assert set(prompt.cited_by) == {line["id"] for line in lines if "id" in line}
    assert lines[0]["kind"] == "turn"
    always = [line.fields["asin"] for line in evidence_lines(task) if line.kept and line.kind == "product"]
    assert set(always) <= {line.get("asin") for line in lines}
    assert {"worked_out", "unavailable"} <= {line["kind"] for line in lines}


def test_the_least_prompt_is_rules_question_verdicts_and_what_is_talked_of(full: WritingTask) -> None:
    prompt = build_prompt(full, 1)
    assert kinds(prompt) == ["turn", "worked_out", "product", "unavailable"]
    assert told(prompt)[2]["price"] == price_placeholder(told(prompt)[2]["asin"])
    assert set(told(prompt)[2]) <= BRIEF
    assert told(prompt)[2]["series"] == "Berserk"
    assert len(prompt.messages) == 1


def test_of_one_fact_about_many_things_the_first_outlive_everything(full: WritingTask) -> None:
    verdicts = tuple(OrderVerdict(order_id=f"112-000000{n}-0000001", can_cancel="no") for n in range(6))
    derived = Derived(orders=verdicts, open_now=False)
    task = replace(full, evidence=replace(full.evidence, derived=derived))
    least = [line for line in told(build_prompt(task, 1)) if line["kind"] == "worked_out"]
    assert [line.get("order_id") for line in least] == [*(one.order_id for one in verdicts[:3]), None]


def test_of_a_question_about_an_order_its_lines_stay_and_pages_go_first(full: WritingTask) -> None:
    task = of(replace(full, meaning=replace(full.meaning, targets=())), Intent.ORDER_TRACKING)
    whole = kinds(build_prompt(task))
    orders = whole.count("order")
    for most in range(build_prompt(task).tokens, 1400, -50):
        left = kinds(build_prompt(task, most))
        if "page" in left:
            assert left.count("order") == orders
    assert "order" in kinds(build_prompt(task, 1400))
    assert "page" not in kinds(build_prompt(task, 1400))


def test_of_a_question_of_the_stores_ways_the_first_page_outlives_books_and_offers(full: WritingTask) -> None:
    task = of(replace(full, meaning=replace(full.meaning, targets=())), Intent.FAQ)
    left = build_prompt(task, 1300)
    assert {"product", "offer", "in_cart", "order"} & set(kinds(left)) <= {"order"}
    assert list(left.cited_by) == ["p1"]


def test_the_first_of_what_was_found_stays_longest(full: WritingTask) -> None:
    task = of(replace(full, meaning=replace(full.meaning, targets=())), Intent.RECOMMENDATION)
    whole = [line["asin"] for line in told(build_prompt(task)) if line["kind"] == "product"]
    left = [line["asin"] for line in told(build_prompt(task, 1300)) if line["kind"] == "product"]
    assert 0 < len(left) < len(whole)
    assert left == whole[: len(left)]


def test_a_small_prompt_tells_less_of_the_store_and_never_fewer_rules(full: WritingTask) -> None:
    prefix = build_prompt(full, 800).prefix
    assert estimated_tokens(prefix) <= 800 * 2 / 3
    store = json.loads(prefix.splitlines()[-1])
    assert store["name"] == FACTS.name
    assert "also_sells" not in store
    assert prefix.startswith(rules_of(FACTS))


@pytest.mark.parametrize("intent", Intent)
def test_every_intent_can_do_without_everything_that_may_be_left_out(intent: Intent) -> None:
    gone = {step.kind for step in LEAVING_OUT[intent] if step.chars is None and not step.brief and step.keep == 0}
    assert gone == KINDS_LEFT_OUT


def test_what_is_shortened_ends_with_a_sentence_or_a_word() -> None:
    assert shortened("One. Two is longer. Three", 21) == "One. Two is longer."
    assert shortened("no sentence ends in here", 14) == "no sentence"
    assert shortened("short", 14) == "short"
    assert shortened("anything", 0) == ""
