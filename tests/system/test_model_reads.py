"""M-2 over the real wire: a message that our own reading cannot make out is answered by what a model behind a server reads."""

import msgspec

from mangaassist.models.model_reader import SmallModelReader
from mangaassist.models.profiles import ModelProfile
from mangaassist.models.writers.openai_compatible import OpenAiClient
from mangaassist.testing.model_script import Count, End
from mangaassist.testing.openai_server import OpenAiServer
from mangaassist.testing.scripted_reader import reading
from mangaassist.turn.second_reading import SecondReader
from tests.patience import PATIENCE
from tests.turn.house import House


async def test_a_structured_reading_over_the_wire_is_what_is_answered() -> None:
    told = msgspec.json.encode(reading("author", about=("Berserk",))).decode()
    async with OpenAiServer((told[:9], told[9:], End(), Count(900, 40))) as server:
        client = OpenAiClient("small", server.url, "")
        house = House()
        rooms = house.dependencies
        second = SecondReader(
            SmallModelReader(ModelProfile(name="small", provider="openai", first_token_s=PATIENCE), client),
            rooms.understanding, rooms.router, rooms.spending, rooms.model_calls, lambda *_: None, factor=PATIENCE,
        )  # fmt: skip
        answered = await house.without(second_reader=second).ask("the branded fella, whos behind him")
        await client.close()
    assert "Kentaro Miura" in answered.text
    assert (answered.metadata.reading, answered.metadata.acts) == ("used", ("author",))
    assert (answered.metadata.tokens_in, answered.metadata.tokens_out) == (900, 40)
    assert server.requests[0]["response_format"]["type"] == "json_schema"
