"""M-6: what every model's writer does, whoever serves the model."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import pytest

from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import PastTurn, Usage, WritingTask
from mangaassist.errors import ModelFailure
from mangaassist.models.clients import Counted, Guarded, ModelCall, ModelEvent, Stopped
from mangaassist.models.profiles import ModelProfile, Prices
from mangaassist.models.prompts import build_prompt
from mangaassist.models.writers.model_writer import CUT, ModelDraft, ModelWriter

PRICES = Prices(usd_per_1k_in=1.0, usd_per_1k_out=10.0, usd_per_1k_cache_read=0.1, usd_per_1k_cache_write=2.0)
Step = ModelEvent | ModelFailure | None


class Client:
    """Plays a script a target; None waits for ever, a failure is raised."""

    def __init__(self, *steps: Step, **by_target: tuple[Step, ...]) -> None:
        self.scripts = by_target or {"m": steps}
        self.calls: list[ModelCall] = []
        self.closed = 0

    async def stream(self, call: ModelCall) -> AsyncGenerator[ModelEvent]:
        self.calls.append(call)
        try:
            for step in self.scripts[call.target]:
                if step is None:
                    await asyncio.Event().wait()
                elif isinstance(step, ModelFailure):
                    raise step
                else:
                    yield step
        finally:
            self.closed += 1

    async def close(self) -> None:
        pass


def failure(kind: str) -> ModelFailure:
    return ModelFailure("m", "as scripted", kind)


@pytest.fixture
def task(shelf: SimpleNamespace) -> WritingTask:
    return shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY)


def draft_of(task: WritingTask, client: Client, **profile: object) -> ModelDraft:
    known = {"name": "m", "targets": tuple(client.scripts), "prices": PRICES, "first_token_s": 0.05, **profile}
    draft = ModelWriter(ModelProfile(**known), client).write(task)
    assert isinstance(draft, ModelDraft)
    return draft


async def said_until_failure(draft: ModelDraft) -> tuple[list[str], ModelFailure]:
    said: list[str] = []
    with pytest.raises(ModelFailure) as failed:
        async for piece in draft:
            said.append(piece)  # noqa: PERF401
    return said, failed.value


async def test_pieces_come_as_they_are_written_and_usage_is_what_the_provider_counts(task: WritingTask) -> None:
    client = Client("Read ", "Uzumaki.", Stopped("end"), Counted(1000, 7, cache_read=500, cache_write=200))
    draft = draft_of(task, client)
    assert [piece async for piece in draft] == ["Read", " Uzumaki."]
    assert draft.usage == Usage("m", 1000, 7, pytest.approx(0.82), 500, 200, "end", estimated=False)
    assert client.closed == 1


async def test_a_model_that_is_late_with_its_first_piece_is_left_and_its_prompt_is_in_the_bill(
    task: WritingTask,
) -> None:
    client = Client(None)
    said, failed = await said_until_failure(draft := draft_of(task, client))
    assert (said, failed.kind, client.closed) == ([], "timeout", 1)
    assert draft.usage.tokens_in == build_prompt(task).tokens
    assert draft.usage.estimated


async def test_a_model_that_stalls_after_a_piece_is_left(task: WritingTask) -> None:
    client = Client("It ", None)
    said, failed = await said_until_failure(draft_of(task, client, between_tokens_s=0.02))
    assert (said, failed.kind, client.closed) == (["It"], "timeout", 1)


async def test_an_answer_that_is_left_early_is_closed_at_the_provider_and_its_usage_is_estimated(
    task: WritingTask,
) -> None:
    client = Client("Read Uzumaki. ", None)
    draft = draft_of(task, client)
    pieces = aiter(draft)
    assert await anext(pieces) == "Read Uzumaki."
    await pieces.aclose()
    assert client.closed == 1
    usage = draft.usage
    assert (usage.tokens_in, usage.tokens_out, usage.estimated) == (build_prompt(task).tokens, 4, True)
    assert usage.cost_usd == pytest.approx((usage.tokens_in + 40) / 1000)


async def test_while_a_target_is_busy_the_next_one_of_the_same_model_is_asked(task: WritingTask) -> None:
    client = Client(provisioned=(failure("busy"),), demand=("Hi.", Stopped("end")))
    draft = draft_of(task, client)
    assert [piece async for piece in draft] == ["Hi."]
    assert [call.target for call in client.calls] == ["provisioned", "demand"]


@pytest.mark.parametrize("kind", ["error", "rejected", "unreachable", "timeout", "contract"])
async def test_only_throttling_is_a_reason_for_the_next_target(kind: str, task: WritingTask) -> None:
    client = Client(provisioned=(failure(kind),), demand=("Hi.", Stopped("end")))
    _, failed = await said_until_failure(draft_of(task, client))
    assert (failed.kind, len(client.calls)) == (kind, 1)


async def test_once_something_is_said_no_other_target_is_asked(task: WritingTask) -> None:
    client = Client(provisioned=("It ", failure("busy")), demand=("Hi.", Stopped("end")))
    said, _ = await said_until_failure(draft_of(task, client))
    assert (said, len(client.calls)) == (["It"], 1)


async def test_a_target_that_was_throttled_is_passed_over_for_a_while(task: WritingTask) -> None:
    client = Client(provisioned=(failure("busy"),), demand=("Hi.", Stopped("end")))
    profile = ModelProfile(name="m", targets=("provisioned", "demand"))
    writer = ModelWriter(profile, client)
    for _ in range(2):
        assert [piece async for piece in writer.write(task)] == ["Hi."]
    assert [call.target for call in client.calls] == ["provisioned", "demand", "demand"]


async def test_a_failure_names_the_model_and_not_its_target(task: WritingTask) -> None:
    told = ModelFailure("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "ThrottlingException", "busy")
    _, failed = await said_until_failure(draft_of(task, Client(told)))
    assert str(failed) == "m: ThrottlingException"


async def test_what_a_guardrail_of_the_provider_did_is_kept(task: WritingTask) -> None:
    draft = draft_of(task, Client(Stopped("filtered"), Guarded(("output topicPolicy Knives BLOCKED",))))
    await said_until_failure(draft)
    assert draft.usage.guarded == ("output topicPolicy Knives BLOCKED",)


class Watcher:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def begin(self, provider: str, target: str, most_tokens: int) -> "Watcher":
        self.heard.append((provider, target, most_tokens))
        return self

    def piece(self) -> None:
        self.heard.append("piece")

    def end(self, usage: Usage, failure: ModelFailure | None = None) -> None:
        self.heard.append(failure.kind if failure else usage.stop or "left")


async def test_every_call_is_watched_from_its_beginning_to_its_end(task: WritingTask) -> None:
    watcher = Watcher()
    client = Client(a=(failure("busy"),), b=("Hi", " there", Stopped("end")))
    profile = ModelProfile(name="m", provider="bedrock", targets=("a", "b"), answer_tokens=70)
    writer = ModelWriter(profile, client, watcher=watcher)
    assert [piece async for piece in writer.write(task)]
    assert watcher.heard == [("bedrock", "a", 70), "busy", ("bedrock", "b", 70), "piece", "piece", "end"]
    watcher.heard.clear()
    pieces = aiter(writer.write(task))
    await anext(pieces)
    await pieces.aclose()
    assert watcher.heard[1:] == ["piece", "left"]


async def test_the_last_targets_throttling_is_told(task: WritingTask) -> None:
    _, failed = await said_until_failure(draft_of(task, Client(a=(failure("busy"),), b=(failure("busy"),))))
    assert failed.kind == "busy"


@pytest.mark.parametrize(
    ("steps", "kind"), [(("It ",), "contract"), ((), "contract"), (("It ", Stopped("filtered")), "filtered")]
)
async def test_a_stream_that_ends_without_an_end_of_the_answer_is_a_failure(
    steps: tuple[Step, ...], kind: str, task: WritingTask
) -> None:
    _, failed = await said_until_failure(draft_of(task, Client(*steps)))
    assert failed.kind == kind


async def test_an_answer_that_reached_its_limit_ends_visibly(task: WritingTask) -> None:
    draft = draft_of(task, Client("Read the", Stopped("length")))
    assert "".join([piece async for piece in draft]) == f"Read the{CUT}"
    assert draft.usage.stop == "length"


@pytest.mark.parametrize(
    "lie",
    [
        Counted(-5, 3), Counted(0, 3), Counted(1000, 0), Counted(10**9, 3), Counted(1000, 10**9),
        Counted(1000, 3, cache_read=2000), Counted(1000, 3, cache_write=-1),
    ],
)  # fmt: skip
async def test_figures_that_cannot_be_are_not_billed(lie: Counted, task: WritingTask) -> None:
    draft = draft_of(task, Client("Hi.", Stopped("end"), lie))
    assert [piece async for piece in draft]
    assert draft.usage.estimated
    assert (draft.usage.tokens_in, draft.usage.tokens_out) == (build_prompt(task).tokens, 1)


@pytest.mark.parametrize(
    ("kind", "is_billed"), [("busy", False), ("unreachable", False), ("rejected", False), ("error", True)]
)
async def test_a_call_that_was_never_taken_up_costs_nothing(kind: str, is_billed: bool, task: WritingTask) -> None:
    draft = draft_of(task, Client(failure(kind)))
    await said_until_failure(draft)
    assert (draft.usage.cost_usd > 0) is is_billed


async def test_a_profile_bounds_the_prompt_and_the_answer(shelf: SimpleNamespace) -> None:
    evidence = Evidence(products=(shelf.product("uzumaki"),))
    history = (PastTurn("hi", "hello " * 50, "chitchat"),)
    task = shelf.asks("scary manga", Intent.PRODUCT_DISCOVERY, evidence, history=history)
    whole, bare = build_prompt(task).tokens, build_prompt(task, 1).tokens
    client = Client("Hi.", Stopped("end"))
    assert [piece async for piece in draft_of(task, client, prompt_tokens=whole - 1, answer_tokens=70)]
    assert client.calls[0].answer_tokens == 70
    assert bare < client.calls[0].prompt.tokens < whole
    assert client.calls[0].prompt.messages[-1].content == build_prompt(task, 1).messages[-1].content == "scary manga"


async def test_a_model_that_may_not_read_the_least_prompt_is_not_called(task: WritingTask) -> None:
    client = Client("Hi.", Stopped("end"))
    draft = draft_of(task, client, prompt_tokens=build_prompt(task, 1).tokens - 1)
    said, failed = await said_until_failure(draft)
    assert (said, failed.kind, client.calls) == ([], "rejected", [])
    assert draft.usage.cost_usd == 0


async def test_what_a_model_cites_is_told_of_the_answer_and_never_shown(shelf: SimpleNamespace) -> None:
    pages = shelf.searched("how do i return a book")
    task = shelf.asks("can i return it", Intent.FAQ, Evidence(chunks=pages))
    draft = draft_of(task, Client("You have 30 days", " [p", "1", "]", " [p9].", Stopped("end")))
    assert "".join([piece async for piece in draft]) == "You have 30 days."
    assert (draft.notes.cited, draft.notes.miscited) == ((pages[0].chunk.chunk_id,), 1)


async def test_a_model_that_only_cites_has_written_nothing(task: WritingTask) -> None:
    assert [piece async for piece in draft_of(task, Client("[p1]", " ", Stopped("end")))] == []


async def test_an_answer_that_is_cut_off_in_a_citation_shows_nothing_of_it(task: WritingTask) -> None:
    pieces = [piece async for piece in draft_of(task, Client("It is free ", "[p", Stopped("length")))]
    assert pieces == ["It is free", CUT]
