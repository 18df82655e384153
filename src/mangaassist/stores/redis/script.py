"""One script that runs inside Redis, all of it or nothing."""

from hashlib import sha1
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from mangaassist.stores.redis.connection import ANSWER_S, Argument, Server


class Script:
    """``text`` is Lua, ``name`` what it is called in traces. ``writes`` False: it changes nothing, and is also answered when no
    memory is left."""

    def __init__(self, text: str, writes: bool = True, name: str = "") -> None:
        self.name = name
        # With this first line a cluster refuses every key that is not in the slot of the others.
        self.text = ("#!lua\n" if writes else "#!lua flags=no-writes\n") + text
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(
        self, server: Server, keys: tuple[str, ...], *given: Argument, within_s: float = ANSWER_S
    ) -> Any:
        """Run it by its name; a server that does not know it yet is told it."""
        try:
            return await server.call("EVALSHA", self.sha, len(keys), *keys, *given, within_s=within_s, script=self.name)
        except NoScriptError:
            return await server.call("EVAL", self.text, len(keys), *keys, *given, within_s=within_s, script=self.name)


def lua(name: str) -> str:
    """The text of a file beside this one."""
    return files("mangaassist.stores.redis").joinpath(f"{name}.lua").read_text(encoding="utf-8")
