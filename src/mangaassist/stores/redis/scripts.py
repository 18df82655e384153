"""The calls of the conversation log: each is a script, which shares its beginning with the others."""

from typing import Final

from mangaassist.conversation import log
from mangaassist.stores.redis.script import Script, lua

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


_SHARED: Final = "".join(f"local {name} = {value}\n" for name, value in _CONSTANTS.items()) + lua("slot")


def _call(name: str, writes: bool = True) -> Script:
    return Script(_SHARED + lua(name), writes, name)


OFFER: Final = _call("offer")
CLAIM: Final = _call("claim")
RENEW: Final = _call("renew")
RELEASE: Final = _call("release")
APPEND: Final = _call("append")
STOP: Final = _call("stop")
OWN: Final = _call("own")
LISTEN: Final = _call("listen", writes=False)
