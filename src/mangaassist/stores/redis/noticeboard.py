"""What processes tell each other, in Redis 7. All keys of a board are in one slot of a cluster.

| key | what | lives |
|---|---|---|
| ``{mangaassist:board:<board>}`` | the names of the processes, a set | for an hour after somebody posted |
| ``{mangaassist:board:<board>}:<process>`` | what that process told | for ``LIVES_S`` |
"""

from typing import Final

from mangaassist.console.noticeboard import LIVES_S, Boards, Notice
from mangaassist.stores.redis.connection import Server, failing

BOARD: Final = "noticeboard"
"""The service that a ``ServiceFailure`` of it names."""
ANSWER_S: Final = 0.5
"""An operator waits for a page meanwhile."""
NAMES_S: Final = 3600
MOST: Final = 256
"""Processes that are asked for; of more some are left out."""


class RedisNoticeboard:
    """Implements ``console.noticeboard.Noticeboard``. The clock is the server's."""

    def __init__(self, server: Server, board: str, answer_s: float = ANSWER_S) -> None:
        self._server = server
        self._names = f"{{mangaassist:board:{board}}}"
        self._answer_s = answer_s

    async def post(self, process: str, told: bytes) -> None:
        with failing(BOARD):
            await self._server.call_all(
                [
                    ("SET", self._key(process), told, "PX", round(LIVES_S * 1000)),
                    ("SADD", self._names, process),
                    ("EXPIRE", self._names, NAMES_S),
                ],
                self._answer_s,
            )

    async def notices(self) -> tuple[Notice, ...]:
        with failing(BOARD):
            members = await self._server.call("SMEMBERS", self._names, within_s=self._answer_s)
            names = sorted(name.decode() for name in members)[:MOST]
            if not names:
                return ()
            keys = [self._key(name) for name in names]
            asked = [command for key in keys for command in (("GET", key), ("PTTL", key))]
            replies = await self._server.call_all(asked, self._answer_s)
            gone = [name for name, told in zip(names, replies[::2], strict=True) if told is None]
            if gone:
                await self._server.call("SREM", self._names, *gone, within_s=self._answer_s)
        return tuple(
            Notice(name, told, max(0.0, LIVES_S - left_ms / 1000))
            for name, told, left_ms in zip(names, replies[::2], replies[1::2], strict=True)
            if told is not None and left_ms >= 0
        )

    async def take_down(self, process: str) -> None:
        with failing(BOARD):
            await self._server.call_all([("DEL", self._key(process)), ("SREM", self._names, process)], self._answer_s)

    def _key(self, process: str) -> str:
        return f"{self._names}:{process}"


def redis_boards(server: Server) -> Boards:
    return Boards(*(RedisNoticeboard(server, name) for name in Boards.__struct_fields__))
