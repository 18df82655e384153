"""R-5: everybody at one address at once, at a real server with the usual limits."""

import asyncio
import json
from collections import Counter
from pathlib import Path

import aiohttp

from mangaassist.edge.limits import WINDOW_S
from mangaassist.settings import Limits
from tests.system.small_edge import small_edge

GUESTS = 10_000
AT_ONCE = 50


async def test_of_ten_thousand_guests_at_one_address_so_many_begin_as_may_and_the_others_are_told_when(
    tmp_path: Path,
) -> None:
    statuses: Counter[int] = Counter()
    waits: set[int] = set()
    loop = asyncio.get_running_loop()
    with small_edge(tmp_path / "log", 600, "usual") as edge:
        url = f"http://127.0.0.1:{edge.address[1]}"
        async with aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=AT_ONCE)) as http:

            async def begin(guests: range) -> None:
                for _ in guests:
                    async with http.post("/chat/message", json={"message": "one"}) as got:
                        statuses[got.status] += 1
                        body = await got.json()
                        if got.status == 429:
                            assert body["code"] == "too_many_requests"
                            waits.add(int(got.headers["retry-after"]))

            began = loop.time()
            await asyncio.gather(*(begin(range(GUESTS // AT_ONCE)) for _ in range(AT_ONCE)))
            took_s = loop.time() - began
            async with http.get("/healthz") as got:
                assert got.status == 200
        assert edge.leave() == 0
        assert all(json.loads(line) for line in edge.log.read_text().splitlines())
    a_minute = Limits().new_sessions_per_minute
    assert statuses.keys() == {200, 429}
    assert a_minute <= statuses[200] <= a_minute + took_s * a_minute / WINDOW_S + 1
    assert max(waits) <= WINDOW_S / a_minute
