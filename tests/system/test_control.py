"""R-2 to R-4, O-5: what one process was told, another one over the same Redis and DynamoDB knows."""

import asyncio
from pathlib import Path

import aiohttp
import msgspec
import pytest

from benchmarks.system import Running, settled
from tests.crashes.fleet import fleet, shared_services

QUESTION = {"message": "what is your return policy?"}
KEY = "one-key-for-both-processes"


@pytest.mark.usefixtures("aws_environment")
@pytest.mark.timeout(1200, func_only=True)
def test_what_one_process_was_told_the_other_knows(tmp_path: Path, system: Running) -> None:
    asyncio.run(settled(system))  # its knowledge is copied, and nobody may be writing it
    with (
        shared_services(tmp_path / "services") as settings,
        fleet(tmp_path / "told", system.data / "cache", settings, 2) as (one, other),
    ):
        asyncio.run(_told(one.url, other.url))


async def _told(one: str, other: str) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as http:

        async def post(address: str, path: str, body: dict[str, str], key: str | None = None) -> bytes:
            headers = {} if key is None else {"Idempotency-Key": key}
            async with http.post(f"{address}{path}", json=body, headers=headers) as answer:
                return await answer.read()

        answer = await post(one, "/chat/message", QUESTION, KEY)
        assert await post(other, "/chat/message", QUESTION, KEY) == answer

        told = msgspec.json.decode(answer)
        of_answer = {"session_id": told["session_id"], "response_id": told["response_id"]}
        said = await post(one, "/chat/feedback", of_answer | {"feedback": "thumbs_up", "comment": "just right"})
        assert await post(other, "/chat/feedback", of_answer | {"feedback": "thumbs_down"}) == said

        asked = {"session_id": told["session_id"], "reason": "My order is lost"}
        tickets = await asyncio.gather(*(post(address, "/chat/escalate", asked) for address in (one, other) * 2))
        assert len(set(tickets)) == 1

        pages = []
        for address in (one, other):
            async with http.get(f"{address}/chat/sessions/{told['session_id']}") as page:
                turns = (await page.json())["turns"]
                pages.append(
                    [turn for turn in turns if turn["message"]]
                )  # that a person was asked for may be told any moment
        assert pages[0] == pages[1]
        assert [turn["answer"] for turn in pages[0]] == [told["response_text"]]
        for address in (one, other):
            async with http.get(f"{address}/readyz") as ready:
                dependencies = (await ready.json())["dependencies"]
                assert (dependencies["sessions"], dependencies["control"]) == ("ok", "ok")
