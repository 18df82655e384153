"""What every writer does (M-6), and what those do beside that let a model write: each over the real wire of its provider."""

import asyncio
from typing import Any, Final, Protocol

import msgspec
import pytest
from msgspec import structs

from benchmarks import evidence
from mangaassist.domain.evidence import Evidence
from mangaassist.domain.intents import Intent
from mangaassist.domain.writing import Draft, Writer
from mangaassist.errors import ModelFailure
from mangaassist.models.clients import ModelClient
from mangaassist.models.profiles import ModelProfile, Prices
from mangaassist.models.writers.model_writer import CUT, ModelWriter
from mangaassist.testing.model_script import (
    WHOLE,
    Break,
    Count,
    Cut,
    End,
    Garbage,
    ModelStep,
    Refuse,
    Script,
    Stall,
)
from tests.patience import PATIENCE

QUESTION: Final = "something scary, by Junji Ito"
TASK: Final = evidence.asks(QUESTION, Intent.PRODUCT_DISCOVERY, Evidence(products=(evidence.product("uzumaki"),)))
PRICES: Final = Prices(usd_per_1k_in=1.0, usd_per_1k_out=10.0, usd_per_1k_cache_read=0.1, usd_per_1k_cache_write=2.0)
PROFILE: Final = ModelProfile(
    name="model", targets=("provisioned", "model"), prices=PRICES, first_token_s=PATIENCE, between_tokens_s=PATIENCE,
    answer_tokens=120,
)  # fmt: skip
SHORTLY: Final = 0.5
UNREADABLE: Final = ("contract", "unreachable")
"""A wire that has checksums can tell what was damaged on the way from what was never sense."""


class WriterContract:
    """Give ``writer``."""

    async def test_its_pieces_make_an_answer_and_none_is_empty(self, writer: Writer) -> None:
        pieces = [piece async for piece in writer.write(TASK)]
        assert all(pieces)
        assert "Uzumaki" in "".join(pieces)

    async def test_its_usage_says_who_wrote(self, writer: Writer) -> None:
        draft = writer.write(TASK)
        assert draft.usage.tokens_out == 0
        assert [piece async for piece in draft]
        assert draft.usage.model
        assert draft.usage.cost_usd >= 0

    async def test_an_answer_that_is_left_early_harms_no_other(self, writer: Writer) -> None:
        left = aiter(writer.write(TASK))
        assert await anext(left)
        close: Any = left
        await close.aclose()
        assert "Uzumaki" in await said(writer.write(TASK))

    async def test_those_who_ask_at_once_get_answers_of_their_own(self, writer: Writer) -> None:
        answers = await asyncio.gather(*(said(writer.write(TASK)) for _ in range(20)))
        assert len(set(answers)) == 1


class ModelServer(Protocol):
    """A server of models on loopback that plays scripts over its wire."""

    script: Script
    scripts: dict[str, Script]
    """By target, where one has a script of its own."""
    requests: list[dict[str, Any]]
    hung_up: int
    idle: asyncio.Event


class ModelWriterContract(WriterContract):
    """Give ``server``, and ``client``, which speaks to it."""

    @pytest.fixture
    def writer(self, client: ModelClient) -> Writer:
        return ModelWriter(PROFILE, client)

    async def test_rules_evidence_and_question_reach_the_model(self, client: ModelClient, server: ModelServer) -> None:
        await said(ModelWriter(PROFILE, client).write(TASK))
        sent = msgspec.json.encode(server.requests[0]).decode()
        assert QUESTION in sent
        assert "Never write a price" in sent
        assert "{{price:" in sent
        assert "120" in sent, "where the answer is cut off"

    async def test_usage_is_what_the_provider_counts(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("Uzumaki.", End(), Count(1000, 7, cache_read=600))
        draft = ModelWriter(PROFILE, client).write(TASK)
        assert await said(draft) == "Uzumaki."
        usage = draft.usage
        assert (usage.model, usage.tokens_in, usage.tokens_out, usage.cache_read) == ("model", 1000, 7, 600)
        assert (usage.stop, usage.estimated) == ("end", False)
        assert usage.cost_usd == pytest.approx(0.4 + 0.06 + 0.07)

    async def test_what_it_thinks_aloud_within_its_answer_is_never_told(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        """T-9."""
        server.script = ("<thi", "nk>They want horror", ".</think>\n\nUzu", "maki.", End(), Count(1000, 7))
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "Uzumaki."

    async def test_usage_that_is_not_told_is_estimated(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("Uzumaki.", End())
        draft = ModelWriter(PROFILE, client).write(TASK)
        await said(draft)
        assert draft.usage.estimated
        assert draft.usage.tokens_in > 300
        assert draft.usage.tokens_out == 2

    async def test_usage_that_cannot_be_is_not_billed(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("Uzumaki.", End(), Count(2_000_000_000, 7))
        draft = ModelWriter(PROFILE, client).write(TASK)
        await said(draft)
        assert draft.usage.estimated
        assert draft.usage.cost_usd < 2

    async def test_an_answer_that_is_left_early_is_ended_at_the_provider(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki ", Stall())
        draft = ModelWriter(PROFILE, client).write(TASK)
        pieces: Any = aiter(draft)
        assert await anext(pieces) == "Uzumaki"
        await pieces.aclose()
        await left(server)
        assert draft.usage.estimated
        assert draft.usage.tokens_in > 300

    async def test_a_turn_that_is_cancelled_ends_its_answer_at_the_provider(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki ", Stall())
        heard = asyncio.Event()

        async def listen() -> None:
            async for _ in ModelWriter(PROFILE, client).write(TASK):
                heard.set()

        listening = asyncio.create_task(listen())
        await heard.wait()
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await left(server)

    async def test_a_first_piece_that_does_not_come_is_not_waited_for(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = (Stall(),)
        hurried = structs.replace(PROFILE, first_token_s=SHORTLY)
        assert await failure(ModelWriter(hurried, client).write(TASK)) == ("", "timeout")
        await left(server)

    async def test_a_stream_that_stalls_is_left(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("Uzumaki ", Stall())
        hurried = structs.replace(PROFILE, between_tokens_s=SHORTLY)
        assert await failure(ModelWriter(hurried, client).write(TASK)) == ("Uzumaki", "timeout")
        await left(server)

    async def test_whoever_is_throttled_asks_the_next_target_of_the_model(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.scripts["provisioned"] = (Refuse(429, retry_after_s=30),)
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "Read Uzumaki first."
        assert len(server.requests) == 2

    @pytest.mark.parametrize(
        ("status", "kind", "asked"), [(429, "busy", 2), (503, "busy", 2), (500, "error", 1), (403, "rejected", 1)]
    )
    async def test_a_refusal_is_what_it_is_and_costs_nothing(
        self, status: int, kind: str, asked: int, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = (Refuse(status),)
        draft = ModelWriter(PROFILE, client).write(TASK)
        assert await failure(draft) == ("", kind)
        assert len(server.requests) == asked
        assert (draft.usage.cost_usd > 0) is (kind == "error")

    @pytest.mark.parametrize(
        ("step", "kinds"),
        [
            (Cut(), UNREADABLE),
            (Garbage(), UNREADABLE),
            (Garbage(b"data: {\n\n"), UNREADABLE),
            (Garbage(b'data: {"choices": 7}\n\n'), UNREADABLE),
            (Break(), ("error",)),
            (End("filtered"), ("filtered",)),
        ],
    )
    async def test_what_goes_wrong_in_mid_answer_is_a_failure_and_never_an_end(
        self, step: ModelStep, kinds: tuple[str, ...], client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki ", step)
        said_first, kind = await failure(ModelWriter(PROFILE, client).write(TASK))
        assert said_first in ("Uzumaki", "")
        assert kind in kinds

    async def test_an_answer_without_an_end_is_a_failure(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("Uzumaki ",)
        assert await failure(ModelWriter(PROFILE, client).write(TASK)) == ("Uzumaki", "contract")

    async def test_an_answer_that_reached_its_limit_ends_visibly(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki and", End("length"), Count(400, 120))
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == f"Uzumaki and{CUT}"

    async def test_a_server_that_keeps_the_line_open_after_the_answer_does_not_keep_the_shopper(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki.", End(), Stall())
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "Uzumaki."

    @pytest.mark.parametrize("after", [Cut(), Garbage(), Break()])
    async def test_whatever_happens_after_the_end_the_answer_is_whole(
        self, after: ModelStep, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("Uzumaki.", End(), after)
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "Uzumaki."

    async def test_after_any_trouble_the_next_answer_is_whole(self, client: ModelClient, server: ModelServer) -> None:
        for trouble in ((Refuse(500),), ("Uzumaki ", Cut()), (Garbage(),)):
            server.script = trouble
            await failure(ModelWriter(PROFILE, client).write(TASK))
            server.script = WHOLE
            assert await said(ModelWriter(PROFILE, client).write(TASK)) == "Read Uzumaki first."

    async def test_text_beyond_ascii_arrives_whole(self, client: ModelClient, server: ModelServer) -> None:
        server.script = ("うずまき ", "— Ito’s 🌀", End())
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "うずまき — Ito’s 🌀"

    async def test_an_answer_of_a_thousand_pieces_arrives_in_order(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = (*(f"{n} " for n in range(1000)), End())
        assert await said(ModelWriter(PROFILE, client).write(TASK)) == "".join(f"{n} " for n in range(1000))


async def said(draft: Draft) -> str:
    return "".join([piece async for piece in draft])


async def failure(draft: Draft) -> tuple[str, str]:
    """What was said before it failed, and how it failed."""
    pieces: list[str] = []
    with pytest.raises(ModelFailure) as failed:
        async for piece in draft:
            pieces.append(piece)  # noqa: PERF401
    return "".join(pieces), failed.value.kind


async def left(server: ModelServer) -> None:
    """Wait until the server has noticed that its caller hung up."""
    async with asyncio.timeout(PATIENCE):
        await server.idle.wait()
    assert server.hung_up == 1
