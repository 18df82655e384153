"""What every reader of messages does (M-2), and what those do beside that ask a model: each over the real wire of its provider."""

import asyncio
import re
from decimal import Decimal
from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from mangaassist.domain.acts import Act
from mangaassist.domain.dialogue import DialogueState, Shown, Target
from mangaassist.domain.reading import READABLE, ModelReader, ModelReading, ReadingTask
from mangaassist.domain.writing import Usage
from mangaassist.errors import ModelFailure
from mangaassist.models.clients import ModelClient
from mangaassist.models.model_reader import ANSWER_TOKENS, LONGEST, SmallModelReader
from mangaassist.testing.model_script import Break, Count, Cut, End, Garbage, Refuse, Stall
from mangaassist.testing.scripted_reader import reading
from tests.contracts.writer import PRICES, PROFILE, ModelServer, left

MESSAGE: Final = "could the lil one be had in a fancier binding"
ORDER: Final = "112-1234567-1234567"
TASK: Final = ReadingTask(
    text=MESSAGE,
    state=DialogueState(
        acts=(Act.FIND,),
        question="something scary under $20",
        shown=(Shown(asin="B0UZUMAKI1", series_id="uzumaki", title="Uzumaki, Vol. 1", price=Decimal("17.77")),),
        orders=(ORDER,),
    ),
    focus=(Target(series_id="pluto", title="Pluto"),),
    page=Target(asin="B0AKIRA001", title="Akira"),
)
READ: Final = reading("edition", about=("s1",), edition="hardcover")
TOLD: Final = msgspec.json.encode(READ).decode()


def replied(**changed: Any) -> str:
    """The reading as text, with a field otherwise; None leaves it out."""
    fields = msgspec.to_builtins(READ) | changed
    return msgspec.json.encode({name: value for name, value in fields.items() if value is not ...}).decode()


class ModelReaderContract:
    """Give ``reader``, which reads ``READ``."""

    async def test_it_reads_what_a_message_asks(self, reader: ModelReader) -> None:
        call = reader.asked(TASK)
        assert call.usage.tokens_in == 0, "nothing is called before it is read"
        assert await call.read() == READ
        assert call.usage.model
        assert call.usage.tokens_out > 0
        assert call.usage.cost_usd >= 0
        assert reader.most_usd >= 0

    async def test_messages_that_are_read_at_once_are_read_each(self, reader: ModelReader) -> None:
        assert await asyncio.gather(*(reader.asked(TASK).read() for _ in range(8))) == [READ] * 8


class SmallModelReaderContract(ModelReaderContract):
    """Give ``server``, and ``client``, which speaks to it."""

    @pytest.fixture
    def reader(self, client: ModelClient, server: ModelServer) -> ModelReader:
        server.script = (TOLD[:20], TOLD[20:], End(), Count(1000, 7, cache_read=600))
        return SmallModelReader(PROFILE, client)

    async def test_what_it_took_is_the_providers_count(self, reader: ModelReader) -> None:
        call = reader.asked(TASK)
        await call.read()
        assert (call.usage.tokens_in, call.usage.tokens_out, call.usage.cache_read) == (1000, 7, 600)
        assert call.usage.cost_usd == pytest.approx(0.4 + 0.06 + 0.07)
        assert reader.most_usd >= PRICES.usd_per_1k_in * PROFILE.prompt_tokens / 1000

    async def test_its_call_is_watched_as_every_call_of_a_model_is(
        self, reader: ModelReader, client: ModelClient
    ) -> None:
        """O-7."""
        watched: list[Any] = []

        class Watcher:
            def begin(self, *call: Any) -> "Watcher":
                watched.append(call)
                return self

            def piece(self) -> None:
                pass

            def end(self, usage: Usage, failure: ModelFailure | None = None) -> None:
                watched.append((usage.tokens_in, usage.stop, failure))

        await SmallModelReader(PROFILE, client, watcher=Watcher()).asked(TASK).read()
        assert watched == [(PROFILE.provider, "provisioned", ANSWER_TOKENS), (1000, "end", None)]

    async def test_the_model_is_shown_acts_dialogue_and_message_and_no_price_or_number_of_an_order(
        self, reader: ModelReader, server: ModelServer
    ) -> None:
        await reader.asked(TASK).read()
        sent = msgspec.json.encode(server.requests[0]).decode()
        for shown in (MESSAGE, "s1", "Uzumaki, Vol. 1", "f1", "Pluto", "page", "Akira", "o1", "refund_status"):
            assert shown in sent
        for secret in (ORDER, "17.77", "$20", "B0UZUMAKI1"):
            assert secret not in sent
        form = re.search(r'"acts":\{[^}]*"enum":\[([^\]]*)\]', sent)
        assert form is not None, "the form says which acts there are"
        assert form[1].replace('"', "").split(",") == [act.value for act in READABLE]

    @pytest.mark.parametrize(
        "answer",
        [
            "It asks for a hardcover.",
            f"Here you are: {TOLD}",
            TOLD[:-2],
            "{}",
            "[]",
            "",
            replied(acts=["levitate"]),
            replied(acts=[]),
            replied(acts=["edition"] * 4),
            replied(about=...),
            replied(price="$9.99"),
            replied(about=["x" * 81]),
            replied(volumes=[0]),
            replied(volumes=["one"]),
            replied(edition="leather"),
            replied(most_price=-1),
            TOLD + " " * LONGEST,
        ],
    )
    async def test_what_is_no_reading_is_none(self, client: ModelClient, server: ModelServer, answer: str) -> None:
        server.script = (answer, End()) if answer else (End(),)
        assert await SmallModelReader(PROFILE, client).asked(TASK).read() is None

    async def test_what_it_thinks_aloud_before_it_is_no_part_of_it(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = ("<think>s1 is", " Uzumaki</think>\n", TOLD, End())
        assert await SmallModelReader(PROFILE, client).asked(TASK).read() == READ

    @pytest.mark.parametrize("step", [Refuse(500), Cut(), Garbage(), Break(), End("filtered")])
    async def test_a_model_that_cannot_read_has_failed(
        self, client: ModelClient, server: ModelServer, step: Any
    ) -> None:
        server.script = (step,)
        with pytest.raises(ModelFailure):
            await SmallModelReader(PROFILE, client).asked(TASK).read()

    async def test_a_target_that_is_throttled_is_passed_over(self, client: ModelClient, server: ModelServer) -> None:
        server.scripts = {"provisioned": (Refuse(429),), "model": (TOLD, End())}
        assert await SmallModelReader(PROFILE, client).asked(TASK).read() == READ

    async def test_a_reading_that_is_no_longer_waited_for_is_ended_at_the_provider(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        server.script = (TOLD[:20], Stall())
        call = SmallModelReader(PROFILE, client).asked(TASK)
        waiting = asyncio.create_task(call.read())
        while not call.usage.tokens_out:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await left(server)
        assert call.usage.tokens_in > 300, "what it read is paid for"

    async def test_a_model_that_may_not_read_so_much_is_not_called(
        self, client: ModelClient, server: ModelServer
    ) -> None:
        with pytest.raises(ModelFailure) as failed:
            await SmallModelReader(replace(PROFILE, prompt_tokens=200), client).asked(TASK).read()
        assert failed.value.kind == "rejected"
        assert server.requests == []


def schema_of(told: dict[str, Any]) -> None:
    """A form that every provider's grammar knows: all required, nothing else, no references and no bounds."""
    assert set(told["required"]) == set(ModelReading.__struct_fields__) == set(told["properties"])
    assert told["additionalProperties"] is False
    text = msgspec.json.encode(told).decode()
    for keyword in ("$ref", "$defs", "Length", "Items", "minimum", "Minimum", "default"):
        assert f'{keyword}":' not in text.replace('"items":', "")
