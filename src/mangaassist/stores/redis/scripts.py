"""The calls of the conversation log: each is a script that runs inside Redis, all of it or nothing."""

from hashlib import sha1
from importlib.resources import files
from typing import Any, Final

from redis.exceptions import NoScriptError

from mangaassist.conversation import log
from mangaassist.stores.redis.connection import Server

BATCHES_AT_ONCE: Final = 64
"""What one look of a follower brings."""
WAKES: Final = "mangaassist:wakes"
"""The channel of sessions that wait for a holder; each holder has another one, with its name behind a colon."""

_CONSTANTS: Final = {
    "LEASE_MS": int(log.LEASE_S * 1000),
    "INBOX_LIMIT": log.INBOX_LIMIT,
    "NOTES_LIMIT": log.NOTES_LIMIT,
    "KEPT_ANSWERS": log.KEPT_ANSWERS,
    "FRAMES_KEPT_S": int(log.FRAMES_KEPT_S),
    "HEADS_KEPT_S": int(log.HEADS_KEPT_S),
    "BATCHES_AT_ONCE": BATCHES_AT_ONCE,
    "MOST_BATCHES": 4 * log.NUMBERS_AN_ATTEMPT,
    "WAKES": f"'{WAKES}'",
}


class Script:
    """One call. ``writes`` False: it changes nothing, and is also answered when no memory is left."""

    def __init__(self, name: str, writes: bool = True) -> None:
        constants = "".join(f"local {constant} = {value}\n" for constant, value in _CONSTANTS.items())
        # With this first line a cluster refuses every key that is not in the slot of the others.
        first = "#!lua\n" if writes else "#!lua flags=no-writes\n"
        self.text = first + constants + _text("slot") + _text(name)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, server: Server, keys: tuple[str, ...], *given: bytes) -> list[Any]:
        """Run it by its name; a server that does not know it yet is told it."""
        try:
            return await server.call("EVALSHA", self.sha, len(keys), *keys, *given)
        except NoScriptError:
            return await server.call("EVAL", self.text, len(keys), *keys, *given)


def _text(name: str) -> str:
    return files("mangaassist.stores.redis").joinpath(f"{name}.lua").read_text(encoding="utf-8")


OFFER: Final = Script("offer")
CLAIM: Final = Script("claim")
RENEW: Final = Script("renew")
RELEASE: Final = Script("release")
APPEND: Final = Script("append")
STOP: Final = Script("stop")
OWN: Final = Script("own")
LISTEN: Final = Script("listen", writes=False)
